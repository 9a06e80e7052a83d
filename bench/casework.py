"""Many cases at one node: what does one more record cost, a start, an index made anew, and what memory?

The database is made as in `large`: every entry, root and checkpoint as it would be. Of each ten entries, one
is a context; each case has a report with some text, an ask, answers, and reports that add to it, a minute
apart.
"""

import asyncio
import contextlib
import json
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import uvloop
from tests.node.casebook import AT_MS, Casebook, source
from tests.node.nodes import CHANCE, Founded

from bench.circle import prepare
from bench.figures import Figure, Report, middle, percentile
from tocsin.cases.search import Query
from tocsin.core.keys import SigningKey, encode_base64
from tocsin.core.records import Record, Ref, encode_record
from tocsin.core.strict_json import encode
from tocsin.core.tlog.checkpoint import Checkpoint, sign_checkpoint
from tocsin.core.tlog.chunk import Chunk
from tocsin.core.tlog.entry import EntryHasher
from tocsin.log.marker import Marker
from tocsin.log.sqlite import SqliteStore
from tocsin.node.casework.casework import Casework
from tocsin.node.config import Config, parse_config
from tocsin.node.folder import Folder
from tocsin.node.node import Node

_CASES = 10_000
_OF_EACH = 100
_CHUNK = 1_000
_ONE_MORE = 300
_RUNS = 3
_WORDS = (
    *("smoke", "harbour", "pilot", "model", "answer", "wrong", "image", "video", "voice", "call", "bank"),
    *("grid", "water", "signal", "driver", "train", "school", "hospital", "order", "price", "market"),
    *("warning", "siren", "report", "press", "station", "clip", "channel", "number", "letter", "account"),
)
_SUMMING_S = 60


def casework(report: Report, folder: Path, scale: float) -> None:
    """A million records in ten thousand cases."""
    cases = max(20, int(_CASES * scale))
    founded = prepare(folder, 4)
    _fill(founded, cases)
    config = folder / "node.toml"
    config.write_text(founded.places[0].toml)
    runs = [_child(config, founded.id, run=run) for run in range(_RUNS)]
    what = f"{cases * _OF_EACH:,} records in {cases:,} cases"
    first, most = runs[0], 50_000.0
    for name, text, reach in (("rebuild", "index made anew", most), ("words", "their words noted", None)):
        for clock, said in (("s", "beside others"), ("cpu_s", "by its own time on the processor")):
            value = first["entries"] / first[f"{name}_{clock}"]
            figure = Figure(
                f"casework.{name}.{clock}", f"{what}: {text}, {said}", value, "entries/s", reach, most=False
            )
            report.add(figure)
    report.add(
        Figure("casework.loop", "meanwhile, the loop does nothing else for, p99", first["loop_ms"], "ms", 5)
    )
    for name, text, unit, reach, some in (
        ("start_s", "start of the node", "s", 0.5, runs[1:]),
        ("snapshot_s", "from its start until the cases are listed and one is shown", "s", 2.0, runs[1:]),
        ("hot_ms", "one more record, until its case's view is up to date, p50", "ms", 2.0, runs),
        ("hot_cpu_ms", "the same, on the processor", "ms", 2.0, runs),
        ("cold_ms", "the view of a case that is not in memory, p50", "ms", None, runs),
        ("search_ms", "a search for two words, p50", "ms", None, runs),
        ("memory_mb", "memory", "MB", 600.0, runs),
    ):
        value, spread = middle([one[name] for one in some])
        stable = f"casework.{name.rpartition('_')[0]}"
        report.add(Figure(stable, f"{what}: {text}", value, unit, reach, spread=spread, samples=len(some)))
    shutil.rmtree(folder)


class Filling:
    """The database of the first place of a circle that is not running: its members' `logs`, to be filled."""

    def __init__(self, founded: Founded) -> None:
        self._folder = Folder.of(founded.places[0].config)
        keys = [Folder.of(place.config).keys(founded.id, 1).member.log for place in founded.places]
        self._store = SqliteStore(self._folder.database, CHANCE)
        self._store.start_wal_thread()
        self.logs = [_Log(self._store, key, founded.id, own=key is keys[0]) for key in keys]

    def close(self) -> None:
        """Have the node start with what was said."""
        for log in self.logs:
            log.flush()
        marker = Marker(self._folder.marker / "marker")
        marker.begin(self._store)
        marker.close()
        self._store.close()


def _fill(founded: Founded, cases: int) -> None:
    filling = Filling(founded)
    logs = filling.logs
    book, chance = Casebook(founded.id), random.Random(1)
    opened, asks = [], []
    for book.minutes in range(cases):
        opened.append(logs[0].say(book.report(" ".join(chance.choices(_WORDS, k=20)))))
        asks.append(logs[0].say(book.ask(opened[-1])))
    for number in range(_OF_EACH - 2):
        log = logs[number % len(logs)]
        for start, (case, ask) in enumerate(zip(opened, asks, strict=True)):
            book.minutes = start + 2 + number
            if number % 5:
                log.say(book.answer(case, ask, sources=(source(number),)))
            else:
                text = " ".join(chance.choices(_WORDS, k=10))
                log.say(book.report(text, case=case, sources=(source(number),)))
    filling.close()


