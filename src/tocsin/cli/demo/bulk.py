"""`--records FILE`: every line of a file is carried as a note, written by the five in turn.

What is counted and timed is what the nodes did. In the end every node is asked for every line.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from tocsin.circles.events import Confirmed
from tocsin.circles.founding.circle import Circle
from tocsin.cli.demo.day.founding import found
from tocsin.cli.demo.screen import Facts, Screen, milliseconds
from tocsin.cli.demo.script.cast import FIVE, Said
from tocsin.cli.demo.stage import Desk, Stage
from tocsin.cli.demo.watch import BOUND_S, DidNotHappen
from tocsin.cli.terminal import good, strong
from tocsin.core.errors import Refusal
from tocsin.core.records import NoteRecord, encode_record, parse_record

_BATCH = 50
_SLOWEST_LINES_PER_S = 100
_READ_BYTES = 4 * 2**20
_ANY_CIRCLE = "0" * 64


class LineNotCarried(Refusal):
    """A line of the file cannot be a note."""

    code = "line-not-carried"


class Carried(Facts, frozen=True, kw_only=True, tag="records"):
    """A file's lines were carried: every node holds every one of them.

    `by_all_ms`: from before a line was written until the four others had confirmed it; by share of the lines.
    """

    lines: int
    size_bytes: int
    written_by: dict[str, int]
    took_ms: float
    lines_per_s: int
    by_all_ms: dict[str, float]
    entries_at_each: int
    nodes_with_every_line: int


@dataclass(frozen=True, slots=True)
class _Batch:
    """Lines that were written together: how many, when, and how many entries their log had after them."""

    desk: Desk
    lines: int
    began_s: float
    size: int


def read_lines(file: IO[bytes]) -> list[str]:
    """The lines of a file. Raises LineNotCarried for one that no note can hold."""
    lines: list[str] = []
    for number, data in enumerate(file, start=1):
        try:
            lines.append(data.removesuffix(b"\n").decode())
            encode_record(Said(FIVE[0], lines[-1]).record(_ANY_CIRCLE, 0))
        except (UnicodeDecodeError, Refusal) as error:
            raise LineNotCarried(f"Line {number} cannot be carried as a note. {error}") from error
    if not lines:
        raise LineNotCarried("Expected a file with lines, found none.")
    return lines


async def show_records(stage: Stage, screen: Screen, lines: Sequence[str]) -> None:
    """The one scene: five desks carry the lines to each other."""
    screen.headline("Five desks carry a file")
    circle = await found(stage, "A file, line by line")
    shares = {desk: lines[place :: len(FIVE)] for place, desk in enumerate(stage.desks.values())}
    size_bytes = sum(len(line.encode()) for line in lines)
    screen.say(
        f"{len(lines):,} lines, {size_bytes:,} bytes. Each line is a note. The five write them in turn, all "
        "at the same time, and each note goes to the four others."
    )
    began_s = stage.clock.monotonic_s()
    written = await asyncio.gather(*(_write(stage, circle, desk, share) for desk, share in shares.items()))
    await stage.settle(circle, within_s=BOUND_S + len(lines) / _SLOWEST_LINES_PER_S)
    batches = [batch for some in written for batch in some]
    # A node has a confirmation a moment before it says so.
    await stage.watch.until("every confirmation to be told", lambda: _is_told(stage, circle, batches))
    took_s = stage.clock.monotonic_s() - began_s
    times = sorted(_by_all(stage, circle, batches))
    facts = Carried(
        lines=len(lines),
        size_bytes=size_bytes,
        written_by={desk.organisation.slug: len(share) for desk, share in shares.items()},
        took_ms=milliseconds(took_s),
        lines_per_s=round(len(lines) / took_s),
        by_all_ms={
            "half": milliseconds(times[len(times) // 2]),
            "99 %": milliseconds(times[len(times) * 99 // 100]),
            "all": milliseconds(times[-1]),
        },
        entries_at_each=await stage.same(circle),
        nodes_with_every_line=_check_texts(stage, circle, lines),
    )
    _show(screen, facts)
    screen.facts(facts)


def _show(screen: Screen, facts: Carried) -> None:
    desks = ", ".join(f"{slug} {count:,}" for slug, count in facts.written_by.items())
    half, most, every = facts.by_all_ms.values()
    screen.line()
    screen.table(
        [
            ("written by", desks),
            ("carried", f"{facts.lines:,} lines in {facts.took_ms / 1000:.2f} s, each to four others"),
            ("", strong(f"{facts.lines_per_s:,} lines a second")),
            (good("confirmed by all"), f"half in {half} ms, 99 % in {most} ms, every line in {every} ms"),
            ("compared", f"log by log: all five nodes hold the same {facts.entries_at_each:,} entries"),
            ("looked up", f"line by line: {facts.nodes_with_every_line} of 5 nodes have every line, once"),
        ]
    )


async def _write(stage: Stage, circle: Circle, desk: Desk, share: Sequence[str]) -> list[_Batch]:
    """Write the desk's lines, some at a time, each as soon as the ones before are durable."""
    batches: list[_Batch] = []
    for start in range(0, len(share), _BATCH):
        texts = share[start : start + _BATCH]
        began_s, at_ms = stage.clock.monotonic_s(), stage.clock.wall_ms()
        records = [encode_record(Said(desk.organisation, text).record(circle.id, at_ms)) for text in texts]
        written = await desk.node.lines[circle.id].write(records)
        batches.append(_Batch(desk, len(texts), began_s, written.size))
    return batches


