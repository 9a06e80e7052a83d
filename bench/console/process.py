"""The process of a desk (`bench.console.desk`) and a browser at it, for those who measure."""

import asyncio
import contextlib
import json
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, async_playwright
from tests.node.nodes import PLACES, Place

from bench.circle import free_port

STUCK_S = 300
"""Whatever takes longer than this never comes."""
_CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


class Desk:
    """A desk's process: see `bench.console.desk`."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        self._child = child
        self._orders = cast("asyncio.StreamWriter", child.stdin)
        self._answers = cast("asyncio.StreamReader", child.stdout)
        self._turn = asyncio.Lock()
        self.url = ""
        self.cookies: dict[str, str] = {}

    async def begin(self) -> None:
        """Have it start."""
        self.url = json.loads(await self._answers.readline())["url"]
        if self.url:
            self.cookies = await self.sign_in()

    async def sign_in(self) -> dict[str, str]:
        """The cookies of another session of the same officer."""
        return {f"tocsin-{urlsplit(self.url).port}": await self.do("sign-in")}

    async def do(self, what: str, **details: Any) -> Any:  # noqa: ANN401 - each order has its own
        """Have it do something."""
        async with self._turn:
            self._orders.write(json.dumps({"do": what, **details}).encode() + b"\n")
            return json.loads(await self._answers.readline())

    async def end(self) -> None:
        """Stop it."""
        self._orders.write(b'{"do": "quit"}\n')
        await self._child.wait()


@contextlib.asynccontextmanager
async def started(folder: Path) -> AsyncIterator[Desk]:
    """A desk of that folder, while this lasts."""
    words = (sys.executable, "-m", "bench.console.desk", str(folder))
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        *words, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
    )
    desk = Desk(child)
    await desk.begin()
    try:
        yield desk
    finally:
        await desk.end()


@contextlib.asynccontextmanager
async def chromium(desk: Desk) -> AsyncIterator[BrowserContext]:
    """A browser, signed in at a desk."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_CHROMIUM)
        context = await browser.new_context(viewport={"width": 1440, "height": 900})
        await context.add_cookies(
            [{"name": name, "value": value, "url": desk.url} for name, value in desk.cookies.items()]
        )
        yield context
        await browser.close()


def places_of(folder: Path, members: int) -> list[Place]:
    """Members; the first has a console."""
    port = free_port()
    table = f"""
        [console]
        listen = "127.0.0.1:{port}"
        public = "http://localhost:{port}"
        unsafe_loopback = true
    """
    slugs = list(PLACES)[:members]
    return [
        Place(slug, folder / slug, free_port(), more="" if at else table) for at, slug in enumerate(slugs)
    ]
