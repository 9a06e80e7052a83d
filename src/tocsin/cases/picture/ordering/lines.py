"""A case's records by log, and how much of the other logs their authors' nodes held."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tocsin.cases.picture.places import member_and_epoch
from tocsin.core.records import CaseRecord
from tocsin.core.views import Knowledge, Said


@dataclass(slots=True)
class Line:
    """The records of one log, in its order, and their indices.

    `saw` is what each one's author held of all logs; `held`, of how many records of each line: of its
    member's earlier epochs all there are, and of its own none here, since that goes without saying. It is one
    object for as long as it stays the same. `named` is the most that any record of another line saw of this
    one.
    """

    log: str
    member: str
    epoch: int
    said: list[Said[CaseRecord]]
    indices: list[int]
    saw: list[Mapping[str, int]] = field(default_factory=list)
    held: list[Sequence[int]] = field(default_factory=list)
    named: int = 0


def lines(said: Iterable[Said[CaseRecord]], knowledge: Knowledge) -> list[Line]:
    """The lines of these records, by member and epoch."""
    by_log: dict[str, list[Said[CaseRecord]]] = {}
    for one in said:
        by_log.setdefault(one.ref.log, []).append(one)
    found = []
    for log in sorted(by_log, key=member_and_epoch):
        records = sorted(by_log[log], key=lambda one: (one.ref.index, one.ref.entry))
        epoch, indices = member_and_epoch(log)[1], [one.ref.index for one in records]
        found.append(Line(log, records[0].member, epoch, records, indices))
    for line in found:
        for index in line.indices:
            hold(line, found, knowledge.saw(line.log, index))
    return found


def hold(line: Line, others: Sequence[Line], saw: Mapping[str, int]) -> None:
    """What the author of the line's next record held."""
    if line.saw and saw is line.saw[-1]:
        held = line.held[-1]
    else:
        held = [_count(line, other, saw) for other in others]
        held = line.held[-1] if line.held and line.held[-1] == held else held
    line.saw.append(saw)
    line.held.append(held)


def _count(line: Line, other: Line, saw: Mapping[str, int]) -> int:
    if other.member == line.member:
        return len(other.said) if other.epoch < line.epoch else 0
    size = saw.get(other.log, 0)
    other.named = max(other.named, size)
    return bisect_left(other.indices, size)
