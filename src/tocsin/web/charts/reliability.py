"""Whether what was held to be likely came true as often as it was said: a point for each tenth.

The broken line is where both are the same. The stroke through a point is what so few cases leave open.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from tocsin.readings.scoring import Bin, Scores
from tocsin.web.charts.drawing import shapes
from tocsin.web.charts.drawing.figure import NARROW_PX, Chart, Key, Table, sample
from tocsin.web.charts.drawing.fitting import fitted
from tocsin.web.charts.drawing.svg import SMALL_PX, Drawing, Group, Part, Path, Text
from tocsin.web.charts.saying import Say

_LEFT: Final = 50
_TOP: Final = 30
_SIDE: Final = NARROW_PX - _LEFT - 14


def reliability_chart(scores: Scores, say: Say) -> Chart:
    """The reliability diagram of one forecaster."""
    title = say("assessing.reliability")
    words = say(
        "assessing.reliability_words",
        n=scores.count,
        said=_percent(scores.sharpness),
        came=_percent(scores.hits),
    )
    parts = [*_grid(say), *_points(scores.reliability, say)]
    drawing = Drawing(NARROW_PX, _TOP + _SIDE + 42, tuple(parts), "chart-only", title, words)
    return Chart(title, words, (drawing,), _keys(say), _table(scores.reliability, say))


def _percent(share: float) -> str:
    return f"{100 * share:.0f}"


def _x(share: float) -> float:
    return round(_LEFT + share * _SIDE, 1)


def _y(share: float) -> float:
    return round(_TOP + (1 - share) * _SIDE, 1)


def _grid(say: Say) -> Iterable[Part]:
    steps = (0, 0.25, 0.5, 0.75, 1)
    lines = (f"M{_x(0):g} {_y(one):g}H{_x(1):g}M{_x(one):g} {_y(0):g}V{_y(1):g}" for one in steps)
    yield from shapes.joined("chart-grid", lines)
    yield Path(f"M{_x(0):g} {_y(0):g}L{_x(1):g} {_y(1):g}", "judged-likely")
    for one in (0, 0.5, 1):
        told = f"{_percent(one)} %"
        yield Text(_LEFT - 8, _y(one) + 4, told, "chart-quiet", SMALL_PX, anchor="end")
        yield Text(min(_x(one), NARROW_PX - 20), _y(0) + 18, told, "chart-quiet", SMALL_PX, anchor="middle")
    yield Text(
        _x(0.5),
        _y(0) + 36,
        fitted(say("assessing.reliability_said"), _SIDE, SMALL_PX),
        "",
        SMALL_PX,
        anchor="middle",
    )
    yield Text(0, 14, fitted(say("assessing.reliability_true"), NARROW_PX, SMALL_PX), "", SMALL_PX)


def _points(bins: Sequence[Bin], say: Say) -> Iterable[Part]:
    for one in bins:
        x, (low, high) = _x(one.forecast), one.interval
        told = say("comma").join(
            (
                say("pair", label=say("assessing.reliability_said"), value=f"{_percent(one.forecast)} %"),
                say("pair", label=say("assessing.reliability_true"), value=f"{_percent(one.observed)} %"),
                say("pair", label=say("assessing.reliability_cases"), value=one.count),
            )
        )
        yield Group(
            told,
            (
                Path(f"M{x:g} {_y(low):g}V{_y(high):g}", "judged-open"),
                Path(shapes.circle(x, _y(one.observed), 5), "judged-step"),
            ),
        )


def _keys(say: Say) -> tuple[Key, ...]:
    return (
        Key(sample(Path(shapes.circle(14, 10, 5), "judged-step")), say("assessing.reliability_true")),
        Key(sample(Path("M14 2v16", "judged-open")), say("assessing.reliability_open")),
        Key(sample(Path("M2 18l24-16", "judged-likely")), say("assessing.reliability_even")),
    )


def _table(bins: Sequence[Bin], say: Say) -> Table:
    head = tuple(say(f"assessing.reliability_{one}") for one in ("said", "true", "open", "cases"))
    rows = (
        (
            f"{_percent(one.forecast)} %",
            f"{_percent(one.observed)} %",
            f"{_percent(one.interval[0])}–{_percent(one.interval[1])} %",
            str(one.count),
        )
        for one in bins
    )
    return Table(say("charts.as_table"), head, tuple(rows))
