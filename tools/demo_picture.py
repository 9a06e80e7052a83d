"""Draws docs/demo.svg, the picture of the demo in the README, from what `tocsin demo` shows on a terminal.

    .venv/bin/python tools/demo_picture.py docs/demo.svg

The demo is run at its own pace, so that the times in the picture are those of an idle machine. Some of its
lines are left out, never changed: PARTS says which stay. Every run of letters has its place and its length
stated, so that the columns stand whatever font a reader has.
"""  # noqa: INP001 - a program, not a package

import os
import pty
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

PARTS = (
    (r"^  1  ", r"ending|founded", 1),
    (r"^  2  ", r"confirmed by", 1),
    (r"^    That day .*Minato", r"confirmed by", 1),
    (r"^  3  ", r"^    cut ", 0),
    (r"^    mended ", r"milliseconds after", 1),
    (r"^  5  ", r"second circle", 1),
    (r"^    caught ", r"[0-9]+ ms\.$|^    in [0-9.]+ ms", 0),
)
COLUMNS, CELL, LINE, MARGIN = 80, 8.4, 19, 16
CLASSES = {"1": "strong", "2": "faint", "31": "red", "32": "green", "33": "yellow"}
SGR = re.compile("\x1b\\[([0-9;]*)m")
STYLE = """\
    .page { fill: #fbfaf7 } text { fill: #26241f; font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas,
      'DejaVu Sans Mono', 'Noto Sans Mono CJK KR', monospace; white-space: pre }
    .strong { font-weight: 700 } .faint { fill: #8b867b } .green { fill: #1a7f4b } .yellow { fill: #8f6400 }
    .red { fill: #b3261e }
    @media (prefers-color-scheme: dark) {
      .page { fill: #171614 } text { fill: #dedad0 } .faint { fill: #857f72 } .green { fill: #6cc494 }
      .yellow { fill: #d3ab54 } .red { fill: #ef8377 }
    }
"""


class Letter(NamedTuple):
    """One character on the screen: its column, its width in columns, and how it is shown."""

    character: str
    column: int
    width: int
    classes: str
