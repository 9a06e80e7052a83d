"""A drawing: paths and texts, and its one form, SVG.

- A drawing has a fixed size and is never shown smaller, so no text of it is either; where there is less room,
  another drawing of the same chart is shown (`figure`).
- Shapes are paths. Where things are stands in attributes, as what they look like does in the style, by class:
  the page's policy allows no style of their own, and the reader chooses light, dark, contrast or paper.
- Everything is escaped here, whoever wrote it, and drawn left to right; a text that begins with a character
  of a script from right to left runs within its own place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Literal, TypeAlias

from tocsin.web.charts.drawing.fitting import is_from_right, width

TEXT_PX = 14
SMALL_PX = 12

Anchor: TypeAlias = Literal["start", "middle", "end"]
Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom."""

# As the script writes it, with the days between.
_HERE = "00:00 +1"
_PLAIN = {"start": "start", "middle": "middle", "end": "end"}
_TURNED = {"start": "end", "middle": "middle", "end": "start"}


@dataclass(frozen=True, slots=True)
class Path:
    """A shape, as the attribute `d` of an SVG path has it; `css` are its classes."""

    d: str
    css: str


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text on the baseline `y`, at `x` with the edge that `anchor` says: *start* is its left.

    With `here_ms`, and no text: a script says there when that is in the reader's zone, if that is another.
    """

    x: float
    y: float
    text: str
    css: str = ""
    size_px: int = TEXT_PX
    bold: bool = False
    anchor: Anchor = "start"
    here_ms: int | None = None

    @property
    def box(self) -> Box:
        """The place that it takes at most."""
        text = self.text if self.here_ms is None else _HERE
        across = width(text, self.size_px, bold=self.bold)
        left = self.x - {"start": 0.0, "middle": across / 2, "end": across}[self.anchor]
        return left, self.y - self.size_px * 0.8, left + across, self.y + self.size_px * 0.2


@dataclass(frozen=True, slots=True)
class Group:
    """Some parts, and what is said of them where somebody points at them: with `here_ms`, as in a `Text`."""

    title: str
    parts: tuple[Path | Text, ...]
    here_ms: int | None = None


Part: TypeAlias = Path | Text | Group


@dataclass(frozen=True, slots=True)
class Drawing:
    """An image for whoever sees it, and `title` and `words` for whoever does not.

    Without a title it is an ornament beside words that say the same.
    """

    width: int
    height: int
    parts: tuple[Part, ...]
    css: str
    title: str = ""
    words: str = ""

    def __html__(self) -> str:
        """The drawing for a page; Jinja takes it as it is."""
        told = ' aria-hidden="true" focusable="false">'
        if self.title:
            told = f' role="img"><title>{escape(self.title)}</title>'
            told += f"<desc>{escape(self.words)}</desc>" if self.words else ""
        size = f'width="{self.width}" height="{self.height}" viewBox="0 0 {self.width} {self.height}"'
        inside = "".join(_written(self.parts))
        return f'<svg class="chart-drawing {self.css}" {size} direction="ltr"{told}{inside}</svg>'

    def texts(self) -> Iterator[Text]:
        """All texts."""
        for part in self.parts:
            inner = part.parts if isinstance(part, Group) else (part,)
            yield from (one for one in inner if isinstance(one, Text))


def _written(parts: tuple[Part, ...]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Path):
            yield f'<path class="{part.css}" d="{part.d}"/>'
        elif isinstance(part, Text):
            yield _text(part)
        else:
            inside = "".join(_written(part.parts))
            yield f"<g{_here(part.here_ms)}><title>{escape(part.title)}</title>{inside}</g>"


def _text(text: Text) -> str:
    turned = is_from_right(text.text)
    anchor = (_TURNED if turned else _PLAIN)[text.anchor]
    attributes = f' class="chart-text{text.css and " "}{text.css}" font-size="{text.size_px}"'
    attributes += ' font-weight="600"' if text.bold else ""
    attributes += f' text-anchor="{anchor}"' if anchor != "start" else ""
    attributes += ' direction="rtl"' if turned else ""
    attributes += _here(text.here_ms)
    return f'<text x="{text.x:g}" y="{text.y:g}"{attributes}>{escape(text.text)}</text>'


def _here(at_ms: int | None) -> str:
    return "" if at_ms is None else f' data-here-ms="{at_ms}"'
