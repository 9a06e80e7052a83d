"""Asking: from an ask that is written to the machine answers of four nodes in the asker's view.

Each of the four has observations of its own, and lets a machine answer; all five are processes on one
machine. Asks are titles of which every third word was changed.
"""

import asyncio
import itertools
import random
import time
from pathlib import Path

from tests.node.casebook import Casebook

from bench.circle import Process, prepare
from bench.figures import Figure, Report, middle, percentile
from bench.matching import OBSERVATIONS, observations_of, retold
from tocsin.core.records import encode_record
from tocsin.node.node import Node

ASKS = 300
_AT_ONCE = 1_000
_REACH_MS = {0.5: 60.0, 0.99: 200.0}
_GRANT = """
[observing]
meaning = false
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
    founded = prepare(folder, 5)
    for place in founded.places:
        place.more = _GRANT.format(circle=founded.id)
        (place.folder / "tocsin.toml").write_text(place.toml)
    processes = [Process(place.folder) for place in founded.places]
    count = int(OBSERVATIONS * scale)
    try:
        asker, *answerers = processes
        for seed, process in enumerate(answerers):
            process.order("observe", count=count, seed=seed)
        for process in answerers:
            process.answer()
        asker.do("ask", count=max(3, int(ASKS * scale) // 10), seed=99)
        times_ms = asker.do("ask", count=max(10, int(ASKS * scale)), seed=0)
    finally:
        for process in processes:
            process.end()
    tenth = len(times_ms) // 10 or 1
    parts = [times_ms[start : start + tenth] for start in range(0, len(times_ms), tenth)]
    for share, unit in ((0.5, "p50"), (0.99, "p99")):
        _, spread = middle([percentile(part, share) for part in parts])
        report.add(
            Figure(
                f"asking.answers.{unit}",
                f"an ask, machine answers of four nodes with {count:,} observations each, {unit}",
                percentile(times_ms, share),
                "ms",
                _REACH_MS[share],
                spread=spread,
                samples=len(times_ms),
            )
        )


async def observe(node: Node, count: int, seed: int) -> int:
    """Have this node observe so much; the same for one seed."""
    made = itertools.islice(observations_of(random.Random(seed)), count)
    while some := list(itertools.islice(made, _AT_ONCE)):
        await node.desk.observing.add(some)
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
