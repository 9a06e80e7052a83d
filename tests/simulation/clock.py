"""The simulation's time and chance: virtual, and from a seed.

Each node has its own stream, named after it: one node's extra draw moves nobody else's.
"""

import asyncio
import random

from tests.simulation.loop import VirtualLoop

START_MS = 1_684_764_000_000
"""22 May 2023, 14:00 UTC."""


class VirtualClock:
    """A node's Clock (tocsin.core.clock): the loop's time, and a wall clock that is wrong by `skew_ms`."""

    def __init__(self, loop: VirtualLoop, skew_ms: int = 0) -> None:
        self._loop = loop
        self._start_ms = START_MS + skew_ms

    def wall_ms(self) -> int:
        """Unix time in milliseconds, as this node believes it."""
        return self._start_ms + int(self._loop.time() * 1000)

    def monotonic_s(self) -> float:
        """Seconds of virtual time."""
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` of virtual time."""
        await asyncio.sleep(seconds)


class SeededChance:
    """A Chance (tocsin.core.clock) of its own for each name."""

    def __init__(self, seed: int, name: str) -> None:
        self._random = random.Random(f"{seed}/{name}")

    def token(self, size_bytes: int) -> bytes:
        """The next bytes of this stream."""
        return self._random.randbytes(size_bytes)

    def uniform(self, low: float, high: float) -> float:
        """The next number of this stream."""
        return low + (high - low) * self._random.random()