def _by_all(stage: Stage, circle: Circle, batches: Sequence[_Batch]) -> Iterator[float]:
    """For each line, the seconds from before it was written until the four others had confirmed it."""
    confirmed = _confirmed(stage, circle)
    for batch in batches:
        slug = batch.desk.organisation.slug
        last_s = max(
            next(at_s for size, at_s in sizes if size >= batch.size)
            for (desk, _), sizes in confirmed.items()
            if desk == slug
        )
        yield from [last_s - batch.began_s] * batch.lines


def _is_told(stage: Stage, circle: Circle, batches: Sequence[_Batch]) -> bool:
    confirmed = _confirmed(stage, circle)
    return all(
        any(size >= batch.size for size, _ in confirmed.get((batch.desk.organisation.slug, other), ()))
        for batch in batches
        for other in stage.desks.keys() - {batch.desk.organisation.slug}
    )


def _confirmed(stage: Stage, circle: Circle) -> dict[tuple[str, str], list[tuple[int, float]]]:
    """By desk and whoever confirmed: sizes of its log, and when it said so."""
    confirmed: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for seen in stage.watch.seen:
        if seen.circle == circle.id and isinstance(seen.event, Confirmed):
            confirmed.setdefault((seen.desk, seen.event.member), []).append((seen.event.size, seen.at_s))
    return confirmed


def _check_texts(stage: Stage, circle: Circle, lines: Sequence[str]) -> int:
    """How many nodes have every line, and once: all. Raises DidNotHappen otherwise."""
    expected = Counter(lines)
    for desk in stage.desks.values():
        found = Counter(text for member in circle.members for text in _texts(desk, str(member.log)))
        if found != expected:
            name = desk.organisation.name
            raise DidNotHappen(f"Expected {len(lines)} lines at {name}, found {found.total()}, or others.")
    return len(stage.desks)


def _texts(desk: Desk, log: str) -> Iterator[str]:
    """The notes that a node holds of one log."""
    store, first = desk.node.store, 0
    head = store.head(log)
    while head and first < head.size:
        chunk = store.chunk(log, first, head.size - first, _READ_BYTES)
        for _, _, _, body in chunk.items():
            record = parse_record(body).record if body else None
            if isinstance(record, NoteRecord):
                yield record.text
        first = chunk.end
