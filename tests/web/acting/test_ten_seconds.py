"""Between confirming and writing there are ten seconds, and what is taken back in them was never said."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from tests.node.nodes import confirmed, until
from tests.web.acting.house import ARU, BO, House, console, house, number_of, record_of

from tocsin.core.records import NoteRecord, parse_record
from tocsin.node.api.records import Shelf

pytestmark = pytest.mark.anyio


def _last(house: House) -> tuple[str | None, bytes]:
    """The newest record of our log: the officer who signed it, and its bytes."""
    line = house.node.lines[house.id]
    shown = next(iter(Shelf(line, house.node.store).read(line.own.name, line.own.size - 1, 1)))
    _, _, body = house.node.store.record(line.own.name, line.own.size - 1)
    return shown.officer, body or b""


async def test_nothing_is_written_before_ten_seconds(tmp_path: Path) -> None:
    """Until then our log is as it was; after them it has the record, as its officer signed it."""
    async with house(tmp_path) as desk:
        key = await desk.enrol(ARU)
        size = desk.size
        page = await desk.draft(ARU)
        await desk.confirm(ARU, page, key)

        await desk.clock.forward(9.0)
        assert desk.size == size

        await desk.clock.forward(0.6)
        await desk.written(size)
        officer, body = _last(desk)
        assert officer == "duty-officer"
        assert body.startswith(record_of(page).encode() + b"\n\n")
        await until(lambda: bool(desk.said))
        assert [name for name, _, _ in desk.said] == ["Aru"]


async def test_what_is_taken_back_is_never_written(tmp_path: Path) -> None:
    """Not after ten seconds, and not when its form is sent again."""
    async with house(tmp_path) as desk:
        key = await desk.enrol(ARU)
        size = desk.size
        page = await desk.draft(ARU)
        await desk.confirm(ARU, page, key)
        await desk.clock.forward(9.0)

        answer = await desk.browser(ARU).post("/pending/take-back", {"wish": number_of(page)})
        again = await desk.confirm(ARU, page, key)
        await desk.clock.forward(60.0)

        assert (answer.status, again.status) == (303, 303)
        assert "Nothing was written" in (await desk.browser(ARU).get(again.headers["location"])).text
        assert desk.size == size
        assert not desk.said


async def test_nobody_takes_back_what_another_said(tmp_path: Path) -> None:
    """A colleague's wish goes on, whoever names it; and nobody else can send it at once."""
    async with house(tmp_path) as desk:
        number = await desk.say(ARU, await desk.enrol(ARU))
        size = desk.size

        for what in ("take-back", "now", "dismiss"):
            await desk.browser(BO).post(f"/pending/{what}", {"wish": number})
        await desk.clock.forward(1.0)
        await desk.node.committer.submit(lambda: None)
        assert desk.size == size
        assert (await desk.browser(BO).get(f"/said/{number}")).status == 422

        await desk.clock.forward(10.1)
        await desk.written(size)


async def test_it_is_too_late_once_it_is_written(tmp_path: Path) -> None:
    """What others may have received cannot be taken back, and its author is told so."""
    async with house(tmp_path) as desk:
        number = await desk.say(ARU, await desk.enrol(ARU))
        size = desk.size
        await desk.browser(ARU).post("/pending/now", {"wish": number})
        await desk.written(size)
        await until(lambda: "Written" in desk.printed(number))

        answer = await desk.browser(ARU).post("/pending/take-back", {"wish": number})

        assert answer.status == 422
        assert "too-late" in answer.text


async def test_a_form_that_is_sent_twice_is_written_once(tmp_path: Path) -> None:
    """At once, before it was written and after it."""
    async with house(tmp_path) as desk:
        key = await desk.enrol(ARU)
        case, ask = await desk.case()
        page = await desk.draft(ARU, "answer", {"case": case, "ask": ask, "seen": "not-seen"})
        size = desk.size
        answers = await asyncio.gather(*(desk.confirm(ARU, page, key) for _ in range(3)))
        assert {one.status for one in answers} == {303}
        pending, draft = desk.acting._pending, desk.drafted(ARU, page)
        wish = pending.get(ARU.person.id, draft.id)
        assert wish
        assert await pending.confirm(draft, wish.kept.data, wish.kept.log, by=ARU) is wish
        await desk.clock.forward(10.1)
        await desk.written(size)
        assert (await desk.confirm(ARU, page, key)).status == 303
        await desk.clock.forward(60.0)
        await desk.node.committer.submit(lambda: None)

        log, store = desk.node.lines[desk.id].own.name, desk.node.store
        bodies = [store.record(log, index)[2] or b"" for index in range(desk.size)]
        assert sum(one.startswith(record_of(page).encode()) for one in bodies) == 1


async def test_who_acknowledges_twice_has_said_it_once(tmp_path: Path) -> None:
    """Within the ten seconds, at once with the first, and after them; what says more is said."""
    async with house(tmp_path) as desk:
        key = await desk.enrol(ARU)
        case, ask = await desk.case()
        both, one = {"case": case, "of": [case, ask]}, {"case": case, "of": ask}
        pages = [await desk.draft(ARU, "acknowledgement", fields) for fields in (both, one, both, one)]
        more = await desk.draft(ARU, "acknowledgement", one | {"text": "We call the harbour.", "lang": "en"})

        said, *again = await asyncio.gather(*(desk.confirm(ARU, page, key) for page in pages[:3]))
        assert {answer.headers["location"] for answer in again} == {said.headers["location"]}
        ref = desk.node.desk.casework[desk.id].ref
        assert desk.acting.acknowledged(ARU.person.id, desk.id) == {ref(case), ref(ask)}
        assert not desk.acting.acknowledged(BO.person.id, desk.id)
        await desk.clock.forward(10.1)
        await until(lambda: len(desk.said) == 1)
        await desk.clock.forward(60.0)
        late = await desk.confirm(ARU, pages[3], key)
        told = await desk.confirm(ARU, more, key)

        ((_, _, name),) = desk.said
        assert late.headers["location"] == f"/cases/{desk.id}/{case}/{name}"
        assert told.headers["location"] == f"/said/{number_of(more)}"


