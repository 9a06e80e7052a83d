"""What looks at pages finds what is wrong with them."""

from tests.web.end_to_end.house import barriers, chromium, needs_a_browser, wrong_to_see

pytestmark = needs_a_browser

PAGE = "<!doctype html><html lang=en><title>A page</title><main><h1>A heading</h1>{}</main></html>"
PALE = "<p style='color: #999; background: #aaa'>Hardly to be read.</p>"
WRONG = {
    "<p>All of it can be read.</p>": [],
    "<div style='width: 200vw; height: 9px'></div>": ["page wider than the window"],
    "<p style='width: 3em; overflow: hidden; white-space: nowrap'>More than fits</p>": ["text cut off"],
    "<p style='position: absolute; left: -9em'>Beside the page</p>": ["text outside the window"],
    "<p>One line of text</p><p style='margin-top: -2em'>And another</p>": ["text over text"],
}


async def test_text_that_cannot_be_read_is_found() -> None:
    """Cut off, one over the other, outside, and pages that are too wide; and nothing else."""
    async with chromium() as browser:
        page = await browser.new_page()
        for body, what in WRONG.items():
            await page.set_content(PAGE.format(body))
            assert [one["what"] for one in await wrong_to_see(page)] == what, body


async def test_what_keeps_people_out_is_found() -> None:
    """Contrasts where they are asked for, all else always."""
    async with chromium() as browser:
        page = await browser.new_page()
        await page.set_content(PAGE.format(f"{PALE}<p><button></button></p>"))
        for contrasts, rules in ((True, {"button-name", "color-contrast"}), (False, {"button-name"})):
            found = await barriers(page, contrasts=contrasts)
            assert {one.partition(":")[0] for one in found} == rules
