"""What people see of the demo, or, with `--json`, programs.

One scene is one headline, what happens under it, and one value with its facts. For people, the text is written as it
happens, with time to read it; for programs, each scene's facts are one line of JSON, and nothing else is written.
"""

from collections.abc import Iterable, Mapping, Sequence

import click
import msgspec

from tocsin.cli.terminal import columns, faint, paragraph, strong, table, width
from tocsin.core.clock import Clock

_INDENT = "    "


class Facts(msgspec.Struct, frozen=True, kw_only=True, tag_field="scene"):
    """What one scene has shown. Times are in milliseconds, measured, unless the name says otherwise."""


class Screen:
    """Writes to standard output. `pace`: how much of the time for reading is given; 0 is none."""

    def __init__(self, clock: Clock, *, pace: float, as_json: bool) -> None:
        self.shown: list[Facts] = []
        self._clock = clock
        self._began_s = clock.monotonic_s()
        self._pace = 0.0 if as_json else pace
        self._as_json = as_json
        self._scenes = 0

    def headline(self, title: str) -> None:
        """A new scene begins."""
        self._scenes += 1
        start, end = f" {self._scenes}  {title} ", f" {self.elapsed_s:.1f} s"
        line = "─" * (columns() - width(start) - width(end) - 1)
        self._write(f"\n{strong(start)}{faint(line + end)}\n")

    def say(self, *texts: str, indent: str = _INDENT) -> None:
        """Paragraphs of our own words, or of what a record says."""
        for text in texts:
            self._write("\n".join(paragraph(text, indent)))

    def line(self, text: str = "", indent: str = _INDENT) -> None:
        """One line as it is; it may be styled."""
        self._write(f"{indent}{text}".rstrip())

    def table(self, rows: Sequence[Sequence[str]], indent: str = _INDENT) -> None:
        """Rows in columns; cells may be styled."""
        for row in table(rows, indent=indent):
            self._write(row)

    def facts(self, facts: Facts) -> None:
        """The scene has shown this."""
        self.shown.append(facts)
        if self._as_json:
            click.echo(msgspec.json.encode(facts).decode())

    async def pause(self, seconds: float) -> None:
        """Time to read."""
        if self._pace:
            await self._clock.sleep(seconds * self._pace)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the demo began."""
        return self._clock.monotonic_s() - self._began_s

    def _write(self, text: str) -> None:
        if not self._as_json:
            click.echo(text)


def milliseconds(seconds: float) -> str:
    """A measured time as people read it."""
    return f"{seconds * 1000:.1f}"


def listed(names: Iterable[str]) -> str:
    """Names in a sentence."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
