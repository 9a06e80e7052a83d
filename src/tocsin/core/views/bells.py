"""What an organisation's own people are called for, whatever waits for them."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from tocsin.core.records import Ref, Tlp
from tocsin.core.records.cases.vocabulary import Due

Audience: TypeAlias = Literal["duty", "deputy"]


@dataclass(frozen=True, slots=True)
class Bell:
    """What is owed, and not done: in a case, or to a communication check, which then is `case` and `of`.

    `of` is the oldest record that it is owed for, of `count`. `last_ms` is the last moment, up to now, at
    which it rings for `audience`; `next_ms` the next. `tlp` is the highest of what waits.
    """

    case: Ref
    due: Due | Literal["check"]
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
