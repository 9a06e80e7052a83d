"""At which shares of a charter's period something happens."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """Shares of the charter's period for what is owed, in permille.

    One's own people are called for an acknowledgement at once, and for an answer after `answer` of its
    period; again after each further `again`; and their deputy as well from `deputy` on. Others are reminded
    when the period is over, and their deputy after `escalate` more; `remind`: by this node at all.
    """

    again: int = 330
    answer: int = 500
    deputy: int = 500
    escalate: int = 500
    remind: bool = True