class _Log:
    """One log that grows by chunks."""

    def __init__(self, store: SqliteStore, key: SigningKey, circle: str, *, own: bool) -> None:
        self._store = store
        self._key = key
        self._own = own
        self._name = key.verifying.name
        self._entry = EntryHasher(self._name).entry
        self._book = Casebook(circle)
        with store.transaction():
            store.create(self._name)
        self._size = store.edge(self._name).size
        self._waiting: list[tuple[bytes, bytes, bytes]] = []

    def say(self, record: Record) -> Ref:
        """Write a record; every tenth time a context before it."""
        if self._size % 10 == 9:
            circle = self._name.rpartition("/")[0].rpartition("/")[0]
            seen = {slug: (f"{circle}/{slug}/1", self._size) for slug in ("north", "south")}
            self._write(encode(self._book.context(**seen)))
        return Ref(entry=encode_base64(self._write(encode(record))), index=self._size - 1, log=self._name)

    def _write(self, body: bytes) -> bytes:
        salt = CHANCE.token(32)
        entry = self._entry(salt, body)
        self._waiting.append((entry, salt, body))
        self._size += 1
        if len(self._waiting) == _CHUNK:
            self.flush()
        return entry

    def flush(self) -> None:
        """Have the store hold what was said."""
        if not self._waiting:
            return
        store, name = self._store, self._name
        edge = store.edge(name)
        chunk = Chunk.make(edge.size, self._waiting)
        extension = edge.extend(chunk.entries)
        with store.transaction(synced=False):
            store.extend(name, edge.size, extension, chunk)
            root = extension.edge.frontier.root()
            store.put_checkpoint(name, sign_checkpoint(Checkpoint(name, chunk.end, root), self._key))
            if not self._own:
                store.drop_checkpoints_below(name, chunk.end)
        self._waiting.clear()


def _child(config: Path, circle: str, *, run: int) -> dict[str, float]:
    words = [sys.executable, "-m", "bench.casework", str(config), circle, str(run)]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


@contextlib.contextmanager
def _late() -> Iterator[list[float]]:
    """How late the loop is, in ms, as long as this is open."""
    late_ms: list[float] = []

    async def probe() -> None:
        while True:
            start_s = time.perf_counter()
            await asyncio.sleep(0.001)
            late_ms.append(1000 * (time.perf_counter() - start_s) - 1)

    task = asyncio.get_running_loop().create_task(probe())
    try:
        yield late_ms
    finally:
        task.cancel()


async def _measure(config: Config, circle: str, run: int) -> dict[str, float]:
    node = Node(config)
    begun_s = time.perf_counter()
    await node.start()
    found = {"start_s": time.perf_counter() - begun_s}
    work = node.desk.casework[circle]
    if not run:
        found |= await _rebuilt(work)
    page = await work.summaries()
    await work.view(page.cases[-1].ref)
    found["snapshot_s"] = time.perf_counter() - begun_s
    found |= await _one_more(node, work, circle)
    found["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    await node.stop()
    return found


async def _rebuilt(work: Casework) -> dict[str, float]:
    """Wait until all is noted, then the words, then, for a while, until all cases are summed up."""
    indexing, found = work.indexing, {}
    found["entries"] = float(indexing.behind(work))
    with _late() as late_ms:
        for name, over in (
            ("rebuild", lambda: not indexing.behind(work)),
            ("words", lambda: indexing.worded(work)),
        ):
            start_s, start_cpu_s = time.perf_counter(), time.process_time()
            await _until(over)
            found[f"{name}_s"] = time.perf_counter() - start_s
            found[f"{name}_cpu_s"] = time.process_time() - start_cpu_s
        found["loop_ms"] = percentile(late_ms, 0.99)
    with contextlib.suppress(TimeoutError), indexing.asked() as index:
        async with asyncio.timeout(_SUMMING_S):
            await _until(lambda: not index.unsummed(work.id, 1))
    return found


async def _until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - what it waits for tells nobody
        await asyncio.sleep(0.01)


async def _one_more(node: Node, work: Casework, circle: str) -> dict[str, float]:
    line, book = node.lines[circle], Casebook(circle)
    chance = random.Random(2)
    with work.indexing.asked() as index:
        subjects = index.subjects(circle, None, 100_000)
    cases = [
        (case, (one.newest_ms - AT_MS) // 60_000)
        for one in chance.sample(subjects, min(50, len(subjects)))
        if (case := work.ref_of(one.key))
    ]
    cold_ms, hot_ms, hot_cpu_ms, search_ms = [], [], [], []
    for case, _ in cases:
        start_s = time.perf_counter()
        await work.view(case)
        cold_ms.append(1000 * (time.perf_counter() - start_s))
    for _ in range(_ONE_MORE):
        case, newest = chance.choice(cases)
        book.minutes = newest + 1
        await line.write([encode_record(book.report("One more.", case=case))])
        start_s, start_cpu_s = time.perf_counter(), time.process_time()
        await work.view(case)
        hot_ms.append(1000 * (time.perf_counter() - start_s))
        hot_cpu_ms.append(1000 * (time.process_time() - start_cpu_s))
    for _ in range(20):
        start_s = time.perf_counter()
        await work.search(Query(words=" ".join(chance.sample(_WORDS, 2))))
        search_ms.append(1000 * (time.perf_counter() - start_s))
    return {
        "cold_ms": percentile(cold_ms, 0.5),
        "hot_ms": percentile(hot_ms, 0.5),
        "hot_cpu_ms": percentile(hot_cpu_ms, 0.5),
        "search_ms": percentile(search_ms, 0.5),
    }


if __name__ == "__main__":
    _path = Path(sys.argv[1])
    _config = parse_config(_path.read_text(), _path.parent)
    print(json.dumps(uvloop.run(_measure(_config, sys.argv[2], int(sys.argv[3])))))
