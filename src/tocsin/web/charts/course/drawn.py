"""How likely each kind was held to be as a case went on, each with its range: a strip for each kind.

- A step is a record after which the common view was worked out: it holds until the next. The likeliest kind
  now is on top.
- The line is the probability, the band what it would be without any one source or member. Above the broken
  line a kind is likely. A hollow step is one at which it was held back.
- Clocks of different members differ: a step never stands before the one that it follows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from tocsin.core.views import Terms
from tocsin.node.casework.assessing import Point
from tocsin.readings.likelihood import LIKELY_PERMILLE
from tocsin.readings.view import Judged
from tocsin.web.charts.axis import WHOLE, Axis, axis_of
from tocsin.web.charts.course.telling import as_table, in_words, is_held, now_told, step_told
from tocsin.web.charts.drawing import shapes
from tocsin.web.charts.drawing.figure import NARROW_PX, WIDE_PX, Chart, Key, sample
from tocsin.web.charts.drawing.fitting import fitted
from tocsin.web.charts.drawing.svg import SMALL_PX, Drawing, Group, Part, Path, Text
from tocsin.web.charts.saying import Say, Telling, Word, moment

_HEAD_PX = 56
_STRIP_PX = 52
_TICK_PX = 80
_NOW_PX = 24
_QUARTERS = (0, 500, 1000)


def course_chart(points: Sequence[Point], earlier: int, terms: Terms, say: Say, word: Word) -> Chart:
    """The course of the newest `points`, before which there were `earlier` ones."""
    title = say("assessing.course_title")
    if not points:
        return Chart(title, say("assessing.course_none"), ())
    telling = Telling(terms, say, word)
    words = in_words(points, earlier, telling)
    drawn = _Strips(points, telling)
    drawings = (
        drawn.drawing(_NARROW, "chart-narrow", title, words),
        drawn.drawing(_WIDE, "chart-wide", title, words),
    )
    return Chart(title, words, drawings, _keys(points, say), as_table(points, telling), say("charts.zones"))


def _keys(points: Iterable[Point], say: Say) -> tuple[Key, ...]:
    held = Key(sample(Path(shapes.circle(14, 10, 3.5), "judged-step judged-hollow")), say("assessing.held"))
    return (
        Key(sample(Path("M2 14h12v-8h12", "judged-line")), say("assessing.course_line")),
        Key(sample(Path("M2 4h24v12h-24z", "judged-band")), say("assessing.range")),
        Key(sample(Path("M2 10h24", "judged-likely")), say("assessing.course_likely")),
        *((held,) if any(point.held_back for point in points) else ()),
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where strips are: names left of them, or above. `left` and `across` are those of the line of time.

    The last step holds on: at the end there is room for it.
    """

    width: int
    left: float
    across: float
    pitch: float
    above: float

    def x(self, at: float) -> float:
        return round(self.left + at * (self.across - _NOW_PX) / WHOLE, 1)

    @property
    def is_wide(self) -> bool:
        return self.left > 100

    @property
    def name_px(self) -> float:
        return self.left - 10 if self.is_wide else self.width - 50

    @property
    def end(self) -> float:
        return self.left + self.across

    def y(self, strip: int, permille: int) -> float:
        low = _HEAD_PX + strip * self.pitch + self.above + _STRIP_PX
        return round(low - permille * _STRIP_PX / 1000, 1)


_WIDE = _Frame(WIDE_PX, 262, WIDE_PX - 312, _STRIP_PX + 26, 4)
_NARROW = _Frame(NARROW_PX, 5, NARROW_PX - 56, _STRIP_PX + 62, 44)


