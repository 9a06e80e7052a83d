"""Calls in a browser: new digits when the minute turns, all of it without scripts, and a sheet on paper."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect
from tests.node.nodes import DOMAIN
from tests.node.test_phone import introduced
from tests.web.end_to_end.house import House, barriers, house, needs_a_browser, wrong_to_see

pytestmark = needs_a_browser


async def path_to_north(rooms: House) -> str:
    """The page of a call with the other member, once each has the other's key."""
    await introduced(rooms.founded, *(room.node for room in rooms.rooms.values()))
    return f"/phone/{rooms.founded.id}/north"


async def test_the_minute_turns(tmp_path: Path) -> None:
    """The digits go when their time is over, by the page's own clock, and the next come by themselves."""
    async with house(tmp_path) as rooms:
        path = await path_to_north(rooms)
        aru = await rooms.arrive("east", "Aru", "officer")
        await aru.page.clock.install()
        page = await aru.go(f"{path}?side=called")
        await page.wait_for_selector(".call-seconds:not(:empty)")
        before = await page.get_attribute("#call", "data-left-ms")

        async with page.expect_response(lambda one: "side=called" in one.url) as asked:
            await page.clock.fast_forward(61_000)
        response = await asked.value
        await page.wait_for_function(
            "left => document.getElementById('call').dataset.leftMs !== left", arg=before
        )
        await page.clock.run_for(1_000)

        assert response.request.headers["hx-request"] == "true"
        await expect(page.locator(".call-over")).to_be_hidden()
        await expect(page.locator(".call-set .digits").first).to_be_visible()
        assert aru.problems == []


async def test_a_call_without_scripts(tmp_path: Path) -> None:
    """Links and forms lead through the whole call; and nobody is kept out, or reads what is cut off."""
    async with house(tmp_path) as rooms:
        path = await path_to_north(rooms)
        aru = await rooms.arrive("east", "Aru", "officer")
        plain = await rooms.browser.new_context(
            java_script_enabled=False, storage_state=await aru.context.storage_state()
        )
        rooms.stack.push_async_callback(plain.close)
        page = await plain.new_page()

        await page.goto(f"{aru.url}{path}")
        await page.click("nav.pick li:nth-child(2) a")
        await page.click(".call-set:nth-child(2) .button")
        await page.click("button[value=matched]")
        ended = page.url

        assert ended == f"{aru.url}{path}/matched"
        for side in ("called", "calling"):
            steps = await aru.go(f"{path}?side={side}")
            assert await wrong_to_see(steps) == []
            assert await barriers(steps) == []


@pytest.mark.parametrize("paper", ["A4", "Letter"])
async def test_a_sheet_is_one_page(tmp_path: Path, paper: str) -> None:
    """With as many rows as are usual, in a drill: no page before it, none after it."""
    async with house(tmp_path, domain=f"drill.{DOMAIN}") as rooms:
        path = await path_to_north(rooms)
        aru = await rooms.arrive("east", "Aru", "officer", "approver")
        page = await aru.go(f"{path}/sheet")
        await page.click(".sheet-form button")
        await page.wait_for_selector(".phone-sheet")

        printed = await page.pdf(format=paper)

        assert len(re.findall(rb"/Type /Page\b", printed)) == 1
