"""Time and chance, as arguments: so many nodes can run on one virtual clock and replay from one seed.

The real ones are in `node`, the only package that reads a clock or draws at random.
"""

from typing import Protocol


class Clock(Protocol):
    """What time it is, and waiting for it to pass."""

    def wall_ms(self) -> int:
        """Unix time in milliseconds: for people, and for what is signed. It may jump either way."""
        ...

    def monotonic_s(self) -> float:
        """Seconds since a moment of no meaning: for durations. It never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` of this clock's time."""
        ...


class Chance(Protocol):
    """Where salts, keys, nonces and jitter come from."""

    def token(self, size_bytes: int) -> bytes:
        """`size_bytes` bytes that nobody can guess."""
        ...

    def uniform(self, low: float, high: float) -> float:
        """A number between `low` and `high`: for jitter, never for a secret."""
        ...
