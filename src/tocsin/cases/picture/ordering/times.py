"""When records were written, as far as what they saw and who saw them can tell.

A time is far off if it is over a day
- after what two other members give for records written when they had seen it; or
- before what two other members give for records that its author had seen; or one, if it had seen no other's.
  What is far off by the first rule says nothing here.

So is a moment that a record tells of, if it is over a day after the time that the record itself gives.

One member that makes up times is so found out, and makes nobody else look so, once there are two others.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate
from operator import gt

from tocsin.cases.picture.ordering.lines import Line
from tocsin.cases.picture.places import sources_of
from tocsin.core.records import CaseRecord, Correction, Ref, Report
from tocsin.core.views import Said

_DAY_MS = 86_400_000


def causal_times(lines: Sequence[Line], far_off: Collection[Ref]) -> list[list[int]]:
    """For each record of each line its time in ms: a millisecond, at least, after all that it has to follow.

    What is far off gives none of its own. Contexts that see each other's future, which honest nodes cannot
    write, are taken as far as they can be.
    """
    times: list[list[int]] = [[] for _ in lines]
    done = [0] * len(lines)
    for number, line in enumerate(lines):
        waiting = [(number, len(line.said))]
        while waiting:
            here, until = waiting[-1]
            if done[here] >= until:
                waiting.pop()
            elif wanted := _wanted(lines[here].held[done[here]], done, waiting):
                waiting.append(wanted)
            else:
                times[here].append(causal_time(lines[here], times, here, far_off))
                done[here] += 1
    return times


def causal_time(line: Line, times: Sequence[Sequence[int]], here: int, far_off: Collection[Ref]) -> int:
    """That of the next record of a line, when the times of all that it has to follow are there."""
    nth = len(times[here])
    after = times[here][-1] + 1 if nth else 0
    held = line.held[nth]
    if not nth or held is not line.held[nth - 1]:
        for known, count in zip(times, held, strict=True):
            if count and known and (at_ms := known[min(count, len(known)) - 1]) >= after:
                after = at_ms + 1
    said = line.said[nth]
    return after if said.record.at_ms <= after or said.ref in far_off else said.record.at_ms


def _wanted(
    held: Sequence[int], done: Sequence[int], waiting: Collection[tuple[int, int]]
) -> tuple[int, int] | None:
    """A line that has to go on first, and up to where; those that wait cannot."""
    if not any(map(gt, held, done)):
        return None
    for other, count in enumerate(held):
        if count > done[other] and all(other != one for one, _ in waiting):
            return other, count
    return None


def is_far(causal_ms: int, said: Said[CaseRecord]) -> bool:
    """Whether its causal time is so much later than its own that one is far off, its own or another's."""
    return causal_ms > said.record.at_ms + _DAY_MS


def is_ahead(record: CaseRecord) -> bool:
    """Whether it tells of a moment over a day after it was written, by its own time."""
    told = [source.obtained_at_ms for source in sources_of(record)]
    if isinstance(record, Report):
        told.append(record.occurred_at_ms)
    if isinstance(record, Report | Correction):
        told += [moment.at_ms for moment in record.moments or ()]
    return any(at_ms is not None and at_ms > record.at_ms + _DAY_MS for at_ms in told)


def far_off(lines: Sequence[Line], times: Sequence[Sequence[int]]) -> frozenset[Ref]:
    """The records whose time is far off, given the causal times of all."""
    if not any(
        is_far(at_ms, said)
        for line, line_times in zip(lines, times, strict=True)
        for said, at_ms in zip(line.said, line_times, strict=True)
    ):
        return frozenset()
    too_late = frozenset(_too_late(lines))
    return too_late.union(_too_early(lines, too_late))


def _too_late(lines: Sequence[Line]) -> Iterator[Ref]:
    earliest = [
        list(accumulate((said.record.at_ms for said in reversed(line.said)), min))[::-1] for line in lines
    ]
    for number, line in enumerate(lines):
        first = [0] * len(lines)
        for place, said in enumerate(line.said):
            seen_ms: dict[str, int] = {}
            for other, there in enumerate(lines):
                while first[other] < len(there.said) and there.held[first[other]][number] <= place:
                    first[other] += 1
                if there.member != line.member and first[other] < len(there.said):
                    at_ms = earliest[other][first[other]]
                    seen_ms[there.member] = min(at_ms, seen_ms.get(there.member, at_ms))
            if len(seen_ms) > 1 and sorted(seen_ms.values())[1] + _DAY_MS < said.record.at_ms:
                yield said.ref


def _too_early(lines: Sequence[Line], too_late: Collection[Ref]) -> Iterator[Ref]:
    latest = [
        list(accumulate((0 if said.ref in too_late else said.record.at_ms for said in line.said), max))
        for line in lines
    ]
    for line in lines:
        for said, held in zip(line.said, line.held, strict=True):
            seen_ms: dict[str, int] = {}
            for other, (there, count) in enumerate(zip(lines, held, strict=True)):
                if there.member != line.member and count:
                    at_ms = latest[other][count - 1]
                    seen_ms[there.member] = max(at_ms, seen_ms.get(there.member, at_ms))
            if seen_ms and sorted(seen_ms.values())[-2:][0] > said.record.at_ms + _DAY_MS:
                yield said.ref
