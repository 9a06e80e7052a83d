"""Officers before their consoles: with a key on the card, and a hand that presses what the pages offer."""

import asyncio

from playwright.async_api import Page, expect
from tests.web.end_to_end.house import House, Person


async def officer(rooms: House, slug: str, name: str, language: str = "en-GB") -> Person:
    """Somebody whose key is on the card of their desk; they put it there themselves."""
    person = await rooms.arrive(slug, name, "officer", "administrator", language=language)
    page = await person.go("/keys")
    await page.click("form[data-make] button")
    await page.wait_for_selector(".key-card")
    await person.go("/keys/card")
    await page.click("form[action='/keys/put-on'] button")
    await published(page, 1)
    return person


async def published(page: Page, keys: int) -> None:
    """Wait until the card with so many keys is out, by the page of the card, which does not follow it."""
    await page.wait_for_selector("form[action='/keys/take-off']")
    async with asyncio.timeout(30):
        while await page.locator(".key-card .badge.good").count() < keys:
            await page.reload()


async def cite(page: Page, locator: str, row: int = 0) -> None:
    """Fill in a source: a website, published."""
    await page.select_option(f"[name=sources-{row}-kind]", "website")
    await page.fill(f"[name=sources-{row}-locator]", locator)
    await page.select_option(f"[name=sources-{row}-obtained]", "published")


async def draft(page: Page) -> None:
    """Send a form, and come to the page that says in words what it is."""
    await page.click("main form button.first")
    await page.wait_for_selector("form[data-sign]")


async def confirm(page: Page) -> None:
    """Confirm what the page shows, signed in this browser."""
    real = page.locator("input[name=real]")
    if await real.count():
        await real.check()
    await expect(page.locator(".say-it")).to_be_enabled()
    await page.click(".say-it")
    await page.wait_for_url("**/said/**")


async def written(page: Page) -> None:
    """Wait until what was confirmed is written."""
    await expect(page.locator("main .wish.written")).to_be_visible()


async def say_now(page: Page) -> None:
    """Send, confirm, and do not wait ten seconds."""
    await draft(page)
    await confirm(page)
    await page.click("main button[formaction='/pending/now']")
    await written(page)
