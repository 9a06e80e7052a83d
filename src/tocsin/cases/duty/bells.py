"""What an organisation's own people owe in a case, and when they are called for it.

- One bell for each thing that is owed in a case, an acknowledgement or an answer, and for each audience. It
  rings for the oldest of the records that it is owed for: any number of others changes nothing about it.
- It is there until what is owed is done. Whoever rings it remembers the last moment at which it rang; so a
  node that was stopped rings at once for all that it missed, and once.
- A reminder by the author of such a record rings too, when it comes; to the deputy if it is to the deputy.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from tocsin.cases.delivery import Due, Hours
from tocsin.cases.delivery.dues import period_ms
from tocsin.cases.duty.ladder import Ladder
from tocsin.cases.duty.policy import Policy
from tocsin.cases.picture.view import COUNTING, CaseView
from tocsin.core.records import Ref, Reminder
from tocsin.core.records.cases.vocabulary import Due as Owed
from tocsin.core.views import Audience, Bell, Holdings, Terms


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
