"""What is owed, by whom, until when: by this desk, and by everybody.

What is overdue comes first, then what is due soonest. What one member owes of one kind is one, with the clock
of what is most urgent in it; of one's own answers, each stands by itself.
"""

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from tocsin.cases.delivery import Due
from tocsin.core.records import Ref
from tocsin.web.casebook.shown.naming import Namer
from tocsin.web.charts import Chart, Clock, small_clock

MAX_SHOWN = 12
MAX_REFS = 4

_NEVER_MS = 2**63


@dataclass(frozen=True, slots=True)
class Owed:
    """What a member owes for the records `of`, and `more`; `clock` says how much time is gone."""

    of: tuple[str, ...]
    more: int
    member: str
    due: str
    due_by_ms: int | None
    wanted_by_ms: int | None
    overdue: bool
    clock: Chart


@dataclass(frozen=True, slots=True)
class Owing:
    """What is owed: the most urgent of it, and how much `more` there is."""

    owed: tuple[Owed, ...]
    more: int


def owing(dues: Iterable[Due], now_ms: int, namer: Namer) -> Owing:
    """What is owed, by member and kind."""
    together: dict[tuple[str, str], list[Due]] = {}
    for due in sorted(filter(_is_open, dues), key=_urgency):
        together.setdefault((due.member, due.due), []).append(due)
    return _owing(together.values(), now_ms, namer)


def answers_owed(dues: Iterable[Due], member: str, now_ms: int, namer: Namer) -> Owing:
    """The answers that a member owes, each by itself."""
    mine = [due for due in dues if due.member == member and due.due == "answer" and _is_open(due)]
    return _owing([[due] for due in sorted(mine, key=_urgency)], now_ms, namer)


def unacknowledged(
    dues: Iterable[Due], member: str, said: Container[Ref] = ()
) -> tuple[tuple[str, ...], int]:
    """Of which records no officer of that member has said that it is aware: some, and how many more.

    Without those that are `said`, and not written yet.
    """
    owed = (due for due in dues if due.member == member and due.due == "acknowledgement" and _is_open(due))
    refs = dict.fromkeys(due.of for due in owed if due.of not in said)
    return tuple(map(str, islice(refs, MAX_SHOWN))), max(0, len(refs) - MAX_SHOWN)


def standing(dues: Iterable[Due]) -> tuple[tuple[tuple[str, str, str], int], ...]:
    """How much is in which state, by member and kind: while that is the same, so are the clocks."""
    return tuple(sorted(Counter((due.member, due.due, due.state) for due in dues).items()))


def _is_open(due: Due) -> bool:
    return due.state in ("open", "overdue")


def _urgency(due: Due) -> tuple[bool, int, str, str]:
    by_ms = _NEVER_MS if due.due_by_ms is None else due.due_by_ms
    return due.state != "overdue", by_ms, due.due, due.member


def _owing(together: Iterable[Sequence[Due]], now_ms: int, namer: Namer) -> Owing:
    all_of_it = list(together)
    shown = tuple(_owed(dues, now_ms, namer) for dues in all_of_it[:MAX_SHOWN])
    return Owing(shown, len(all_of_it) - len(shown))


def _owed(dues: Sequence[Due], now_ms: int, namer: Namer) -> Owed:
    first = dues[0]
    clock = Clock.of(first, namer.language.word)
    return Owed(
        of=tuple(str(due.of) for due in dues[:MAX_REFS]),
        more=max(0, len(dues) - MAX_REFS),
        member=first.member,
        due=first.due,
        due_by_ms=first.due_by_ms,
        wanted_by_ms=first.wanted_by_ms,
        overdue=first.state == "overdue",
        clock=small_clock(clock, now_ms, namer.language.say),
    )
