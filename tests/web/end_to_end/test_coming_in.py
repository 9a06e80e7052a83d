"""People come in by passkey, see what is theirs, and go out."""

from pathlib import Path

from playwright.async_api import expect
from tests.web.end_to_end.house import barriers, house, needs_a_browser, wrong_to_see

pytestmark = needs_a_browser


async def test_somebody_enrols_goes_and_comes_back(tmp_path: Path) -> None:
    """One code, one passkey; signed out, nothing opens; the passkey opens what was asked for."""
    async with house(tmp_path) as rooms:
        aru = await rooms.arrive("east", "Aru", "administrator")
        page = await aru.go("/account")
        assert await barriers(page) == []
        assert await wrong_to_see(page) == []
        await page.click("form[action='/sign-out'] button")
        await page.wait_for_url("**/sign-in**")
        await aru.go("/circles")
        await expect(page.locator("main")).not_to_contain_text(rooms.founded.id[:8])
        assert "/sign-in" in page.url
        await page.click("[data-begin]")
        await page.wait_for_url(f"{aru.url}/circles")
        assert aru.problems == []
