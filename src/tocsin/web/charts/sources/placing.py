"""Where the boxes of the graph of sources stand, and the lines between them.

Wide: from left to right. Narrow: from the top down, with the lines beside the boxes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tocsin.web.charts.drawing import shapes
from tocsin.web.charts.drawing.figure import NARROW_PX, WIDE_PX
from tocsin.web.charts.sources.citing import Graph
from tocsin.web.charts.sources.ordering import Columns

HEADS = ("charts.sources", "charts.citing", "charts.repeating")
BOX_PX = 48

_PITCH_PX = 62
_HEAD_PX = 28


@dataclass(frozen=True, slots=True)
class Place:
    """Where a box stands."""

    x: float
    y: float
    across: float

    @property
    def middle(self) -> float:
        """Where lines leave and arrive."""
        return self.y + BOX_PX / 2

    @property
    def right(self) -> float:
        """Its other edge."""
        return self.x + self.across


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each source and member stands, and each heading; `below`: boxes stand in one column."""

    width: int
    height: int
    sources: Mapping[int, Place]
    members: Mapping[str, Place]
    heads: tuple[tuple[str, float, float, float], ...]
    below: bool


def wide(placed: Columns) -> Layout:
    """Sources left, then who cites one directly, then who only repeats."""
    sources, firsts, repeaters = placed
    bands = ((1.0, 223.0), (274.0, 208.0), (532.0, 208.0)) if repeaters else ((1.0, 329.0), (440.0, 300.0))
    most = max(len(sources), len(firsts), len(repeaters))
    tops = [_HEAD_PX + (most - len(column)) * _PITCH_PX / 2 for column in (sources, firsts, repeaters)]
    members = {
        name: Place(x, top + nth * _PITCH_PX, across)
        for (x, across), top, column in zip(bands[1:], tops[1:], (firsts, repeaters), strict=False)
        for nth, name in enumerate(column)
    }
    (x, across), top = bands[0], tops[0]
    heads = tuple((head, x, 12.0, across) for head, (x, across) in zip(HEADS, bands, strict=False))
    return Layout(
        WIDE_PX,
        _HEAD_PX + most * _PITCH_PX - (_PITCH_PX - BOX_PX) + 2,
        {number: Place(x, top + nth * _PITCH_PX, across) for nth, number in enumerate(sources)},
        members,
        heads,
        below=False,
    )


def narrow(graph: Graph, placed: Columns) -> Layout:
    """Below each source the members that cite it, who do not stand below another, and who repeats them."""
    numbers, _, _ = placed
    below = _below(graph, placed)
    x, right, inset, y = 34.0, NARROW_PX - 44.0, 22.0, 0.0
    sources: dict[int, Place] = {}
    members: dict[str, Place] = {}
    for number in numbers:
        sources[number] = Place(x, y, right - x)
        y += _PITCH_PX - 4
        for member in below.get(number, ()):
            members[member] = Place(x + inset, y, right - x - inset)
            y += _PITCH_PX - 6
        y += 10
    return Layout(NARROW_PX, int(y) - 18, sources, members, (), below=True)


def _below(graph: Graph, placed: Columns) -> Mapping[int, Sequence[str]]:
    """Below which source each member stands."""
    numbers, firsts, repeaters = placed
    order = {number: place for place, number in enumerate(numbers)}
    home: dict[str, int] = {}
    for number, member in sorted((*graph.firsts, *graph.lone), key=lambda one: order[one[0]]):
        home.setdefault(member, number)
    for _ in repeaters:
        for repeat in graph.repeats:
            if repeat.of in home:
                home.setdefault(repeat.member, home[repeat.of])
        if len(home) == len(firsts) + len(repeaters):
            break
    found: dict[int, list[str]] = {}
    for member in (*firsts, *repeaters):
        found.setdefault(home.get(member, numbers[-1]), []).append(member)
    return found


def between(source: Place, member: Place, layout: Layout) -> str:
    """The line from a source to who cites it."""
    if layout.below:
        out = -_out(source, member, layout) * 0.8
        return shapes.around(source.x, source.middle, member.middle, out, member.x)
    return shapes.across(source.right, source.middle, member.x, member.middle)


def back(member: Place, of: Place, layout: Layout) -> tuple[str, tuple[float, float]]:
    """The line from who repeats to who is repeated, and where the record stands on it."""
    if layout.below or member.x == of.x:
        y = of.middle + (10 if member.y > of.y else -10)
        return shapes.around(of.right, member.middle, y, _out(member, of, layout)), (of.right + 7, y)
    if member.x > of.x:
        return shapes.across(of.right, of.middle, member.x, member.middle), (of.right + 12, of.middle)
    return shapes.across(member.right, member.middle, of.x, of.middle), (of.x - 12, of.middle)


def _out(one: Place, other: Place, layout: Layout) -> float:
    """How far a line goes out beside boxes: further, the longer it is."""
    return min(54.0, 24 + abs(one.y - other.y) / 20) if layout.below else 26.0
