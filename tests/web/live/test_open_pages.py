"""Pages that stay open in a real browser, while things happen."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from tests.node.casebook import Casebook
from tests.node.nodes import until
from tests.web.end_to_end.house import House, barriers, house, needs_a_browser, wrong_to_see
from tests.web.end_to_end.telling import Teller

from tocsin.core.records import Record, encode_record

pytestmark = needs_a_browser


async def say(rooms: House, slug: str, record: Record) -> None:
    """That organisation says it."""
    await rooms[slug].node.lines[rooms.founded.id].write([encode_record(record)])


async def look(page: Page, *, away: bool) -> None:
    """Somebody looks away from a page, or at it again, as their browser would say."""
    await page.evaluate(
        """(hidden) => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        away,
    )


async def opened(page: Page, text: str) -> None:
    """A case that says that is opened beside the list, once what is owed in it is found."""
    await page.locator("#cases > li.is-waits").filter(has_text=text).locator("a").click()
    await expect(page.locator("#beside-content")).to_contain_text(text)


async def test_a_page_recovers_by_itself_when_the_console_starts_again(tmp_path: Path) -> None:
    """It says that it is not live; then it shows what came meanwhile, and keeps what was typed and opened."""
    async with house(tmp_path) as rooms:
        north = Casebook(rooms.founded.id)
        await say(rooms, "north", north.report("Smoke over the mill."))
        aru = await rooms.arrive("east", "Aru", "officer")
        page = await aru.go("/")
        await opened(page, "Smoke over the mill.")
        await page.locator("header input[name=q]").fill("half a word")
        await rooms["east"].leave()
        await expect(page.locator("#live")).to_have_attribute("data-state", "lost")
        await say(rooms, "north", north.report("Smoke over the harbour."))
        await rooms["east"].come_back()
        await expect(page.locator("#cases")).to_contain_text("Smoke over the harbour.")
        await expect(page.locator("#live")).to_have_attribute("data-state", "live")
        await expect(page.locator("#beside-content")).to_contain_text("Smoke over the mill.")
        await expect(page.locator("#room")).to_have_class("room split")
        assert await page.locator("header input[name=q]").input_value() == "half a word"


async def test_rows_arrive_and_keys_lead_to_them(tmp_path: Path) -> None:
    """In their place, without anybody reloading; with nothing in the way of people."""
    async with house(tmp_path) as rooms:
        north = Casebook(rooms.founded.id)
        aru = await rooms.arrive("east", "Aru", "officer")
        page = await aru.go("/")
        await expect(page.locator("#live")).to_have_attribute("data-state", "live")
        await say(rooms, "north", north.report("A hazard.", severity="hazard"))
        await say(rooms, "north", north.report("A disaster.", severity="disaster"))
        # What is owed is found soon after, and changes the order.
        await expect(page.locator("#cases > li.is-waits")).to_have_count(2)
        await expect(page.locator("#cases > li").first).to_contain_text("A disaster.")
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await expect(page.locator("#beside-content")).to_contain_text("A hazard.")
        assert await barriers(page) == []
        assert await wrong_to_see(page) == []
        await page.keyboard.press("Escape")
        await expect(page.locator("#beside")).to_be_hidden()
        await page.keyboard.press("?")
        await expect(page.locator("#keys")).to_be_visible()


async def test_a_page_that_was_hidden_is_up_to_date_when_it_is_shown(tmp_path: Path) -> None:
    """It gives its connection up while nobody sees it; the room, which may ring, keeps its own."""
    async with house(tmp_path) as rooms:
        teller = Teller(rooms)
        aru = await rooms.arrive("east", "Aru")
        room = await aru.go("/")
        case = await teller.say("north", teller.book.report("Smoke over the mill."))
        await expect(room.locator("#cases > li")).to_have_count(1)
        page = await aru.context.new_page()
        await page.goto(f"{aru.url}/cases/{rooms.founded.id}/{case}")
        for one in (room, page):
            await expect(one.locator("#live")).to_have_attribute("data-state", "live")
            await look(one, away=True)
        hub, topic = rooms["east"].console.parts.hub, f"case/{rooms.founded.id}/{case}"
        await until(lambda: not hub.is_open(topic))
        await teller.say("north", teller.book.report("And over the pier.", case=case))
        await teller.say("north", teller.book.report("Smoke over the harbour."))
        await expect(room.locator("#cases > li")).to_have_count(2)
        assert not hub.is_open(topic)
        assert await page.get_by_text("And over the pier.").count() == 0
        await look(page, away=False)
        await expect(page.locator("main")).to_contain_text("And over the pier.")
        await expect(page.locator("#live")).to_have_attribute("data-state", "live")
        assert aru.problems == []


