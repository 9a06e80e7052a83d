"""One look at a case: whom to call now, what to write, and when to look again."""

from collections.abc import Mapping
from dataclasses import dataclass

from tocsin.cases.delivery import Due, Hours
from tocsin.cases.delivery.awareness import Awareness
from tocsin.cases.delivery.bounds import Bounds
from tocsin.cases.delivery.dues import ALWAYS, dues
from tocsin.cases.duty.bells import bells
from tocsin.cases.duty.policy import Policy
from tocsin.cases.duty.reminding import calls, is_reminded_of
from tocsin.cases.picture.view import CaseView
from tocsin.core.records import Reminder
from tocsin.core.views import Bell, Holdings, Knowledge, Terms


@dataclass(frozen=True, slots=True)
class Look:
    """The bells of one's own people, the reminders to write now, and the next moment at which that differs.

    Without another record, that is: `again_ms` is None if nothing more comes by itself. `unreached` are those
    who owe something and have not confirmed that they have it: their time may begin at any moment. `dues` is
    what is owed and not done, by one's own people or to them.
    """

    bells: tuple[Bell, ...]
    write: tuple[Reminder, ...]
    again_ms: int | None
    unreached: frozenset[str]
    dues: tuple[Due, ...] = ()

    @property
    def calm(self) -> bool:
        """Whether nothing is owed, by one's own people or to them."""
        return not self.dues and not self.bells and not self.write and self.again_ms is None


def look(
    view: CaseView,
    holdings: Holdings,
    knowledge: Knowledge,
    terms: Terms,
    *,
    hours: Mapping[str, Hours],
    policy: Policy,
    now_ms: int,
) -> Look:
    """What is to be done about a case at the node of `holdings.me`, at `now_ms`."""
    me = holdings.me
    own = hours.get(me, ALWAYS)
    owed = dues(
        view,
        Bounds(view, holdings, knowledge),
        Awareness(view),
        terms,
        hours=hours,
        now_ms=now_ms,
        concerns=lambda entry, member: member == me or is_reminded_of(view, entry, me),
    )
    rings = tuple(bells(view, owed, holdings, terms, hours=own, policy=policy, now_ms=now_ms))
    reminding = list(calls(view, owed, terms, me=me, hours=hours, policy=policy))
    moments = [
        *(bell.next_ms for bell in rings),
        *(due.due_by_ms for due in owed if due.state == "open"),
        *(call.at_ms for call in reminding if call.at_ms > now_ms),
    ]
    return Look(
        bells=rings,
        write=tuple(call.reminder(view, terms, now_ms) for call in reminding if call.at_ms <= now_ms),
        again_ms=min((moment for moment in moments if moment is not None), default=None),
        unreached=frozenset(due.member for due in owed if due.state == "not-received"),
        dues=tuple(due for due in owed if due.state != "done"),
    )
