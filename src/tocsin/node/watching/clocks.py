"""Whether this machine's clock is right, by those of the other organisations (docs/protocol.md, section 6).

Every cosignature says when it was made, by its maker's clock, and comes back at once from who made it. No
clock decides anything between members; this only warns.

- What is compared is the median of the newest from each organisation, of two at least. Of an even number, the
  one in the middle that is nearer counts: so no single organisation can make a node warn.
- A sample is kept against the monotonic clock. So it still counts when the clock is set, and when somebody
  sets it wrong.
"""

from tocsin.core.clock import Clock

LEAST_ORGANISATIONS = 2
WARN_MS = 10_000
"""A cosignature has a time in whole seconds and is some seconds on its way: less than this says nothing."""

_HALF_A_SECOND_MS = 500


class Clocks:
    """One node's clock, and those of the organisations that it hears from."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead_of_monotonic_ms: dict[bytes, float] = {}

    def heard(self, organisation: bytes, time_s: int) -> None:
        """An organisation, known by its public key, signed this time just now."""
        told_ms = time_s * 1000 + _HALF_A_SECOND_MS
        self._ahead_of_monotonic_ms[organisation] = told_ms - self._monotonic_ms()

    def ahead_ms(self) -> int | None:
        """How far our clock is ahead of the others', or behind if negative; None if too few are known."""
        if len(self._ahead_of_monotonic_ms) < LEAST_ORGANISATIONS:
            return None
        ours = self._clock.wall_ms() - self._monotonic_ms()
        found = sorted(ours - theirs for theirs in self._ahead_of_monotonic_ms.values())
        middle = found[(len(found) - 1) // 2 : len(found) // 2 + 1]
        nearer = min(middle, key=abs) if middle[0] * middle[-1] > 0 else 0
        return round(nearer)

    def warning(self) -> str | None:
        """What is wrong with our clock, in words, if anything is."""
        ahead_ms = self.ahead_ms()
        if ahead_ms is None or abs(ahead_ms) < WARN_MS:
            return None
        side = "ahead of" if ahead_ms > 0 else "behind"
        others = len(self._ahead_of_monotonic_ms)
        return (
            f"This machine's clock is {abs(ahead_ms) // 1000} s {side} the median of {others} other "
            "organisations'. Nothing is refused because of it. "
            "Next: set the clock, for example with `timedatectl set-ntp true`."
        )

    def _monotonic_ms(self) -> float:
        return self._clock.monotonic_s() * 1000
