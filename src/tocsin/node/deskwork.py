"""What a node does with records besides exchanging them: cases, checks, attachments, alerts, observations.

What fails here, because of what others wrote or by a defect, keeps no line from its work: it is said, in the
log and by the node's health, and begun again after a minute. (A storage that failed ends the node by itself.)
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial

from structlog.typing import FilteringBoundLogger

from tocsin.circles.events import Confirmed, Event
from tocsin.circles.line import Line
from tocsin.core.clock import Clock
from tocsin.log.committer import Committer
from tocsin.node.alerting.hosting import Alerts
from tocsin.node.alerting.ringing import policy_of
from tocsin.node.api.types import Trouble
from tocsin.node.attachments.attachments import Attachments
from tocsin.node.casework.casework import Casework
from tocsin.node.casework.indexing import Indexing
from tocsin.node.checking.circle import CircleChecks
from tocsin.node.checking.ringing import CheckBells
from tocsin.node.config import Config
from tocsin.node.folder import Folder
from tocsin.node.observing.observing import Observing
from tocsin.node.watching.measured import MeasuredStore

AGAIN_S = 60.0


class Deskwork:
    """All of it at one node; `casework` and `checks` are by circle. Raises what its settings do not allow.

    `on_fault` is told of what the node cannot go on with.
    """

    def __init__(
        self,
        config: Config,
        folder: Folder,
        store: MeasuredStore,
        committer: Committer,
        *,
        clock: Clock,
        log: FilteringBoundLogger,
        has_room: Callable[[], bool],
        on_fault: Callable[[BaseException], None],
    ) -> None:
        self.casework: dict[str, Casework] = {}
        self.attachments = Attachments(folder.data, store, clock, has_room)
        self.observing = Observing(config.observing, store, committer, clock=clock, log=log)
        self.alerts = Alerts(config, store, committer, clock, log)
        self.checks: dict[str, CircleChecks] = {}
        self._check_bells = CheckBells(policy_of(config.duty), clock, log, self.alerts.tell)
        self.alerts.ring_too(self._check_bells)
        self._indexing = Indexing.of(store, folder.index, clock, log)
        self._store = store
        self._clock = clock
        self._log = log
        self._on_fault = on_fault
        self._failed: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, line: Line) -> None:
        """A line that is not started yet."""
        circle = line.circle.id
        self.casework[circle] = casework = Casework(line, self._store, self._indexing)
        self.checks[circle] = CircleChecks(line, casework, self._store, self._clock)

    def start(self) -> None:
        """Begin what belongs to no circle."""
        self._indexing.start(self._on_fault)
        self._run("alerts", self.alerts.run)
        self._run("communication checks", self._check_bells.run)
        self._run("observations", self.observing.run)

    def begin(self, line: Line) -> None:
        """Begin what is done with the records of a line that was started."""
        circle = line.circle.id
        casework = self.casework[circle]
        self.alerts.add(line, casework)
        self._check_bells.add(circle, self.checks[circle])
        self._run(f"attachments of {circle}", partial(self.attachments.run, line, casework.naming))
        self._run(f"answers in {circle}", partial(self.observing.watch, line, casework))

    def heard(self, line: Line, event: Event) -> None:
        """What happened in a line."""
        self.casework[line.circle.id].heard(event)
        if isinstance(event, Confirmed):
            self.alerts.confirmed(line.circle.id, event.member)
        self._check_bells.heard(line.circle.id, event)
        self.attachments.heard(line, event)

    def troubles(self) -> Iterator[Trouble]:
        """What does not go on, and alerts that do not go out."""
        for what, why in self._failed.items():
            words = f"The {what} stopped, and are begun again every minute: {why}. Next: report this."
            yield Trouble(code="part-failed", explanation=words)
        yield from self.alerts.troubles()

    async def stop(self) -> None:
        """End all that was begun, but for the index."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """Let go of the index, once nothing happens any more."""
        await self._indexing.stop()

    def _run(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.get_running_loop().create_task(self._keep_running(what, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep_running(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - whatever it is, the lines go on
                self._failed[what] = repr(error)
                self._log.error(
                    "part-failed", part=what, exc_info=error, next="report this; it is begun again"
                )
            else:
                return
            await self._clock.sleep(AGAIN_S)
            del self._failed[what]
