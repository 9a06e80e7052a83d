"""What the members owe each other in a case, by the charter's minutes (docs/protocol.md, section 19).

- Of every report, each member but its author owes an acknowledgement; of an ask, those who are asked owe one,
  and an answer. Observers owe nothing. Of what was withdrawn nobody owes anything, nor once the case is
  closed.
- Time runs from when the member had the record, on its own word or, where that came earlier, on another's:
  who was cut off is not late. The author's clock decides nothing, unless this node does not know any more
  when it got the record itself.
- Minutes count while the member's desk is on duty. An ask may give more time than the charter, never less: a
  request is no order.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tocsin.cases.delivery.awareness import Awareness
from tocsin.cases.delivery.bounds import Bounds
from tocsin.cases.delivery.hours import MINUTE_MS, Hours
from tocsin.cases.delivery.view import Due, State
from tocsin.cases.picture.view import COUNTING, CaseView, TimelineEntry
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
    concerns: Callable[[TimelineEntry, str], bool] = lambda _entry, _member: True,
) -> tuple[Due, ...]:
    """All that is owed or done for the records, and by the members, of concern: in the timeline's order."""
    closed = view.state in {"closed", "contested"}
    reckoner = _Reckoner(bounds, awareness, terms, hours, now_ms)
    owed = (
        reckoner.due(entry, member, due)
        for entry in view.timeline
        if entry.standing in COUNTING
        for member, due in _owed(entry, terms)
        if concerns(entry, member)
    )
    return tuple(due for due in owed if due.state == "done" or not closed)


def period_ms(terms: Terms, due: Owed) -> int:
    """How long the charter gives, on duty."""
    minutes = terms.acknowledge_within_minutes if due == "acknowledgement" else terms.answer_within_minutes
    return minutes * MINUTE_MS


def _owed(entry: TimelineEntry, terms: Terms) -> Iterator[tuple[str, Owed]]:
    """Who owes what for a record."""
    record = entry.record
    if not isinstance(record, Report | Ask):
        return
    named = record.to if isinstance(record, Ask) else None
    for slug, party in sorted(terms.parties.items()):
        asked = not named or slug in named
        if asked and party.present and not party.observer and slug != entry.member:
            yield slug, "acknowledgement"
            if isinstance(record, Ask):
                yield slug, "answer"


@dataclass(frozen=True, slots=True)
class _Reckoner:
    bounds: Bounds
    awareness: Awareness
    terms: Terms
    hours: Mapping[str, Hours]
    now_ms: int

    def due(self, entry: TimelineEntry, member: str, due: Owed) -> Due:
        """One thing that is owed, and how it stands."""
        since_ms = self._since_ms(entry, member)
        wanted_by_ms = entry.record.wanted_by_ms if isinstance(entry.record, Ask) else None
        due_by_ms = None
        if since_ms is not None:
            hours = self.hours.get(member, ALWAYS)
            due_by_ms = hours.after(since_ms, period_ms(self.terms, due))
        if due == "acknowledgement":
            wanted_by_ms, done = None, self.awareness.acknowledged(entry.ref, member)
        else:
            done = self.awareness.answered(entry.ref, member)
        if due_by_ms is not None and wanted_by_ms is not None:
            due_by_ms = max(due_by_ms, wanted_by_ms)
        return Due(
            of=entry.ref,
            member=member,
            due=due,
            state=self._state(since_ms, due_by_ms, done),
            since_ms=since_ms,
            due_by_ms=due_by_ms,
            wanted_by_ms=wanted_by_ms,
            done=done,
        )

    def _since_ms(self, entry: TimelineEntry, member: str) -> int | None:
        confirmed = self.bounds.confirmed(entry, member)
        if member == self.bounds.me:
            return confirmed.at_ms if confirmed else min(entry.record.at_ms, self.now_ms)
        known = (confirmed, self.bounds.confirmed_by_others(entry, member))
        return min((bound.at_ms for bound in known if bound), default=None)

    def _state(self, since_ms: int | None, due_by_ms: int | None, done: Ref | None) -> State:
        if done is not None:
            return "done"
        if since_ms is None:
            return "not-received"
        return "overdue" if due_by_ms is not None and due_by_ms <= self.now_ms else "open"
