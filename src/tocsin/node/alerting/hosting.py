"""The alerts of a node: what they are made of there."""

from collections.abc import Callable, Iterator
from functools import partial

from structlog.typing import FilteringBoundLogger

from tocsin.cases.delivery import read_hours
from tocsin.circles.line import Line
from tocsin.core.clock import Clock
from tocsin.log.committer import Committer
from tocsin.log.store import Store
from tocsin.node.alerting.channels import open_channels
from tocsin.node.alerting.desks import Desks, zone
from tocsin.node.alerting.ringing import Alerting, Bells, policy_of
from tocsin.node.alerting.telling import Ring
from tocsin.node.alerting.watching import Cases, Watch, Watched
from tocsin.node.api.types import Trouble
from tocsin.node.config import Config

_SPACE, _CALM = "alerts", "calm"
"""The spaces of the database with what was rung, and with a circle's cases in which nothing is owed."""


class Alerts:
    """A node's alerts. Raises what `open_channels` raises."""

    def __init__(
        self, config: Config, store: Store, committer: Committer, clock: Clock, log: FilteringBoundLogger
    ) -> None:
        if not read_hours(config.desk.hours, zone).understood:
            words = "write it as docs/configuration.md has it; until then this desk counts as always on duty"
            log.warning("hours-not-understood", hours=config.desk.hours, next=words)
        self._store = store
        self._desks = Desks(store)
        self._memory = _Memory(store, committer)
        self._alerting = Alerting(
            open_channels(config.alerts),
            policy_of(config.duty),
            config.desk.name,
            self._memory,
            clock=clock,
            log=log,
        )

    @property
    def watch(self) -> Watch:
        """What is owed in all cases, and the bells that ring for it."""
        return self._alerting.watch

    def add(self, line: Line, cases: Cases) -> None:
        """Alert of what is owed in this circle."""
        self._alerting.add(
            line.circle.id,
            Watched(
                cases,
                hours=lambda: self._desks.hours(line.circle),
                write=lambda record: line.write([record]),
                calm=self._store.documents(f"{_CALM}/{line.circle.id}"),
                remember=partial(self._memory.keep, f"{_CALM}/{line.circle.id}"),
            ),
        )

    def confirmed(self, circle: str, member: str) -> None:
        """A member has confirmed that it has records of ours."""
        self._alerting.confirmed(circle, member)

    def ring_too(self, bells: Bells) -> None:
        """Ring others besides those of cases; whoever has them says (`tell`) when they may have changed."""
        self._alerting.ring_too(bells)

    def rings(self) -> list[Ring]:
        """Every bell that there is, whether it is to be rung now or not."""
        return self._alerting.rings()

    def listen(self, heard: Callable[[], None]) -> Callable[[], None]:
        """Have `heard` told when the bells may have changed. Returns what ends that."""
        return self._alerting.listen(heard)

    def tell(self) -> None:
        """The bells may have changed."""
        self._alerting.tell()

    async def run(self) -> None:
        """Alert and remind until cancelled."""
        await self._alerting.run()

    def troubles(self) -> Iterator[Trouble]:
        """The alerts that do not go out."""
        for name, why in self._alerting.failing().items():
            words = f"Alerts by {name} do not go out. {why} Next: `tocsin alert test {name}`."
            yield Trouble(code="alert-failed", explanation=words)


class _Memory:
    """What is remembered, in the store: without a sync of its own, since it may be forgotten."""

    def __init__(self, store: Store, committer: Committer) -> None:
        self._store = store
        self._committer = committer

    def read(self, channel: str) -> bytes | None:
        """What was rung by a channel."""
        return self._store.document(_SPACE, channel)

    async def write(self, channel: str, data: bytes) -> None:
        """Keep what was rung by a channel. Raises StorageFull."""
        await self.keep(_SPACE, channel, data)

    async def keep(self, space: str, key: str, data: bytes) -> None:
        """Keep a document. Raises StorageFull."""
        await self._committer.submit(partial(self._store.put_document, space, key, data), synced=False)
