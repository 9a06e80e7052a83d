"""A line of time on which nothing happens for long stretches only where it is said so.

- Where there is nothing for more than a fifth of the time, the line is broken: such a gap takes a small fixed
  part of it, so that what happened before and after can be told apart.
- Times that are over a year from the middle one are nobody's to believe: they stand at the ends.
- Places are thousandths of the line, whatever its length.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import count, pairwise
from operator import sub

from tocsin.web.charts.saying import DAY_MS, HOUR_MS, MINUTE_MS

FAR_MS = 366 * DAY_MS
WHOLE = 1000

_GAP = 40
_LEAST = 40
_MOST_GAPS = 4
_STEPS_MS = (
    *(MINUTE_MS * n for n in (1, 2, 5, 10, 15, 30)),
    *(HOUR_MS * n for n in (1, 2, 3, 6, 12)),
    *(DAY_MS * n for n in (1, 2, 7, 14, 30, 90)),
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the line without a gap: from where to where, and from when to when."""

    start: float
    end: float
    from_ms: int
    to_ms: int

    @property
    def per_ms(self) -> float:
        """How far it is from a moment to the next."""
        span = self.to_ms - self.from_ms
        return (self.end - self.start) / span if span else 0

    def at(self, at_ms: int) -> float:
        """Where a moment within it is; that of a single moment is in the middle."""
        if self.from_ms == self.to_ms:
            return (self.start + self.end) / 2
        return self.start + (at_ms - self.from_ms) * self.per_ms


@dataclass(frozen=True, slots=True)
class Axis:
    """The line, as its stretches in ascending order."""

    stretches: tuple[Stretch, ...]

    def places(self, times_ms: Iterable[int]) -> list[float]:
        """Where these moments are: within a gap or beyond an end, at the end of what is before."""
        begin = [stretch.from_ms for stretch in self.stretches[1:]]
        reckoned = [(one.at(one.from_ms), one.from_ms, one.to_ms, one.per_ms) for one in self.stretches]
        found = []
        for at_ms in times_ms:
            start, from_ms, to_ms, per_ms = reckoned[bisect_right(begin, at_ms)]
            since = (min(to_ms, at_ms)) - from_ms
            found.append(start + since * per_ms if since > 0 else start)
        return found

    def gaps(self) -> Iterator[tuple[float, float, int]]:
        """Where the line is broken: from, to, and how long that is, in milliseconds."""
        for one, other in pairwise(self.stretches):
            yield one.end, other.start, other.from_ms - one.to_ms

    def ticks(self, width_px: float, apart_px: float) -> Iterator[tuple[float, int]]:
        """Round moments, so that on so many pixels they are so far apart; and where they are."""
        last = -apart_px
        for stretch in self.stretches:
            length_px = (stretch.end - stretch.start) * width_px / WHOLE
            span = stretch.to_ms - stretch.from_ms
            step = next((one for one in _STEPS_MS if one * length_px >= apart_px * span), _STEPS_MS[-1])
            first = -(-stretch.from_ms // step) * step
            inside = list(range(first, stretch.to_ms + 1, step)) if span < step * WHOLE else []
            for at_ms in inside or [stretch.from_ms]:
                at = stretch.at(at_ms)
                if at * width_px / WHOLE >= last + apart_px:
                    last = at * width_px / WHOLE
                    yield at, at_ms


def axis_of(times_ms: Sequence[int]) -> Axis:
    """The line on which these times are, in any order; there is at least one."""
    times = sorted(times_ms)
    middle = times[len(times) // 2]
    near = times[bisect_left(times, middle - FAR_MS) : bisect_right(times, middle + FAR_MS)]
    breaks = _breaks(near)
    starts = [near[0], *(near[place] for place in breaks)]
    ends = [*(near[place - 1] for place in breaks), near[-1]]
    total = sum(end - start for start, end in zip(starts, ends, strict=True))
    room = WHOLE - _GAP * len(breaks) - _LEAST * len(starts)
    stretches, at = [], 0.0
    for start, end in zip(starts, ends, strict=True):
        length = _LEAST + room * ((end - start) / total if total else 1 / len(starts))
        stretches.append(Stretch(at, at + length, start, end))
        at += length + _GAP
    return Axis(tuple(stretches))


def _breaks(times: Sequence[int]) -> list[int]:
    """The places in ascending times before which the line is broken."""
    gaps = nlargest(_MOST_GAPS, zip(map(sub, times[1:], times), count(1), strict=False))
    whole = left = times[-1] - times[0]
    breaks = []
    for gap, place in gaps:
        if gap * 5 <= left or gap * 20 <= whole or gap < MINUTE_MS or len(times) < 3:
            break
        breaks.append(place)
        left -= gap
    return sorted(breaks)
