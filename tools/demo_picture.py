"""Draws docs/demo.svg, the picture of the demo for the README, from what a terminal shows of it.

    .venv/bin/python tools/demo_picture.py docs/demo.svg

The demo is run at its own pace. Some of its lines are left out, as PARTS says; none is changed. Place and
length of all text are stated, so that columns stand in any font. It is light or dark as its reader's screen.
"""  # noqa: INP001 - a program, not a package

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from tocsin.cli.terminal import width

# By the beginnings of lines: where a part starts, and how many lines it has.
PARTS = (
    ("  1  ", 7),
    ("  2  ", 12),
    ("  3  ", 14),
    ("    Merbau and Yunshan", 3),
    ("    4 replies", 3),
    ("  4  ", 1),
    ("    3 readings", 3),
    ("    4 readings", 3),
    ("        Minato   reads", 4),
    ("    Somebody else calls", 5),
    ("  11  ", 6),
    ("    new keys ", 3),
    ("  12  ", 3),
    ("    back ", 1),
    ("    One charter", 16),
)
COLUMNS, CELL, LINE, MARGIN = 80, 8.4, 19.0, 18.0
CLASSES = {"1": "strong", "2": "faint", "31": "red", "32": "green", "33": "yellow"}
SGR = re.compile("\x1b\\[([0-9;]*)m")
# A run of text ends at two spaces, and where letters become wide or narrow.
RUN = re.compile(r"(?:[ᄀ-ᇿ⺀-鿿가-힯＀-｠]+|(?:(?! {2})[^ᄀ-ᇿ⺀-鿿가-힯＀-｠])+)")
STYLE = """
    .page { fill: #fbfaf7 } text { fill: #26241f } .strong { font-weight: 700 } .faint { fill: #857f72 }
    .green { fill: #1a7f4b } .yellow { fill: #8a6100 } .red { fill: #b3261e }
    @media (prefers-color-scheme: dark) {
      .page { fill: #171614 } text { fill: #dedad0 } .faint { fill: #8f897c }
      .green { fill: #6cc494 } .yellow { fill: #d3ab54 } .red { fill: #ef8377 }
    }
"""
FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace"


class Run(NamedTuple):
    """Text in one style, from a column on."""

    text: str
    column: int
    classes: str


def shown() -> list[str]:
    """The lines that the demo shows on a terminal of 80 columns."""
    near, far = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    command = [str(Path(sys.executable).with_name("tocsin")), "demo", "--terminal"]
    demo = subprocess.Popen(command, stdout=far, env=environment | {"COLUMNS": str(COLUMNS)})  # noqa: S603
    os.close(far)
    output = b"".join(_until_closed(near))
    if demo.wait():
        sys.exit("The demo failed: there is nothing to draw.")
    return output.decode().splitlines()


def chosen(lines: list[str]) -> Iterator[str]:
    """The lines of the picture, with an empty one between parts."""
    plain = [SGR.sub("", line) for line in lines]
    for start, count in PARTS:
        first = next(number for number, line in enumerate(plain) if line.startswith(start))
        yield from ["", *lines[first : first + count]]


def runs(line: str) -> Iterator[Run]:
    """The text of a line."""
    column, classes = 0, ""
    first, *styled = SGR.split(line)
    for code, part in [("0", first), *zip(styled[::2], styled[1::2], strict=True)]:
        classes = "" if code == "0" else f"{classes} {CLASSES[code]}".strip()
        for found in RUN.finditer(part):
            text = found[0].lstrip()
            before = part[: found.end() - len(text)]
            if text:
                yield Run(text.rstrip(), column + width(before), classes)
        column += width(part)


def drawn(lines: list[str]) -> Iterator[str]:
    """The picture as SVG."""
    wide, high = COLUMNS * CELL + 2 * MARGIN, len(lines) * LINE + 2 * MARGIN
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {high:g}" role="img">'
    yield "  <title>tocsin demo, as a terminal shows it; some lines are left out</title>"
    yield f"  <style>{STYLE}  </style>"
    yield f'  <rect class="page" width="{wide:g}" height="{high:g}" rx="8"/>'
    yield f'  <g font-family="{FONTS}" font-size="14">'
    for number, line in enumerate(lines):
        y = MARGIN + (number + 0.75) * LINE
        for text, column, classes in runs(line):
            place = f'x="{MARGIN + column * CELL:g}" y="{y:g}" textLength="{width(text) * CELL:g}"'
            style = f' class="{classes}"' if classes else ""
            yield f'    <text{style} {place} lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'
    yield "  </g>"
    yield "</svg>"


def _until_closed(terminal: int) -> Iterator[bytes]:
    try:
        while block := os.read(terminal, 4096):
            yield block
    except OSError:  # so Linux says that the other side of a terminal was closed
        os.close(terminal)


if __name__ == "__main__":
    _, *picture = chosen(shown())
    Path(sys.argv[1]).write_text("\n".join([*drawn(picture), ""]), encoding="utf-8")
