"""The real clock and real chance: the only place where time and randomness enter a node."""

import asyncio
import secrets
import time


class SystemClock:
    """tocsin.core.clock.Clock, by this machine's clocks."""

    def wall_ms(self) -> int:
        """Unix time in milliseconds."""
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        """Seconds since a moment of no meaning."""
        # Not the loop's time, which under uvloop ticks in milliseconds.
        return time.perf_counter()

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""
        await asyncio.sleep(seconds)


class SystemChance:
    """tocsin.core.clock.Chance, from the operating system."""

    def token(self, size_bytes: int) -> bytes:
        """`size_bytes` bytes that nobody can guess."""
        return secrets.token_bytes(size_bytes)

    def uniform(self, low: float, high: float) -> float:
        """A number between `low` and `high`."""
        return secrets.SystemRandom().uniform(low, high)
