"""One log's records of a case, and what is known of it: whoever confirmed how much of it, and when it came.

What two of these say of each other is `Between`. Neither changes: whoever has worked something out from a log
may keep it for as long as that log is the same, and everything here is worked out once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, repeat
from typing import Literal, TypeVar

from tocsin.cases.delivery.view import Bound
from tocsin.cases.picture.view import COUNTING, TimelineEntry
from tocsin.core.records import Ask, Report
from tocsin.core.views import Cosigned

T = TypeVar("T")

NEVER = 2**63
"""Later than every time of a record."""
BEFORE_ALL = -1
"""Earlier than every time of a record."""


@dataclass(frozen=True, eq=False)
class Log:
    """The records of a case in one log, in its order: at least one.

    `seen` is what of other logs each one's author held, `arrived` when each came here, if that is known, and
    `confirmed` what each member confirmed. `me` is the member whose node this is.
    """

    name: str
    me: str
    entries: tuple[TimelineEntry, ...]
    seen: tuple[Mapping[str, int], ...]
    arrived: tuple[int | None, ...]
    confirmed: Mapping[str, tuple[Cosigned, ...]]

    def says_the_same(self, other: "Log") -> bool:
        """Whether it is the same log and all that is said of its records is the same."""
        return self.said == other.said

    @cached_property
    def said(self) -> tuple[object, ...]:
        """All that anything here rests on."""
        entries = [
            (one.ref, one.record, one.standing, one.officer, one.since_closing) for one in self.entries
        ]
        return (self.me, entries, self.seen, self.arrived, self.confirmed)

    @property
    def member(self) -> str:
        """Who writes it."""
        return self.entries[0].member

    @cached_property
    def indices(self) -> list[int]:
        """Where its records stand in it."""
        return [entry.ref.index for entry in self.entries]

    @cached_property
    def owing(self) -> list[int]:
        """The places of those for which anything may be owed."""
        return [place for place, entry in enumerate(self.entries) if is_owing(entry)]

    @cached_property
    def times_ms(self) -> list[int]:
        """When its records were written, by themselves; at the end, for the one that there is not, NEVER."""
        return [*(entry.record.at_ms for entry in self.entries), NEVER]

    @cached_property
    def own(self) -> list[Bound]:
        """That each of its records was written when it says."""
        return [_by_itself(entry, "own-time") for entry in self.entries]

    @cached_property
    def context(self) -> list[Bound]:
        """That something was held when each of its records was written, or not yet."""
        return [_by_itself(entry, "context") for entry in self.entries]

    @cached_property
    def latest(self) -> list[Bound]:
        """Of each record, which up to it has the latest time."""
        return list(accumulate(self.context, _later))

    @cached_property
    def latest_ms(self) -> list[int]:
        """Of so many records, the latest time: of none BEFORE_ALL."""
        return [BEFORE_ALL, *(bound.at_ms for bound in self.latest)]

    @cached_property
    def confirmations(self) -> Mapping[str, "Confirmations"]:
        """By each member that confirmed anything of it."""
        return {member: Confirmations(kept) for member, kept in self.confirmed.items() if kept}

    @cached_property
    def by_others(self) -> list[Bound | None]:
        """When each of its records was there at the latest, on the earliest word of all but its author."""
        others = [member for member in self.confirmations if member != self.member]
        words = sorted(
            (one.size, one.time_s, number)
            for number, member in enumerate(others)
            for one in self.confirmed[member]
        )
        sizes = [size for size, _, _ in words]
        earliest = list(accumulate(((time_s, number) for _, time_s, number in reversed(words)), min))[::-1]
        bounds: list[Bound | None] = []
        for index, arrived_ms in zip(self.indices, self.arrived, strict=True):
            place = bisect_right(sizes, index)
            bound = None
            if place < len(sizes):
                time_s, number = earliest[place]
                bound = Bound(at_ms=time_s * 1000, witness=others[number], by="cosignature")
            if arrived_ms is not None and self.me != self.member and (not bound or arrived_ms < bound.at_ms):
                bound = Bound(at_ms=arrived_ms, witness=self.me, by="arrival")
            bounds.append(bound)
        return bounds

    @cached_property
    def vouched(self) -> list[Bound | None]:
        """The same, of what its author held when it wrote them."""
        return [
            bound and Bound(at_ms=bound.at_ms, witness=bound.witness, by=bound.by, ref=entry.ref)
            for entry, bound in zip(self.entries, self.by_others, strict=True)
        ]


@dataclass(frozen=True, eq=False)
class Between:
    """What the records of the log `by` say of the records of the log `about`, and these of them."""

    about: Log
    by: Log

    @cached_property
    def shown(self) -> list[int]:
        """Of each record in `about`, which in `by` shows first that it was held; behind the last if none."""
        held = list(accumulate((seen.get(self.about.name, 0) for seen in self.by.seen), max))
        return list(map(bisect_right, repeat(held), self.about.indices))

    @cached_property
    def shown_ms(self) -> list[int]:
        """When that one was written, by itself, or NEVER."""
        times_ms = self.by.times_ms
        return [times_ms[place] for place in self.shown]

    @cached_property
    def held(self) -> list[int]:
        """Of each record in `about`, how many in `by` its author held."""
        sizes = [seen.get(self.by.name, 0) for seen in self.about.seen]
        return list(map(bisect_left, repeat(self.by.indices), sizes))

    @cached_property
    def held_ms(self) -> list[int]:
        """When the latest of these was written, by itself, or BEFORE_ALL."""
        latest_ms = self.by.latest_ms
        return [latest_ms[count] for count in self.held]


class Confirmations:
    """One member's cosignatures on one log, which may be in any order and contradict each other."""

    def __init__(self, kept: Iterable[Cosigned]) -> None:
        ascending = sorted(kept)
        times = [time_s for _, time_s in ascending]
        self._sizes = [size for size, _ in ascending]
        self._earliest = list(accumulate(reversed(times), min))[::-1]
        self._latest = list(accumulate(times, max))

    def places(self, indices: Sequence[int]) -> list[int]:
        """Of each of these entries, how many of the confirmations were without it."""
        return list(map(bisect_right, repeat(self._sizes), indices))

    def earliest_s(self, place: int) -> int | None:
        """The first time at which it held an entry of that place."""
        return self._earliest[place] if place < len(self._sizes) else None

    def latest_without_s(self, place: int) -> int | None:
        """The last time at which it said that it held less."""
        return self._latest[place - 1] if place else None


NO_CONFIRMATIONS = Confirmations(())


def across(columns: Sequence[Sequence[T]], length: int) -> Iterator[tuple[T, ...]]:
    """What stands at each place of these columns, which have that length."""
    return zip(*columns, strict=True) if columns else repeat((), length)


def is_owing(entry: TimelineEntry) -> bool:
    """Whether anybody may owe anything for a record."""
    return entry.standing in COUNTING and (entry.since_closing or isinstance(entry.record, Report | Ask))


def _by_itself(entry: TimelineEntry, by: Literal["own-time", "context"]) -> Bound:
    return Bound(at_ms=entry.record.at_ms, witness=entry.member, by=by, ref=entry.ref)


def _later(one: Bound, other: Bound) -> Bound:
    return other if other.at_ms > one.at_ms else one
