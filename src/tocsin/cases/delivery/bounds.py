"""What records and cosignatures tell about when a record was written, and when a member had it.

- A holder's cosignature says how much of a log it had at a time, by its own clock. It never cosigns less than
  before: what it had at its larger size it had by then, and what is beyond its smaller size it had not yet.
- A record tells what its author's node held when it was written (`Knowledge`). When that was, it says itself;
  that it was not later, whoever cosigned its log beyond it, and this node's clock when it came.
- A cosignature on less of a log tells that its holder had no more then, not that there was no more.

Of several bounds the tightest is taken, except where it contradicts what is known from the other side.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import accumulate
from typing import Literal

from tocsin.cases.delivery.view import Bound
from tocsin.cases.picture.view import CaseView, TimelineEntry
from tocsin.core.records import Ref
from tocsin.core.views import Cosigned, Holdings, Knowledge


class Bounds:
    """The bounds of one case's records."""

    def __init__(self, view: CaseView, holdings: Holdings, knowledge: Knowledge) -> None:
        self.me = holdings.me
        self._arrived = holdings.arrived
        self._knowledge = knowledge
        self._confirmed = {
            log: {member: _Confirmations(kept) for member, kept in by_member.items() if kept}
            for log, by_member in holdings.cosigned.items()
        }
        self._written: defaultdict[str, list[TimelineEntry]] = defaultdict(list)
        for entry in sorted(view.timeline, key=lambda entry: entry.ref.index):
            self._written[entry.ref.log].append(entry)
        self._logs: defaultdict[str, list[str]] = defaultdict(list)
        for log, entries in self._written.items():
            self._logs[entries[0].member].append(log)
        self._by_others: dict[Ref, Bound | None] = {}

    def written(self, entry: TimelineEntry) -> tuple[Bound, Bound | None]:
        """Not before, not later: the latest that its author had seen, and the earliest word of another."""
        log, index = entry.ref.log, entry.ref.index
        seen = self._knowledge.saw(log, index)
        before = [
            newest
            for other, entries in self._of_others(entry.member)
            if (newest := _newest(entries, seen.get(other, 0), self._latest[other]))
        ]
        shown = (self._shown(other, entry) for other, _ in self._of_others(entry.member))
        by_others = self._earliest_by_others(entry)
        later = min(
            [
                *([by_others] if by_others else []),
                *(_by_itself(other[1], "context") for other in shown if other[1]),
            ],
            key=_when,
            default=None,
        )
        return _tightest([_by_itself(entry), *before], later), later

    def confirmed(self, entry: TimelineEntry, member: str) -> Bound | None:
        """Not later: that `member` had it, on its own word."""
        if member == self.me and (at_ms := self._arrived.get(entry.ref)) is not None:
            return Bound(at_ms=at_ms, witness=member, by="arrival")
        confirmations = self._confirmed.get(entry.ref.log, {}).get(member)
        if confirmations and (time_s := confirmations.earliest(entry.ref.index)):
            return Bound(at_ms=time_s * 1000, witness=member, by="cosignature")
        told = [first for _, first in self._holding(entry, member) if first]
        return min((_by_itself(first, "context") for first in told), key=_when, default=None)

    def confirmed_by_others(self, entry: TimelineEntry, member: str) -> Bound | None:
        """Not later: that `member` had it, on the word of others, who had what it wrote after that."""
        told = (first for _, first in self._holding(entry, member) if first)
        bounds = (
            Bound(at_ms=bound.at_ms, witness=bound.witness, by=bound.by, ref=first.ref)
            for first in told
            if (bound := self._earliest_by_others(first))
        )
        return min(bounds, key=_when, default=None)

    def not_before(self, entry: TimelineEntry, member: str, later: Bound | None) -> Bound:
        """That `member` had it: its author's own time, or when the member itself still said that it had less.

        `later` is what is known from the other side.
        """
        bounds = [_by_itself(entry)]
        confirmations = self._confirmed.get(entry.ref.log, {}).get(member)
        if confirmations and (time_s := confirmations.latest_without(entry.ref.index)):
            bounds.append(Bound(at_ms=time_s * 1000, witness=member, by="cosignature"))
        told = (last for last, _ in self._holding(entry, member) if last)
        return _tightest([*bounds, *(_by_itself(last, "context") for last in told)], later)

    def holders(self, log: str) -> Iterable[str]:
        """Whoever cosigned anything of a log."""
        return self._confirmed.get(log, {}).keys()

    def _of_others(self, member: str) -> Iterator[tuple[str, list[TimelineEntry]]]:
        return ((log, entries) for log, entries in self._written.items() if entries[0].member != member)

    def _earliest_by_others(self, entry: TimelineEntry) -> Bound | None:
        """Not later than the first of all but its author says, was the record written."""
        if entry.ref not in self._by_others:
            self._by_others[entry.ref] = min(self._by_cosigners(entry), key=_when, default=None)
        return self._by_others[entry.ref]

    def _by_cosigners(self, entry: TimelineEntry) -> Iterator[Bound]:
        for member, confirmations in self._confirmed.get(entry.ref.log, {}).items():
            if member != entry.member and (time_s := confirmations.earliest(entry.ref.index)):
                yield Bound(at_ms=time_s * 1000, witness=member, by="cosignature")
        at_ms = self._arrived.get(entry.ref)
        if at_ms is not None and self.me != entry.member:
            yield Bound(at_ms=at_ms, witness=self.me, by="arrival")

    def _holding(
        self, entry: TimelineEntry, member: str
    ) -> Iterator[tuple[TimelineEntry | None, TimelineEntry | None]]:
        """In each of the member's logs: its last record that does not show the record held, and the next."""
        for log in self._logs.get(member, ()):
            yield self._shown(log, entry)

    def _shown(self, log: str, entry: TimelineEntry) -> tuple[TimelineEntry | None, TimelineEntry | None]:
        entries = self._written[log]
        place = bisect_right(self._held[log, entry.ref.log], entry.ref.index)
        return entries[place - 1] if place else None, entries[place] if place < len(entries) else None

    @cached_property
    def _held(self) -> Mapping[tuple[str, str], list[int]]:
        """Of each of a log's records in this case: how much of another log was held when it was written."""
        sizes: dict[tuple[str, str], list[int]] = {}
        for log, entries in self._written.items():
            seen = [self._knowledge.saw(log, entry.ref.index) for entry in entries]
            for other in self._written.keys() - {log}:
                sizes[log, other] = list(accumulate((held.get(other, 0) for held in seen), max))
        return sizes

    @cached_property
    def _latest(self) -> Mapping[str, list[TimelineEntry]]:
        """Of each record of a log, which up to it has the latest time."""
        return {log: list(accumulate(entries, _later)) for log, entries in self._written.items()}


