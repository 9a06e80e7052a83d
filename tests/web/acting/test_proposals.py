"""What our own observations suggest: taken as it is, changed, or declined; and nothing leaves by itself."""

import html
import re
from pathlib import Path

import pytest
from tests.node.casebook import Casebook
from tests.node.nodes import until
from tests.node.test_observing import asks, seen
from tests.web.acting.house import ARU, BO, House, house, record_of

from tocsin.core.records import Answer, parse_record

pytestmark = pytest.mark.anyio

WHERE_PROPOSED = ("/proposals", "/mine")


async def _proposed(desk: House) -> str:
    """The other member asks about something that we have observed. Returns the ask."""
    await desk.node.desk.observing.add([seen("one", handling="TLP:GREEN")])
    _, ask = await asks(desk.others[0], desk.id, Casebook(desk.id))
    await until(lambda: desk.node.desk.casework[desk.id].said(ask) is not None)
    return str(ask)


async def test_a_proposal_is_taken_as_it_is(tmp_path: Path) -> None:
    """The draft says what was proposed, in the name of who takes it; before that nothing was written."""
    async with house(tmp_path) as desk:
        ask = await _proposed(desk)
        size = desk.size
        page = await desk.browser(ARU).get("/proposals")
        form = page.text.partition('action="/say/answer"')[2].partition("</form>")[0]
        fields = {
            html.unescape(name): html.unescape(value)
            for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form)
        }

        draft = await desk.draft(ARU, "answer", fields)

        record = parse_record(record_of(draft).encode()).record
        assert isinstance(record, Answer)
        assert (str(record.ask), record.seen, record.count, record.author) == (
            ask,
            "seen",
            "1",
            "duty-officer",
        )
        assert [source.locator for source in record.sources or ()] == ["https://cited.example/one"]
        assert "private words" not in page.text
        assert desk.size == size


async def test_a_proposal_can_be_changed(tmp_path: Path) -> None:
    """The form has what was proposed, to be changed."""
    async with house(tmp_path) as desk:
        ask = await _proposed(desk)

        form = await desk.browser(ARU).get(f"/say/answer?circle={desk.id}&ask={ask}&proposal=1")

        assert 'value="seen" selected' in form.text
        assert "https://cited.example/one" in form.text


async def test_what_is_declined_is_not_proposed_again(tmp_path: Path) -> None:
    """To nobody here; the others learn nothing of it."""
    async with house(tmp_path) as desk:
        ask = await _proposed(desk)
        size = desk.size
        for where in WHERE_PROPOSED:
            assert ask in (await desk.browser(BO).get(where)).text

        answer = await desk.browser(ARU).post("/proposals/decline", {"circle": desk.id, "ask": ask})

        assert answer.status == 303
        for where in WHERE_PROPOSED:
            assert ask not in (await desk.browser(BO).get(where)).text
        assert desk.size == size


async def test_to_decline_one_leaves_the_others(tmp_path: Path) -> None:
    """What is proposed for another ask is still proposed, wherever it was."""
    async with house(tmp_path) as desk:
        declined = await _proposed(desk)
        _, other = await asks(desk.others[0], desk.id, Casebook(desk.id))
        await until(lambda: desk.node.desk.casework[desk.id].said(other) is not None)

        await desk.browser(ARU).post("/proposals/decline", {"circle": desk.id, "ask": declined})

        for where in WHERE_PROPOSED:
            page = (await desk.browser(BO).get(where)).text
            assert (declined in page, str(other) in page) == (False, True)
