"""What people see of the demo, or, with `--json`, programs.

A scene is a headline, what happens under it, and one value with its facts. For people, the text comes as it
happens, with time to read it; where consoles are open, it begins with what to look at in them. For programs,
each scene's facts are one line of JSON, and that is all.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import click
import msgspec

from tocsin.cases.telling import LANGUAGES
from tocsin.cli.terminal import beside, columns, faint, paragraph, strong, table, width
from tocsin.core.clock import Clock

INDENT = "    "
INSET = "        "
_RIGHT_MARGIN = 2
_LOOKING_COLUMNS = 10
_LANGUAGE_COLUMNS = 9
_READ_PER_S = 40
"""So many characters are read in a second, by somebody who looks at a window between them."""


class Facts(msgspec.Struct, frozen=True, kw_only=True, tag_field="scene"):
    """What one scene has shown. Times are measured."""

    def in_words(self) -> tuple[str, str]:
        """For the summary: what it was, and how it went."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Look:
    """What to look at in the console of that organisation."""

    at: str
    what: str


class Screen:
    """Writes to standard output. `pace`: how much of the time for reading is given; 0 is none.

    `windows`: consoles are open beside it.
    """

    def __init__(self, clock: Clock, *, pace: float, as_json: bool, windows: bool = False) -> None:
        self.shown: list[Facts] = []
        self.windows = windows
        self._clock = clock
        self._began_s = clock.monotonic_s()
        self._pace = 0.0 if as_json else pace
        self._as_json = as_json
        self._scenes = 0

    @property
    def elapsed_s(self) -> float:
        """Seconds since the demo began."""
        return self._clock.monotonic_s() - self._began_s

    def headline(self, title: str) -> None:
        """A new scene begins."""
        self._scenes += 1
        self.line()
        self._stamped(strong(f"{self._scenes}  {title}"), "  ", "─")
        self.line()

    async def look(self, *looks: Look) -> None:
        """What to look at in the windows during this scene, and time to do so; nothing without windows."""
        if not self.windows:
            return
        for look in looks:
            for line in beside(strong(f"▸ {look.at}"), look.what, _LOOKING_COLUMNS, INDENT):
                self.line(line, "")
        self.line()
        await self.pause(sum(len(look.what) for look in looks) / _READ_PER_S)

    def happens(self, text: str) -> None:
        """One line that something happens; it may be styled."""
        self._stamped(text, INDENT, " ")

    def say(self, text: str, indent: str = INDENT, style: Callable[[str], str] = str) -> None:
        """A paragraph: our own words, or what a record says."""
        for line in paragraph(text, indent):
            self.line(style(line), "")

    def words(self, words: Mapping[str, str], *languages: str) -> None:
        """One text in these languages, each with its name."""
        names = {lang: LANGUAGES["en"].tongue(lang) for lang in languages}
        room = max(_LANGUAGE_COLUMNS, *(width(name) + 1 for name in names.values()))
        for lang, name in names.items():
            for line in beside(faint(name), words[lang], room, INSET):
                self.line(line, "")

    def table(self, rows: Sequence[Sequence[str]], indent: str = INDENT) -> None:
        """Rows in columns; cells may be styled."""
        for row in table(rows, indent=indent):
            self.line(row, "")

    def line(self, text: str = "", indent: str = INDENT) -> None:
        """One line as it is; it may be styled."""
        if not self._as_json:
            click.echo(f"{indent}{text}".rstrip())

    def facts(self, facts: Facts) -> None:
        """The scene has shown this."""
        self.shown.append(facts)
        if self._as_json:
            click.echo(msgspec.json.encode(facts).decode())

    async def pause(self, seconds: float) -> None:
        """Time to read."""
        if self._pace:
            await self._clock.sleep(seconds * self._pace)

    def _stamped(self, text: str, indent: str, filling: str) -> None:
        """One line, with the seconds since the demo began at its end."""
        end = f" {self.elapsed_s:.1f} s"
        room = columns() - width(indent) - width(text) - width(end) - _RIGHT_MARGIN
        self.line(f"{text} {faint(filling * (room - 1) + end)}", indent)


def fitting(text: str, indent: str) -> str:
    """As much of a line as fits behind its indent."""
    room = columns() - width(indent)
    if width(text) <= room:
        return text
    while width(text) >= room:
        text = text[:-1]
    return f"{text}…"


def milliseconds(seconds: float) -> float:
    """A measured time as it is told: to a tenth of a millisecond."""
    return round(seconds * 1000, 1)


def span(times_ms: Iterable[float]) -> str:
    """From the shortest to the longest of measured times."""
    times = sorted(times_ms)
    return f"{times[0]} to {times[-1]} ms"
