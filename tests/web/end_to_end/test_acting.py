"""An officer says something for their organisation: signed by a key on the card, ten seconds to think."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Page, expect
from tests.web.end_to_end.house import House, barriers, house, needs_a_browser, wrong_to_see
from tests.web.end_to_end.officers import confirm, draft, officer, written
from tests.web.end_to_end.telling import Told, tell

from tocsin.cases.picture.view import TimelineEntry
from tocsin.core.records import Acknowledgement, Answer

pytestmark = needs_a_browser


async def signed(rooms: House, told: Told, slug: str) -> Sequence[TimelineEntry]:
    """What officers' own keys have signed in the case, as that desk sees it."""
    view = await rooms[slug].node.desk.casework[told.circle].view(told.case)
    return [entry for entry in view.timeline if entry.officer]


async def until_signed(rooms: House, told: Told, slug: str, count: int) -> Sequence[TimelineEntry]:
    """As much of it, as soon as it is there."""
    async with asyncio.timeout(30):
        while len(found := await signed(rooms, told, slug)) < count:  # noqa: ASYNC110 - what it waits for tells nobody
            await asyncio.sleep(0.02)
    return found


async def test_what_is_confirmed_is_written_after_ten_seconds_unless_it_is_taken_back(tmp_path: Path) -> None:
    """The other desk reads who signed it; what was taken back before is never written."""
    async with house(tmp_path) as rooms:
        told = await tell(rooms)
        aru = await officer(rooms, "east", "Aru")
        page = await aru.go(f"/say/closing?circle={told.circle}&case={told.case}")
        await page.select_option("[name=outcome]", "incident")
        await draft(page)
        await confirm(page)
        await page.click("main .take-back")
        await expect(page.locator("main .wish.back")).to_be_visible()

        answer = told.answers[0]
        page = await aru.go(f"/say/acknowledgement?circle={told.circle}&case={told.case}&of={answer}")
        await draft(page)
        assert await barriers(page) == []
        assert await wrong_to_see(page) == []
        await confirm(page)
        assert await signed(rooms, told, "east") == []
        await rooms["east"].clock.forward(10)
        await written(page)
        (entry,) = await until_signed(rooms, told, "north", 1)
        assert entry.member == "east"
        assert isinstance(entry.record, Acknowledgement)
        assert entry.record.author_kind == "officer"
        assert entry.record.of == (answer,)
        assert aru.problems == []


async def test_two_officers_answer_at_once(tmp_path: Path) -> None:
    """The second is told before it is signed that a colleague is about to; both may be written."""
    async with house(tmp_path) as rooms:
        told = await tell(rooms)
        people = [await officer(rooms, "north", name) for name in ("Aru", "Bek")]
        path = f"/say/answer?circle={told.circle}&case={told.case}&ask={told.ask}"
        first, second = [await answering(await one.go(path)) for one in people]
        await confirm(first)
        await second.check("input[name=real]")
        await second.click(".say-it")
        await expect(second.locator(".cautions")).to_contain_text("is about to say this")
        await confirm(second)
        await rooms["north"].clock.forward(10)
        for page in (first, second):
            await written(page)
        entries = await until_signed(rooms, told, "east", 2)
        assert [type(entry.record) for entry in entries] == [Answer, Answer]


async def answering(page: Page) -> Page:
    """The page that says in words: not seen."""
    await page.select_option("[name=seen]", "not-seen")
    await draft(page)
    await expect(page.locator(".say-it")).to_be_enabled()
    return page
