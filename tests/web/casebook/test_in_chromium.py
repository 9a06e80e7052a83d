"""The page of a case in a real browser: a large one that is read while somebody waits, times where one is."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec import structs
from playwright.async_api import expect
from tests.web.end_to_end.house import barriers, house, needs_a_browser, wrong_to_see
from tests.web.end_to_end.telling import Teller

from tocsin.node.casework.casework import Casework
from tocsin.web.casebook.reading import Opening, Reading

pytestmark = needs_a_browser


def lost_when_asked_for(monkeypatch: pytest.MonkeyPatch, casework: Casework) -> None:
    """Nothing is in memory when the first page asks for it, whatever the node itself looks at before."""
    opening, first = Reading.opening, iter([casework.lost])

    async def asked(reading: Reading, path: Mapping[str, str]) -> Opening | None:
        for lose in first:
            lose()
        return await opening(reading, path)

    monkeypatch.setattr(Reading, "opening", asked)


async def test_a_large_case_that_is_not_in_memory_comes_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says how far it is read, has the case in the end, and hears what comes after."""
    monkeypatch.setattr("tocsin.web.casebook.reading.AT_ONCE_RECORDS", 2)
    async with house(tmp_path) as rooms:
        aru = await rooms.arrive("east", "Aru", "reader")
        teller = Teller(rooms)
        case = await teller.say("east", teller.book.report("Smoke over the harbour"))
        for number in range(9):
            await teller.say("east", teller.book.report(f"Smoke no. {number}", case=case))
        lost_when_asked_for(monkeypatch, rooms["east"].node.desk.casework[rooms.founded.id])

        asked: list[str] = []
        aru.page.on("request", lambda one: asked.append(one.headers.get("hx-target", "")))
        page = await aru.go(f"/cases/{rooms.founded.id}/{case}")

        await expect(page.locator("#case-rows > .case-entry")).to_have_count(10)
        await expect(page.locator("#case-title")).to_have_text("Smoke over the harbour")
        assert "article#case" in asked
        await teller.say("east", teller.book.report("One more", case=case))
        await expect(page.locator("#case-rows > .case-entry")).to_have_count(11)
        assert aru.problems == []


async def test_a_brief_of_it_comes_by_itself_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes by a link sees how far the case is read, and then the page that they asked for."""
    monkeypatch.setattr("tocsin.web.casebook.reading.AT_ONCE_RECORDS", 2)
    async with house(tmp_path) as rooms:
        aru = await rooms.arrive("east", "Aru", "reader")
        teller = Teller(rooms)
        case = await teller.say("east", teller.book.report("Smoke over the harbour"))
        for number in range(9):
            await teller.say("east", teller.book.report(f"Smoke no. {number}", case=case))
        lost_when_asked_for(monkeypatch, rooms["east"].node.desk.casework[rooms.founded.id])

        asked: list[str] = []
        aru.page.on("request", lambda one: asked.append(one.headers.get("hx-target", "")))
        page = await aru.go(f"/briefs/{rooms.founded.id}/{case}?lang=ko")

        await expect(page.locator("article.case-brief[lang=ko]")).to_be_visible()
        assert "article#case-opening" in asked
        assert page.url.endswith(f"/briefs/{rooms.founded.id}/{case}?lang=ko")
        assert aru.problems == []


async def test_what_may_be_done_follows_a_colleague_who_closes_the_case(tmp_path: Path) -> None:
    """To close it is offered until then; whoever only reads has no acts, before or after."""
    async with house(tmp_path) as rooms:
        aru, ria = await rooms.arrive("east", "Aru", "officer"), await rooms.arrive("east", "Ria", "reader")
        teller = Teller(rooms)
        case = await teller.say("east", teller.book.report("Smoke over the harbour"))
        pages = [await one.go(f"/cases/{rooms.founded.id}/{case}") for one in (aru, ria)]
        acts = pages[0].locator("#case-acts")
        await expect(acts.locator("a[href^='/say/closing']")).to_be_visible()

        await teller.say("east", teller.book.closing(case))

        await expect(acts.locator("a[href^='/say/withdrawal']")).to_be_visible()
        await expect(acts.locator("a[href^='/say/closing']")).to_have_count(0)
        await expect(pages[1].locator("#case-head .case-badges .good")).to_be_visible()
        await expect(pages[1].locator("a[href^='/say/']")).to_have_count(0)
        assert aru.problems == ria.problems == []


async def test_a_record_that_came_late_stands_where_it_belongs(tmp_path: Path) -> None:
    """Two desks write in turn: the open page is as a new one would be."""
    async with house(tmp_path) as rooms:
        aru = await rooms.arrive("east", "Aru", "reader")
        teller = Teller(rooms)
        case = await teller.say("east", teller.book.report("Smoke over the harbour"))
        page = await aru.go(f"/cases/{rooms.founded.id}/{case}")
        rows = page.locator("#case-rows > .case-entry")
        for number in range(4):
            later = teller.book.report(f"Later, no. {number}", case=case)
            earlier = structs.replace(later, at_ms=later.at_ms - 30_000, summary=f"Earlier, no. {number}")
            await teller.say("east", later)
            await expect(rows).to_have_count(2 + 2 * number)
            await teller.say("north", earlier)
            await expect(rows).to_have_count(3 + 2 * number)

        shown = await rows.evaluate_all("rows => rows.map((row) => row.dataset.ref)")
        await page.reload()
        assert shown == await rows.evaluate_all("rows => rows.map((row) => row.dataset.ref)")
        assert aru.problems == []


async def test_times_in_charts_are_those_of_who_looks_too(tmp_path: Path) -> None:
    """Below those in UTC, and beside what a mark says; also in what comes to the open page."""
    async with house(tmp_path) as rooms:
        aru = await rooms.arrive("east", "Aru", "reader")
        teller = Teller(rooms)
        case = await teller.say("east", teller.book.report("Smoke over the harbour"))
        page = await aru.go("/account")
        await page.fill("#zone", "Asia/Seoul")
        await page.locator("form:has(#zone) button").first.click()

        page = await aru.go(f"/cases/{rooms.founded.id}/{case}")

        times = page.locator("#case-lanes .chart-wide text[data-here-ms]")
        await expect(times.first).to_have_text(re.compile(r"^\d\d:\d\d( \+1)?$"))
        await expect(page.locator("#case-lanes [data-zones]")).to_be_visible()
        marks = page.locator("#case-lanes .chart-wide g[data-here-ms] > title")
        await expect(marks).to_have_count(1)
        await expect(marks).to_have_text(re.compile(r"^\S+ \S+ UTC: .*\(\S+ \d\d:\d\d Asia/Seoul\)$"))
        teller.book.minutes += 10
        await teller.say("east", teller.book.report("More smoke", case=case))
        await expect(marks).to_have_count(2)
        await expect(marks.last).to_have_text(re.compile(r"^\S+ \S+ UTC: .*\(\S+ \d\d:\d\d Asia/Seoul\)$"))
        assert await barriers(page) == []
        assert await wrong_to_see(page) == []
        assert aru.problems == []
