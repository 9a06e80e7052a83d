"""Days that are not good: a line that is cut and comes back, an alarm to thirty, a disk that burnt."""

import asyncio
import gc
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import uvloop
from tests.node import nodes
from tests.node.nodes import CHANCE, Founded, Place, found

from bench.circle import NO_LIMITS, Process, free_port, prepare
from bench.figures import Figure, Report, middle, percentile
from tocsin.core.tlog.checkpoint import Checkpoint, sign_checkpoint
from tocsin.core.tlog.chunk import Chunk
from tocsin.core.tlog.entry import EntryHasher
from tocsin.log.sqlite import SqliteStore
from tocsin.node.folder import Folder

_WAITING = 10_000
_CUT_S = 10.0
_LOST = 100_000
_THIRTY = 30
_ALARMS = 10
_BETWEEN_STARTS_S = 0.5
_SETTLED_S = 2.0
_SETTLED_SHARE = 0.2
_LONGEST_S = 300
_RUNS = 5
_CHUNK = 1_000


@dataclass
class Behind(Place):
    """A place that the others reach over a cable, which listens on `cable`."""

    cable: int = 0

    @property
    def toml(self) -> str:
        """Its configuration, as a file."""
        near = f"https://127.0.0.1:{self.port}"
        return super().toml.replace(near, f"https://127.0.0.1:{self.cable}")


def heal(report: Report, folder: Path, scale: float) -> None:
    """Two members, a cut of ten seconds, and records that wait for its end."""
    count = int(_WAITING * scale)
    places = [Behind(slug, folder / slug, free_port(), cable=free_port()) for slug in ("east", "north")]
    founded = prepare(folder, places=places)
    times_s = []
    with _cables(places) as (tell, members):
        members += [Process(place.folder) for place in founded.places]
        author = members[0]
        for _ in range(_RUNS):
            author.do("one-by-one", count=3)
            tell("cut")
            author.order("bulk", count=count)
            time.sleep(_CUT_S)
            tell("back")
            start_s = time.perf_counter()
            author.answer()
            times_s.append(time.perf_counter() - start_s)
    healed_s, spread = middle(times_s)
    what = f"{count:,} records waiting, after a cut of {_CUT_S:g} s in which all is swallowed: held"
    report.add(Figure("days.heal", what, healed_s, "s", 1, spread=spread, samples=_RUNS))


def thirty(report: Report, folder: Path, scale: float) -> None:
    """Thirty nodes in one process: an urgent record of one of them is held by all."""
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    slugs = [f"desk-{number}" for number in range(_THIRTY)]
    nodes.PLACES.update(dict.fromkeys(slugs, "KR"))
    places = [Place(slug, folder / slug, free_port()) for slug in slugs]
    founded = found(folder, places=places, limits=NO_LIMITS)
    times_s = uvloop.run(_alarms(founded, max(3, int(_ALARMS * scale))))
    for share, short in ((0.5, "p50"), (0.99, "worst")):
        value = percentile(times_s, share)
        what = f"one urgent record, held by {_THIRTY} members in one process, {short}"
        report.add(Figure(f"days.thirty.{short}", what, value, "s", 1, samples=len(times_s)))


async def _alarms(founded: Founded, count: int) -> list[float]:
    """Each from the call that writes it until all others have confirmed it; all was quiet before."""
    async with AsyncExitStack() as stack:
        running = [await stack.enter_async_context(place.node()) for place in founded.places]
        for node in running:
            # One after the other: thirty starts at one moment are no part of this.
            await node.join(founded.text, founded.join_files)
            await asyncio.sleep(_BETWEEN_STARTS_S)
        line, times_s = running[0].lines[founded.id], []
        for node in running:
            await nodes.confirmed(node.lines[founded.id], 2)
        gc.freeze()  # as Node.run does
        for number in range(count):
            await _settled()
            start_s = time.perf_counter()
            written = await line.write([founded.note(f"Alarm {number}.")], urgent=True)
            await nodes.confirmed(line, written.size)
            times_s.append(time.perf_counter() - start_s)
        return times_s


async def _settled() -> None:
    """Return when this process has done next to nothing for a while."""
    async with asyncio.timeout(_LONGEST_S):
        share = 1.0
        while share > _SETTLED_SHARE:
            before_s = time.process_time()
            await asyncio.sleep(_SETTLED_S)
            share = (time.process_time() - before_s) / _SETTLED_S


def recovery(report: Report, folder: Path, scale: float) -> None:
    """A member of which only the keys are left gets its own log back from two others.

    From the start of its process until it says that all is here.
    """
    count, times_s = int(_LOST * scale), []
    for run in range(_RUNS):
        founded = prepare(folder / str(run), 3)
        _fill_others(founded, count)
        others = [Process(place.folder) for place in founded.places[1:]]
        start_s = time.perf_counter()
        burnt = Process(founded.places[0].folder)
        join_files = [file.decode() for file in founded.join_files]
        burnt.do("recover", count=count, charter=founded.text, join_files=join_files)
        times_s.append(time.perf_counter() - start_s)
        for process in (burnt, *others):
            process.end()
    recovered_s, spread = middle(times_s)
    what = f"only the keys are left: a log of {count:,} records, back from two others, with the start"
    report.add(Figure("days.recovery", what, recovered_s, "s", 15, spread=spread, samples=_RUNS))


def _fill_others(founded: Founded, count: int) -> None:
    """Have the others hold so many records of the first member's log, which has nothing left but its keys."""
    first, *others = (Folder.of(place.config) for place in founded.places)
    key = first.keys(founded.id, 1).member.log
    own, log = SqliteStore(first.database, CHANCE), key.verifying.name
    chunks = [own.chunk(log, 0, _CHUNK, 2**22)]
    own.close()
    for path in (*first.data.glob(f"{first.database.name}*"), first.marker):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    entry, body = EntryHasher(log).entry, founded.note("x" * 700)
    while (size := chunks[-1].end) < count:
        salts = [CHANCE.token(32) for _ in range(min(_CHUNK, count - size))]
        chunks.append(Chunk.make(size, [(entry(salt, body), salt, body) for salt in salts]))
    for folder in others:
        store = SqliteStore(folder.database, CHANCE)
        store.start_wal_thread()
        with store.transaction():
            store.create(log)
        for chunk in chunks:
            extension = store.edge(log).extend(chunk.entries)
            root = extension.edge.frontier.root()
            with store.transaction():
                store.extend(log, chunk.first, extension, chunk)
                store.put_checkpoint(log, sign_checkpoint(Checkpoint(log, chunk.end, root), key))
                store.drop_checkpoints_below(log, chunk.end)
        store.close()


@contextmanager
def _cables(places: list[Behind]) -> Iterator[tuple["_Tell", list[Process]]]:
    """A process with a cable to each place, what tells it, and the members to end before it."""
    pairs = [f"{place.cable}:{place.port}" for place in places]
    members: list[Process] = []
    with subprocess.Popen(
        [sys.executable, "-m", "bench.cable", *pairs],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        tell = _Tell(cast("IO[str]", child.stdin), cast("IO[str]", child.stdout))
        try:
            yield tell, members
        finally:
            for member in members:
                member.end()
            child.kill()


class _Tell:
    """Gives an order, and returns when it is carried out."""

    def __init__(self, orders: IO[str], answers: IO[str]) -> None:
        self._orders = orders
        self._answers = answers
        self._answers.readline()

    def __call__(self, order: str) -> None:
        self._orders.write(f"{order}\n")
        self._orders.flush()
        self._answers.readline()
