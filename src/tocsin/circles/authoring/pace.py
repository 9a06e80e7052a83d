"""How large the next push to a member may be: as large as the line to it carries within the time of one call.

A push that is too large for a slow line is lost whole, however often it is sent again. So its size is halved
whenever no answer came in time, and doubled when one of that size was answered so quickly that twice as much
is sure to pass. A line that is down looks the same as a slow one: it starts small when it is back.
"""

from tocsin.circles.authoring.calling import TIMEOUT_S

LEAST_BYTES = 2**14
QUICK_S = TIMEOUT_S / 4


class Pace:
    """The pace of one line. Sizes are those of chunks, times those of calls."""

    def __init__(self, most_bytes: int) -> None:
        self._limit_bytes = most_bytes
        self.most_bytes = most_bytes

    @property
    def slow(self) -> bool:
        """Whether less goes at once than may."""
        return self.most_bytes < self._limit_bytes

    def answered(self, size_bytes: int, took_s: float) -> None:
        """A push of this size was answered. A small one says nothing of larger ones."""
        if took_s < QUICK_S and 2 * size_bytes > self.most_bytes:
            self.most_bytes = min(2 * self.most_bytes, self._limit_bytes)

    def unanswered(self, size_bytes: int, took_s: float) -> None:
        """No answer came to a push of this size. One that was turned away at once says nothing."""
        if took_s >= QUICK_S:
            self.most_bytes = max(min(size_bytes, self.most_bytes) // 2, LEAST_BYTES)
