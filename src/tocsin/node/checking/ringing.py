"""The bells of communication checks: one for each that waits for our answer, and none that shouts.

- It rings when the check has come and the desk is on duty, and again like what else waits; when its time is
  over, no more. What is quiet (`tocsin.checks`) does not ring; nor does what comes within an hour of one by
  the same member that rang here, though that was erased since.
- A circle is looked at when a check or an answer comes, and twice a minute: so it does not matter what else
  may change. Looking never takes more than a quarter of the loop's time.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from structlog.typing import FilteringBoundLogger

from tocsin.cases.delivery import Hours
from tocsin.cases.duty import Policy
from tocsin.cases.duty.ladder import Ladder
from tocsin.checks import HOUR_MS, ChecksView, CheckView
from tocsin.circles.events import Arrived, Event, Wrote
from tocsin.circles.reading import Readable
from tocsin.core.clock import Clock
from tocsin.core.errors import Refusal
from tocsin.core.records import Check, CheckAnswer
from tocsin.core.views import Bell, Terms
from tocsin.node.alerting.telling import Ring, check_line
from tocsin.node.alerting.watching import LOOK_AGAIN_S, SETTLE_S

_REST = 3


class Checks(Protocol):
    """What is asked of the checks of one circle (`circle.CircleChecks`)."""

    @property
    def terms(self) -> Terms:
        """What its charter says."""
        ...

    def hours(self) -> Mapping[str, Hours]:
        """When the members' desks are on duty."""
        ...

    async def view(self) -> ChecksView:
        """What is known now. Raises a Refusal while it is not."""
        ...


class CheckBells:
    """The bells of all circles. `changed` is called when they may have changed."""

    def __init__(
        self, policy: Policy, clock: Clock, log: FilteringBoundLogger, changed: Callable[[], None]
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._log = log
        self._changed = changed
        self._circles: dict[str, Checks] = {}
        self._rings: dict[str, tuple[Ring, ...]] = {}
        self._rang: dict[tuple[str, str], CheckView] = {}
        self._heard: set[str] = set()
        self._woken = asyncio.Event()

    def add(self, circle: str, checks: Checks) -> None:
        """Watch another circle."""
        self._circles[circle] = checks
        self._wake(circle)

    def heard(self, circle: str, event: Event) -> None:
        """What happened in a circle."""
        if isinstance(event, Arrived):
            concerns = any(isinstance(one, Readable) and _is_of_checks(one) for one in event.readings)
        else:
            concerns = isinstance(event, Wrote) and bool(self._rings.get(circle))
        if concerns:
            self._wake(circle)

    @property
    def whole(self) -> bool:
        """Whether every circle has been looked at since the start."""
        return self._rings.keys() == self._circles.keys()

    def rings(self) -> list[Ring]:
        """Every bell that there is, whether it is to be rung now or not."""
        return [ring for rings in self._rings.values() for ring in rings]

    async def run(self) -> None:
        """Look, whenever there may be something to see, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look_again())
            while True:
                await self._woken.wait()
                await self._clock.sleep(SETTLE_S)
                self._woken.clear()
                heard, self._heard = self._heard, set()
                for circle in sorted(heard):
                    await self._look_at(circle)

    async def _look_again(self) -> None:
        while True:
            await self._clock.sleep(LOOK_AGAIN_S)
            for circle in self._circles:
                self._wake(circle)

    async def _look_at(self, circle: str) -> None:
        """The bells of a circle as of now; one that cannot be looked at keeps nobody from the others."""
        began_s = self._clock.monotonic_s()
        checks = self._circles[circle]
        try:
            self._rings[circle] = tuple(self._of(circle, checks, await checks.view()))
            self._changed()
        except Refusal:
            # Its index is made anew: what rang goes on.
            pass
        except Exception:  # noqa: BLE001 - others wrote what is looked at
            self._log.error("checks-not-watched", circle=circle, exc_info=True)
        await self._clock.sleep(_REST * (self._clock.monotonic_s() - began_s))

    def _of(self, circle: str, checks: Checks, view: ChecksView) -> Iterator[Ring]:
        terms = checks.terms
        for check in reversed(view.checks):
            if check.state == "waiting" and not check.quiet and self._may_ring(circle, check):
                bell = self._bell(check, checks.hours()[view.me], view.now_ms)
                label = terms.parties[check.member].label
                line = check_line(bell, label, check.record.text, drill=terms.drill)
                yield Ring(circle, bell, line, terms.drill)

    def _may_ring(self, circle: str, check: CheckView) -> bool:
        """Whether no other check by that member rang within an hour before it."""
        last = self._rang.setdefault((circle, check.member), check)
        if check.came_ms - last.came_ms >= HOUR_MS:
            self._rang[circle, check.member] = check
            return True
        return check.came_ms < last.came_ms or check.ref == last.ref

    def _bell(self, check: CheckView, desk: Hours, now_ms: int) -> Bell:
        again_ms = check.record.within_minutes * 60 * self._policy.again
        ladder = Ladder(desk, check.came_ms, 0, again_ms)
        return Bell(
            case=check.ref,
            due="check",
            audience="duty",
            of=check.ref,
            count=1,
            due_by_ms=check.due_by_ms,
            overdue=False,
            tlp=check.record.tlp,
            last_ms=ladder.last(now_ms),
            next_ms=ladder.next(now_ms),
        )

    def _wake(self, circle: str) -> None:
        self._heard.add(circle)
        self._woken.set()


def _is_of_checks(reading: Readable) -> bool:
    return isinstance(reading.record, Check | CheckAnswer)
