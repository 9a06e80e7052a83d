"""Ringing the bells through the channels, until somebody is aware.

- Each channel rings for itself: one that fails, or hangs, keeps no other from it. All that is to be rung goes
  into one message, and between two there is time.
- What did not go out is tried again, after ever longer, up to a minute; by then it may have changed, or be
  done. What has gone out is remembered across starts; of what nobody knows whether it has, it goes again.
- The moments at which it rings again are the case's own (`tocsin.cases.duty`).
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Protocol

import msgspec
from structlog.typing import FilteringBoundLogger

from tocsin.cases.duty import Policy
from tocsin.core.clock import Clock
from tocsin.log.store import StorageFull
from tocsin.node.alerting.channels import Channel
from tocsin.node.alerting.settings import DutySettings
from tocsin.node.alerting.telling import Ring, compose
from tocsin.node.alerting.watching import SETTLE_S, Watch, Watched
from tocsin.node.errors import AlertFailed

GAP_S = 5.0
FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 60.0


class Bells(Protocol):
    """Bells that ring until what they ring for is done."""

    @property
    def whole(self) -> bool:
        """Whether all that there is has been looked at since the start."""
        ...

    def rings(self) -> list[Ring]:
        """Every bell that there is, whether it is to be rung now or not."""
        ...


class Memory(Protocol):
    """What was rung, kept across starts: of each channel a small document."""

    def read(self, channel: str) -> bytes | None:
        """The one that was written last."""
        ...

    async def write(self, channel: str, data: bytes) -> None:
        """Keep this one in its place."""
        ...


def policy_of(duty: DutySettings) -> Policy:
    """What the operator decided, as cases have it."""
    return Policy(
        again=duty.again_percent * 10,
        answer=duty.answer_percent * 10,
        deputy=duty.deputy_percent * 10,
        escalate=duty.escalate_percent * 10,
        remind=duty.remind,
    )


class Alerting:
    """Alerts of one node, which people know by the name `node`."""

    def __init__(
        self,
        channels: Iterable[Channel],
        policy: Policy,
        node: str,
        memory: Memory,
        *,
        clock: Clock,
        log: FilteringBoundLogger,
    ) -> None:
        self.watch = Watch(policy, clock, log, self.tell)
        self._bells: list[Bells] = [self.watch]
        self._listeners: list[Callable[[], None]] = []
        self._ringers = [
            _Ringer(channel, self._bells, node, memory, clock=clock, log=log) for channel in channels
        ]

    async def run(self) -> None:
        """Watch and ring until cancelled. Raises what is a fault of this program."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.watch.run())
            for ringer in self._ringers:
                group.create_task(ringer.run())

    def failing(self) -> Mapping[str, str]:
        """The channels whose last message did not go out, and why."""
        return {ringer.name: ringer.failure for ringer in self._ringers if ringer.failure}

    def add(self, circle: str, watched: Watched) -> None:
        """Alert of another circle, too."""
        self.watch.add(circle, watched)

    def confirmed(self, circle: str, member: str) -> None:
        """A member has confirmed that it has records of ours."""
        self.watch.confirmed(circle, member)

    def ring_too(self, bells: Bells) -> None:
        """Ring others besides those of cases; whoever has them says (`tell`) when they may have changed."""
        self._bells.append(bells)

    def tell(self) -> None:
        """The bells may have changed."""
        for ringer in self._ringers:
            ringer.woken.set()
        for heard in list(self._listeners):
            heard()

    def rings(self) -> list[Ring]:
        """Every bell that there is, whether it is to be rung now or not."""
        return _rings(self._bells)

    def listen(self, heard: Callable[[], None]) -> Callable[[], None]:
        """Have `heard` told when the bells may have changed. Returns what ends that."""
        self._listeners.append(heard)
        return lambda: self._listeners.remove(heard)


class _Ringer:
    """One channel. `woken` is set when there may be something to ring."""

    def __init__(
        self,
        channel: Channel,
        bells: Sequence[Bells],
        node: str,
        memory: Memory,
        *,
        clock: Clock,
        log: FilteringBoundLogger,
    ) -> None:
        self.name = channel.settings.name
        self.woken = asyncio.Event()
        self.failure = ""
        self._channel = channel
        self._bells = bells
        self._node = node
        self._memory = memory
        self._clock = clock
        self._log = log
        self._rung = _read(memory.read(self.name))

    async def run(self) -> None:
        """Ring what is to be rung, until cancelled."""
        retry_s = FIRST_RETRY_S
        while True:
            self.woken.clear()
            rings = self._to_ring()
            if not rings:
                await self.woken.wait()
                await self._clock.sleep(SETTLE_S)
            elif await self._ring(rings):
                retry_s = FIRST_RETRY_S
                await self._clock.sleep(GAP_S)
            else:
                await self._clock.sleep(retry_s)
                retry_s = min(2 * retry_s, LONGEST_RETRY_S)

    def _to_ring(self) -> list[Ring]:
        now_ms, audience = self._clock.wall_ms(), self._channel.settings.to
        return [
            ring
            for ring in _rings(self._bells)
            if ring.bell.audience == audience and ring.bell.rings(self._rung.get(ring.key), now_ms)
        ]

    async def _ring(self, rings: list[Ring]) -> bool:
        """Whether it went out, as far as is known."""
        message = compose(rings, self._node, self._channel.settings.max_tlp)
        try:
            await self._channel.way.send(message, self._clock.wall_ms())
        except AlertFailed as failure:
            self.failure = str(failure)
            self._log.warning(failure.code, channel=self.name, why=self.failure)
            return False
        self.failure = ""
        self._log.info("alerted", channel=self.name, alerts=len(rings))
        await self._remember(rings)
        return True

    async def _remember(self, rings: list[Ring]) -> None:
        if all(bells.whole for bells in self._bells):
            known = {ring.key for ring in _rings(self._bells)}
            self._rung = {key: at_ms for key, at_ms in self._rung.items() if key in known}
        self._rung |= {ring.key: ring.bell.last_ms for ring in rings if ring.bell.last_ms is not None}
        # On a full disk it is remembered here, and after a new start said again.
        with suppress(StorageFull):
            await self._memory.write(self.name, msgspec.json.encode(self._rung))


def _rings(bells: Iterable[Bells]) -> list[Ring]:
    return [ring for each in bells for ring in each.rings()]


def _read(data: bytes | None) -> dict[str, int]:
    """What was rung; what cannot be read is rung again."""
    with suppress(msgspec.DecodeError):
        return msgspec.json.decode(data or b"", type=dict[str, int])
    return {}
