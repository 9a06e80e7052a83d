"""What a node has observed itself, for whoever in the node asks.

await observing.add([observation])          # durable, and matched from then on
await observing.proposals(circle, "duty")   # of each open ask, what fits, and an answer to give
observing.probes(circle)                    # what a machine was let judge
"""

import asyncio
from collections.abc import Sequence
from functools import partial

from structlog.typing import FilteringBoundLogger

from tocsin.cases.matching import Match, Observation, Probe, Proposal, Shelves, asked
from tocsin.circles.line import Line
from tocsin.core.clock import Clock
from tocsin.core.records import Ref
from tocsin.log.committer import Committer
from tocsin.log.store import Store
from tocsin.node.observing.keeping import Keeping
from tocsin.node.observing.model import load_model
from tocsin.node.observing.sensing import load_sensors, sense
from tocsin.node.observing.settings import ObservingSettings
from tocsin.node.observing.watching import Cases, Watched, Watching


class Observing:
    """A node's own observations. Raises SensorMissing."""

    def __init__(
        self,
        settings: ObservingSettings,
        store: Store,
        committer: Committer,
        *,
        clock: Clock,
        log: FilteringBoundLogger,
    ) -> None:
        self._sensors = load_sensors(settings.sensors)
        self._clock = clock
        self._log = log
        shelves = Shelves(settings.policy, settings.aliases)
        model = load_model() if settings.meaning else None
        self._keeping = Keeping(shelves, store, committer, log, model)
        self._watching = Watching(self._keeping, settings.policy, store, committer, clock=clock, log=log)

    async def run(self) -> None:
        """Take in what is kept, and what sensors yield, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keeping.run())
            for name, sensor in self._sensors.items():
                group.create_task(sense(name, sensor, self.add, clock=self._clock, log=self._log))

    async def watch(self, line: Line, cases: Cases) -> None:
        """Answer the asks of a circle where that may be, until cancelled."""
        circle = line.circle.id
        write = partial(_write, line)
        self._watching.add(Watched(circle, line.own.member.slug, cases, write))
        await self._watching.run(circle)

    @property
    def whole(self) -> bool:
        """Whether all that is kept can be found."""
        return self._keeping.whole.is_set()

    def __len__(self) -> int:
        return len(self._keeping.shelves)

    async def add(self, observations: Sequence[Observation]) -> None:
        """Keep them, durably; one of an id that is there takes its place. Raises StorageFull."""
        await self._keeping.add(observations)

    async def remove(self, observation_id: str) -> bool:
        """Forget one; whether it was there."""
        return await self._keeping.remove(observation_id)

    def get(self, observation_id: str) -> Observation | None:
        """The observation of that id."""
        return self._keeping.get(observation_id)

    def page(self, after: str = "", limit: int = 50) -> list[Observation]:
        """The next observations, by their ids."""
        return self._keeping.page(after, limit)

    async def match(self, text: str, limit: int = 10) -> tuple[Match, ...]:
        """What fits a text: for the owner alone."""
        about = asked([text])
        return self._keeping.shelves.match(about, await self._keeping.vectors(about), limit=limit)

    async def proposals(
        self, circle: str, author: str, limit: int = 10, only: Ref | None = None
    ) -> list[Proposal]:
        """What the officer of that role is proposed: of each open ask, or those of the case `only`."""
        return await self._watching.proposals(circle, author, limit, only)

    def probes(self, circle: str) -> list[Probe]:
        """Every ask of this circle that a machine was let judge, by its time here."""
        return self._watching.probes(circle)


async def _write(line: Line, record: bytes) -> None:
    await line.write([record])
