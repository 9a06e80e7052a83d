"""Pages of very many records: the room of very many cases, and a case of very many records.

- They are asked for as browsers do, once the node has read all its cases. How long that takes after a start,
  and how long the case takes that nobody has looked at since, stand beside.
- A page is complete, as Chromium has it, with what it asks for by itself.
"""

import asyncio
import gzip
import random
import time
from pathlib import Path
from typing import NamedTuple

import aiohttp
from tests.node.casebook import AT_MS, Casebook, source

from bench.casework import Filling
from bench.circle import prepare
from bench.console.process import STUCK_S, Desk, chromium, places_of, started
from bench.figures import Figure, Report, percentile

_CASES = 5_000
_OF_EACH = 4
_LARGE = 10_000
_LOOKS = 20
_READ = 'id="reading"></div>'
"""What the room shows when nothing is left to be read."""
_OPENED = 'id="case-timeline"'
_COMPLETE = """() => new Promise((done) => {
    const look = () => document.querySelector(".case-working, .case-waits, #mine > p.panel")
        ? setTimeout(look, 5) : done(performance.now());
    look();
})"""


def large(report: Report, folder: Path, scale: float) -> None:
    """Measure them."""
    cases, records = max(50, int(_CASES * scale)), max(200, int(_LARGE * scale))
    founded = prepare(folder, places=places_of(folder, 4))
    filling = Filling(founded)
    book, chance = Casebook(founded.id), random.Random(1)
    book.minutes = int(time.time() * 1000 - AT_MS) // 60_000 - cases - records
    logs = filling.logs
    for number in range(cases):
        case = logs[number % 4].say(book.report(f"Case no. {number}: smoke over harbour {number % 97}."))
        ask = logs[number % 4].say(book.ask(case))
        for other in range(1, _OF_EACH - 1):
            logs[(number + other) % 4].say(book.answer(case, ask, sources=(source(number),)))
    case = logs[0].say(book.report("The large one."))
    ask = logs[0].say(book.ask(case))
    for number in range(records - 2):
        log = logs[chance.randrange(4)]
        if number % 3:
            log.say(book.answer(case, ask, sources=(source(number % 500),)))
        else:
            log.say(book.report(f"Seen no. {number}.", case=case, sources=(source(number % 500),)))
    filling.close()

    room, whole = f"the situation room, of {cases:,} cases", f"a case of {records:,} records"
    path = f"/cases/{founded.id}/{case}"

    async def look() -> None:
        async with started(founded.places[0].folder) as desk:
            # Its index is made now, and is there at every later start.
            await desk.do("noted")
        start_s = time.perf_counter()
        async with started(founded.places[0].folder) as desk:
            await _until(desk, "/", _READ, every_s=0.2)
            took_s = time.perf_counter() - start_s
            report.add(Figure("console.room.cold", f"{room}: from a start until all are read", took_s, "s"))
            await desk.do("forget")
            start_s = time.perf_counter()
            # As its page does, which says how far it is.
            first_ms = await _until(desk, path, _OPENED, every_s=0)
            took_ms = (time.perf_counter() - start_s) * 1000
            report.add(
                Figure("console.case.frame", f"{whole}, not in memory: first byte", first_ms, "ms", 100)
            )
            report.add(
                Figure("console.case.cold", f"{whole}, not in memory: until it is there", took_ms, "ms")
            )
            await _page(report, desk, _Look("console.room", room, "/", _READ))
            await _page(report, desk, _Look("console.case", whole, path, _OPENED))

    asyncio.run(look())


async def _until(desk: Desk, path: str, shown: str, *, every_s: float) -> float:
    """Ask for a page until it shows that. Returns the milliseconds to the first byte of the first answer."""
    first_ms = None
    async with aiohttp.ClientSession(cookies=desk.cookies) as session, asyncio.timeout(STUCK_S):
        while True:
            start_s = time.perf_counter()
            async with session.get(f"{desk.url}{path}") as answer:
                first = await answer.content.readany()
                first_ms = first_ms or (time.perf_counter() - start_s) * 1000
                if shown in (first + await answer.read()).decode():
                    return first_ms
            await asyncio.sleep(every_s)


class _Look(NamedTuple):
    """A page: its figures begin with `name` and say `what`; `shown` stands in it when all of it is there."""

    name: str
    what: str
    path: str
    shown: str


async def _page(report: Report, desk: Desk, look: _Look) -> None:
    """First byte and size as a program sees them; complete, as Chromium does."""
    name, what, path, shown = look
    first_ms, sizes = [], []
    async with aiohttp.ClientSession(cookies=desk.cookies, auto_decompress=False) as session:
        for _ in range(_LOOKS):
            start_s = time.perf_counter()
            async with session.get(f"{desk.url}{path}", headers={"accept-encoding": "gzip"}) as answer:
                first = await answer.content.readany()
                first_ms.append((time.perf_counter() - start_s) * 1000)
                body = first + await answer.read()
            sizes.append(len(body) / 1000)
            if answer.status != 200 or shown not in gzip.decompress(body).decode():
                raise RuntimeError(f"{path}: {answer.status}, or another page")
    p50, p95 = percentile(first_ms, 0.5), percentile(first_ms, 0.95)
    report.add(Figure(f"{name}.first", f"{what}: first byte, p50", p50, "ms", 100, samples=_LOOKS))
    report.add(Figure(f"{name}.first.p95", f"{what}: first byte, p95", p95, "ms", samples=_LOOKS))
    report.add(Figure(f"{name}.size", f"{what}: over the wire", max(sizes), "kB", 150))
    whole_ms = []
    async with chromium(desk) as context:
        page = await context.new_page()
        for number in range(_LOOKS // 2 + 1):
            await page.goto(f"{desk.url}{path}", wait_until="load")
            took_ms = await page.evaluate(_COMPLETE)
            # The first look fetches scripts and styles, too.
            if number:
                whole_ms.append(took_ms)
    p50 = percentile(whole_ms, 0.5)
    report.add(
        Figure(f"{name}.whole", f"{what}: complete in Chromium, p50", p50, "ms", 1_000, samples=len(whole_ms))
    )
