"""What may reach a terminal, and how it is laid out.

- A terminal obeys what it shows. Whatever somebody else wrote therefore passes `shown` (one line) or
  `paragraph` (wrapped lines) first: control characters, escape sequences, changes of the direction of
  writing and invisible characters come out as their numbers, such as ⟨U+001B⟩.
- Widths are those of a terminal: a Hangul or Han character takes two columns, a combining one none.
- Colour is decided in one place (`tocsin.cli`); here stand only the few styles that have a meaning.
"""

import json
import shlex
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from tocsin.core import legible

MAX_COLUMNS = 100

_GAP = "  "

shown = legible.shown
"""Text by somebody else as one line that does nothing but show what it says."""


def typed(path: Path) -> str:
    """A path as one types it into a shell."""
    return shlex.quote(shown(str(path)))


def json_text(value: object) -> str:
    """`value` as JSON for a program, which does no harm on a terminal either."""
    # What is unsafe stands only within strings: msgspec writes nothing else but ASCII.
    text = msgspec.json.encode(value).decode()
    return "".join(one if legible.is_legible(one) else json.dumps(one)[1:-1] for one in text)


def paragraph(text: str, indent: str, *, cut: bool = False) -> Iterator[str]:
    """`text` by somebody else in lines of at most the terminal's width, each after `indent`.

    With `cut` that holds for any text. Without, a word longer than a line stays in one piece, to be copied.
    """
    room = columns() - width(indent)
    for line in text.replace("\r\n", "\n").replace("\t", " ").split("\n"):
        for wrapped in legible.wrapped(shown(line), room, cut=cut):
            yield indent + wrapped if wrapped else indent.rstrip()


def beside(name: str, text: str, room: int, indent: str = "", *, cut: bool = False) -> Iterator[str]:
    """`text` by somebody else, wrapped, beside a name of ours, which has `room` columns."""
    start = indent + " " * room
    first, *others = paragraph(text, start, cut=cut)
    yield f"{indent}{name}{' ' * max(1, room - width(name))}{first[len(start) :]}".rstrip()
    yield from others


def dotted(parts: Sequence[str], indent: str = "", further: str = _GAP) -> Iterator[str]:
    """Parts of a line, with dots between them; those that do not fit stand below, after `further`."""
    line = indent + parts[0]
    for part in parts[1:]:
        longer = f"{line} · {part}"
        if width(longer) <= columns():
            line = longer
        else:
            yield line
            line = further + part
    yield line


def say(text: str) -> None:
    """Print words, wrapped."""
    click.echo("\n".join(paragraph(text, "")))


def say_next(text: str, command: str = "") -> None:
    """Print what to do next, and the command for it."""
    click.echo("\n" + "\n".join(beside(strong("Next:"), text, 6)))
    if command:
        click.echo(f"  {command}")


def table(rows: Sequence[Sequence[str]], *, indent: str = _GAP) -> Iterator[str]:
    """The rows in columns as wide as their widest cell. Cells may be styled."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (room - width(cell)) for cell, room in zip(row, widths, strict=True))
        yield (indent + _GAP.join(cells)).rstrip()


def width(text: str) -> int:
    """How many columns a terminal gives to `text`, styles not counted."""
    return legible.width(click.unstyle(text))


def columns() -> int:
    """The width of the terminal; of a very wide one, what an eye can follow."""
    return min(shutil.get_terminal_size().columns, MAX_COLUMNS)


def moment(at_ms: int, form: str = "%Y-%m-%d %H:%M:%S UTC") -> str:
    """A moment in UTC: desks that talk to each other have different clocks on the wall."""
    return _utc(at_ms, form)


def lately(at_ms: int, now_ms: int) -> str:
    """A moment, without its day if that is today's."""
    return f"{time_of_day(at_ms)} UTC" if day(at_ms) == day(now_ms) else moment(at_ms)


def time_of_day(at_ms: int) -> str:
    """The time of day in UTC."""
    return _utc(at_ms, "%H:%M:%S")


def day(at_ms: int) -> str:
    """The day in UTC."""
    return _utc(at_ms, "%A %d %B %Y").replace(" 0", " ")


def strong(text: str) -> str:
    """What a reader's eye should find first."""
    return click.style(text, bold=True)


def faint(text: str) -> str:
    """What is there for those who look for it."""
    return click.style(text, dim=True)


def good(text: str) -> str:
    """What was confirmed."""
    return click.style(text, fg="green")


def waiting(text: str) -> str:
    """What is not so yet."""
    return click.style(text, fg="yellow")


def bad(text: str) -> str:
    """What needs somebody."""
    return click.style(text, fg="red", bold=True)


def _utc(at_ms: int, form: str) -> str:
    try:
        return datetime.fromtimestamp(at_ms / 1000, UTC).strftime(form)
    except (ValueError, OverflowError, OSError):
        return f"at {at_ms} ms, which is in no calendar"
