"""What the nodes do, as they do it: each event with its moment, and waiting for what is to come."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from tocsin.circles.events import Event
from tocsin.core.clock import Clock
from tocsin.core.errors import Fault

BOUND_S = 60.0
"""After so long, what is waited for does not come any more. On a free machine, all comes within 3 s.

A node that is late with its own work, as on a machine that has too much to do, looks only every 37.5 s
whether a member is back (`probing.BUSY_S`, and a quarter of it by chance); then it makes its call anew, which
is three requests at most, of 5 s each. With a tenth of a processor, 21 s were seen.
"""


class DidNotHappen(Fault):
    """A step of the demo did not happen."""

    code = "did-not-happen"


@dataclass(frozen=True, slots=True)
class Seen:
    """An event at one desk's node, in one circle. `at_s` is monotonic."""

    at_s: float
    desk: str
    circle: str
    event: Event


class Watch:
    """Everything that happened at any node, in order. `troubles` says why something may not happen."""

    def __init__(self, clock: Clock, troubles: Callable[[], str]) -> None:
        self.seen: list[Seen] = []
        self._clock = clock
        self._troubles = troubles
        self._something = asyncio.Event()

    def heard(self, desk: str, circle: str, event: Event) -> None:
        """Something happened."""
        self.seen.append(Seen(self._clock.monotonic_s(), desk, circle, event))
        self._something.set()

    async def until(self, what: str, holds: Callable[[], bool], *, within_s: float = BOUND_S) -> None:
        """Return as soon as it holds, which is looked at after each event. Raises DidNotHappen."""
        try:
            async with asyncio.timeout(within_s):
                while not holds():
                    self._something.clear()
                    await self._something.wait()
        except TimeoutError:
            raise DidNotHappen(
                f"Expected {what} within {within_s:g} s; it did not happen. {self._troubles()}".rstrip()
            ) from None
