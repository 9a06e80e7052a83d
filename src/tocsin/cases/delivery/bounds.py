"""What records and cosignatures tell about when a record was written, and when a member had it.

- A holder's cosignature says how much of a log it had at a time, by its own clock. It never cosigns less than
  before: what it had at its larger size it had by then, and what is beyond its smaller size it had not yet.
- A record tells what its author's node held when it was written (`Knowledge`). When that was, it says itself;
  that it was not later, whoever cosigned its log beyond it, and this node's clock when it came.
- A cosignature on less of a log tells that its holder had no more then, not that there was no more.

Of several bounds the tightest is taken, except where it contradicts what is known from the other side.

All of a log is worked out at once, since neighbours mostly have the same bounds; and what rests on the same
logs as before is not worked out again.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby, repeat
from typing import TypeAlias, TypeVar

from tocsin.cases.delivery.logs import (
    BEFORE_ALL,
    NEVER,
    NO_CONFIRMATIONS,
    Between,
    Confirmations,
    Log,
    across,
)
from tocsin.cases.delivery.view import Bound, Reached
from tocsin.cases.picture.view import CaseView, TimelineEntry
from tocsin.core.views import Holdings, Knowledge

Written: TypeAlias = tuple[Bound, Bound | None]
"""Not before, not later: the latest that its author had seen, and the earliest word of another."""

_First = TypeVar("_First")


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """What is known of one member and each record of a log, and whether anything says that it holds it."""

    reached: list[Reached]
    held: list[bool]


@dataclass(frozen=True, slots=True)
class Worked:
    """What was worked out, by the logs that it rests on; of columns those of the member too, by member."""

    between: dict[tuple[Log, Log], Between] = field(default_factory=dict)
    columns: dict[tuple[Log, ...], dict[str, Column]] = field(default_factory=dict)

    def still(self, same: set[Log]) -> "Worked":
        """What rests on no other logs than these."""
        return Worked(
            {logs: one for logs, one in self.between.items() if same.issuperset(logs)},
            {logs: one for logs, one in self.columns.items() if same.issuperset(logs)},
        )


class Bounds:
    """The bounds of one case's records. `before` are those of the same case earlier, if they are still known.

    A member's own word is a Reached's `not_later`: its cosignature, what it wrote with it held, and for this
    node the time of arrival. `by_others` is the word of whoever had what it wrote then.
    """

    def __init__(
        self, view: CaseView, holdings: Holdings, knowledge: Knowledge, before: "Bounds | None" = None
    ) -> None:
        self.me = holdings.me
        self.logs: dict[str, Log] = {}
        self._of: defaultdict[str, list[Log]] = defaultdict(list)
        entries: defaultdict[str, list[TimelineEntry]] = defaultdict(list)
        for entry in sorted(view.timeline, key=lambda entry: entry.ref.index):
            entries[entry.ref.log].append(entry)
        for name, some in entries.items():
            log = _log(name, some, holdings, knowledge)
            known = before.logs.get(name) if before else None
            self.logs[name] = log = known if known and known.says_the_same(log) else log
            self._of[log.member].append(log)
        self.worked: Worked = before.worked.still(set(self.logs.values())) if before else Worked()

    def reached(self, entry: TimelineEntry, member: str) -> Reached:
        """Since when another member holds a record."""
        log = self.logs[entry.ref.log]
        return self.column(log, member).reached[bisect_left(log.indices, entry.ref.index)]

    def column(self, log: Log, member: str) -> Column:
        """Since when another member holds the records of a log."""
        key = (log, *self._of.get(member, ()))
        by_member = self.worked.columns.setdefault(key, {})
        if member not in by_member:
            by_member[member] = self._column(log, member)
        return by_member[member]

    def written(self, log: Log) -> list[Written]:
        """When the records of a log were written."""
        others = [other for other in self.logs.values() if other.member != log.member]
        between = [self.between(log, other) for other in others]
        size = len(log.entries)
        shown_ms = across([one.shown_ms for one in between], size)
        held_ms = across([one.held_ms for one in between], size)
        return [
            self._written(place, log, between, shown, held)
            for place, (shown, held) in enumerate(zip(shown_ms, held_ms, strict=True))
        ]

    def between(self, about: Log, by: Log) -> Between:
        """What two logs say of each other."""
        found = self.worked.between.get((about, by))
        if found is None:
            found = self.worked.between[about, by] = Between(about, by)
        return found

    @staticmethod
    def _written(
        place: int, log: Log, between: Sequence[Between], shown_ms: Sequence[int], held_ms: Sequence[int]
    ) -> Written:
        not_later, own = log.by_others[place], log.own[place]
        first_ms = min(shown_ms, default=NEVER)
        if first_ms < (not_later.at_ms if not_later else NEVER):
            first = between[shown_ms.index(first_ms)]
            not_later = first.by.context[first.shown[place]]
        most_ms = not_later.at_ms if not_later else NEVER
        last_ms = max(held_ms, default=BEFORE_ALL)
        if last_ms > most_ms:
            last_ms = max((at_ms for at_ms in held_ms if at_ms <= most_ms), default=BEFORE_ALL)
        if last_ms == BEFORE_ALL or last_ms <= own.at_ms <= most_ms:
            return own, not_later
        last = between[held_ms.index(last_ms)]
        return last.by.latest[last.held[place] - 1], not_later

    def _column(self, log: Log, member: str) -> Column:
        between = [self.between(log, by) for by in self._of.get(member, ())]
        confirmations = log.confirmations.get(member, NO_CONFIRMATIONS)
        size = len(log.entries)
        rests_on = zip(
            log.arrived if member == self.me else repeat(None, size),
            confirmations.places(log.indices),
            across([one.shown for one in between], size),
            strict=True,
        )
        reached: list[Reached] = []
        for (arrived_ms, confirmed, shown), run in groupby(zip(rests_on, log.own, strict=True), _first):
            told = [(one.by, place) for one, place in zip(between, shown, strict=True)]
            known = _known(member, told, confirmations, confirmed, arrived_ms)
            reached += [known.reached(member, own) for _, own in run]
        return Column(reached, [one.held for one in reached])


@dataclass(frozen=True, slots=True)
class _Known:
    """What neighbours in a log have in common. `below`: not before, but for what a record says itself."""

    not_later: Bound | None
    by_others: Bound | None
    below: Bound | None
    most_ms: int

    def reached(self, member: str, own: Bound) -> Reached:
        """Since when a member holds a record that was written then, as it says itself."""
        below = self.below
        return Reached(
            member=member,
            not_before=own if below is None or below.at_ms <= own.at_ms <= self.most_ms else below,
            not_later=self.not_later,
            by_others=self.by_others,
        )


def _known(
    member: str,
    told: Sequence[tuple[Log, int]],
    confirmations: Confirmations,
    confirmed: int,
    arrived_ms: int | None,
) -> _Known:
    """What is known of a member and the records with that place among its confirmations.

    `told` are its logs, and in each the place of the first record that shows these held.
    """
    firsts = [(by, place) for by, place in told if place < len(by.entries)]
    not_later: Bound | None
    if arrived_ms is not None:
        not_later = Bound(at_ms=arrived_ms, witness=member, by="arrival")
    elif time_s := confirmations.earliest_s(confirmed):
        not_later = Bound(at_ms=time_s * 1000, witness=member, by="cosignature")
    else:
        not_later = min((by.context[place] for by, place in firsts), key=_when, default=None)
    vouched = (bound for by, place in firsts if (bound := by.vouched[place]))
    by_others = min(vouched, key=_when, default=None)
    below = [by.context[place - 1] for by, place in told if place]
    if time_s := confirmations.latest_without_s(confirmed):
        below.insert(0, Bound(at_ms=time_s * 1000, witness=member, by="cosignature"))
    most_ms = min((one.at_ms for one in (not_later, by_others) if one), default=NEVER)
    fitting = (bound for bound in below if bound.at_ms <= most_ms)
    return _Known(not_later, by_others, max(fitting, key=_when, default=None), most_ms)


def _log(name: str, entries: list[TimelineEntry], holdings: Holdings, knowledge: Knowledge) -> Log:
    return Log(
        name,
        holdings.me,
        tuple(entries),
        tuple(knowledge.saw(name, entry.ref.index) for entry in entries),
        tuple(holdings.arrived.get(entry.ref) for entry in entries),
        holdings.cosigned.get(name, {}),
    )


def _first(pair: tuple[_First, object]) -> _First:
    return pair[0]


def _when(bound: Bound) -> int:
    return bound.at_ms
