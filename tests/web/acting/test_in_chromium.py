"""The whole way in a real browser: a key is made there, put on the card, and signs what the page shows."""

from pathlib import Path

from playwright.async_api import Page, expect
from tests.node.nodes import confirmed
from tests.web.end_to_end.house import Person, barriers, house, needs_a_browser, wrong_to_see
from tests.web.end_to_end.officers import cite, published
from tests.web.end_to_end.telling import Teller, tell

from tocsin.core.records import Acknowledgement, Reading
from tocsin.node.api.records import Shelf

pytestmark = needs_a_browser


async def _enrolled(*people: Person, administrator: Person) -> None:
    """Each has a key in their browser, and the administrator has put it on the card."""
    for one in people:
        page = await one.go("/keys")
        await page.click("form[data-make] button")
        await expect(page.locator("[data-here]:visible")).to_be_visible()
        await _is_fine(one)
    page = await administrator.go("/keys/card")
    await _is_fine(administrator)
    for _ in people:
        async with page.expect_navigation():
            await page.locator("form[action='/keys/put-on'] button").first.click()
    await published(page, len(people))


async def _is_fine(person: Person) -> None:
    assert await barriers(person.page) == []
    assert await wrong_to_see(person.page) == []
    assert person.problems == []


async def _confirm(page: Page) -> None:
    await page.locator(".send button.first").click()
    await expect(page.locator(".say-it")).to_be_enabled()
    await page.check("input[name=real]")
    await page.click(".say-it")
    await page.wait_for_url("**/said/**")


async def test_an_officer_signs_what_the_page_shows(tmp_path: Path) -> None:
    """The other member reads the very record as the officer's; what is taken back it never gets."""
    async with house(tmp_path) as rooms:
        aru = await rooms.arrive("east", "Aru", "officer", "administrator")
        await _enrolled(aru, administrator=aru)
        node, circle = rooms["east"].node, rooms.founded.id
        line = node.lines[circle]

        page = await aru.go(f"/say/report?circle={circle}")
        await page.fill("#f-summary", "항구에서 연기 <b>보임</b> \u202e; ‘quotes’ \U0001f525")
        await cite(page, "https://social.example/1")
        await page.click("button[value=sources]")
        await expect(page.locator(".say-row[id^=sources]")).to_have_count(2)
        await _is_fine(aru)
        await page.locator(".send button.first").click()
        await expect(page.locator(".say-it")).to_be_enabled()
        await _is_fine(aru)
        await page.check("input[name=real]")
        size = line.own.size
        await page.click(".say-it")
        await page.wait_for_url("**/said/**")
        await _is_fine(aru)

        await page.locator("main .take-back").click()
        await expect(page.locator("main .wish.back")).to_be_visible()
        await page.click("text=Open it again")
        await expect(page.locator("#f-sources-0-locator")).to_have_value("https://social.example/1")
        await rooms["east"].clock.forward(11)
        await node.committer.submit(lambda: None)
        assert line.own.size == size

        await _confirm(page)
        await page.locator("main button:has-text('Send now')").click()
        await expect(page.locator("main .receivers .badge.good")).to_have_count(1)
        await _is_fine(aru)
        await confirmed(line, line.own.size)
        other = rooms["north"].node
        shown = Shelf(other.lines[circle], other.store).newest(1)[0]
        assert (shown.member, shown.officer) == ("east", "duty-officer")
        assert "tocsin typed" not in await page.evaluate("Object.keys(sessionStorage).join()")


async def test_one_click_acknowledges(tmp_path: Path) -> None:
    """The button of the siren signs and confirms it; ten seconds stand on the page, that bell is silent."""
    async with house(tmp_path) as rooms:
        aru = await rooms.arrive("east", "Aru", "officer", "administrator")
        await _enrolled(aru, administrator=aru)
        page = await aru.go("/account")
        teller = Teller(rooms)
        calls = page.locator("#siren [data-bell]")
        first = await teller.say("north", teller.book.report("Smoke at the mill.", severity="disaster"))
        await expect(calls).to_have_count(1)
        # What arrives puts another bell beside the one that is there.
        second = await teller.say("north", teller.book.report("Smoke at the pier.", severity="disaster"))
        await expect(calls).to_have_count(2)
        more = await teller.say("north", teller.book.report("It is a kiln.", case=first))
        one = calls.filter(has_text=str(first))
        await expect(one).to_contain_text("Records: 2")
        await _is_fine(aru)

        await one.get_by_role("button").click()
        await expect(page.locator("#wishes .wish.waiting")).to_contain_text(str(first))
        await expect(calls).to_have_count(1)
        await expect(calls).to_contain_text(str(second))
        assert page.url == f"{aru.url}/account"
        await _is_fine(aru)
        await page.locator("#wishes button[formaction='/pending/now']").click()
        await page.wait_for_url("**/said/**")
        await expect(page.locator("main .wish.written")).to_be_visible()
        view = await rooms["east"].node.desk.casework[teller.house.founded.id].view(first)
        said = view.timeline[-1]
        assert (said.officer, said.member) == ("duty-officer", "east")
        assert isinstance(said.record, Acknowledgement)
        assert set(said.record.of) == {first, more}


