"""What another desk says, on pages that are open: how soon on one, and what very many cost.

- It is timed by the clock of this machine, from before it is written until it stands in the list of the page:
  a record in its case, the row of its case in the room. Clocks that tick are none of it.
- Of very many pages, each is a stream as the page itself opens it, and asks for what its scripts ask for when
  something comes. No browser draws them.
"""

import asyncio
import base64
import contextlib
import random
import re
import time
from html import unescape
from pathlib import Path

import aiohttp
from tests.node.casebook import AT_MS, Casebook, source

from bench.circle import prepare
from bench.console.process import STUCK_S, Desk, chromium, places_of, started
from bench.figures import Figure, Report, percentile
from tocsin.core.records import Ref, encode_record

_LATE = 200
_PAGES = 200
_OF_SESSION = 25
"""Fewer than may be open in one session (`MOST_OF_SESSION` of the hub)."""
_EVERY_S = 0.1
_FOR_S = 20.0
_MINE_S = 10.0
"""How often at most the room asks what waits for whoever looks, while rows come (room.js)."""
_TURN_S = 0.8
"""So long after the last section that came, a case asks what waits for whoever looks (case.js)."""
_SETTLED_S = 5.0
_CONNECT = re.compile(r'hx-sse:connect="([^"]+)"')
_WATCH = """(news) => {
    window.changedAt = 0;
    window.wanted = "";
    new MutationObserver((changes) => {
        for (const { addedNodes } of changes)
            for (const node of addedNodes)
                if (node.matches?.(news) && node.textContent.includes(window.wanted))
                    window.changedAt ||= Date.now();
    }).observe(document.getElementById("main"), { childList: true, subtree: true });
}"""
_CHANGED = """() => new Promise((done, fail) => {
    const since = Date.now();
    const timer = setInterval(() => {
        if (!window.changedAt && Date.now() - since < 5000) return;
        clearInterval(timer);
        window.changedAt ? done(window.changedAt) : fail(new Error("nothing came"));
    }, 5);
})"""


def live(report: Report, folder: Path, scale: float) -> None:
    """Measure both."""
    founded = prepare(folder, places=places_of(folder, 2))
    east, north = (place.folder for place in founded.places)

    async def follow() -> None:
        async with started(east) as desk, started(north) as other:
            author = _Author(other, founded.id)
            await author.open()
            await author.report(0)
            await _latency(report, desk, author, max(20, int(_LATE * scale)))
            await _many(report, desk, author, max(10, int(_PAGES * scale)), max(3.0, _FOR_S * scale))

    asyncio.run(follow())


class _Author:
    """Says things at another desk, in one case."""

    def __init__(self, desk: Desk, circle: str) -> None:
        self._desk = desk
        self._book = Casebook(circle)
        self._case: Ref | None = None

    @property
    def path(self) -> str:
        """The case at a console."""
        return f"/cases/{self._book.circle}/{self._case}"

    async def open(self) -> None:
        """Open the case."""
        self._case = await self._write()

    async def report(self, number: int) -> None:
        """Say one more thing in it."""
        await self._write(number)

    async def _write(self, number: int | None = None) -> Ref:
        self._book.minutes = int(time.time() * 1000 - AT_MS) // 60_000
        of = {} if number is None else {"case": self._case, "sources": (source(number),)}
        record = self._book.report(f"Observation no. {number}.", **of)
        said = base64.b64encode(encode_record(record)).decode()
        log, index, entry = await self._desk.do("write", record=said)
        return Ref.at(log, index, base64.b64decode(entry))


async def _latency(report: Report, desk: Desk, author: _Author, count: int) -> None:
    """One record after the other, a moment of chance apart, to an open page of its case and to the room."""
    chance = random.Random(3)
    async with chromium(desk) as context:
        for name, path, news in (
            ("case", author.path, ".case-entry"),
            ("room", "/", "#cases > .incident"),
        ):
            page = await context.new_page()
            await page.goto(f"{desk.url}{path}")
            await page.wait_for_selector('.live[data-state="live"]')
            await page.evaluate(_WATCH, news)
            took_ms = []
            for number in range(1, count + 1):
                await asyncio.sleep(0.3 + chance.random() * 0.4)
                # The room says that a case has news, the case what they are.
                wanted = f"no. {number}." if name == "case" else ""
                await page.evaluate("(wanted) => { window.wanted = wanted; window.changedAt = 0; }", wanted)
                start_ms = time.time() * 1000
                await author.report(number)
                took_ms.append(await page.evaluate(_CHANGED) - start_ms)
            what = f"from writing at another desk until it is on the open page of the {name}"
            p50, p95 = percentile(took_ms, 0.5), percentile(took_ms, 0.95)
            report.add(Figure(f"console.live.{name}", f"{what}, p50", p50, "ms", samples=count))
            report.add(Figure(f"console.live.{name}.p95", f"{what}, p95", p95, "ms", 150, samples=count))
            await page.close()


