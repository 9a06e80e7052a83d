"""One node in a process of its own, told what to do by lines of JSON on standard input.

    {"do": "one-by-one", "count": 1000}             each waits for the one before it to be held by all
    {"do": "paced", "count": 1000, "every_s": 0.02} whatever came before; with "seed", at moments of chance
    {"do": "append", "count": 1000}                 each waits for the one before it to be durable here
    {"do": "bulk", "count": 100000}                 as fast as possible, until all is held by all
    {"do": "recover", "count": 100000, "charter": …, "join_files": […]}
                                                    join again, until it is said that all is here
    {"do": "observe", "count": 100000, "seed": 1}   observations of one's own, as `bench.asking` has them
    {"do": "ask", "count": 300, "seed": 1}          ask about such; until all have answered
    {"do": "held"}                                  what was read here of others' logs; the memory used
    {"do": "quit"}

Each answer is a line of JSON. Times are milliseconds from the call that writes a record until a verified
holder cosignature of every other member is stored here; with "by", of that member alone.
"""

import asyncio
import gc
import io
import json
import random
import sys
import time
from collections import deque
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import cast

import uvloop

from bench import asking
from bench.figures import resident_bytes
from tocsin.circles.events import Arrived, Confirmed, Event, Recovered
from tocsin.circles.line import Line
from tocsin.circles.reading import Readable
from tocsin.core.records import NoteRecord, encode_record
from tocsin.node.config import load_config
from tocsin.node.node import Node
from tocsin.node.watching.logs import make_logger

RECORD_BYTES = 900
_BATCH = 250
_IN_FLIGHT = 8


class Member:
    """A node, and who waits for what to be held by all."""

    def __init__(self, folder: Path) -> None:
        config = load_config(folder / "tocsin.toml")
        self.node = Node(config, log=make_logger(config.log, io.StringIO()))
        self.node.listen(self._heard)
        self.read = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._by: str | None = None
        self._recovered = Recovered("", 0, 0)
        self._came = asyncio.Event()

    @property
    def line(self) -> Line:
        """The node's one line."""
        (line,) = self.node.lines.values()
        return line

    def record(self, number: int) -> bytes:
        """A note of about 900 bytes."""
        return encode_record(
            NoteRecord(
                circle=self.line.circle.id,
                at_ms=1,
                author="duty",
                author_kind="officer",
                tlp="TLP:GREEN",
                lang="en",
                text=f"Observation {number}. ".ljust(RECORD_BYTES - 187, "."),
            )
        )

    async def write_and_wait(self, records: list[bytes]) -> float:
        """Write records in one commit; milliseconds until they are held by all."""
        start = time.perf_counter()
        written = await self.line.write(records)
        held: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((written.size, held))
        self._release()
        await held
        return (time.perf_counter() - start) * 1000

    async def do(self, order: dict[str, object]) -> object:
        """Carry out one order."""
        count = int(str(order.get("count", 0)))
        self._by = str(order["by"]) if "by" in order else None
        match order["do"]:
            case "one-by-one":
                return [await self.write_and_wait([self.record(number)]) for number in range(count)]
            case "append":
                return [await self._append(self.record(number)) for number in range(count)]
            case "paced":
                return await self._paced(count, float(str(order["every_s"])), order.get("seed"))
            case "bulk":
                return await self._bulk(count)
            case "recover":
                return await self._recover(
                    count, str(order["charter"]), cast("list[str]", order["join_files"])
                )
            case "noted" | "observed" as what:
                return await (asking.observed(self.node) if what == "observed" else self._noted())
            case "observe":
                return await asking.observe(
                    self.node, count, int(str(order["seed"])), meaning=bool(order["meaning"])
                )
            case "ask":
                return await asking.ask(self.node, count, int(str(order["seed"])))
            case "held":
                slug = self.line.own.member.slug
                size = self.line.own.size
                return {"slug": slug, "read": self.read, "size": size, "memory_kib": resident_bytes() // 1024}
        raise ValueError(order)

    async def _append(self, record: bytes) -> float:
        """Write one record; milliseconds until it is durable here."""
        start = time.perf_counter()
        await self.line.write([record])
        return (time.perf_counter() - start) * 1000

    async def _paced(self, count: int, every_s: float, seed: object) -> list[float]:
        """One record in each interval: at its beginning, or with a seed at a moment of chance."""
        start, tasks = time.perf_counter(), []
        chance = random.Random(str(seed))
        for number in range(count):
            at = number if seed is None else number + chance.random()
            await asyncio.sleep(max(0.0, start + at * every_s - time.perf_counter()))
            tasks.append(asyncio.create_task(self.write_and_wait([self.record(number)])))
        return [await task for task in tasks]

    async def _bulk(self, count: int) -> float:
        """Seconds until all is held by all. The records are made before the clock starts."""
        batches = [
            [self.record(number) for number in range(first, min(first + _BATCH, count))]
            for first in range(0, count, _BATCH)
        ]
        free = asyncio.Semaphore(_IN_FLIGHT)
        start, size = time.perf_counter(), 0

        async def write(batch: list[bytes]) -> None:
            nonlocal size
            async with free:
                size = max(size, (await self.line.write(batch)).size)

        await asyncio.gather(*(write(batch) for batch in batches))
        held: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size, held))
        self._release()
        await held
        return time.perf_counter() - start

    async def _recover(self, count: int, charter: str, join_files: Sequence[str]) -> int:
        """Join with the keys that are left, and wait until it is said that all is here; how much that is."""
        await self.node.join(charter, [file.encode() for file in join_files])
        while self._recovered.size < count or self._recovered.size < self._recovered.known:
            self._came.clear()
            await self._came.wait()
        return self._recovered.size

    async def _noted(self) -> int:
        """Wait until all that is here is found by the index; how much was missing."""
        work = self.node.desk.casework[self.line.circle.id]
        missing = work.indexing.behind(work)
        while work.indexing.behind(work) or not work.indexing.worded(work):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.1)
        return missing

    def _heard(self, _: str, event: Event) -> None:
        if isinstance(event, Recovered):
            self._recovered = event
            self._came.set()
        if isinstance(event, Arrived):
            self.read += sum(isinstance(reading, Readable) for reading in event.readings)
        elif isinstance(event, Confirmed):
            self._release()

    def _release(self) -> None:
        held = self.line.own.held
        others = {member.slug for member in self.line.circle.members} - {self.line.own.member.slug}
        awaited = {self._by} if self._by else others
        if not awaited <= held.keys():
            return
        by_all = min(held[slug].size for slug in awaited)
        while self._waiting and self._waiting[0][0] <= by_all:
            self._waiting.popleft()[1].set_result(None)


async def _main(folder: Path) -> None:
    started = time.perf_counter()
    member = Member(folder)
    async with member.node:
        print(json.dumps({"started_s": time.perf_counter() - started}), flush=True)
        gc.freeze()  # as Node.run does
        loop = asyncio.get_running_loop()
        while order := json.loads(await loop.run_in_executor(None, sys.stdin.readline) or "null"):
            if order["do"] == "quit":
                break
            answer = json.dumps(await member.do(order))
            # Not on the loop: the node goes on confirming while nobody reads a long answer yet.
            await loop.run_in_executor(None, partial(print, answer, flush=True))


if __name__ == "__main__":
    uvloop.run(_main(Path(sys.argv[1])))
