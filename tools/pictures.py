"""Takes docs/pictures, the pictures of the console's main pages, in the demo's circle as its story leaves it.

    .venv/bin/python tools/pictures.py docs/pictures

It takes Debian's Chromium, and `playwright` (in the project's environment).
"""  # noqa: INP001 - a program, not a package

import asyncio
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from playwright.async_api import Page, async_playwright

from tocsin.cli.demo.cables import Cables
from tocsin.cli.demo.day.asking import show_asking
from tocsin.cli.demo.day.founding import show_founding
from tocsin.cli.demo.day.replay import show_replay
from tocsin.cli.demo.playing import nobody
from tocsin.cli.demo.screen import Screen
from tocsin.cli.demo.script.cast import GARAM, POMIR
from tocsin.cli.demo.stage import Stage
from tocsin.cli.demo.windows import consoles

WIDE, NARROW = {"width": 1280, "height": 860}, {"width": 390, "height": 844}


async def take(folder: Path, cables: Cables) -> None:
    """All of them."""
    consoles.OFFICERS = tuple(replace(one, language="en") for one in consoles.OFFICERS)  # type: ignore[misc]
    with tempfile.TemporaryDirectory(prefix="tocsin-pictures-") as place:
        async with Stage(Path(place), cables, [GARAM, POMIR]) as stage, async_playwright() as playwright:
            screen = Screen(stage.clock, pace=0, as_json=True)
            circle = await show_founding(stage, screen)
            windows = await consoles.open_consoles(stage)
            await show_replay(stage, screen, circle)
            asking = await show_asking(stage, screen, circle, nobody)
            browser = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            garam = windows[GARAM.slug]
            case = f"/cases/{circle.id}/{asking.case}"
            for colours in ("light", "dark"):
                context = await browser.new_context(
                    viewport=WIDE, color_scheme=colours, device_scale_factor=1
                )
                page = await context.new_page()
                await page.goto(garam.link)
                ending = "" if colours == "light" else "-dark"
                await shot(page, garam.origin, "/", folder / f"room{ending}.png")
                await shot(page, garam.origin, case, folder / f"case{ending}.png")
                if colours == "light":
                    call = f"/phone/{circle.id}/{POMIR.slug}?side=called"
                    await shot(page, garam.origin, call, folder / "call.png")
                    await page.set_viewport_size(NARROW)
                    await shot(page, garam.origin, "/", folder / "room-narrow.png")
                await context.close()
            await browser.close()


async def shot(page: Page, origin: str, path: str, file: Path) -> None:
    """One picture of what a window shows."""
    await page.goto(f"{origin}{path}")
    await page.wait_for_timeout(1_500)
    await page.screenshot(path=file)


if __name__ == "__main__":
    loop = Cables()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(take(Path(sys.argv[1]), loop))