class _Page:
    """An open page, as a program: its stream, and what it asks for when something comes."""

    def __init__(self, desk: Desk, session: aiohttp.ClientSession, path: str) -> None:
        self._desk = desk
        self._session = session
        self._path = path
        self._asks: asyncio.Task[None] | None = None
        self._asked_s = 0.0
        self.heard = 0

    async def run(self) -> None:
        """Follow, until cancelled."""
        page = await self._ask(self._path)
        connect = _CONNECT.search(page)
        if connect is None:
            raise RuntimeError(f"{self._path}: a page without a stream")
        async with self._session.get(f"{self._desk.url}{unescape(connect[1])}") as answer:
            async for some in answer.content.iter_any():
                self.heard += some.count(b"id: ")
                if self._path == "/" and b'class="incident ' in some:
                    self._mine()
                elif self._path != "/" and b'hx-target="#case-' in some:
                    self._turn()

    def _mine(self) -> None:
        now_s = time.perf_counter()
        if now_s - self._asked_s > _MINE_S:
            self._asked_s = now_s
            self._asks = asyncio.create_task(self._later(0, "/mine"))

    def _turn(self) -> None:
        if self._asks:
            self._asks.cancel()
        self._asks = asyncio.create_task(self._later(_TURN_S, self._path.replace("/cases/", "/turns/")))

    async def _later(self, after_s: float, path: str) -> None:
        await asyncio.sleep(after_s)
        await self._ask(path)

    async def _ask(self, path: str) -> str:
        headers = {"hx-request": "true"} if path != self._path else {}
        async with self._session.get(f"{self._desk.url}{path}", headers=headers) as answer:
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status}")
            return await answer.text()


async def _many(report: Report, desk: Desk, author: _Author, pages: int, for_s: float) -> None:
    """Half of them show the case, half the room; ten records a second."""
    async with contextlib.AsyncExitStack() as stack:
        sessions = [
            await stack.enter_async_context(
                aiohttp.ClientSession(
                    cookies=await desk.sign_in(),
                    connector=aiohttp.TCPConnector(limit=0),
                    timeout=aiohttp.ClientTimeout(None),
                )
            )
            for _ in range(0, pages, _OF_SESSION)
        ]
        shown = [
            _Page(desk, sessions[number // _OF_SESSION], author.path if number % 2 else "/")
            for number in range(pages)
        ]
        tasks = [asyncio.create_task(page.run()) for page in shown]
        async with asyncio.timeout(STUCK_S):
            while not all(page.heard for page in shown):
                await author.report(900)
                await asyncio.sleep(2)
        # What they ask for afterwards is no rest.
        await asyncio.sleep(_SETTLED_S)
        idle_s = await _used(desk, 10.0)
        heard = [page.heard for page in shown]
        before_s, start_s, said = await desk.do("used"), time.perf_counter(), 0
        while (now_s := time.perf_counter() - start_s) < for_s:
            await asyncio.sleep(max(0.0, said * _EVERY_S - now_s))
            await author.report(1_000 + said)
            said += 1
        took_s = time.perf_counter() - start_s
        used = (await desk.do("used") - before_s) / took_s
        fewest = min(page.heard - before for page, before in zip(shown, heard, strict=True))
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error

    what = f"{pages} open pages and {said / took_s:.1f} records/s of another desk"
    report.add(Figure("console.many", f"{what}: of one core", 100 * used, "%", 30))
    report.add(Figure("console.many.idle", f"{pages} open pages on which nothing happens", 100 * idle_s, "%"))
    report.add(
        Figure("console.many.heard", f"{what}: news heard by the page with fewest", fewest / took_s, "1/s")
    )


async def _used(desk: Desk, for_s: float) -> float:
    """How much of a core the desk uses."""
    before_s = await desk.do("used")
    await asyncio.sleep(for_s)
    return float((await desk.do("used") - before_s) / for_s)
