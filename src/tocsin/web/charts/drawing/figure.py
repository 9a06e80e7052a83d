"""A chart as a page shows it: drawings of it, what it shows in words, and the same as a table."""

from dataclasses import dataclass

from tocsin.web.charts.drawing.svg import Drawing, Part

NARROW_PX = 312
WIDE_PX = 760


@dataclass(frozen=True, slots=True)
class Key:
    """What a shape in the drawing means."""

    sample: Drawing
    word: str


@dataclass(frozen=True, slots=True)
class Table:
    """The same as rows, of which the first cell is what the row is about. `title` is what opens it."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: `words` are what it shows. Of two drawings the page shows the one that fits.

    `zones` is shown where times of the reader's zone stand in it, too.
    """

    title: str
    words: str
    drawings: tuple[Drawing, ...]
    keys: tuple[Key, ...] = ()
    table: Table | None = None
    zones: str = ""


def sample(*parts: Part, across: int = 28) -> Drawing:
    """A small drawing beside a word; 20 pixels high."""
    return Drawing(across, 20, parts, "chart-sample")
