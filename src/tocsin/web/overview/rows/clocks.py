"""Every time that runs: for what our own people owe, and for what others owe us."""

from collections.abc import Iterable, Iterator
from itertools import islice
from operator import attrgetter

from msgspec import Struct

from tocsin.cases.delivery import Due
from tocsin.cases.telling import Language
from tocsin.core.records import Ref
from tocsin.core.views import Terms
from tocsin.web.charts.clocks import Clock, small_clock
from tocsin.web.charts.drawing.svg import Drawing
from tocsin.web.overview.rows.cases import Called, CaseRow, called
from tocsin.web.overview.rows.ordered import Ordered

MOST_SHOWN = 8
MOST_OF_PAGE = 100


class ClockLine(Struct, frozen=True, kw_only=True):
    """A time that runs for what `by` owes for the record `of`; `mine`: our own people do."""

    circle: str
    drill: bool
    case: Ref
    path: str
    text: str | None
    lang: str | None
    by: Called
    mine: bool
    due: str
    of: Ref
    since_ms: int
    due_by_ms: int
    overdue: bool

    @property
    def order(self) -> str:
        """The smaller, the sooner it is over; of no two the same."""
        due_by_ms = min(max(self.due_by_ms, 0), 10**16 - 1)
        return f"{self.drill:d}{due_by_ms:016} {self.circle}/{self.of}/{self.due}/{self.by.slug}"


class Clocks(Struct, frozen=True, kw_only=True):
    """The first clocks behind some place, and where the next begin; how many there are in all, and late."""

    shown: tuple[ClockLine, ...]
    count: int
    overdue: int
    next: str | None


def clock_lines(row: CaseRow, dues: Iterable[Due], me: str, terms: Terms) -> Iterator[ClockLine]:
    """The times that run in a case."""
    for due in dues:
        if due.state in ("open", "overdue") and due.due_by_ms is not None:
            yield ClockLine(
                circle=row.circle,
                drill=row.drill,
                case=row.summary.ref,
                path=row.path,
                text=row.summary.summary,
                lang=row.summary.lang,
                by=called(due.member, terms),
                mine=due.member == me,
                due=due.due,
                of=due.of,
                since_ms=due.since_ms or 0,
                due_by_ms=due.due_by_ms,
                overdue=due.state == "overdue",
            )


def ring(line: ClockLine, now_ms: int, language: Language) -> Drawing:
    """A clock as a ring."""
    what = language.word("Due", line.due)
    clock = Clock(what, "overdue" if line.overdue else "open", line.since_ms or None, line.due_by_ms)
    return small_clock(clock, now_ms, language.say).drawings[0]


def clocks_of(lines: Ordered[tuple[str, Ref], ClockLine], after: str = "", most: int = MOST_SHOWN) -> Clocks:
    """The first ones behind that place."""
    shown = list(islice(lines.after(after), most + 1))
    return Clocks(
        shown=tuple(shown[:most]),
        count=len(lines),
        overdue=sum(map(attrgetter("overdue"), lines)),
        next=shown[most - 1].order if len(shown) > most else None,
    )
