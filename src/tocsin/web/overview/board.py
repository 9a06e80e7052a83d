"""Every case that is not settled, and every time that runs in one, in memory: what the room shows is there.

- Not settled is what is not closed, what its members closed differently, and what something came into since.
- It is read once, when the console starts, and from then on case by case as they change: a case is read anew
  when a record of it came or went, and its row is made anew when what is owed in it may be otherwise.
- Whoever listens is told of each case whose row, or whose clocks, are others than before; but while a circle
  is read for the first time, only of those that changed since: thousands at once are told as one.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from operator import attrgetter
from typing import Final

from msgspec import Struct
from structlog.typing import FilteringBoundLogger

from tocsin.cases.picture import CaseSummary
from tocsin.circles.events import CircleChanged, Event
from tocsin.core.clock import Clock
from tocsin.core.errors import Refusal
from tocsin.core.records import Ref
from tocsin.node.casework.casework import Casework
from tocsin.node.node import Node
from tocsin.web.overview.rows.cases import CaseRow, case_row
from tocsin.web.overview.rows.clocks import ClockLine, clock_lines
from tocsin.web.overview.rows.ordered import Ordered

_AT_ONCE: Final = 50
_AGAIN_S: Final = 2.0

Heard = Callable[[str, Ref, CaseRow | None], None]
"""Told of a case: its circle, and its row, None if it is settled or gone."""


class Progress(Struct, frozen=True, kw_only=True):
    """How many cases have been `read` since the start; `whole`: all there are."""

    read: int
    whole: bool


class Board:
    """The cases of one node that are not settled."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._clock: Clock = node.clock
        self._log: FilteringBoundLogger = node.log
        self.rows: Ordered[tuple[str, Ref], CaseRow] = Ordered()
        self.clocks: Ordered[tuple[str, Ref], ClockLine] = Ordered()
        self._changed: dict[tuple[str, Ref], None] = {}
        # While a circle is read for the first time: what is read anew meanwhile is newer.
        self._newer: set[tuple[str, Ref]] = set()
        self._whole: set[str] = set()
        self._counts: dict[str, int] = {}
        self._woken = asyncio.Event()
        self._group: asyncio.TaskGroup | None = None
        self._circles: set[str] = set()
        self._endings: list[Callable[[], None]] = []
        self._listeners: list[Heard] = []
        self._read_on: list[Callable[[], None]] = []
        self._read_whole: list[Callable[[], None]] = []

    # What there is

    @property
    def reading(self) -> Progress:
        """How far the reading is with which it begins."""
        return Progress(read=sum(self._counts.values()), whole=self._whole == self._node.desk.casework.keys())

    def summary(self, circle: str, case: Ref) -> CaseSummary | None:
        """A case that is not settled, as it stands in lists."""
        return next((row.summary for row in self.rows.of((circle, case))), None)

    def listen(self, heard: Heard) -> None:
        """Have `heard` told of each row that is another than before."""
        self._listeners.append(heard)

    def when_read_on(self, told: Callable[[], None]) -> None:
        """Have `told` told whenever the reading with which it begins has come further."""
        self._read_on.append(told)

    def when_whole(self, told: Callable[[], None]) -> None:
        """Have `told` told whenever it has come to the end of a circle."""
        self._read_whole.append(told)

    # Keeping it

    async def run(self) -> None:
        """Read, and follow, until cancelled."""
        watch = self._node.desk.alerts.watch
        self._endings += [self._node.listen(self._happened), watch.listen(self._owed)]
        try:
            async with asyncio.TaskGroup() as self._group:
                for circle in self._node.desk.casework:
                    self._follow(self._group, circle)
                await self._read_changed()
        finally:
            self._group = None
            while self._endings:
                self._endings.pop()()

    def _follow(self, group: asyncio.TaskGroup, circle: str) -> None:
        self._circles.add(circle)
        casework = self._node.desk.casework[circle]
        self._endings.append(casework.listen(lambda case: self._heard(circle, case)))
        group.create_task(self._read_all(circle, casework))

    def _happened(self, circle: str, event: Event) -> None:
        if circle not in self._circles and self._group:
            self._follow(self._group, circle)
        elif isinstance(event, CircleChanged):
            # Labels, terms, who is a member: each row may be another.
            for of, case in self.rows.groups():
                if of == circle:
                    self._heard(circle, case)

    def _heard(self, circle: str, case: Ref) -> None:
        self._changed[circle, case] = None
        if circle not in self._whole:
            self._newer.add((circle, case))
        self._woken.set()

    def _owed(self, circle: str, case: Ref) -> None:
        if (circle, case) not in self._changed and (summary := self.summary(circle, case)):
            with self._guarded(circle, case):
                self._put(circle, case, summary)

    async def _read_all(self, circle: str, casework: Casework) -> None:
        """All cases of a circle, once these are all that there are."""
        while True:
            with suppress(Refusal):
                after: str | None = None
                self._counts[circle] = 0
                while True:
                    page = await casework.summaries(after=after, limit=_AT_ONCE)
                    for summary in page.cases:
                        if (circle, summary.ref) not in self._newer:
                            with self._guarded(circle, summary.ref):
                                self._put(circle, summary.ref, summary)
                    self._come_further(circle, len(page.cases))
                    await asyncio.sleep(0)
                    if (after := page.next) is None:
                        break
                if not page.rebuilding:
                    self._whole.add(circle)
                    self._newer = {(of, case) for of, case in self._newer if of != circle}
                    for told in (*self._read_on, *self._read_whole):
                        told()
                    return
            await self._clock.sleep(_AGAIN_S)

    def _come_further(self, circle: str, cases: int) -> None:
        self._counts[circle] += cases
        for told in self._read_on:
            told()

    async def _read_changed(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._changed:
                circle, case = next(iter(self._changed))
                del self._changed[circle, case]
                await self._read(circle, case)
                await asyncio.sleep(0)

    async def _read(self, circle: str, case: Ref) -> None:
        with self._guarded(circle, case):
            try:
                summary = await self._node.desk.casework[circle].summary(case)
            except Refusal:
                # Its index is made anew.
                asyncio.get_running_loop().call_later(_AGAIN_S, self._heard, circle, case)
            else:
                self._put(circle, case, summary)

    @contextmanager
    def _guarded(self, circle: str, case: Ref) -> Iterator[None]:
        """Others wrote what is in a case: one that cannot be shown keeps nobody from the others."""
        try:
            yield
        except Exception:  # noqa: BLE001 - as above
            self._log.error("case-not-shown", circle=circle, case=str(case), exc_info=True)

    def _put(self, circle: str, case: Ref, summary: CaseSummary | None) -> None:
        rows: list[CaseRow] = []
        clocks: list[ClockLine] = []
        if summary and is_unsettled(summary):
            watch, line = self._node.desk.alerts.watch, self._node.lines[circle]
            terms, me = self._node.desk.casework[circle].terms, line.own.member.slug
            dues = watch.dues_of(circle, case)
            rows.append(
                case_row(
                    summary,
                    terms,
                    line.circle.charter.title,
                    me,
                    rings=watch.rings_of(circle, case),
                    dues=dues,
                )
            )
            clocks += clock_lines(rows[0], dues, me, terms)
        another = self.rows.put((circle, case), rows)
        is_told = circle in self._whole or (circle, case) in self._newer
        if (self.clocks.put((circle, case), clocks) or another) and is_told:
            for heard in self._listeners:
                heard(circle, case, rows[0] if rows else None)


def is_unsettled(summary: CaseSummary) -> bool:
    """Whether there is anything left to look at in a case."""
    return summary.state != "closed" or summary.since_closing > 0


def count(rows: Iterable[CaseRow]) -> Mapping[str, int]:
    """How many cases there are, in all and by how they stand."""
    counts = Counter[str](map(attrgetter("standing"), rows))
    return {"all": counts.total(), **counts}