class _Strips:
    """The strips of one course, to be drawn in one frame or another."""

    def __init__(self, points: Sequence[Point], telling: Telling) -> None:
        self._points = points
        self._telling = telling
        times = list(accumulate((one.at_ms for one in points), max))
        self._axis: Axis = axis_of(times)
        self._places = self._axis.places(times)
        last = points[-1].kinds
        self._order = sorted(range(len(last)), key=lambda kind: -last[kind].permille)

    def drawing(self, frame: _Frame, css: str, title: str, words: str) -> Drawing:
        """The strips in a frame."""
        parts = list(self._times(frame))
        for strip, kind in enumerate(self._order):
            parts += self._strip(strip, [point.kinds[kind] for point in self._points], frame)
        height = int(frame.y(len(self._order) - 1, 0)) + 12
        return Drawing(frame.width, height, tuple(parts), css, title, words)

    def _times(self, frame: _Frame) -> Iterable[Part]:
        day = None
        for at, at_ms in self._axis.ticks(frame.across - _NOW_PX, _TICK_PX):
            date, _, clock = moment(at_ms).removesuffix(" UTC").rpartition(" ")
            x = min(max(frame.x(at), frame.left + 28), frame.end - 28)
            for y, text in ((32, clock), (14, date[5:]))[: 1 if date == day else 2]:
                yield Text(x, y, fitted(text, 56, SMALL_PX), "chart-quiet", SMALL_PX, anchor="middle")
            yield Text(x, 48, "", "chart-quiet", SMALL_PX, anchor="middle", here_ms=at_ms)
            day = date

    def _strip(self, strip: int, course: Sequence[Judged], frame: _Frame) -> Iterable[Part]:
        yield from self._name(strip, course[-1], frame)
        yield from self._grid(strip, frame)
        xs = [*map(frame.x, self._places), frame.end]
        least = [frame.y(strip, one.least_permille) for one in course]
        most = [frame.y(strip, one.most_permille) for one in course]
        there = "".join(f"H{to:g}V{y:g}" for to, y in zip(xs[1:], [*most[1:], least[-1]], strict=True))
        back = "".join(f"H{at:g}V{y:g}" for at, y in zip(xs[-2::-1], [*least[-2::-1], most[0]], strict=True))
        yield Path(f"M{xs[0]:g} {most[0]:g}{there}{back}z", "judged-band")
        ys = [frame.y(strip, one.permille) for one in course]
        line = "".join(f"H{x:g}V{y:g}" for x, y in zip(xs[1:-1], ys[1:], strict=True))
        yield Path(f"M{xs[0]:g} {ys[0]:g}{line}H{xs[-1]:g}", "judged-line")
        for point, one, x, y in zip(self._points, course, xs, ys, strict=False):
            named = self._telling.say(
                "pair", label=self._telling.called(point.member), value=step_told(one, point, self._telling)
            )
            told = self._telling.say("pair", label=moment(point.at_ms), value=named)
            css = "judged-step judged-hollow" if is_held(one, point) else "judged-step"
            yield Group(told, (Path(shapes.circle(x, y, 3.5), css),), point.at_ms)

    def _name(self, strip: int, now: Judged, frame: _Frame) -> Iterable[Part]:
        name, told = self._telling.word("What", now.what), now_told(now, self._points[-1], self._telling)
        top, most_px = frame.y(strip, 1000), frame.name_px
        first = top + (20 if frame.is_wide else -30)
        yield Text(0, first, fitted(name, most_px, 14, bold=True), bold=True)
        yield Text(0, first + 18, fitted(told, most_px, SMALL_PX), "chart-quiet", SMALL_PX)

    def _grid(self, strip: int, frame: _Frame) -> Iterable[Part]:
        end = frame.end
        lines = (f"M{frame.left:g} {frame.y(strip, one):g}H{end:g}" for one in _QUARTERS)
        yield from shapes.joined("chart-grid", lines)
        yield Path(f"M{frame.left:g} {frame.y(strip, LIKELY_PERMILLE):g}H{end:g}", "judged-likely")
        for one in (0, 1000):
            label = f"{one // 10} %"
            yield Text(end + 6, frame.y(strip, one) + 4, label, "chart-quiet", SMALL_PX)
