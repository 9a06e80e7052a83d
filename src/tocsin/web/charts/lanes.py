"""When each member said what in a case: a lane for every member, and a mark for every record.

- A mark's shape is the kind of the record; its place is the time that its author gives it. What does not
  count is an outline. Marks that would cover each other are one, with their number.
- Of more than 300 records the lanes show how many there are, as bars; the list of them is the page's.
- Times are in UTC; a script writes those of the reader's zone below them.
- A short stroke below a lane: by then the member had a record of another. Given are the records that the
  page shows; of others none is drawn.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from tocsin.cases.delivery.view import Delivered
from tocsin.cases.picture.view import COUNTING, CaseView, TimelineEntry
from tocsin.core.views import Terms
from tocsin.web.charts.axis import WHOLE, Axis, axis_of
from tocsin.web.charts.drawing import shapes
from tocsin.web.charts.drawing.figure import NARROW_PX, WIDE_PX, Chart, Key, Table, sample
from tocsin.web.charts.drawing.fitting import fitted
from tocsin.web.charts.drawing.svg import SMALL_PX, Drawing, Group, Part, Path, Text
from tocsin.web.charts.saying import Say, Telling, Word, lasting, moment

MAX_MARKED = 300
MAX_LANES = 64

_BIN_PX = 18
_APART_PX = 17
_HEAD_PX = 56
_TICK_PX = 80


def lanes_chart(
    view: CaseView, terms: Terms, say: Say, word: Word, delivered: Sequence[Delivered] = ()
) -> Chart:
    """When each member said what. `delivered`: who received these records by when."""
    title = say("charts.lanes_title")
    counts = _counted(view.timeline)
    present = [slug for slug, party in terms.parties.items() if party.present]
    speaking = list(dict.fromkeys(member for member, _ in counts))
    members = list(dict.fromkeys([*speaking, *sorted(present)]))
    words = say(
        "charts.lanes_words",
        records=len(view.timeline),
        members=len(speaking),
        silent=len(members) - len(speaking),
    )
    if not view.timeline:
        return Chart(title, words, ())
    telling = Telling(terms, say, word)
    drawn = _Lanes(view.timeline, members[:MAX_LANES], delivered, telling)
    words = say("gap").join([words, *drawn.besides(len(members))])
    drawings = (
        drawn.drawing(_Frame.narrow(drawn.members), "chart-narrow", title, words),
        drawn.drawing(_Frame.wide(drawn.members), "chart-wide", title, words),
    )
    table = _table(counts, drawn.members, telling)
    return Chart(title, words, drawings, drawn.keys(counts), table, say("charts.zones"))


def _counted(timeline: Iterable[TimelineEntry]) -> Mapping[tuple[str, str], int]:
    """How many records of each member and kind there are, those first that come first."""
    counts = Counter((entry.member, type(entry.record)) for entry in timeline)
    return {(member, str(kind.__struct_config__.tag)): n for (member, kind), n in counts.items()}


def _table(counts: Mapping[tuple[str, str], int], members: Sequence[str], telling: Telling) -> Table:
    kinds = [kind for kind in shapes.MARKS if any((member, kind) in counts for member in members)]
    rows = tuple(
        (telling.called(member), *(str(counts.get((member, kind), 0)) for kind in kinds))
        for member in members
    )
    words = (telling.word("Kind", kind) for kind in kinds)
    return Table(telling.say("charts.as_table"), (telling.say("charts.member"), *words), rows)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where lanes are: names left of them, or above. `left` and `across` are those of the line of time."""

    width: int
    left: float
    across: float
    pitch: float
    lane: float
    name_px: float
    lanes: int

    @classmethod
    def wide(cls, members: Sequence[str]) -> "_Frame":
        return cls(WIDE_PX, 190, WIDE_PX - 210, 48, 24, 170, len(members))

    @classmethod
    def narrow(cls, members: Sequence[str]) -> "_Frame":
        return cls(NARROW_PX, 12, NARROW_PX - 24, 66, 44, NARROW_PX, len(members))

    @property
    def bins(self) -> int:
        return int(self.across // _BIN_PX)

    @property
    def height(self) -> float:
        return _HEAD_PX + self.lanes * self.pitch

    @property
    def bands(self) -> Sequence[tuple[float, float]]:
        """From where to where lines of time are drawn: not through names."""
        if self.left > 100:
            return ((_HEAD_PX - 4, self.height),)
        return [(self.y(lane) - 15, self.y(lane) + 18) for lane in range(self.lanes)]

    def x(self, at: float) -> float:
        return round(self.left + at * self.across / WHOLE, 1)

    def y(self, lane: int) -> float:
        return _HEAD_PX + lane * self.pitch + self.lane


def _broken(frame: _Frame, start: float, end: float) -> Iterable[Path]:
    x0, x1 = frame.x(start) + 2, frame.x(end) - 2
    yield Path("".join(f"M{x0:g} {top:g}H{x1:g}V{low:g}H{x0:g}z" for top, low in frame.bands), "chart-gap")
    edges = (f"M{x:g} {top:g}V{low:g}" for top, low in frame.bands for x in (x0, x1))
    yield Path("".join(edges), "chart-gap-edge")


class _Lanes:
    """The lanes of one case, to be drawn in one frame or another."""

    def __init__(
        self,
        timeline: Sequence[TimelineEntry],
        members: Sequence[str],
        delivered: Sequence[Delivered],
        telling: Telling,
    ) -> None:
        self.members = members
        self._timeline = timeline
        self._telling = telling
        self._say = telling.say
        self._word = telling.word
        self._lane = {member: number for number, member in enumerate(members)}
        times = [entry.record.at_ms for entry in timeline]
        self._axis: Axis = axis_of(times)
        first, last = self._axis.stretches[0].from_ms, self._axis.stretches[-1].to_ms
        self._far = sum(not first <= at_ms <= last for at_ms in times)
        self._marked = len(timeline) <= MAX_MARKED
        lane = self._lane
        self._placed = [
            (lane[entry.member], place, entry)
            for entry, place in zip(timeline, self._axis.places(times), strict=True)
            if entry.member in lane
        ]
        self._received = set(self._receipts(delivered)) if self._marked else set()

    def _receipts(self, delivered: Iterable[Delivered]) -> Iterable[tuple[int, float]]:
        bounds = [
            (self._lane[reached.member], bound.at_ms)
            for one in delivered
            for reached in one.reached
            if (bound := reached.not_later or reached.by_others) and reached.member in self._lane
        ]
        places = self._axis.places(at_ms for _, at_ms in bounds)
        return zip((lane for lane, _ in bounds), places, strict=True)

    def besides(self, members: int) -> Iterable[str]:
        """What the lanes do not show as it is."""
        for _, _, span_ms in self._axis.gaps():
            yield self._gap_told(span_ms)
        if self._far:
            yield self._say("charts.far_off", n=self._far)
        if members > len(self.members):
            yield self._say("charts.more_members", n=members - len(self.members))

    def _gap_told(self, span_ms: int) -> str:
        return self._say("charts.gap", time=lasting(span_ms, self._say))

    def keys(self, counts: Mapping[tuple[str, str], int]) -> tuple[Key, ...]:
        """What the marks mean that there are."""
        if not self._marked:
            return (Key(sample(Path("M4 18v-6h8v6zm10 0v-14h8v14z", "chart-bar")), self._say("charts.bars")),)
        kinds = {kind for _, kind in counts}
        keys = [
            Key(sample(Path(shapes.mark(kind, 14, 10), f"chart-mark chart-{kind}")), self._word("Kind", kind))
            for kind in shapes.MARKS
            if kind in kinds
        ]
        if any(entry.standing not in COUNTING for entry in self._timeline):
            keys.append(
                Key(sample(Path(shapes.mark("answer", 14, 10), "chart-void")), self._say("charts.void"))
            )
        if self._received:
            keys.append(Key(sample(Path("M14 6v8", "chart-received")), self._say("charts.received")))
        return tuple(keys)

    def drawing(self, frame: _Frame, css: str, title: str, words: str) -> Drawing:
        """The lanes in a frame."""
        parts: list[Part] = list(self._grid(frame))
        parts += (part for number in range(len(self.members)) for part in self._name(number, frame))
        parts += self._marks(frame) if self._marked else self._bars(frame)
        return Drawing(frame.width, int(frame.height) + 8, tuple(parts), css, title, words)

    def _grid(self, frame: _Frame) -> Iterable[Part]:
        labels: list[Part] = []
        lines, day = [], None
        for at, at_ms in self._axis.ticks(frame.across, _TICK_PX):
            x = frame.x(at)
            lines += [f"M{x:g} {top:g}V{bottom:g}" for top, bottom in frame.bands]
            date, _, clock = moment(at_ms).removesuffix(" UTC").rpartition(" ")
            at_x = min(max(x, frame.left + 20), frame.left + frame.across - 20)
            above = ((32, clock), (14, date[5:])) if date != day else ((32, clock),)
            labels += (
                Text(at_x, y, fitted(text, 56, SMALL_PX), "chart-quiet", SMALL_PX, anchor="middle")
                for y, text in above
            )
            labels.append(Text(at_x, 48, "", "chart-quiet", SMALL_PX, anchor="middle", here_ms=at_ms))
            day = date
        lanes = (f"M{frame.left:g} {frame.y(lane):g}h{frame.across:g}" for lane in range(frame.lanes))
        yield from shapes.joined("chart-grid", lines)
        yield from shapes.joined("chart-lane", lanes)
        for start, end, span_ms in self._axis.gaps():
            yield Group(self._gap_told(span_ms), tuple(_broken(frame, start, end)))
        yield from labels

    def _name(self, number: int, frame: _Frame) -> Iterable[Part]:
        slug = self.members[number]
        label, y = self._telling.label(slug), frame.y(number)
        if frame.left > 100:
            first = Text(0, y - 4, fitted(label, frame.name_px, 14, bold=True), bold=True)
            second = Text(0, y + 13, fitted(slug, frame.name_px, SMALL_PX), "chart-quiet", SMALL_PX)
        else:
            first = Text(0, y - 20, fitted(label, frame.name_px * 0.6, 14, bold=True), bold=True)
            short = fitted(slug, frame.name_px * 0.36, SMALL_PX)
            second = Text(frame.name_px, y - 20, short, "chart-quiet", SMALL_PX, anchor="end")
        return (Group(self._telling.called(slug), (first, second)),)

    def _marks(self, frame: _Frame) -> Iterable[Part]:
        strokes = (f"M{frame.x(place):g} {frame.y(lane) + 11:g}v6" for lane, place in sorted(self._received))
        yield from shapes.joined("chart-received", strokes)
        together: dict[tuple[int, float], list[TimelineEntry]] = {}
        at: tuple[int, float] = (-1, 0.0)
        for lane, place, entry in sorted(self._placed, key=lambda one: one[:2]):
            x = frame.x(place)
            if lane != at[0] or x >= at[1] + _APART_PX:
                at = lane, x
            together.setdefault(at, []).append(entry)
        for (lane, x), entries in together.items():
            yield self._mark(entries, x, frame.y(lane))

    def _mark(self, entries: Sequence[TimelineEntry], x: float, y: float) -> Group:
        kinds = Counter(entry.record.kind for entry in entries)
        told = self._say("comma").join(
            self._say("pair", label=self._word("Kind", kind), value=kinds[kind])
            for kind in shapes.MARKS
            if kind in kinds
        )
        times = sorted(entry.record.at_ms for entry in entries)
        told = self._say("pair", label=moment(times[0]), value=told)
        if len(entries) > 1:
            return Group(
                told,
                (
                    Path(shapes.box(x - 8, y - 9, 16, 18, 4), "chart-several"),
                    Text(x, y + 4.5, str(min(len(entries), 99)), "chart-count", SMALL_PX, anchor="middle"),
                ),
                times[0],
            )
        (entry,) = entries
        css = f"chart-mark chart-{entry.record.kind}" if entry.standing in COUNTING else "chart-void"
        return Group(told, (Path(shapes.mark(entry.record.kind, x, y), css),), times[0])

    def _bars(self, frame: _Frame) -> Iterable[Part]:
        # Whatever stands at the very end is in the last bar, too.
        scale, step = frame.bins / (WHOLE + 1), frame.across / frame.bins
        counts = Counter([(lane, int(place * scale)) for lane, place, _ in self._placed])
        most = max(counts.values())
        lefts = [f"{frame.left + column * step + 1:.1f}" for column in range(frame.bins)]
        lows = [f"{frame.y(lane):g}" for lane in range(frame.lanes)]
        bars = [
            f"M{lefts[column]} {lows[lane]}v-{int(20 * sqrt(n / most)) or 1}h{step - 2:.1f}V{lows[lane]}z"
            for (lane, column), n in sorted(counts.items())
        ]
        yield from shapes.joined("chart-bar", bars)
