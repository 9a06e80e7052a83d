"""Which bells are to be rung in this node's circles, and the reminders that are to be written.

- A case is looked at when it changes, and at the next moment at which something comes by itself. That, a case
  tells of itself (`tocsin.cases.duty`); so a node that starts needs to remember nothing but what it rang. To
  be soon done with thousands, it remembers of which cases nothing was owed, and how much there was of them.
- Soon after a member confirms records, the cases in which that was awaited are looked at. Whether anything is
  due is asked twice a minute at least, since the wall clock may jump.
- Looking never takes more than a quarter of the loop's time: it is not what anyone waits for.
- A reminder is written when the case is whole here, and never twice by one process, however late the case
  shows it.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from structlog.typing import FilteringBoundLogger

from tocsin.cases.delivery import Due, Hours
from tocsin.cases.duty import Policy, look
from tocsin.cases.picture.view import CaseSummary, CaseView, State
from tocsin.core.clock import Clock
from tocsin.core.errors import Refusal, TocsinError
from tocsin.core.records import Ref, Reminder, encode_record
from tocsin.core.views import Holdings, Knowledge, Terms
from tocsin.log.store import StorageFull
from tocsin.node.alerting.telling import Ring, rings_of
from tocsin.node.casework.types import Cases as Page

LOOK_AGAIN_S = 30.0
SETTLE_S = 0.2
"""What comes together is looked at together, once whoever waits for it has it."""

_REST = 3
_OPEN: tuple[State, ...] = ("open", "unknown")
_LOOK_AGAIN_MS = int(LOOK_AGAIN_S * 1000)
_Case: TypeAlias = tuple[str, Ref]


class Cases(Protocol):
    """What is asked of the cases of one circle (`node.desk.casework`)."""

    @property
    def terms(self) -> Terms:
        """What its charter says."""
        ...

    @property
    def rebuilding(self) -> bool:
        """Whether cases may lack records that are here."""
        ...

    async def summaries(
        self,
        state: State | None = None,
        after: str | None = None,
        limit: int = 50,
        *,
        since_closing: bool = False,
    ) -> Page:
        """The cases in a state, or those into which something came since they were closed, page by page."""
        ...

    async def view(self, case: Ref) -> CaseView:
        """One case. Raises a Refusal if there is none."""
        ...

    async def holdings(self, case: Ref) -> Holdings:
        """Who holds what of its logs."""
        ...

    def knowledge(self) -> Knowledge:
        """What the authors' nodes held."""
        ...

    def listen(self, heard: Callable[[Ref], None]) -> Callable[[], None]:
        """Be told of each case that changed, until what this returns is called."""
        ...


@dataclass(frozen=True, slots=True)
class Watched:
    """A circle: its cases, its members' hours, and how a record of this node's is written there.

    `calm`: what was remembered of its cases, by name; `remember` keeps another.
    """

    cases: Cases
    hours: Callable[[], Mapping[str, Hours]]
    write: Callable[[bytes], Awaitable[object]]
    calm: Mapping[str, bytes]
    remember: Callable[[str, bytes], Awaitable[object]]


