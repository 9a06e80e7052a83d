"""What the members owe each other in a case, by the charter's minutes (docs/protocol.md, section 19).

- Of every report, each member but its author owes an acknowledgement; of an ask, those who are asked owe one,
  and an answer. Observers owe nothing. Of what was withdrawn nobody owes anything.
- Nor does anybody once the case is closed, but for what came since: for that, whatever it is, each member but
  its author owes an acknowledgement, and who is asked an answer.
- Time runs from when the member had the record, on its own word or, where that came earlier, on another's:
  who was cut off is not late. The author's clock decides nothing, unless this node does not know any more
  when it got the record itself.
- Minutes count while the member's desk is on duty. An ask may give more time than the charter, never less: a
  request is no order.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tocsin.cases.delivery.awareness import Awareness
from tocsin.cases.delivery.bounds import Bounds, Column
from tocsin.cases.delivery.hours import MINUTE_MS, Hours
from tocsin.cases.delivery.logs import NEVER, Log, is_owing
from tocsin.cases.delivery.view import Due, Reached, State
from tocsin.cases.picture.view import CaseView, TimelineEntry
from tocsin.core.records import Ask, Ref, Report
from tocsin.core.records.cases.vocabulary import Due as Owed
from tocsin.core.views import Terms

ALWAYS = Hours()


def dues(
    view: CaseView,
    bounds: Bounds,
    awareness: Awareness,
    terms: Terms,
    *,
    hours: Mapping[str, Hours],
    now_ms: int,
    concerns: Callable[[TimelineEntry, str], bool],
) -> tuple[Due, ...]:
    """All that is owed or done for the records, and by the members, of concern: in the timeline's order."""
    reckoner = Reckoner.of(view, awareness, terms, me=bounds.me, hours=hours, now_ms=now_ms)
    members = sorted(terms.parties)
    return tuple(
        due
        for entry in view.timeline
        if is_owing(entry)
        for member in members
        if reckoner.owes(entry, member) and concerns(entry, member)
        for due in reckoner.dues(entry, bounds.reached(entry, member))
    )


def period_ms(terms: Terms, due: Owed) -> int:
    """How long the charter gives, on duty."""
    minutes = terms.acknowledge_within_minutes if due == "acknowledgement" else terms.answer_within_minutes
    return minutes * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Owing:
    """What one member owes for each `owing` record of a log, from one moment up to another."""

    dues: list[tuple[Due, ...]]
    from_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Reckoner:
    """Reckons what is owed in one case, at one moment."""

    awareness: Awareness
    terms: Terms
    closed: bool
    me: str
    hours: Mapping[str, Hours]
    now_ms: int
    _ends: dict[tuple[str, Owed, int], int | None] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        view: CaseView,
        awareness: Awareness,
        terms: Terms,
        *,
        me: str,
        hours: Mapping[str, Hours],
        now_ms: int,
    ) -> "Reckoner":
        """For a case as it is, at the node of `me`."""
        return cls(awareness, terms, view.state in {"closed", "contested"}, me, hours, now_ms)

    def owes(self, entry: TimelineEntry, member: str) -> bool:
        """Whether a member owes anything for a record for which anything may be owed."""
        party = self.terms.parties.get(member)
        if party is None or not party.present or party.observer or member == entry.member:
            return False
        return _asks(entry, member) or entry.since_closing

    def owing(self, log: Log, column: Column, member: str) -> Owing:
        """What a member owes for the `owing` records of a log, now and until that differs by itself."""
        entries = [(log.entries[place], column.reached[place]) for place in log.owing]
        owed = [
            tuple(self.dues(entry, reached)) if self.owes(entry, member) else () for entry, reached in entries
        ]
        moments = [
            due.due_by_ms
            for dues in owed
            for due in dues
            if due.state == "open" and due.due_by_ms is not None
        ]
        if member == self.me and any(
            entry.record.at_ms > self.now_ms and not reached.not_later for entry, reached in entries
        ):
            # Where it is not known when one came here, its time may run from now.
            moments = [self.now_ms + 1]
        return Owing(owed, self.now_ms, min(moments, default=NEVER))

    def dues(self, entry: TimelineEntry, reached: Reached) -> Iterator[Due]:
        """What a member, which owes anything, owes for a record that reached it so, and how it stands."""
        owed: list[Owed] = ["acknowledgement"]
        if isinstance(entry.record, Ask) and _asks(entry, reached.member):
            owed.append("answer")
        for due in owed:
            found = self._due(entry, reached, due)
            if found.state == "done" or entry.since_closing or not self.closed:
                yield found

    def _due(self, entry: TimelineEntry, reached: Reached, due: Owed) -> Due:
        """One thing that is owed, and how it stands."""
        member, since_ms = reached.member, self._since_ms(entry, reached)
        due_by_ms = None if since_ms is None else self._due_by_ms(member, due, since_ms)
        done = self.awareness.done[member]
        wanted_by_ms = None
        if due == "answer" and isinstance(entry.record, Ask):
            wanted_by_ms = entry.record.wanted_by_ms
        if due_by_ms is not None and wanted_by_ms is not None:
            due_by_ms = max(due_by_ms, wanted_by_ms)
        was = (done.acknowledged if due == "acknowledgement" else done.answered).get(entry.ref)
        return Due(
            of=entry.ref,
            member=member,
            due=due,
            state=self._state(since_ms, due_by_ms, was),
            since_ms=since_ms,
            due_by_ms=due_by_ms,
            wanted_by_ms=wanted_by_ms,
            done=was,
        )

    def _since_ms(self, entry: TimelineEntry, reached: Reached) -> int | None:
        not_later, by_others = reached.not_later, reached.by_others
        if reached.member == self.me:
            return not_later.at_ms if not_later else min(entry.record.at_ms, self.now_ms)
        if not_later and by_others:
            return min(not_later.at_ms, by_others.at_ms)
        known = not_later or by_others
        return known.at_ms if known else None

    def _due_by_ms(self, member: str, due: Owed, since_ms: int) -> int | None:
        key = member, due, since_ms
        if key not in self._ends:
            hours = self.hours.get(member, ALWAYS)
            self._ends[key] = hours.after(since_ms, period_ms(self.terms, due))
        return self._ends[key]

    def _state(self, since_ms: int | None, due_by_ms: int | None, done: Ref | None) -> State:
        if done is not None:
            return "done"
        if since_ms is None:
            return "not-received"
        return "overdue" if due_by_ms is not None and due_by_ms <= self.now_ms else "open"


def _asks(entry: TimelineEntry, member: str) -> bool:
    """Whether it asks something of that member: a report of everybody, an ask of those who are named."""
    record = entry.record
    return isinstance(record, Report) or (isinstance(record, Ask) and (not record.to or member in record.to))
