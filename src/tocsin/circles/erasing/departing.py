"""What is still here of the others once we have left, and purging it (docs/protocol.md, section 18.4).

Leaving purges nothing: handling outlives membership. Whoever may not keep what the others said, or does not
want to, orders the purge at the own node; nobody else learns of it. It is carried out as an erasure is.

- The order is kept, with who gave it. Stopped anywhere, a start goes on: what the store has is what is to do.
- What a hold of ours keeps is set apart. Every entry and checkpoint stays as proof, and each log's opening.
- Nothing is purged that belongs to our own log, in whatever epoch.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import msgspec

from tocsin.circles.environment import Environment
from tocsin.circles.erasing.view import Erasures
from tocsin.circles.errors import StillMember
from tocsin.circles.events import Purged
from tocsin.circles.founding.circle import Circle
from tocsin.circles.wire.messages import MAX_PUSH_BYTES
from tocsin.core.names import LogName
from tocsin.core.records import Leaving, parse_record
from tocsin.log.store import ASIDE, StorageFull

_AT_ONCE = 1_024
_AGAIN_S = 2.0
_SCRUBBED_EVERY_S = 0.05
_ORDER = "order"


class PurgeOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who of our organisation ordered that what the others said be purged here, when, and why."""

    at_ms: int
    ordered_by: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class KeptLog:
    """What is here of one log of another member: so many of its records, of which holds of ours keep some."""

    log: str
    member: str
    records: int
    held: int


class Departure:
    """What the node of the member `slug` has of the others. `erasures` are what it knows of holds.

    `done` is set when the purge was ordered, and nothing is left in any file but what holds keep.
    """

    def __init__(
        self, circle: Circle, slug: str, environment: Environment, erasures: Callable[[], Erasures]
    ) -> None:
        self._circle = circle
        self._slug = slug
        self._store = environment.store
        self._committer = environment.committer
        self._clock = environment.clock
        self._turns = environment.turns
        self._on_event = environment.on_event
        self._erasures = erasures
        self._ordered = asyncio.Event()
        self.done = asyncio.Event()
        if self.order:
            self._ordered.set()

    @property
    def gone(self) -> bool:
        """Whether we have left: nobody counts on what is held here any more, and that cannot change.

        Who was removed may turn out to be a member still: by a second amendment of the same version.
        """
        leavings = (parse_record(leaving).record for leaving in self._circle.leavings)
        return any(isinstance(leaving, Leaving) and leaving.member == self._slug for leaving in leavings)

    @property
    def order(self) -> PurgeOrder | None:
        """The order to purge, if it was given."""
        data = self._store.document(_space(self._circle), _ORDER)
        return msgspec.json.decode(data, type=PurgeOrder) if data else None

    def kept(self) -> tuple[KeptLog, ...]:
        """What is here of each log of the others, void ones and other versions among them."""
        return tuple(self._kept(log) for log in self._logs())

    async def purge(self, ordered_by: str, reason: str | None) -> None:
        """Order the purge, durably; it is soon done. The first order stays.

        Raises StillMember, StorageFull.
        """
        if not self.gone:
            raise StillMember("Expected an organisation that has left the circle, found a member of it.")
        if self.order is None:
            order = PurgeOrder(at_ms=self._clock.wall_ms(), ordered_by=ordered_by, reason=reason)
            data = msgspec.json.encode(order)
            await self._committer.submit(lambda: self._store.put_document(_space(self._circle), _ORDER, data))
        self._ordered.set()

    async def run(self) -> None:
        """Purge what was ordered, if we are gone, and see to it that nothing is left in any file."""
        await self._ordered.wait()
        for log in self._logs() if self.gone else ():
            await self._purge_in_time(log)
        while not self._store.scrubbed():
            await self._clock.sleep(_SCRUBBED_EVERY_S)
        if self.gone:
            self.done.set()

    async def _purge_in_time(self, log: str) -> None:
        """As soon as there is room."""
        while True:
            try:
                return await self._purge(log)
            except StorageFull:
                await self._clock.sleep(_AGAIN_S)

    async def _purge(self, log: str) -> None:
        await self._committer.submit(partial(self._store.drop_aheads, log))
        todo = self._todo(log)
        for start in range(0, len(todo), _AT_ONCE):
            part = todo[start : start + _AT_ONCE]
            held = self._held(log)
            left = set(part)
            while left:
                # It may be as much work as several pushes: other circles come in between.
                async with self._turns.turn(log, MAX_PUSH_BYTES):
                    left -= await self._committer.submit(
                        partial(self._store.erase, log, left.copy(), keeping=held)
                    )
            gone = tuple(index for index in part if index not in held)
            self._on_event(Purged(log, gone, tuple(sorted(held.intersection(part)))))

    def _logs(self) -> list[str]:
        """The logs of the others, and what was set aside of them."""
        names = (log.partition(ASIDE)[0] for log in self._store.logs())
        known = self._circle.by_log
        return [
            log
            for log, name in zip(self._store.logs(), names, strict=True)
            if name in known and known[name].slug != self._slug
        ]

    def _todo(self, log: str) -> list[int]:
        """The entries whose records are to go, and came here once, or may still: all but the opening."""
        head = self._store.head(log)
        size = head.size if head else 0
        return sorted(set(range(1, size)).difference(self._store.erased(log, 0, size)))

    def _held(self, log: str) -> frozenset[int]:
        return frozenset(place.index for place in self._erasures().held if place.log == log)

    def _kept(self, log: str) -> KeptLog:
        store, name = self._store, LogName.parse(log.partition(ASIDE)[0])
        head = store.head(log)
        size = head.size if head else 0
        low = max(1, self._circle.entitled_from(self._slug, name))
        absent = {*store.erased(log, 0, size), *store.missing(log, size), *range(low)}
        held = [index for index in self._held(log) if index < size and self._is_here(log, index)]
        apart = sum(store.set_apart(log, index) is not None for index in held)
        ahead = len(store.aheads(log))
        records = sum(1 for index in range(size) if index not in absent) + apart + ahead
        return KeptLog(log, name.member, records, len(held))

    def _is_here(self, log: str, index: int) -> bool:
        return self._store.set_apart(log, index) is not None or self._store.record(log, index)[2] is not None


def _space(circle: Circle) -> str:
    return f"purge/{circle.id}"
