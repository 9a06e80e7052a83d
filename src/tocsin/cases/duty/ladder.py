"""The moments at which an alarm rings: the first, and then again and again while the desk is on duty."""

from dataclasses import dataclass

from tocsin.cases.delivery.hours import Hours


@dataclass(frozen=True, slots=True)
class Ladder:
    """Rings when so much of duty has passed since `since_ms`: `first_ms`, and each `again_ms` after that.

    `at_once`: at `since_ms` as well, on duty or not.
    """

    hours: Hours
    since_ms: int
    first_ms: int
    again_ms: int
    at_once: bool = False

    def last(self, now_ms: int) -> int | None:
        """The last moment that is not after now."""
        if now_ms < self.since_ms:
            return None
        moment_ms = self._moment(self._passed(now_ms))
        if moment_ms is not None and moment_ms <= now_ms:
            return moment_ms
        return self.since_ms if self.at_once else None

    def next(self, now_ms: int) -> int | None:
        """The first moment after now."""
        if now_ms < self.since_ms and self.at_once:
            return self.since_ms
        passed = self._passed(now_ms)
        moments = (self._moment(number) for number in (passed, passed + 1))
        return next(
            (moment_ms for moment_ms in moments if moment_ms is not None and moment_ms > now_ms), None
        )

    def _passed(self, now_ms: int) -> int:
        """The number of the last moment by now, from 0 on; -1 before the first."""
        return max(-1, (self.hours.worked(self.since_ms, now_ms) - self.first_ms) // self.again_ms)

    def _moment(self, number: int) -> int | None:
        if number < 0:
            return None
        return self.hours.after(self.since_ms, self.first_ms + number * self.again_ms)
