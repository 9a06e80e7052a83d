"""Turns: large work for one member at a time, and fairly between members.

A node runs on one event loop. What a member sends in one push is checked, hashed and written within
milliseconds, and in that time nobody else is served. So large pushes, and large answers, take turns:

- one is worked on at a time. Whatever is small takes no turn: it meets one large piece of work at most, and
  not one of every member.
- Whoever had least goes next (start-time fair queueing: each piece of work starts, on a clock of its own,
  when the member's last one ended, or now if that is longer ago; the earliest start is next). So a member
  with a backlog of any length delays another by one piece of work, and nobody can save up turns.
"""

from asyncio import CancelledError, Future, get_running_loop
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from heapq import heappop, heappush


class Turns:
    """The turns of one node."""

    def __init__(self) -> None:
        self._taken = False
        self._now = 0
        self._ends: dict[str, int] = {}
        self._waiting: list[tuple[int, int, Future[None]]] = []
        self._came = 0

    @asynccontextmanager
    async def turn(self, of: str, cost: int) -> AsyncIterator[None]:
        """Within it, no other turn is taken. `cost` is in any unit, but the same for all."""
        start = max(self._now, self._ends.get(of, 0))
        self._ends[of] = start + cost
        if self._taken:
            await self._wait(start)
        self._taken, self._now = True, start
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, start: int) -> None:
        mine: Future[None] = get_running_loop().create_future()
        self._came += 1
        heappush(self._waiting, (start, self._came, mine))
        try:
            await mine
        except CancelledError:
            if mine.done() and not mine.cancelled():
                # It was our turn, and we do not want it any more.
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """To the next that still waits. Nobody comes in between: it stays taken."""
        while self._waiting:
            _, _, other = heappop(self._waiting)
            if not other.done():
                other.set_result(None)
                return
        self._taken, self._now = False, 0
        self._ends.clear()
