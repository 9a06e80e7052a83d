"""Finding out when a member that is not reached is back.

What was sent into a cut line may hang until the time of its call is over, also when the line is back long
before that. So small calls are made one after the other, and none waits for those before it: the first answer
to any of them says that the member is back. The time between them is a hundredth of that for which it was
away, and a quarter of a second at least; longer where the node itself is late with it, since it has too much
to do already.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from tocsin.circles.errors import Unreachable
from tocsin.core.clock import Chance, Clock

LEAST_S = 0.25
MOST_S = 2.5
BUSY_S = 30.0
_SHARE = 0.01
_LATE_S = 0.02
_BUSY = 50


async def until_back(
    probe: Callable[[], Awaitable[None]], back: asyncio.Event, clock: Clock, chance: Chance
) -> None:
    """Return when `back` is set: by an answer to a `probe`, which is Unreachable without, or by others."""
    since_s, probes = clock.monotonic_s(), set[asyncio.Task[None]]()

    async def ask() -> None:
        with suppress(Unreachable):
            await probe()
            back.set()

    late_s = 0.0
    try:
        while not back.is_set():
            asking = asyncio.get_running_loop().create_task(ask())
            probes.add(asking)
            asking.add_done_callback(probes.discard)
            asked_s = clock.monotonic_s()
            wait_s = min(max(_SHARE * (asked_s - since_s), LEAST_S), MOST_S)
            wait_s = max(wait_s, min(_BUSY * (late_s - _LATE_S), BUSY_S)) * chance.uniform(0.75, 1.25)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await back.wait()
            late_s = max(0.0, clock.monotonic_s() - asked_s - wait_s)
    finally:
        for asking in list(probes):
            asking.cancel()
