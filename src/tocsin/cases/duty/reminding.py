"""The records by which an organisation reminds others of what they owe it.

- Of its own asks, and of the report with which it opened a case; of nothing else, so that they are few.
- When the time is over: one to the member, and later one to its deputy. Each is written once: what stands in
  the log already is not written again, whoever was stopped between deciding and writing.
- Whoever has not received what it would be reminded of is not reminded.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tocsin.cases.delivery import Due, Hours
from tocsin.cases.delivery.dues import ALWAYS, period_ms
from tocsin.cases.duty.policy import Policy
from tocsin.cases.picture.view import CaseView, TimelineEntry
from tocsin.core.records import Ask, Reminder
from tocsin.core.records.cases.vocabulary import Step
from tocsin.core.views import Terms


@dataclass(frozen=True, slots=True)
class Call:
    """A reminder of what is due for a record, and when it is to be written."""

    at_ms: int
    due: Due
    step: Step
    about: TimelineEntry

    def reminder(self, view: CaseView, terms: Terms, now_ms: int) -> Reminder:
        """The record, by this node; who asked answers for it."""
        record = self.about.record
        return Reminder(
            circle=terms.circle,
            at_ms=now_ms,
            author="node",
            author_kind="machine",
            answerable=record.answerable or record.author,
            tlp=record.tlp,
            case=view.case,
            of=self.due.of,
            member=self.due.member,
            due=self.due.due,
            due_by_ms=self.due.due_by_ms or self.at_ms,
            step=self.step,
        )


def is_reminded_of(view: CaseView, about: TimelineEntry, me: str) -> bool:
    """Whether `me` reminds others of what they owe for this record."""
    return about.member == me and (about.ref == view.case or isinstance(about.record, Ask))


def calls(
    view: CaseView,
    dues: Iterable[Due],
    terms: Terms,
    *,
    me: str,
    hours: Mapping[str, Hours],
    policy: Policy,
) -> Iterator[Call]:
    """The next reminder for each thing that is owed to `me`."""
    if not policy.remind:
        return
    entries = {entry.ref: entry for entry in view.timeline}
    written = {
        (record.of, record.member, record.due, record.step)
        for entry in view.timeline
        if entry.member == me and isinstance(record := entry.record, Reminder)
    }
    for due in dues:
        about = entries[due.of]
        if (
            not is_reminded_of(view, about, me)
            or due.due_by_ms is None
            or due.state not in {"open", "overdue"}
        ):
            continue
        desk, more_ms = hours.get(due.member, ALWAYS), period_ms(terms, due.due) * policy.escalate // 1000
        steps: tuple[tuple[Step, int | None], ...] = (
            ("reminder", due.due_by_ms),
            ("deputy", desk.after(due.due_by_ms, more_ms)),
        )
        left = (one for one in steps if (due.of, due.member, due.due, one[0]) not in written)
        step, at_ms = next(left, ("deputy", None))
        if at_ms is not None:
            yield Call(at_ms, due, step, about)
