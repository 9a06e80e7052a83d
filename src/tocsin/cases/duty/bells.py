"""What an organisation's own people owe in a case, and when they are called for it.

- One bell for each thing that is owed in a case, an acknowledgement or an answer, and for each audience. It
  rings for the oldest of the records that it is owed for: any number of others changes nothing about it.
- It is there until what is owed is done. Whoever rings it remembers the last moment at which it rang; so a
  node that was stopped rings at once for all that it missed, and once.
- A reminder by the author of such a record rings too, when it comes; to the deputy if it is to the deputy.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, TypeAlias

from tocsin.cases.delivery import Due, Hours
from tocsin.cases.delivery.dues import period_ms
from tocsin.cases.duty.ladder import Ladder
from tocsin.cases.duty.policy import Policy
from tocsin.cases.picture.view import COUNTING, CaseView
from tocsin.core.records import Ref, Reminder, Tlp
from tocsin.core.records.cases.vocabulary import Due as Owed
from tocsin.core.views import Holdings, Terms

Audience: TypeAlias = Literal["duty", "deputy"]


@dataclass(frozen=True, slots=True)
class Bell:
    """What is owed in a case, and not done; `of` is the oldest record that it is owed for, of `count`.

    What waits besides cases has a bell of the same kind: of a communication check, `case` and `of` are it.

    `last_ms` is the last moment, up to now, at which it rings for `audience`; `next_ms` the next. `tlp` is
    the highest of the case.
    """

    case: Ref
    due: Owed | Literal["check"]
    audience: Audience
    of: Ref
    count: int
    due_by_ms: int | None
    overdue: bool
    tlp: Tlp
    last_ms: int | None
    next_ms: int | None

    @property
    def urgency(self) -> tuple[bool, bool, int]:
        """The smaller, the more urgent: what is overdue first, then what is due first."""
        return not self.overdue, self.due_by_ms is None, self.due_by_ms or 0

    def rings(self, rung_ms: int | None, now_ms: int) -> bool:
        """Whether it is to be rung, if it was rung last for the moment `rung_ms`.

        A moment that has not come yet was rung by a wrong clock, and does not count.
        """
        if self.last_ms is None:
            return False
        return rung_ms is None or rung_ms > now_ms or rung_ms < self.last_ms


def bells(
    view: CaseView,
    dues: Iterable[Due],
    holdings: Holdings,
    terms: Terms,
    *,
    hours: Hours,
    policy: Policy,
    now_ms: int,
) -> Iterator[Bell]:
    """The bells of a case at the node of `holdings.me`, whose desk has these hours."""
    mine = [due for due in dues if due.member == holdings.me and due.state in {"open", "overdue"}]
    if not mine or (tlp := view.tlp) is None:
        return
    reminded = _reminded(view, holdings)
    for owed, group in groupby(sorted(mine, key=_urgency), key=lambda due: due.due):
        open_dues = list(group)
        oldest = open_dues[0]
        for audience, ladder in _ladders(oldest, period_ms(terms, owed), hours, policy):
            calls = (reminded.get((due.of, owed, audience)) for due in open_dues)
            moments = [ladder.last(now_ms), *(call for call in calls if call is not None and call <= now_ms)]
            yield Bell(
                case=view.case,
                due=owed,
                audience=audience,
                of=oldest.of,
                count=len(open_dues),
                due_by_ms=oldest.due_by_ms,
                overdue=oldest.state == "overdue",
                tlp=tlp,
                last_ms=max((moment for moment in moments if moment is not None), default=None),
                next_ms=ladder.next(now_ms),
            )


def _ladders(due: Due, period_ms: int, hours: Hours, policy: Policy) -> Iterator[tuple[Audience, Ladder]]:
    since_ms, again_ms = due.since_ms or 0, _share(period_ms, policy.again)
    if due.due == "acknowledgement":
        yield "duty", Ladder(hours, since_ms, 0, again_ms, at_once=True)
    else:
        yield "duty", Ladder(hours, since_ms, _share(period_ms, policy.answer), again_ms)
    yield "deputy", Ladder(hours, since_ms, _share(period_ms, policy.deputy), again_ms)


def _reminded(view: CaseView, holdings: Holdings) -> Mapping[tuple[Ref, Owed, Audience], int]:
    """When the first reminder that counts came here by the author of what it is about."""
    authors = {entry.ref: entry.member for entry in view.timeline}
    reminded: dict[tuple[Ref, Owed, Audience], int] = {}
    for entry in view.timeline:
        record = entry.record
        if not isinstance(record, Reminder) or record.member != holdings.me or entry.standing not in COUNTING:
            continue
        arrived_ms = holdings.arrived.get(entry.ref)
        if arrived_ms is not None and authors.get(record.of) == entry.member:
            audience: Audience = "deputy" if record.step == "deputy" else "duty"
            reminded.setdefault((record.of, record.due, audience), arrived_ms)
    return reminded


def _share(period_ms: int, permille: int) -> int:
    return period_ms * permille // 1000


def _urgency(due: Due) -> tuple[str, int, Ref]:
    return due.due, due.since_ms or 0, due.of
