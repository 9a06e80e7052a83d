"""Who has a case's records, who is aware of them, and what is overdue: as far as it is known here, now.

- *Held* and *acknowledged* are two things, and stand apart: that a node has a record says nothing about a
  person. What was *shown* to somebody, a node tells no one, so it is not in here.
- Nobody knows moments: there are bounds, each with whose word it is. Two that contradict each other are both
  shown; somebody's clock is wrong then, or somebody lies.

Members are named by their slugs. Times are Unix milliseconds, each by the clock of its witness.
"""

from typing import Literal

from msgspec import Struct

from tocsin.cases.picture.view import Aware
from tocsin.core.records import Ref
from tocsin.core.records.cases.vocabulary import Due as Owed

State = Literal["not-received", "open", "overdue", "done"]
"""*not-received*: nothing says that the member holds it, and its time has not begun."""


class Bound(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A moment, on the word of `witness`.

    *own-time*: it wrote the record `ref` then, as it says itself. *context*: so it wrote `ref`, and held so
    much by then. *cosignature*: its holder key says then how much it held. *arrival*: the clock of this node,
    when the record came.
    """

    at_ms: int
    witness: str
    by: Literal["own-time", "context", "cosignature", "arrival"]
    ref: Ref | None = None


class Reached(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Since when a member holds a record.

    `not_later` is on its own word, `by_others` on that of another, who holds what it wrote after that. With
    neither, nothing says that it holds it.
    """

    member: str
    not_before: Bound
    not_later: Bound | None = None
    by_others: Bound | None = None

    @property
    def held(self) -> bool:
        """Whether anything says that it holds the record."""
        return (self.not_later or self.by_others) is not None


class Delivered(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A record, who else has it, and who is aware of it.

    It was written between `not_before` and `not_later`, which is the earliest word of anyone but its author.
    It is held by `held_by` others in `economies`. `reached` are the members there are now and those that once
    confirmed it, without its author; `aware` the first of each member, and the first time of each officer
    that signed for it.
    """

    ref: Ref
    member: str
    not_before: Bound
    not_later: Bound | None = None
    held_by: int
    economies: int
    reached: tuple[Reached, ...]
    aware: tuple[Aware, ...]


class Due(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What a member owes for a record: that an officer acknowledges it, or an answer.

    The time runs while its desk is on duty, from `since_ms`, when it had the record. `due_by_ms` is missing
    where it has not begun, or never ends. `wanted_by_ms` is what was asked for, `done` what was done.
    """

    of: Ref
    member: str
    due: Owed
    state: State
    since_ms: int | None = None
    due_by_ms: int | None = None
    wanted_by_ms: int | None = None
    done: Ref | None = None


class Delivery(Struct, frozen=True, kw_only=True):
    """A case's records in the order of its timeline, and what is owed, by record and member."""

    case: Ref
    now_ms: int
    records: tuple[Delivered, ...]
    dues: tuple[Due, ...]