async def test_the_sound_is_chosen_once_for_a_browser_and_heard_on_one_page(tmp_path: Path) -> None:
    """Turned on it stays on as pages come and go; turned off on any page, it is off on all."""
    async with house(tmp_path) as rooms:
        bek = await (await rooms.arrive("east", "Bek")).go("/")
        await expect(bek.locator("main [data-sound]")).to_have_attribute("data-state", "nobody")
        await expect(bek.get_by_role("button", name="Turn the sound")).to_have_count(0)
        aru = await rooms.arrive("east", "Aru", "officer")
        room = await aru.go("/")
        other = await aru.context.new_page()
        await other.goto(f"{aru.url}/siren")
        first, second = room.locator("main [data-sound]"), other.locator("main [data-sound]")
        await expect(first).to_have_attribute("data-state", "off")
        await room.get_by_role("button", name="Turn the sound on").click()
        await expect(first).to_have_attribute("data-state", "on")
        await other.get_by_role("heading", name="Siren").first.click()
        await expect(second).to_have_attribute("data-state", "elsewhere")

        await say(rooms, "north", Casebook(rooms.founded.id).report("Smoke.", severity="disaster"))
        rings = other.locator(".siren [data-sound]")
        await expect(rings).to_have_attribute("data-state", "elsewhere")
        await room.close()
        await expect(rings).to_have_attribute("data-state", "on")
        assert await barriers(other) == []
        await other.reload()
        await other.locator("h1").click()
        await expect(rings).to_have_attribute("data-state", "on")
        await rings.get_by_role("button", name="Turn the sound off").click()
        await expect(second).to_have_attribute("data-state", "off")
        await expect(other.locator(".siren")).to_be_visible()
        assert aru.problems == []


async def test_a_siren_that_is_silenced_is_silent_on_all_pages_of_that_person(tmp_path: Path) -> None:
    """And rings on for everybody else."""
    async with house(tmp_path) as rooms:
        aru = await rooms.arrive("east", "Aru", "officer")
        bek = await rooms.arrive("east", "Bek", "officer")
        room, theirs = await aru.go("/"), await bek.go("/")
        other = await aru.context.new_page()
        await other.goto(f"{aru.url}/account")
        for page in (room, other, theirs):
            await expect(page.locator("#live")).to_have_attribute("data-state", "live")
        await say(rooms, "north", Casebook(rooms.founded.id).report("Smoke.", severity="disaster"))
        for page in (room, other, theirs):
            await expect(page.locator("[data-ringing]")).to_be_visible()
        await other.get_by_role("button", name="Silence the bell").click()
        for page in (room, other):
            await expect(page.locator("[data-ringing]")).to_have_count(0)
        await expect(theirs.locator("[data-ringing]")).to_be_visible()


async def test_a_page_that_makes_room_for_others_says_so_and_waits_for_its_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not come again by itself, or pages of one session would push each other out for ever."""
    monkeypatch.setattr("tocsin.web.live.hub.MOST_OF_SESSION", 1)
    async with house(tmp_path) as rooms:
        aru = await rooms.arrive("east", "Aru")
        first = aru.page
        await first.clock.install()
        await aru.go("/circles")
        await expect(first.locator("#live")).to_have_attribute("data-state", "live")
        asked: list[str] = []
        first.on("request", lambda request: asked.append(request.url))
        # Of the same session, but not by the clock that is put forward.
        beside = await rooms.browser.new_context(storage_state=await aru.context.storage_state())
        rooms.stack.push_async_callback(beside.close)
        second = await beside.new_page()
        await second.goto(f"{aru.url}/circles")
        await expect(second.locator("#live")).to_have_attribute("data-state", "live")
        await expect(first.locator("#live")).to_have_attribute("data-state", "crowded")
        await expect(first.locator("#live")).to_contain_text("too many pages are open")
        await first.clock.run_for(120_000)
        await expect(first.locator("#live")).to_have_attribute("data-state", "crowded")
        assert asked == []

        await look(first, away=True)
        await look(first, away=False)
        await expect(first.locator("#live")).to_have_attribute("data-state", "live")
        await expect(second.locator("#live")).to_have_attribute("data-state", "crowded")
        assert aru.problems == []


@pytest.mark.parametrize("path", ["/", "/account"])
async def test_who_is_signed_out_everywhere_sees_nothing_more(tmp_path: Path, path: str) -> None:
    """Pages that are open go to the sign-in by themselves."""
    async with house(tmp_path) as rooms:
        aru = await rooms.arrive("east", "Aru", "officer")
        page = await aru.go(path)
        await expect(page.locator("#live")).to_have_attribute("data-state", "live")
        await rooms["east"].console.parts.people.sessions.end_all(None)
        await page.wait_for_url(f"{aru.url}/sign-in**")
