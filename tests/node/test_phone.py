"""Calls between nodes: what each shows to its officer, with the line down and after new keys."""

import stat
from pathlib import Path

import msgspec
import pytest
from tests.node.conftest import Run
from tests.node.nodes import CLOCK, Founded, confirmed, found, until
from tests.node.test_api import client_of, in_thread
from tests.node.test_epochs import adopted

from tocsin.circles.errors import NonMember
from tocsin.core.errors import TocsinError
from tocsin.core.keys import encode_base64
from tocsin.core.phone import MINUTE_MS
from tocsin.core.records import Card, encode_record, parse_record
from tocsin.core.tlog.tree import MAX_SIZE
from tocsin.node.card import Cards, newest_card
from tocsin.node.errors import KeysMissing, UnsafeFile
from tocsin.node.node import Node
from tocsin.node.phoning.calls import NoPhoneKey, Phone
from tocsin.node.phoning.types import PhoneCall, SheetQuery

NOON_MS = 1_795_348_800_000


def phone_of(node: Node, circle: Founded) -> Phone:
    """Calls in that circle."""
    return Phone(node.lines[circle.id], node.folder, node.store)


def fit(one: PhoneCall, other: PhoneCall) -> bool:
    """Whether each reads what the other expects: whoever calls, and of the three minutes in this one."""
    return all(
        (a.ours, a.theirs) == (b.theirs, b.ours)
        for a, b in (
            (one.called.sets, other.calling[1].sets),
            (other.called.sets, one.calling[1].sets),
        )
    )


def said_phone(node: Node, log: str) -> str | None:
    """The key for calls on the newest card of a log, as a node has it."""
    card = newest_card(node.store, log, MAX_SIZE)
    return card.phone if card else None


async def introduced(circle: Founded, *nodes: Node) -> None:
    """Each has the others' newest cards, and knows that they have its own."""
    for node in nodes:
        line = node.lines[circle.id]
        await until(lambda line=line, node=node: said_phone(node, line.own.name) is not None)  # type: ignore[misc]
        index = node.store.card_before(line.own.name, MAX_SIZE)
        await confirmed(line, 1 + (index or 0), by=len(nodes) - 1)


def phone_file(circle: Founded, place: int, epoch: int = 1) -> Path:
    """Where a node keeps its key for calls."""
    return circle.places[place].folder / "keys" / circle.id / str(epoch) / "phone.key"


