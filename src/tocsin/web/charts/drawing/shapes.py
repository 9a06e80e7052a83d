"""The shapes that charts are drawn with, as paths."""

from collections.abc import Iterable
from math import cos, pi, sin

from tocsin.web.charts.drawing.svg import Path


def box(x: float, y: float, across: float, down: float, corner: float = 8) -> str:
    """A rectangle with round corners."""
    level, upright, c = f"{across - 2 * corner:g}", f"{down - 2 * corner:g}", f"{corner:g}"
    sides = (f"h{level}", f"v{upright}", f"h-{level}", f"v-{upright}")
    turns = (f"{c} {c}", f"-{c} {c}", f"-{c} -{c}", f"{c} -{c}")
    around = "".join(f"{side}a{c} {c} 0 0 1 {turn}" for side, turn in zip(sides, turns, strict=True))
    return f"M{x + corner:g} {y:g}{around}z"


def pointed_box(x: float, y: float, across: float, down: float, point: float = 14) -> str:
    """A box that ends in a point at both sides."""
    return (
        f"M{x + point:g} {y:g}h{across - 2 * point:g}l{point:g} {down / 2:g}l{-point:g} {down / 2:g}"
        f"h{2 * point - across:g}l{-point:g} {-down / 2:g}z"
    )


def circle(x: float, y: float, radius: float) -> str:
    """A circle."""
    r = f"{radius:g}"
    return f"M{x - radius:g} {y:g}a{r} {r} 0 1 0 {2 * radius:g} 0a{r} {r} 0 1 0 {-2 * radius:g} 0z"


def arc(x: float, y: float, radius: float, thousandths: int) -> str:
    """A part of a circle, from the top on clockwise: more than nothing, less than all of it."""
    angle = 2 * pi * thousandths / 1000
    return (
        f"M{x:g} {y - radius:g}A{radius:g} {radius:g} 0 {int(thousandths > 500)} 1 "
        f"{x + radius * sin(angle):.2f} {y - radius * cos(angle):.2f}"
    )


def across(x0: float, y0: float, x1: float, y1: float) -> str:
    """A line that leaves and arrives level."""
    middle = (x0 + x1) / 2
    return f"M{x0:g} {y0:g}C{middle:g} {y0:g} {middle:g} {y1:g} {x1:g} {y1:g}"


def around(x: float, y0: float, y1: float, out: float, end_x: float | None = None) -> str:
    """A line from a place to one below or above it, at `end_x` if that is another: out, and back."""
    return f"M{x:g} {y0:g}C{x + out:g} {y0:g} {x + out:g} {y1:g} {x if end_x is None else end_x:g} {y1:g}"


MARKS = {
    "report": "m-6-6h12v12h-12z",
    "ask": "m-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0zm4 0a3 3 0 1 1 6 0a3 3 0 1 1-6 0z",
    "answer": "m-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0z",
    "acknowledgement": "m-7 0l2.5-2.5 3 3 6-6 2.5 2.5-8.5 8.5z",
    "reminder": "m0-7l7.5 13h-15z",
    "link": "m-7-4h6v3h2v-3h6v8h-6v-3h-2v3h-6z",
    "correction": "m0-7.5l7.5 7.5-7.5 7.5-7.5-7.5z",
    "withdrawal": "m-6.5-4l2.5-2.5 4 4 4-4 2.5 2.5-4 4 4 4-2.5 2.5-4-4-4 4-2.5-2.5 4-4z",
    "position": "m-6-7h13l-4 4.5 4 4.5h-10v5h-3z",
    "passing": "m-7-2.5h6v-4.5l8 7-8 7v-4.5h-6z",
    "closing": "m-5.5-7h4v14h-4zm7 0h4v14h-4z",
    "hypothesis": "m-7 7l7-14 7 14h-4l-3-6-3 6z",
    "reading": "m-7 7v-6h4v6zm5 0v-14h4v14zm5 0v-10h4v10z",
    "ground-truth": "m-7-7h14v5h-4.5v9h-5v-9h-4.5z",
}
"""A shape for each kind of record, 14 pixels wide and high, around the place it is moved to."""


def mark(kind: str, x: float, y: float) -> str:
    """The shape of a kind of record at a place."""
    return f"M{x:g} {y:g}{MARKS.get(kind, MARKS['report'])}"


def joined(css: str, shapes: Iterable[str]) -> tuple[Path, ...]:
    """Shapes that look the same as one path; none if there are none."""
    d = "".join(shapes)
    return (Path(d, css),) if d else ()