class Watch:
    """The bells of all circles. `changed` is called when they may have changed."""

    def __init__(
        self, policy: Policy, clock: Clock, log: FilteringBoundLogger, changed: Callable[[], None]
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._log = log
        self._changed = changed
        self._circles: dict[str, Watched] = {}
        self._rings: dict[_Case, tuple[Ring, ...]] = {}
        self._dues: dict[_Case, tuple[Due, ...]] = {}
        self._listeners: list[Callable[[str, Ref], None]] = []
        self._moments: dict[_Case, int] = {}
        self._heard: set[_Case] = set()
        self._awaiting: defaultdict[tuple[str, str], set[_Case]] = defaultdict(set)
        self._calm: dict[str, dict[str, bytes]] = {}
        self._begun: set[str] = set()
        self._group: asyncio.TaskGroup | None = None
        self._turn = asyncio.Lock()
        self._written: set[tuple[Ref, str, str, str]] = set()
        self._unwritten: dict[str, str] = {}
        self._woken = asyncio.Event()
        self._endings: list[Callable[[], None]] = []

    def add(self, circle: str, watched: Watched) -> None:
        """Watch another circle."""
        self._circles[circle] = watched
        self._calm[circle] = dict(watched.calm)
        if self._group:
            self._begin_in(self._group, circle)

    def confirmed(self, circle: str, member: str) -> None:
        """A member has confirmed that it has records."""
        soon_ms = self._clock.wall_ms() + _LOOK_AGAIN_MS
        for case in self._awaiting.pop((circle, member), ()):
            self._moments[case] = min(soon_ms, self._moments.get(case, soon_ms))

    @property
    def whole(self) -> bool:
        """Whether every case in which anything may be owed has been looked at since the start."""
        return self._begun == self._circles.keys()

    def rings(self) -> list[Ring]:
        """Every bell that there is, whether it is to be rung now or not."""
        return [ring for rings in self._rings.values() for ring in rings]

    def rings_of(self, circle: str, case: Ref) -> tuple[Ring, ...]:
        """The bells of a case."""
        return self._rings.get((circle, case), ())

    def dues_of(self, circle: str, case: Ref) -> tuple[Due, ...]:
        """What is owed in a case, by one's own people or to them."""
        return self._dues.get((circle, case), ())

    def listen(self, heard: Callable[[str, Ref], None]) -> Callable[[], None]:
        """Have `heard` told of each case that was looked at. Returns what ends that."""
        self._listeners.append(heard)
        return lambda: self._listeners.remove(heard)

    async def run(self) -> None:
        """Look, whenever there is something to see, until cancelled. It can be run again."""
        try:
            async with asyncio.TaskGroup() as self._group:
                for circle in self._circles:
                    self._begin_in(self._group, circle)
                while True:
                    self._woken.clear()
                    await self._look_at_due()
                    await self._wait()
                    await self._clock.sleep(SETTLE_S if self._woken.is_set() else 0)
        finally:
            self._group = None
            while self._endings:
                self._endings.pop()()

    def _begin_in(self, group: asyncio.TaskGroup, circle: str) -> None:
        listen = self._circles[circle].cases.listen
        self._endings.append(listen(lambda case: self._hear(circle, case)))
        group.create_task(self._begin(circle))

    def _hear(self, circle: str, case: Ref) -> None:
        self._heard.add((circle, case))
        self._woken.set()

    async def _begin(self, circle: str) -> None:
        """Look at all cases of a circle in which anything may be owed, once these are all."""
        while not await self._look_at_all(circle):
            await self._clock.sleep(LOOK_AGAIN_S)
        self._begun.add(circle)

    async def _look_at_all(self, circle: str) -> bool:
        cases = self._circles[circle].cases
        try:
            async for summary in _watched(cases):
                mark = _mark(summary.records, summary.last_at_ms)
                if self._calm[circle].get(_name(summary.ref)) != mark:
                    await self._look_at(circle, summary.ref)
        except Refusal:
            return False
        return not cases.rebuilding

    async def _look_at_due(self) -> None:
        now_ms = self._clock.wall_ms()
        due = {case for case, moment_ms in self._moments.items() if moment_ms <= now_ms}
        heard, self._heard = self._heard, set()
        for circle, case in sorted(due | heard):
            await self._look_at(circle, case)

    async def _look_at(self, circle: str, case: Ref) -> None:
        """What is to be done about a case; one that cannot be looked at keeps nobody from the others."""
        cases = self._circles[circle].cases
        async with self._turn:
            began_s = self._clock.monotonic_s()
            self._moments.pop((circle, case), None)
            again_ms: int | None = self._clock.wall_ms() + _LOOK_AGAIN_MS
            try:
                again_ms = await self._look(circle, await cases.view(case))
            except Refusal:
                if not cases.rebuilding:
                    self._keep((circle, case), (), ())
                    again_ms = None
            except Exception:  # noqa: BLE001 - others wrote what is in a case
                self._log.error("case-not-watched", circle=circle, case=str(case), exc_info=True)
            if again_ms is not None:
                self._moments[circle, case] = again_ms
            await self._clock.sleep(_REST * (self._clock.monotonic_s() - began_s))

    async def _look(self, circle: str, view: CaseView) -> int | None:
        """Bells and reminders of a case as of now; when to look again, if nothing changes."""
        watched = self._circles[circle]
        holdings = await watched.cases.holdings(view.case)
        now_ms, terms = self._clock.wall_ms(), watched.cases.terms
        found = look(
            view,
            holdings,
            watched.cases.knowledge(),
            terms,
            hours=watched.hours(),
            policy=self._policy,
            now_ms=now_ms,
        )
        self._keep((circle, view.case), rings_of(view, found.bells, circle, terms), found.dues)
        await self._remind(circle, found.write)
        for member in found.unreached:
            self._awaiting[circle, member].add((circle, view.case))
        if found.calm and (view.state in _OPEN or view.since_closing):
            await self._calm_down(circle, view)
        if found.write:
            return now_ms + _LOOK_AGAIN_MS
        return found.again_ms

    def _keep(self, case: _Case, rings: tuple[Ring, ...], dues: tuple[Due, ...]) -> None:
        self._rings.pop(case, None)
        self._dues.pop(case, None)
        if rings:
            self._rings[case] = rings
        if dues:
            self._dues[case] = dues
        for heard in list(self._listeners):
            heard(*case)
        self._changed()

    async def _calm_down(self, circle: str, view: CaseView) -> None:
        last_at_ms = max((entry.record.at_ms for entry in view.timeline), default=0)
        name, mark = _name(view.case), _mark(len(view.timeline), last_at_ms)
        if self._calm[circle].get(name) != mark:
            self._calm[circle][name] = mark
            # On a full disk, the next start looks at it again.
            with suppress(StorageFull):
                await self._circles[circle].remember(name, mark)

    async def _remind(self, circle: str, reminders: tuple[Reminder, ...]) -> None:
        watched = self._circles[circle]
        if watched.cases.rebuilding:
            return
        for reminder in reminders:
            key = (reminder.of, reminder.member, reminder.due, reminder.step)
            if key in self._written:
                continue
            try:
                await watched.write(encode_record(reminder))
            except TocsinError as error:
                # It is due still, and looked at again; that it fails again is no news.
                if self._unwritten.get(circle) != error.code:
                    self._log.warning("reminder-not-written", circle=circle, code=error.code, why=str(error))
                self._unwritten[circle] = error.code
                return
            self._unwritten.pop(circle, None)
            self._written.add(key)

    async def _wait(self) -> None:
        """Until something is heard, or comes by itself; the wall clock may jump, so never for long."""
        wait_s = LOOK_AGAIN_S
        if self._moments:
            next_ms = min(self._moments.values()) - self._clock.wall_ms()
            wait_s = min(LOOK_AGAIN_S, max(0, next_ms) / 1000)
        waiting = {
            asyncio.ensure_future(self._woken.wait()),
            asyncio.ensure_future(self._clock.sleep(wait_s)),
        }
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()


async def _watched(cases: Cases) -> AsyncIterator[CaseSummary]:
    """The cases in which anything may be owed."""
    for state in (*_OPEN, None):
        after: str | None = ""
        while after is not None:
            page = await cases.summaries(state, after or None, since_closing=state is None)
            for summary in page.cases:
                yield summary
            after = page.next


def _name(case: Ref) -> str:
    return f"{case.log} {case.index}"


def _mark(records: int, last_at_ms: int) -> bytes:
    """How much there is of a case: another record makes it another."""
    return f"{records} {last_at_ms}".encode()
