"""When something may be done with a followed log: in turn, within its limit, and while there is room.

- All that is done with one log is done in turn, behind its lock. Different logs wait for nothing of each
  other's, but for large work, which takes turns: so no member's backlog delays another's record by more than
  one piece of it.
- Nobody keeps more than a few requests waiting; and where a log brings more than its limit, or the disk is
  nearly full, what it brings has to wait (docs/protocol.md, section 9.7).
"""

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable

from tocsin.circles.environment import Environment
from tocsin.circles.events import ToldLater, Why
from tocsin.circles.founding.charter import Limits
from tocsin.circles.founding.circle import Member
from tocsin.circles.wire.answers import Answer, Later
from tocsin.log.store import StorageFull

MAX_WAITING = 4
"""Requests of one member that may wait for their turn; further ones are answered *later*."""

SMALL_BYTES = 2**16
"""What brings more than this takes a turn."""

_BUSY_MS = 100
_LONGEST_MS = 3_600_000
_FULL_MS = 2_000


class Admission:
    """The locks of these logs, by their names, and what each of the `limited` may still bring."""

    def __init__(
        self, logs: Iterable[str], limited: Iterable[str], limits: Limits, environment: Environment
    ) -> None:
        self.locks = {log: asyncio.Lock() for log in logs}
        self._allowances = {log: environment.allowance(log, limits) for log in limited}
        self._turns = environment.turns
        self._on_event = environment.on_event
        self._waiting: Counter[str] = Counter()
        self.has_room = environment.has_room

    async def in_turn(
        self, log: str, sender: Member, work: Callable[[], Awaitable[Answer]], size_bytes: int = 0
    ) -> Answer:
        """Do it when nothing else is done with this log, unless the sender keeps too much waiting."""
        if self._waiting[sender.slug] >= MAX_WAITING:
            return self.later(log, sender, "busy")
        self._waiting[sender.slug] += 1
        try:
            if size_bytes <= SMALL_BYTES:
                return await self._locked(log, work)
            # The turn first: else whoever pushes another's log would keep its author waiting at the lock.
            async with self._turns.turn(str(sender.log), size_bytes):
                return await self._locked(log, work)
        except StorageFull:
            return self.later(log, sender, "room")
        finally:
            self._waiting[sender.slug] -= 1

    async def _locked(self, log: str, work: Callable[[], Awaitable[Answer]]) -> Answer:
        async with self.locks[log]:
            return await work()

    def why_later(self, log: str) -> Why | None:
        """Why nothing that this log brings may be taken now, if so."""
        if not self.has_room():
            return "room"
        allowance = self._allowances.get(log)
        return "limit" if allowance and allowance.wait_s() > 0 else None

    def later(self, log: str, sender: Member, why: Why) -> Later:
        """The answer that says so."""
        self._on_event(ToldLater(sender.slug, log, why))
        if why == "limit":
            wait_ms = math.ceil(self._allowances[log].wait_s() * 1000)
            return Later(min(wait_ms, _LONGEST_MS))
        return Later(_BUSY_MS if why == "busy" else _FULL_MS)

    def charge(self, log: str, entries: int, size_bytes: int) -> None:
        """What came counts against the limit of its log, whoever brought it."""
        if allowance := self._allowances.get(log):
            allowance.take(entries, size_bytes)
