"""Pages stay true by themselves: others speak, members go and come back, the server restarts."""

from pathlib import Path

from playwright.async_api import Page, expect
from tests.node.casebook import source
from tests.web.end_to_end.house import Person, house, needs_a_browser
from tests.web.end_to_end.telling import Teller, tell

pytestmark = needs_a_browser


async def mark(page: Page) -> None:
    """So that one sees whether the page was loaded again."""
    await page.evaluate("window.marked = true")


async def is_the_same(page: Page) -> bool:
    """Whether it was not."""
    return bool(await page.evaluate("window.marked === true"))


async def live(person: Person, path: str) -> Page:
    """A page that follows what happens."""
    page = await person.go(path)
    await expect(page.locator(".live")).to_have_attribute("data-state", "live")
    await mark(page)
    return page


async def test_what_another_desk_says_comes_to_open_pages(tmp_path: Path) -> None:
    """A new case to the room, a new record to the page of its case; nothing is loaded again."""
    async with house(tmp_path) as rooms:
        aru = await rooms.arrive("east", "Aru")
        room = await live(aru, "/")
        told = await tell(rooms)
        await expect(room.locator("main")).to_contain_text("항구에서 연기가")
        assert await is_the_same(room)
        case = await live(aru, f"/cases/{told.circle}/{told.case}")
        teller = Teller(rooms)
        await teller.say(
            "north", teller.book.report("Seen from the pier as well.", case=told.case, sources=(source(7),))
        )
        await expect(case.locator("main")).to_contain_text("Seen from the pier as well.")
        assert await is_the_same(case)
        assert aru.problems == []


async def test_a_case_opens_beside_the_overview_and_is_live_there(tmp_path: Path) -> None:
    """The list stays, and what comes into the case comes into the page."""
    async with house(tmp_path) as rooms:
        told = await tell(rooms)
        aru = await rooms.arrive("east", "Aru")
        room = await live(aru, "/")
        await room.click("#cases a >> nth=0")
        await expect(room.locator("#beside")).to_contain_text("항구에서 연기가")
        await expect(room.locator("#cases")).to_be_visible()
        teller = Teller(rooms)
        await teller.say(
            "north", teller.book.report("Seen from the pier as well.", case=told.case, sources=(source(7),))
        )
        await expect(room.locator("#beside")).to_contain_text("Seen from the pier as well.")
        await room.keyboard.press("Escape")
        await expect(room.locator("#beside")).to_be_hidden()
        assert await is_the_same(room)
        assert aru.problems == []


async def test_a_member_goes_away_and_comes_back_while_a_page_is_open(tmp_path: Path) -> None:
    """What it has not received stands there, and goes when it has."""
    async with house(tmp_path) as rooms:
        told = await tell(rooms)
        aru = await rooms.arrive("east", "Aru")
        case = await live(aru, f"/cases/{told.circle}/{told.case}")
        await rooms["north"].leave()
        teller = Teller(rooms)
        await teller.say("east", teller.book.report("Nobody there.", case=told.case, sources=(source(8),)))
        row = case.locator("#case-rows > li", has_text="Nobody there.")
        await expect(row.locator(".case-held.case-part")).to_be_visible()
        await rooms["north"].come_back()
        await teller.say("north", teller.book.report("Back again.", case=told.case, sources=(source(9),)))
        await expect(case.locator("main")).to_contain_text("Back again.")
        await expect(row.locator(".case-part")).to_have_count(0)
        await expect(row.locator(".case-held")).to_be_visible()
        assert await is_the_same(case)


async def test_a_page_recovers_from_a_restart_of_its_server(tmp_path: Path) -> None:
    """It says that the line is lost, finds the server again, and shows what was said meanwhile."""
    async with house(tmp_path) as rooms:
        told = await tell(rooms)
        aru = await rooms.arrive("east", "Aru")
        case = await live(aru, f"/cases/{told.circle}/{told.case}")
        await rooms["east"].leave()
        await expect(case.locator(".live")).to_have_attribute("data-state", "lost")
        teller = Teller(rooms)
        await teller.say("north", teller.book.report("While away.", case=told.case, sources=(source(8),)))
        await rooms["east"].come_back()
        await expect(case.locator(".live")).to_have_attribute("data-state", "live")
        await expect(case.locator("main")).to_contain_text("While away.")


async def test_signed_out_everywhere_no_page_stays_open(tmp_path: Path) -> None:
    """Another tab of theirs is sent to sign in, without being touched."""
    async with house(tmp_path) as rooms:
        aru = await rooms.arrive("east", "Aru")
        await live(aru, "/")
        other = await aru.context.new_page()
        await other.goto(f"{aru.url}/account")
        await rooms["east"].console.parts.people.sign_out("Aru")
        await aru.page.wait_for_url("**/sign-in**")
        answer = await other.goto(f"{aru.url}/account")
        assert answer
        assert "/sign-in" in other.url