class _Confirmations:
    """One member's cosignatures on one log, which may be in any order and contradict each other."""

    def __init__(self, kept: Iterable[Cosigned]) -> None:
        ascending = sorted(kept)
        times = [time_s for _, time_s in ascending]
        self._sizes = [size for size, _ in ascending]
        self._earliest = list(accumulate(reversed(times), min))[::-1]
        self._latest = list(accumulate(times, max))

    def earliest(self, index: int) -> int | None:
        """The first time at which it held that entry."""
        place = bisect_right(self._sizes, index)
        return self._earliest[place] if place < len(self._sizes) else None

    def latest_without(self, index: int) -> int | None:
        """The last time at which it said that it held less."""
        place = bisect_right(self._sizes, index)
        return self._latest[place - 1] if place else None


def _newest(entries: list[TimelineEntry], size: int, latest: list[TimelineEntry]) -> Bound | None:
    """The latest of a log's first `size` entries, by its author's own time."""
    place = bisect_right(entries, size - 1, key=_index)
    return _by_itself(latest[place - 1], "context") if place else None


def _by_itself(entry: TimelineEntry, by: Literal["own-time", "context"] = "own-time") -> Bound:
    return Bound(at_ms=entry.record.at_ms, witness=entry.member, by=by, ref=entry.ref)


def _tightest(bounds: list[Bound], later: Bound | None) -> Bound:
    """The latest of these that fits what is known from the other side; where none does, the first."""
    fitting = [bound for bound in bounds if later is None or bound.at_ms <= later.at_ms]
    return max(fitting, key=_when, default=bounds[0])


def _when(bound: Bound) -> int:
    return bound.at_ms


def _index(entry: TimelineEntry) -> int:
    return entry.ref.index


def _later(one: TimelineEntry, other: TimelineEntry) -> TimelineEntry:
    return other if other.record.at_ms > one.record.at_ms else one