def test_two_desks_read_the_same_with_the_line_down(run: Run[None], tmp_path: Path) -> None:
    """Each alone, later, shows what fits the other: in this minute, a minute off, and on paper."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as nodes:
            await introduced(circle, *nodes)
        async with circle.running("east") as (east,):
            one = phone_of(east, circle)
            ours, paper = one.call("north", NOON_MS), one.sheet("north", 3, 20)
            late = one.call("north", NOON_MS + MINUTE_MS)
        async with circle.running("north") as (north,):
            other = phone_of(north, circle)
            theirs, back = other.call("east", NOON_MS + 59_999), other.sheet("east", 3, 20)

        assert fit(ours, theirs)
        assert not fit(late, theirs)
        assert theirs.calling[2].sets.theirs == late.called.sets.ours
        assert late.calling[0].sets.theirs == theirs.called.sets.ours
        assert [minute.at_ms - NOON_MS for minute in ours.calling] == [-MINUTE_MS, 0, MINUTE_MS]
        assert (ours.called.at_ms, theirs.called.at_ms) == (NOON_MS, NOON_MS)
        assert ours.reached_them
        assert theirs.reached_them
        for row, same in zip(paper.rows, back.rows, strict=True):
            assert row.row == same.row
            assert (row.called.ours, row.called.theirs) == (same.calling.theirs, same.calling.ours)
            assert (row.calling.ours, row.calling.theirs) == (same.called.theirs, same.called.ours)

    run(scenario())


def test_a_drill_reads_something_else(run: Run[None], tmp_path: Path) -> None:
    """Between the same nodes, and says that it is one."""
    live = found(tmp_path)
    drill = found(tmp_path, domain="drill.loopback.example", places=live.places)

    async def scenario() -> None:
        async with live.running() as nodes:
            for node in nodes:
                await node.join(drill.text, drill.join_files)
            calls = []
            for circle in (live, drill):
                await introduced(circle, *nodes)
                calls.append(phone_of(nodes[0], circle).call("north", NOON_MS))
        assert [call.between.drill for call in calls] == [False, True]
        assert calls[0].called.sets != calls[1].called.sets

    run(scenario())


def test_the_api_gives_it(run: Run[None], tmp_path: Path) -> None:
    """A call of now, by this machine's clock, with what the other's card says; and the sheet asked for."""
    circle = found(tmp_path)
    circle.places[1].more = 'contact = "+81 3 0000 0000"\nlanguages = ["ja"]'

    async def scenario() -> None:
        async with circle.running() as (east, north):
            await introduced(circle, east, north)
            client = client_of(east)
            wanted = SheetQuery(member="north", sheet=2, rows=3)
            sheet, again = [await in_thread(client.phone_sheet, circle.id, wanted) for _ in range(2)]
            call = await in_thread(client.phone, circle.id, "north")
            assert abs(call.now_ms - CLOCK.wall_ms()) < 60_000
            assert call.called.at_ms <= call.now_ms < call.called.at_ms + MINUTE_MS
            assert (call.desk.contact, call.desk.languages) == ("+81 3 0000 0000", ("ja",))
            assert (call.between.us, call.between.member, call.between.label) == (
                "east",
                "north",
                "Desk north",
            )
            assert not call.two_versions
            assert sheet == again
            assert (sheet.sheet, [row.row for row in sheet.rows]) == (2, [1, 2, 3])

    run(scenario())


@pytest.mark.parametrize(
    ("member", "code"), [("east", "non-member"), ("nobody", "non-member"), ("north", "no-phone-key")]
)
def test_who_cannot_be_called(run: Run[None], tmp_path: Path, member: str, code: str) -> None:
    """Oneself, a stranger, and a member whose card has not come."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            await until(lambda: not east.cards.publishing)
            with pytest.raises(TocsinError) as refused:
                await in_thread(client_of(east).phone, circle.id, member)
            assert refused.value.code == code

    run(scenario())