async def test_what_is_taken_back_can_be_acknowledged_after_all(tmp_path: Path) -> None:
    """It was never said; and what a colleague says is theirs alone."""
    async with house(tmp_path) as desk:
        first, second = await desk.enrol(ARU), await desk.enrol(BO)
        case, ask = await desk.case()
        fields = {"case": case, "of": ask}
        number = await desk.say(ARU, first, "acknowledgement", fields)
        await desk.browser(ARU).post("/pending/take-back", {"wish": number})

        numbers = {
            number,
            await desk.say(ARU, first, "acknowledgement", fields),
            await desk.say(BO, second, "acknowledgement", fields),
        }

        assert numbers == {one.id for one in desk.acting._pending._wishes.values()}
        assert len(numbers) == 3


async def test_a_node_that_stops_writes_nothing_and_says_so(tmp_path: Path) -> None:
    """At the next start its author is told, with what was typed; and it is not written then either."""
    async with house(tmp_path) as desk:
        circle, number = desk.circle, await desk.say(ARU, await desk.enrol(ARU))
        size = desk.size

    async with house(tmp_path, circle=circle) as desk:
        await desk.clock.forward(60.0)
        page = await desk.browser(ARU).get("/keys")
        form = await desk.browser(ARU).get(f"/say/note?circle={desk.id}&again={number}")
        other = await desk.browser(BO).get("/keys")

        assert desk.size == size
        assert "The node stopped before the ten seconds were over" in page.text
        assert "The node stopped" not in other.text
        assert "Smoke over the harbour." in form.text

        await desk.browser(ARU).post("/pending/dismiss", {"wish": number})
        assert "The node stopped" not in (await desk.browser(ARU).get("/keys")).text


async def test_what_was_written_is_not_said_to_be_lost(tmp_path: Path) -> None:
    """A node that stopped after writing, and before it noted that, finds it in its log."""
    async with house(tmp_path) as desk:
        number = await desk.say(ARU, await desk.enrol(ARU))
        size = desk.size
        kept = desk.node.store.document("console/pending", number)
        assert kept is not None
        await desk.clock.forward(10.1)
        await until(lambda: desk.size > size and desk.node.store.document("console/pending", number) is None)
        await desk.node.committer.submit(
            lambda: desk.node.store.put_document("console/pending", number, kept)
        )
        async with AsyncExitStack() as stack:
            again = await console(stack, desk.circle, desk.node, desk.others, desk.clock)
            page = await again.browser(ARU).get("/keys")

        assert "Written" in page.text
        assert "The node stopped" not in page.text


async def test_a_key_that_left_the_card_within_the_ten_seconds_says_nothing(tmp_path: Path) -> None:
    """Whoever takes a key off the card stops what it signed; its author is told why."""
    async with house(tmp_path) as desk:
        key = await desk.enrol(ARU)
        number = await desk.say(ARU, key)
        vkey = key.verifying.encode()
        await desk.browser(ARU).post("/keys/take-off", {"vkey": vkey})
        await until(lambda: not desk.is_on_card(vkey))
        size = desk.size

        await desk.clock.forward(10.1)
        await until(lambda: "Not written" in desk.printed(number))

        assert desk.size == size


async def test_who_has_received_it_is_shown(tmp_path: Path) -> None:
    """As members confirm it, by their slugs."""
    async with house(tmp_path) as desk:
        number = await desk.say(ARU, await desk.enrol(ARU))
        await desk.browser(ARU).post("/pending/now", {"wish": number})
        await until(lambda: "Written" in desk.printed(number))
        await confirmed(desk.node.lines[desk.id], desk.size)

        page = await desk.browser(ARU).get(f"/said/{number}")

        assert "Received and confirmed by members: 1 of 1" in page.text


async def test_what_is_sent_to_open_pages_has_no_token(tmp_path: Path) -> None:
    """Fragments are the same for all of a person's sessions: buttons use the page's own form."""
    async with house(tmp_path) as desk:
        await desk.say(ARU, await desk.enrol(ARU))

        slot = desk.fragment("id-of-aru")

        assert "Take back" in slot
        assert "csrf" not in slot


async def test_what_was_signed_is_what_others_read(tmp_path: Path) -> None:
    """The other member has the very record, under the officer's name."""
    async with house(tmp_path) as desk:
        number = await desk.say(ARU, await desk.enrol(ARU))
        size = desk.size
        await desk.browser(ARU).post("/pending/now", {"wish": number})
        await desk.written(size)
        await confirmed(desk.node.lines[desk.id], desk.size)

        line = desk.others[0].lines[desk.id]
        ours = desk.node.lines[desk.id].own.name
        shown = next(iter(Shelf(line, desk.others[0].store).read(ours, desk.size - 1, 1)))
        assert shown.officer == "duty-officer"
        assert isinstance(shown.record, NoteRecord)
        _, _, body = desk.others[0].store.record(ours, desk.size - 1)
        assert parse_record(body or b"").signature is not None
