"""What a node shows of the communication checks of a circle, to its own people.

How soon a desk answers is for that desk to see: here are one's own response times, and a median of the
others' that tells of none of them. The records are held by all; this is what is made of them.
"""

from typing import Final, Literal, TypeAlias

from msgspec import Struct

from tocsin.core.records import Check, Ref

KEPT: Final = 20
"""So many checks of each member are shown, and so many of its answers counted: its newest."""

State: TypeAlias = Literal["own", "waiting", "answered", "missed", "not-asked"]
"""*own*: we ask. *waiting* for our answer; *missed*: the time for it is over, and it can still be given.
*not-asked*: we are an observer."""


class CheckView(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A check by `member`, as it stands for us. `officer` is the role whose signature on it was verified.

    `came_ms` is when it came here; of one's own, when it was written. We are to answer by `due_by_ms`, which
    is missing if our desk is not on duty for so long. `answered` of the `asked` members have answered.

    `answer` is ours, `response_ms` how long our desk was on duty before it. `unconfirmed`, of one's own
    check: the members that have not confirmed that they received it. `quiet`: it came within an hour of
    another one by that member, and so rings nobody.
    """

    ref: Ref
    member: str
    record: Check
    came_ms: int
    state: State
    asked: int
    answered: int
    officer: str | None = None
    due_by_ms: int | None = None
    answer: Ref | None = None
    response_ms: int | None = None
    unconfirmed: tuple[str, ...] = ()
    quiet: bool = False


class ChecksView(Struct, frozen=True, kw_only=True):
    """The checks of a circle at the node of `me`, the newest first, as of `now_ms`.

    `own_median_ms` is the median of our own response times, of which there are `own_answers`. Of each other
    member the median of its own counts once for `circle_median_ms`, which is there from three of them on:
    there are `others`.
    """

    me: str
    now_ms: int
    checks: tuple[CheckView, ...]
    own_answers: int
    own_median_ms: int | None
    others: int
    circle_median_ms: int | None
