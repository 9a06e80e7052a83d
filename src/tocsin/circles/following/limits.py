"""How much one log may grow: a charter's `[limits]`, as two buckets (docs/protocol.md, section 9.7).

- Each log has a bucket of records, which holds 10 seconds of them, and one of bytes, which holds a day's.
  Both start full, and fill at the rate that the charter states.
- Something may come as long as nothing is owed, and then it may take more than there is. So nothing is too
  large to come, and a backlog is slowed, never refused.
- What is urgent may owe 30 seconds of records more, and any number of bytes.
- Its author keeps such buckets of its own log, a little smaller, and waits. It empties them when it writes,
  and a follower when records arrive: a log that was written within its limits may be far beyond them where it
  arrives all at once.

Buckets are in memory. A new start of the node fills them, and no change of the circle.
"""

import math

from tocsin.circles.founding.charter import Limits
from tocsin.core.clock import Clock
from tocsin.core.tlog.entry import ENTRY_BYTES, SALT_BYTES

BURST_S = 10
AUTHOR_BURST_S = 9
URGENT_S = 30
DAY_S = 86_400
_LENGTH_BYTES = 4
BYTES_BESIDE_RECORD = ENTRY_BYTES + SALT_BYTES + _LENGTH_BYTES
"""What an entry takes in a chunk, besides its record."""


class Allowance:
    """What one log may still bring."""

    def __init__(self, limits: Limits, clock: Clock, burst_s: int = BURST_S) -> None:
        self._clock = clock
        self._records = _Bucket(limits.records_per_second, burst_s * limits.records_per_second)
        self._bytes = _Bucket(limits.bytes_per_day / DAY_S, limits.bytes_per_day)

    def wait_s(self) -> float:
        """Seconds until nothing is owed any more; 0 if that is so now."""
        now_s = self._clock.monotonic_s()
        return max(self._records.wait_s(now_s), self._bytes.wait_s(now_s))

    def urgent_wait_s(self) -> float:
        """The same for what is urgent."""
        return max(0.0, self._records.wait_s(self._clock.monotonic_s()) - URGENT_S)

    def take(self, entries: int, size_bytes: int) -> None:
        """So many entries came, or are about to be written, of so many bytes as they stand in a chunk."""
        now_s = self._clock.monotonic_s()
        self._records.take(entries, now_s)
        self._bytes.take(size_bytes, now_s)


class _Bucket:
    """Holds `most` at most and fills by `per_s`: so it is all told by when it will be full again."""

    def __init__(self, per_s: float, most: float) -> None:
        self._per_s = per_s
        self._fills_in_s = most / per_s
        self._full_at_s = -math.inf

    def wait_s(self, now_s: float) -> float:
        return max(0.0, self._full_at_s - now_s - self._fills_in_s)

    def take(self, amount: float, now_s: float) -> None:
        self._full_at_s = max(self._full_at_s, now_s) + amount / self._per_s
