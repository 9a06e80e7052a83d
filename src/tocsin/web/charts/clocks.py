"""How much of the time for something is gone: a small ring beside words that say the same.

A shape for each state, whatever its colour: a ring that fills; an eight-sided sign where the time is over; a
check where it is done; dots where the time has not begun.
"""

from dataclasses import dataclass
from typing import Self

from tocsin.cases.delivery.view import Due, State
from tocsin.web.charts.drawing import shapes
from tocsin.web.charts.drawing.figure import Chart
from tocsin.web.charts.drawing.svg import Drawing, Path
from tocsin.web.charts.saying import Say, Word, lasting

_RING_PX = 28
_MIDDLE = 14.0
_RADIUS = 10.5


@dataclass(frozen=True, slots=True)
class Clock:
    """A time that runs for `what`, from `since_ms` until `until_ms`.

    Without the one it has not begun, without the other it never ends.
    """

    what: str
    state: State
    since_ms: int | None
    until_ms: int | None

    @classmethod
    def of(cls, due: Due, word: Word) -> Self:
        """That of something owed, by the charter's minutes."""
        return cls(word("Due", due.due), due.state, due.since_ms, due.due_by_ms)

    def gone(self, now_ms: int) -> int:
        """How much of the time is gone, in thousandths of it."""
        if self.since_ms is None or self.until_ms is None:
            return 0
        span = max(1, self.until_ms - self.since_ms)
        return min(1000, max(0, (now_ms - self.since_ms) * 1000 // span))

    def told(self, now_ms: int, say: Say) -> str:
        """How it stands, in words: how long there is, or how long it is overdue."""
        if self.state == "done":
            return say("charts.done")
        if self.state == "not-received":
            return say("charts.not_begun")
        if self.until_ms is None:
            return say("charts.no_end")
        key = "charts.overdue" if self.state == "overdue" else "charts.left"
        return say(key, time=lasting(self.until_ms - now_ms, say))


def small_clock(clock: Clock, now_ms: int, say: Say) -> Chart:
    """A ring of 28 pixels; its words stand beside it, and are its title."""
    title = say("pair", label=clock.what, value=clock.told(now_ms, say))
    parts = tuple(_ring(clock, now_ms))
    drawing = Drawing(_RING_PX, _RING_PX, parts, f"chart-ring chart-{clock.state}", title)
    return Chart(title, clock.told(now_ms, say), (drawing,))


def _ring(clock: Clock, now_ms: int) -> list[Path]:
    """The shape of a state."""
    if clock.state == "overdue":
        sign = f"M{_MIDDLE - 1.5:g} {_MIDDLE - 6:g}h3v7h-3zm0 9h3v3h-3z"
        return [Path(_octagon(_MIDDLE, _MIDDLE - 3), "chart-over"), Path(sign, "chart-over-sign")]
    track = Path(shapes.circle(_MIDDLE, _MIDDLE, _RADIUS), "chart-track")
    if clock.state == "done":
        return [track, Path(f"M{_MIDDLE - 5:g} {_MIDDLE:g}l3.5 3.5 6.5 -7", "chart-check")]
    if clock.state == "not-received":
        return [track]
    gone = clock.gone(now_ms)
    if gone >= 1000:
        return [Path(shapes.circle(_MIDDLE, _MIDDLE, _RADIUS), "chart-gone")]
    return [track, *([Path(shapes.arc(_MIDDLE, _MIDDLE, _RADIUS, gone), "chart-gone")] if gone else [])]


def _octagon(middle: float, radius: float) -> str:
    near, far = radius * 0.4142, radius
    corners = (
        *((-near, -far), (near, -far), (far, -near), (far, near)),
        *((near, far), (-near, far), (-far, near), (-far, -near)),
    )
    return "M" + "L".join(f"{middle + x:.1f} {middle + y:.1f}" for x, y in corners) + "z"