def test_a_node_of_before_gets_a_key_by_being_started(
    run: Run[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its card had none: it cannot be called, and all else goes on. Started anew it says one, once."""
    circle = found(tmp_path)

    async def scenario() -> None:
        with monkeypatch.context() as before:
            before.setattr(Cards, "_phone_key", lambda *_: None)
            async with circle.running() as (east, north):
                await until(lambda: not east.cards.publishing and not north.cards.publishing)
                await confirmed(
                    east.lines[circle.id], (await east.lines[circle.id].write([circle.note("?")])).size
                )
                await confirmed(north.lines[circle.id], north.lines[circle.id].own.size)
                with pytest.raises(KeysMissing):
                    phone_of(east, circle).call("north", NOON_MS)
        async with circle.running() as (east, north):
            await introduced(circle, east, north)
            assert fit(
                phone_of(east, circle).call("north", NOON_MS), phone_of(north, circle).call("east", NOON_MS)
            )
            size = east.lines[circle.id].own.size
        file = phone_file(circle, 0)
        kept = file.read_bytes()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        async with circle.running("east") as (east,):
            await until(lambda: not east.cards.publishing)
            assert (file.read_bytes(), east.lines[circle.id].own.size) == (kept, size)

    run(scenario())


def test_new_keys_of_one_side(run: Run[None], tmp_path: Path) -> None:
    """Until the other has heard of the epoch, nothing fits, and it is said; then all does again."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as nodes:
            await introduced(circle, *nodes)
            north = phone_of(nodes[1], circle).call("east", NOON_MS)
        async with circle.running("east") as (east,):
            await adopted(circle, east, "scheduled")
            await until(lambda: phone_file(circle, 0, epoch=2).exists() and not east.cards.publishing)
            alone = phone_of(east, circle).call("north", NOON_MS)
            assert alone.between.our_log.endswith("/east/2")
            assert not fit(alone, north)
            assert not alone.reached_them
            async with circle.running("north") as (other,):
                await introduced(circle, east, other)
                assert fit(alone, phone_of(other, circle).call("east", NOON_MS))
                assert phone_of(east, circle).call("north", NOON_MS).reached_them
        assert phone_file(circle, 0).read_bytes() != phone_file(circle, 0, epoch=2).read_bytes()

    run(scenario())


def test_a_key_that_others_can_read_is_not_used(run: Run[None], tmp_path: Path) -> None:
    """The node runs, says why, and takes the key off its card: nobody is to rely on it."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as nodes:
            await introduced(circle, *nodes)
        phone_file(circle, 0).chmod(0o644)
        async with circle.running() as (east, north):
            line = east.lines[circle.id]
            await until(lambda: not east.cards.publishing)
            await confirmed(line, line.own.size)
            with pytest.raises(UnsafeFile):
                phone_of(east, circle).call("north", NOON_MS)
            with pytest.raises(NoPhoneKey):
                phone_of(north, circle).call("east", NOON_MS)
        assert "phone-key" in circle.places[0].printed.getvalue()

    run(scenario())


def test_the_key_of_another_epoch_is_not_used(run: Run[None], tmp_path: Path) -> None:
    """Nor one that was copied from elsewhere: a key is of one log."""
    circle, other = found(tmp_path / "one"), found(tmp_path / "other")

    async def scenario() -> None:
        for one in (circle, other):
            async with one.running() as nodes:
                await introduced(one, *nodes)
        phone_file(circle, 0).write_bytes(phone_file(other, 0).read_bytes())
        async with circle.running("east") as (east,):
            with pytest.raises(TocsinError) as refused:
                phone_of(east, circle).call("north", NOON_MS)
            assert refused.value.code == "malformed-key"

    run(scenario())


@pytest.mark.parametrize("bad", [encode_base64(bytes(32)), encode_base64(b"\xff" * 32), "", "x", 1, None])
def test_a_card_with_a_bad_key_is_a_card(run: Run[None], tmp_path: Path, bad: object) -> None:
    """Whatever stands there, the card is read as by every version; with its member nobody calls."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            await introduced(circle, east, north)
            theirs = north.lines[circle.id]
            card = newest_card(north.store, theirs.own.name, MAX_SIZE)
            assert card is not None
            more = {"other": 1} if bad is None else {"phone": bad}
            changed = encode_record(msgspec.structs.replace(card, more=more))
            await confirmed(theirs, (await theirs.write([changed])).size)

            index = east.store.card_before(theirs.own.name, MAX_SIZE)
            assert index == theirs.own.size - 1
            record = parse_record(east.store.record(theirs.own.name, index)[2] or b"").record
            assert isinstance(record, Card)
            with pytest.raises(NoPhoneKey):
                phone_of(east, circle).call("north", NOON_MS)

    run(scenario())


def test_two_versions_of_a_log_are_said(run: Run[None], tmp_path: Path) -> None:
    """Then somebody else may have the keys; but it is now that people have to talk."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as nodes:
            await introduced(circle, *nodes)
            line = nodes[0].lines[circle.id]
            followed = line.following.log(str(line.circle.by_slug["north"].log))
            assert followed is not None
            followed.stopped = True
            assert phone_of(nodes[0], circle).call("north", NOON_MS).two_versions

    run(scenario())


def test_two_others_read_something_else(run: Run[None], tmp_path: Path) -> None:
    """In a circle of three, what two read fits nothing that the third reads to either."""
    circle = found(tmp_path, 3)

    async def scenario() -> None:
        async with circle.running() as nodes:
            await introduced(circle, *nodes)
            read = [
                phone_of(node, circle).call(slug, NOON_MS).called.sets.ours
                for node in nodes
                for slug in ("east", "north", "south")
                if slug != node.lines[circle.id].own.member.slug
            ]
            assert len(set(read)) == len(read) == 6
            with pytest.raises(NonMember):
                phone_of(nodes[0], circle).call("west", NOON_MS)

    run(scenario())
