"""The whole story, told by two officers of two desks, who read different languages."""

import zipfile
from pathlib import Path

from playwright.async_api import expect
from tests.web.end_to_end.house import house, needs_a_browser
from tests.web.end_to_end.officers import cite, officer, say_now

pytestmark = needs_a_browser

FEED = "https://feed.example/harbour/1"
KOREAN = "항구에서 연기가 난다는 사진이 퍼지고 있습니다."
RUSSIAN = "Распространяется снимок дыма в порту."


async def test_a_case_from_the_first_report_to_its_evidence(tmp_path: Path) -> None:
    """Reported and asked in Korean, read and answered in Russian, counted once, closed, and taken along."""
    async with house(tmp_path) as rooms:
        circle = rooms.founded.id
        aru = await officer(rooms, "east", "Aru", "ko-KR")
        bek = await officer(rooms, "north", "Bek", "ru-RU")
        theirs = await bek.go("/")
        await expect(theirs.locator(".live")).to_have_attribute("data-state", "live")

        page = await aru.go(f"/say/report?circle={circle}")
        await page.fill("[name=summary]", KOREAN)
        await page.fill("[name=lang]", "ko")
        await cite(page, FEED)
        await page.select_option("[name=severity]", "serious-incident")
        await page.click("details:has(button[value=translations]) > summary")
        await page.click("button[name=add][value=translations]")
        await page.fill("[name=translations-0-lang]", "ru")
        await page.fill("[name=translations-0-text]", RUSSIAN)
        await say_now(page)

        # The other desk sees it without touching anything, in its own language.
        row = theirs.locator("main a[href*='/cases/']").first
        await expect(theirs.locator("main")).to_contain_text(RUSSIAN)
        case = str(await row.get_attribute("href")).split("/cases/")[1].split("/")[1].split("?")[0]

        page = await aru.go(f"/say/ask?circle={circle}&case={case}")
        await page.check("[name=questions][value=seen]")
        await say_now(page)

        theirs = await bek.go(f"/cases/{circle}/{case}")
        await theirs.click("main a[href*='/say/answer']")
        await theirs.select_option("[name=seen]", "seen")
        await cite(theirs, FEED)
        ours = await aru.go(f"/cases/{circle}/{case}")
        await expect(ours.locator(".live")).to_have_attribute("data-state", "live")
        await say_now(theirs)

        # Two have seen it; both cite one feed. The open page says so by itself.
        await expect(ours.locator("#case-asks .case-seen-seen")).to_have_count(1)
        casework = rooms["east"].node.desk.casework[circle]
        rests_on = (await casework.view(casework.ref(case))).corroboration
        (feed,) = rests_on.sources
        assert (rests_on.replies, feed.members) == (1, ("east", "north"))
        assert rests_on.independent_sources == 1
        assert not rests_on.corroborated

        page = await aru.go(f"/say/closing?circle={circle}&case={case}")
        await page.select_option("[name=outcome]", "incident")
        await say_now(page)

        # The evidence, in one file.
        page = await aru.go(f"/cases/{circle}/{case}")
        async with page.expect_download() as coming:
            await page.click("form[action^='/archives/'] button")
        path = tmp_path / "evidence.zip"
        await (await coming.value).save_as(path)
        assert "index.html" in zipfile.ZipFile(path).namelist()
        assert aru.problems == []
        assert bek.problems == []