async def test_what_is_being_said_is_asked_of_nobody_again(tmp_path: Path) -> None:
    """Acknowledged on the page of a case, it has no button there nor in the siren; taken back, it has."""
    async with house(tmp_path) as rooms:
        aru = await rooms.arrive("east", "Aru", "officer", "administrator")
        await _enrolled(aru, administrator=aru)
        teller = Teller(rooms)
        case = await teller.say("north", teller.book.report("Smoke at the mill.", severity="disaster"))
        path = f"/cases/{rooms.founded.id}/{case}"
        page = await aru.go(path)
        here, siren = (page.locator(f"{of} [data-one-click]") for of in ("#case-turn", "#siren"))
        await expect(siren).to_have_count(1)

        await here.get_by_role("button").click()
        await expect(page.locator("#wishes .wish.waiting")).to_be_visible()
        await expect(here).to_have_count(0)
        await expect(siren).to_have_count(0)
        more = await teller.say("north", teller.book.report("It is a kiln.", case=case))
        await expect(here.locator("[name=of]")).to_have_value(str(more))
        await expect(siren.locator("[name=of]")).to_have_value(str(more))

        await page.locator("#wishes button[formaction='/pending/take-back']").click()
        await page.wait_for_url("**/said/**")
        await expect(siren.locator("[name=of]")).to_have_count(2)
        await aru.go(path)
        await expect(here.locator("[name=of]")).to_have_count(2)
        await _is_fine(aru)


async def test_one_click_without_a_key_leads_to_the_confirmation(tmp_path: Path) -> None:
    """Which says why nothing can be signed here, and where a key is made."""
    async with house(tmp_path) as rooms:
        aru = await rooms.arrive("east", "Aru", "officer")
        page = await aru.go("/account")
        teller = Teller(rooms)
        await teller.say("north", teller.book.report("Smoke.", severity="disaster"))
        await page.locator("#siren [data-one-click] button").click()
        await page.wait_for_url("**/confirm/**")
        await expect(page.locator("[data-when=none] a[href='/keys']")).to_be_visible()


async def test_what_was_typed_outlives_the_session(tmp_path: Path) -> None:
    """Whoever comes back after their session ended finds it; whoever has sent it does not."""
    async with house(tmp_path) as rooms:
        aru = await rooms.arrive("east", "Aru", "officer", "administrator")
        await _enrolled(aru, administrator=aru)
        path = f"/say/report?circle={rooms.founded.id}"
        page = await aru.go(path)
        await page.fill("#f-summary", "Smoke.")
        await page.click("button[value=sources]")
        await expect(page.locator(".say-row[id^=sources]")).to_have_count(2)
        await cite(page, "https://one.example")
        await cite(page, "https://two.example", 1)
        cookies = await aru.context.cookies()
        await aru.context.clear_cookies()
        await page.locator(".send button.first").click()
        await expect(page.locator("#f-summary")).to_have_count(0)
        await aru.context.add_cookies([{**one} for one in cookies])  # type: ignore[typeddict-item]
        aru.problems.clear()

        page = await aru.go(path)
        await page.click("[data-kept-take]")
        await expect(page.locator("#f-summary")).to_have_value("Smoke.")
        await expect(page.locator("#f-sources-0-locator")).to_have_value("https://one.example")
        await expect(page.locator("#f-sources-1-locator")).to_have_value("https://two.example")
        await _is_fine(aru)

        await _confirm(page)
        page = await aru.go(path)
        await expect(page.locator("[data-kept]")).to_be_hidden()


async def test_percentages_are_added_up_as_they_are_typed(tmp_path: Path) -> None:
    """With a comma or a point, exactly; what is signed in the end says them so, each thing by itself."""
    async with house(tmp_path) as rooms:
        told = await tell(rooms)
        aru = await rooms.arrive("east", "Aru", "officer", "administrator")
        await _enrolled(aru, administrator=aru)
        page = await aru.go(f"/say/reading?circle={told.circle}&case={told.case}")
        together = page.locator("[data-together]")
        await expect(together).to_have_text("0")
        for name, text, sum_ in (
            ("attack", "33,3", "33.3"),
            ("accident", "33.3 %", "66.6"),
            ("cascade", "much", "66.6"),
            ("cascade", "", "66.6"),
            ("undetermined", "33.4", "100"),
        ):
            await page.fill(f"[name=probabilities-{name}]", text)
            await expect(together).to_have_text(sum_)
        await page.select_option("[name=confidence]", "low")
        await cite(page, "https://social.example/1")
        await _is_fine(aru)
        await _confirm(page)
        await page.locator("main button:has-text('Send now')").click()
        await expect(page.locator("main .wish.written")).to_be_visible()
        node = rooms["east"].node
        record = Shelf(node.lines[told.circle], node.store).newest(1)[0].record

    assert isinstance(record, Reading)
    assert {one.what: one.permille for one in record.probabilities} == {
        "accident": 333,
        "attack": 333,
        "undetermined": 334,
    }
