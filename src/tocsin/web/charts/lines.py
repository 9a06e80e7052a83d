"""The lines of a circle: us, every other member, and in words how it stands between the two.

- What a member confirmed of ours, and what we hold of its, are two things, and both stand there.
- A shape for each state of a line: unbroken, broken where something waits, with a bar across it where the
  line is suspended or nobody answers, forked where a member showed two versions of its log.
- Wide: us in the middle, the others at both sides. Narrow: us on top, the others below each other.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from tocsin.web.charts.drawing import shapes
from tocsin.web.charts.drawing.figure import NARROW_PX, WIDE_PX, Chart, Key, Table, sample
from tocsin.web.charts.drawing.fitting import fitted, in_two, width
from tocsin.web.charts.drawing.svg import SMALL_PX, TEXT_PX, Drawing, Group, Part, Path, Text
from tocsin.web.charts.saying import Say, begun, named, roughly

MAX_LINES = 64

State: TypeAlias = Literal["fork", "suspended", "silent", "waits", "good"]
"""The gravest thing that can be said of a line. *fork*: it showed two versions of its log. *suspended*: by
us. *silent*: it cannot be reached, or refuses. *waits*: it has not confirmed all of ours, or we lack some."""

STATES: tuple[State, ...] = get_args(State)
"""The gravest first."""

_HEAD = ("charts.member", "charts.line", "charts.of_ours", "charts.of_theirs", "charts.desk")
_BOX_PX = 102
_PITCH_PX = 116
_HUB_PX = 156


@dataclass(frozen=True, slots=True)
class Line:
    """A line to a member. `confirmed` of our `ours` records; `held` of its `known` ones.

    `missing`: of what is held, records are not here. `heard_ms`: when we last had something of it. `on_duty`
    is None where its hours are not known.
    """

    slug: str
    label: str
    state: State
    ours: int
    confirmed: int
    held: int
    known: int
    missing: bool = False
    heard_ms: int | None = None
    on_duty: bool | None = None


def line_map(us: str, label: str, lines: Sequence[Line], now_ms: int, say: Say) -> Chart:
    """How it stands with every member. `us` and `label` are our own slug and name."""
    every = sorted(lines, key=lambda line: (line.slug, line.label))
    shown = every[:MAX_LINES]
    counts = Counter(line.state for line in every)
    told = [
        say("charts.counted", what=begun(say(f"charts.line_{state}")), n=counts[state])
        for state in STATES
        if counts[state]
    ]
    if len(every) > len(shown):
        told.append(say("charts.more_members", n=len(every) - len(shown)))
    title, words = say("charts.lines_title"), say("gap").join(told)
    if not shown:
        return Chart(title, say("charts.alone"), ())
    told_lines = [_tell(line, now_ms, say) for line in shown]
    hub = _Hub(us, label, say("charts.us"))
    drawings = (
        Drawing(NARROW_PX, *_narrow(hub, told_lines), "chart-narrow", title, words),
        Drawing(WIDE_PX, *_wide(hub, told_lines), "chart-wide", title, words),
    )
    keys = tuple(
        Key(sample(*_line_sample(state), across=40), say(f"charts.line_{state}"))
        for state in reversed(STATES)
        if counts[state]
    )
    return Chart(title, words, drawings, keys, _table(told_lines, say))


@dataclass(frozen=True, slots=True)
class _Told:
    """A line in words: its state, what the member confirmed of ours, what we hold of its, its desk."""

    line: Line
    state: str
    theirs: str
    ours: str
    desk: str


def _tell(line: Line, now_ms: int, say: Say) -> _Told:
    theirs = "charts.confirmed_all" if line.confirmed >= line.ours else "charts.confirmed_some"
    ours = "charts.held_all" if line.held >= line.known and not line.missing else "charts.held_some"
    desk = {None: "charts.hours_unknown", True: "charts.on_duty", False: "charts.off_duty"}[line.on_duty]
    heard = "" if line.heard_ms is None else say("charts.ago", time=roughly(now_ms - line.heard_ms, say))
    return _Told(
        line,
        say(f"charts.line_{line.state}"),
        say(theirs, n=line.confirmed, of=line.ours),
        say(ours, n=line.held, of=line.known),
        " · ".join(filter(None, (say(desk), heard))),
    )


def _table(lines: Sequence[_Told], say: Say) -> Table:
    rows = tuple(
        (named(told.line.label, told.line.slug), told.state, told.theirs, told.ours, told.desk)
        for told in lines
    )
    return Table(say("charts.as_table"), tuple(map(say, _HEAD)), rows)


def _box(told: _Told, x: float, y: float, across: float) -> Group:
    line, room, left = told.line, across - 28, x + 14
    slug = fitted(line.slug, room * 0.5, SMALL_PX)
    label = fitted(line.label, room - width(slug, SMALL_PX) - 10, TEXT_PX, bold=True)
    state = fitted(told.state, room, SMALL_PX, bold=True)
    parts: tuple[Path | Text, ...] = (
        Path(shapes.box(x, y, across, _BOX_PX, 10), f"chart-member chart-box-{line.state}"),
        Text(left, y + 21, label, bold=True),
        Text(left + room, y + 21, slug, "chart-quiet", SMALL_PX, anchor="end"),
        Text(left, y + 41, state, f"chart-state-{line.state}", SMALL_PX, bold=True),
        *(
            Text(left, y + 59 + 17 * nth, fitted(text, room, SMALL_PX), "chart-quiet", SMALL_PX)
            for nth, text in enumerate((told.theirs, told.ours, told.desk))
        ),
    )
    all_told = (named(line.label, line.slug), told.state, told.theirs, told.ours, told.desk)
    return Group("\n".join(all_told), parts)


@dataclass(frozen=True, slots=True)
class _Hub:
    """Ourselves."""

    slug: str
    label: str
    us: str

    def drawn(self, x: float, y: float, across: float, down: float) -> Group:
        """In a place."""
        middle, room = x + across / 2, across - 24
        quiet = ("chart-on-hub", SMALL_PX)
        label = in_two(self.label, room, TEXT_PX, bold=True)
        top = y + min(down, 150) / 2 - (21 + 18 * len(label)) / 2 + 4
        texts = (
            Text(middle, top, fitted(self.us, room, SMALL_PX), *quiet, anchor="middle"),
            *(
                Text(middle, top + 21 + 18 * nth, line, "chart-on-hub", bold=True, anchor="middle")
                for nth, line in enumerate(label)
            ),
            Text(
                *(middle, top + 21 + 18 * len(label), fitted(self.slug, room, SMALL_PX), *quiet),
                anchor="middle",
            ),
        )
        outline = Path(shapes.box(x, y, across, down, 16), "chart-hub")
        return Group(named(self.label, self.slug), (outline, *texts))


def _wide(hub: _Hub, lines: Sequence[_Told]) -> tuple[int, tuple[Part, ...]]:
    across, half = 246.0, (len(lines) + 1) // 2
    height = max(half * _PITCH_PX - (_PITCH_PX - _BOX_PX), 120)
    hub_x, hub_down = (WIDE_PX - _HUB_PX) / 2, max(120.0, height - 2 * _BOX_PX)
    hub_y = (height - hub_down) / 2
    drawn: list[Part] = []
    boxes: list[Part] = []
    for those, x, from_x, to_x in (
        (lines[:half], 0.0, across, hub_x),
        (lines[half:], WIDE_PX - across, WIDE_PX - across, hub_x + _HUB_PX),
    ):
        top = (height - len(those) * _PITCH_PX + _PITCH_PX - _BOX_PX) / 2
        for nth, told in enumerate(those):
            y = top + nth * _PITCH_PX
            at = hub_y + 22 + (hub_down - 44) * (nth + 0.5) / len(those)
            drawn += _drawn_line(told.line.state, from_x, y + _BOX_PX / 2, to_x, at)
            boxes.append(_box(told, x, y, across))
    return int(height) + 2, (*drawn, *boxes, hub.drawn(hub_x, hub_y, _HUB_PX, hub_down))


def _narrow(hub: _Hub, lines: Sequence[_Told]) -> tuple[int, tuple[Part, ...]]:
    trunk, left, top = 18.0, 62.0, 96.0
    end = top + (len(lines) - 1) * _PITCH_PX
    drawn: list[Part] = [Path(f"M{trunk:g} 60V{end + _BOX_PX / 2:g}", "chart-trunk")]
    boxes: list[Part] = []
    for nth, told in enumerate(lines):
        y = top + nth * _PITCH_PX
        drawn += _drawn_line(told.line.state, left, y + _BOX_PX / 2, trunk, y + _BOX_PX / 2)
        boxes.append(_box(told, left, y, NARROW_PX - left - 1))
    return int(end) + _BOX_PX + 2, (*drawn, *boxes, hub.drawn(1, 1, NARROW_PX - 2, 72))


def _drawn_line(state: State, x0: float, y0: float, x1: float, y1: float) -> list[Path]:
    """A line from a member at the one end to us at the other, and the sign of its state at the member's."""
    way = 1 if x1 > x0 else -1
    level = x0 + way * 26
    d = f"M{x0:g} {y0:g}L" + shapes.across(level, y0, x1, y1)[1:]
    drawn = [Path(d, f"chart-line chart-line-{state}")]
    x = x0 + way * 15
    if state == "good":
        return drawn
    if state == "fork":
        prongs = f"M{x0:g} {y0 - 11:g}L{x + way * 4:g} {y0:g}L{x0:g} {y0 + 11:g}"
        return [*drawn, Path(prongs, "chart-line chart-line-fork")]
    if state == "suspended":
        return [*drawn, Path(f"M{x - 3:g} {y0 - 8:g}v16m6-16v16", "chart-sign")]
    if state == "silent":
        return [*drawn, Path(f"M{x - 6:g} {y0 - 6:g}l12 12m0-12l-12 12", "chart-sign")]
    return [*drawn, Path(shapes.circle(x, y0, 5), "chart-waiting")]


def _line_sample(state: State) -> list[Path]:
    return _drawn_line(state, 2, 10, 38, 10)
