"""How fast we answered communication checks, beside the median of the circle; nobody else's times.

A row for each check, the newest on top: our time is a disc, the circle's median a stroke, a cross where we
did not answer. Times stand on a scale of which each step is several times the one before. Below the moment of
a check is room for the same in the reader's zone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from statistics import median_low

from tocsin.web.charts.drawing import shapes
from tocsin.web.charts.drawing.figure import NARROW_PX, Chart, Key, Table, sample
from tocsin.web.charts.drawing.fitting import fitted
from tocsin.web.charts.drawing.svg import SMALL_PX, Drawing, Group, Part, Path, Text
from tocsin.web.charts.saying import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Say, lasting, moment

MAX_CHECKS = 12

_SCALE_MS = (
    *(SECOND_MS, 10 * SECOND_MS, MINUTE_MS, 10 * MINUTE_MS),
    *(HOUR_MS, 6 * HOUR_MS, DAY_MS, 7 * DAY_MS, 30 * DAY_MS),
)
_ROW_PX = 32
_HEAD_PX = 34
_LEFT_PX = 92
_RIGHT_PX = NARROW_PX - 22


@dataclass(frozen=True, slots=True)
class Check:
    """A communication check at a moment: how long we took, and the circle's median; None for no answer."""

    at_ms: int
    own_ms: int | None
    median_ms: int | None


def response_chart(checks: Sequence[Check], say: Say) -> Chart:
    """Our times beside the circle's."""
    newest = sorted(checks, key=lambda check: (-check.at_ms, check.own_ms or 0, check.median_ms or 0))
    shown = newest[:MAX_CHECKS]
    title, words = say("charts.responses_title"), _words(newest, say)
    if not shown:
        return Chart(title, words, ())
    scale = _scale(shown)
    parts = [*_grid(scale, len(shown), say)]
    for nth, check in enumerate(shown):
        parts += _row(check, _HEAD_PX + nth * _ROW_PX + _ROW_PX / 2, scale, say)
    height = _HEAD_PX + len(shown) * _ROW_PX + 6
    drawing = Drawing(NARROW_PX, height, tuple(parts), "chart-only", title, words)
    keys = [
        Key(sample(Path(shapes.circle(14, 10, 6), "chart-own")), say("charts.own_time")),
        Key(sample(Path("M14 3v14", "chart-median")), say("charts.circle_median")),
    ]
    if any(check.own_ms is None for check in shown):
        keys.append(
            Key(sample(Path(shapes.mark("withdrawal", 14, 10), "chart-missed")), say("charts.no_answer"))
        )
    return Chart(title, words, (drawing,), tuple(keys), _table(shown, say), say("charts.zones"))


def _words(checks: Sequence[Check], say: Say) -> str:
    own = [check.own_ms for check in checks if check.own_ms is not None]
    theirs = [check.median_ms for check in checks if check.median_ms is not None]
    told = [say("charts.checks", n=len(checks), missed=len(checks) - len(own))]
    if own:
        told.append(say("charts.own_median", time=lasting(median_low(own), say)))
    if theirs:
        told.append(say("charts.their_median", time=lasting(median_low(theirs), say)))
    return say("gap").join(told)


def _table(checks: Sequence[Check], say: Say) -> Table:
    def told(time_ms: int | None) -> str:
        return say("charts.no_answer") if time_ms is None else lasting(time_ms, say)

    return Table(
        say("charts.as_table"),
        (say("charts.check"), say("charts.own_time"), say("charts.circle_median")),
        tuple((moment(one.at_ms), told(one.own_ms), told(one.median_ms)) for one in checks),
    )


def _scale(checks: Sequence[Check]) -> Sequence[int]:
    """The steps from the last one below all times to the first one above."""
    times = [time_ms for one in checks for time_ms in (one.own_ms, one.median_ms) if time_ms is not None]
    least, most = min(times, default=SECOND_MS), max(times, default=MINUTE_MS)
    first = max((n for n, step in enumerate(_SCALE_MS[:-2]) if step <= least), default=0)
    last = next(
        (n for n, step in enumerate(_SCALE_MS) if step >= most and n >= first + 2), len(_SCALE_MS) - 1
    )
    return _SCALE_MS[first : last + 1]


def _x(time_ms: int, scale: Sequence[int]) -> float:
    bounded = min(max(time_ms, scale[0]), scale[-1])
    part = log(bounded / scale[0]) / log(scale[-1] / scale[0])
    return round(_LEFT_PX + (_RIGHT_PX - _LEFT_PX) * part, 1)


def _grid(scale: Sequence[int], rows: int, say: Say) -> list[Part]:
    """A line for each step, and how long that is, where there is room."""
    places = [(_x(step, scale), step) for step in scale]
    lines = "".join(f"M{x:g} {_HEAD_PX - 6}V{_HEAD_PX + rows * _ROW_PX}" for x, _ in places)
    labels: list[Part] = []
    free = 0.0
    for x, step in places:
        text = Text(x, 18, lasting(step, say), "chart-quiet", SMALL_PX, anchor="middle")
        left, _, right, _ = text.box
        if left >= free and right <= NARROW_PX:
            labels.append(text)
            free = right + 4
    return [Path(lines, "chart-grid"), *labels]


def _row(check: Check, y: float, scale: Sequence[int], say: Say) -> list[Part]:
    date = moment(check.at_ms).removesuffix(" UTC")[5:]
    parts: list[Part] = [
        Text(0, y - 3, fitted(date, _LEFT_PX - 8, SMALL_PX), "chart-quiet", SMALL_PX),
        Text(0, y + 12, "", "chart-quiet", SMALL_PX, here_ms=check.at_ms),
    ]
    own, theirs = check.own_ms, check.median_ms
    drawn: list[Path] = []
    if own is not None and theirs is not None:
        drawn.append(Path(f"M{_x(own, scale):g} {y:g}H{_x(theirs, scale):g}", "chart-apart"))
    if theirs is not None:
        drawn.append(Path(f"M{_x(theirs, scale):g} {y - 8:g}v16", "chart-median"))
    if own is None:
        drawn.append(Path(shapes.mark("withdrawal", _LEFT_PX, y), "chart-missed"))
        told = say("charts.no_answer")
    else:
        drawn.append(Path(shapes.circle(_x(own, scale), y, 6), "chart-own"))
        told = say("pair", label=say("charts.own_time"), value=lasting(own, say))
    if theirs is not None:
        told += say("comma") + say("pair", label=say("charts.circle_median"), value=lasting(theirs, say))
    return [*parts, Group(told, tuple(drawn))]
