"""`watch`: a screen at a desk that rings when another member says something, until somebody comes.

- What another member says rings; what its node says by itself (its opening, its card) is shown and does not.
- It rings until a key is pressed. That somebody pressed it stays here: it says to nobody that the desk knows.
- A node that does not answer rings, too: a bell that is cut off must not be silent.
"""

import os
import select
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TypeAlias

import click

from tocsin.cli.failing import in_words
from tocsin.cli.options import Command, circle_option, config_option
from tocsin.cli.reaching import chosen, reach
from tocsin.cli.terminal import bad, beside, faint, good, moment, shown, strong
from tocsin.cli.words import Telling
from tocsin.core.clock import Clock
from tocsin.core.errors import TocsinError
from tocsin.core.names import LogName
from tocsin.core.records import Acknowledgement, CaseRecord, Context, NoteRecord
from tocsin.node.api.types import MAX_LISTED, CircleState, ShownRecord
from tocsin.node.client import Client
from tocsin.node.clock import SystemClock

_RING_EVERY_S = 2.0
_LOOK_EVERY_S = 0.1
_TRY_AGAIN_S = 1.0
_BELL = "\a"
_KEYS = 1_024

Arrival: TypeAlias = ShownRecord | TocsinError | None
"""An entry; why the node is not heard; or nothing, when it is heard again."""


@click.command(cls=Command, examples=("tocsin watch", "tocsin watch --once && wake-the-officer"))
@circle_option
@click.option("--once", is_flag=True, help="End after the first thing that rings, once a key is pressed.")
@config_option
def watch(*, circle: str | None, once: bool, config_path: Path) -> None:
    """Ring when something new arrives.

    Shows what other members say as it arrives, from all circles or from one, and rings the terminal's bell
    until you press a key. Without a keyboard (in a script) it rings once for each. It ends with Ctrl-C.
    """
    client = reach(config_path)
    status = client.status()
    circles = status.circles if circle is None and status.circles else (chosen(status, circle),)
    arrivals: SimpleQueue[Arrival] = SimpleQueue()
    for state in circles:
        listener = Listener(client, state, arrivals.put)
        threading.Thread(target=listener.listen, daemon=True).start()
    click.echo(f"{strong('Watching')} {', '.join(shown(state.title) for state in circles)}. Ctrl-C ends it.")
    with _keyboard() as pressed:
        screen = Screen(Telling(circles), SystemClock(), pressed)
        try:
            while not (once and screen.acknowledged):
                screen.look(arrivals)
        except KeyboardInterrupt:
            return


class Listener:
    """Hears one circle, whatever happens to the node in between. Each entry of another member comes once."""

    def __init__(self, client: Client, state: CircleState, put: Callable[[Arrival], None]) -> None:
        self._client = client
        self._state = state
        self._put = put
        self._heard: set[tuple[str, int]] = set()
        # Everything below was said before, or heard.
        self._sizes = self._now()

    def listen(self) -> None:
        """Never ends."""
        while True:
            try:
                self._follow()
            except TocsinError as error:
                self._put(error)
            threading.Event().wait(_TRY_AGAIN_S)

    def _follow(self) -> None:
        stream = self._client.follow(self._state.id, newest=1)
        # Something old, which shows that the node follows from now on; then what came while it did not.
        next(stream, None)
        self._put(None)
        for entry in self._caught_up():
            self._hear(entry)
        for entry in stream:
            if entry.member != self._state.member:
                self._hear(entry)

    def _caught_up(self) -> Iterator[ShownRecord]:
        for log, size in self._now().items():
            while (first := self._sizes.setdefault(log, 0)) < size:
                found = self._client.records(self._state.id, log, first, MAX_LISTED).records
                yield from found
                self._sizes[log] = found[-1].index + 1

    def _hear(self, entry: ShownRecord) -> None:
        key = (entry.log, entry.index)
        if entry.state == "set-aside":
            self._heard = {heard for heard in self._heard if heard[0] != entry.log or heard < key}
            self._put(entry)
            return
        if entry.state == "missing" or isinstance(entry.record, Context) or key in self._heard:
            return
        self._heard.add(key)
        self._put(entry)

    def _now(self) -> dict[str, int]:
        """The sizes of the logs of all other members."""
        sizes = self._client.newest(self._state.id, 0).sizes
        return {log: size for log, size in sizes.items() if LogName.parse(log).member != self._state.member}


class Screen:
    """What stands on the screen, and whether it rings. `pressed`: whether a key was; None without keys."""

    def __init__(self, telling: Telling, clock: Clock, pressed: Callable[[], bool] | None) -> None:
        self.acknowledged = False
        self._telling = telling
        self._clock = clock
        self._pressed = pressed
        self._rang_s: float | None = None
        self._cut_off = False

    def look(self, arrivals: SimpleQueue[Arrival]) -> None:
        """Show what arrived, ring if need be, and see whether somebody came."""
        with suppress(Empty):
            self._show(arrivals.get(timeout=_LOOK_EVERY_S))
        if self._rang_s is None:
            return
        if self._pressed is None:
            self._rang_s, self.acknowledged = None, True
        elif self._pressed():
            self._rang_s, self.acknowledged = None, True
            click.echo(f"\n{good('Bell off')} {faint(moment(self._clock.wall_ms()))}")
        elif self._clock.monotonic_s() - self._rang_s >= _RING_EVERY_S:
            self._ring()

    def _show(self, arrival: Arrival) -> None:
        if isinstance(arrival, ShownRecord):
            click.echo("\n".join(self._telling.lines(arrival)))
            if _rings(arrival):
                self._ring()
        elif arrival is None:
            if self._cut_off:
                click.echo(f"\n{good('The node answers again.')}")
            self._cut_off = False
        elif not self._cut_off:
            self._cut_off = True
            click.echo()
            click.echo("\n".join(beside(bad("This bell is cut off:"), in_words(arrival)[0], 23)))
            self._ring()

    def _ring(self) -> None:
        if self._rang_s is None and self._pressed is not None:
            # What was pressed before it rang says nothing.
            self._pressed()
            click.echo(f"\n{strong('Press any key to stop the bell.')}")
        self._rang_s = self._clock.monotonic_s()
        click.echo(_BELL, nl=False)


def _rings(entry: ShownRecord) -> bool:
    """Whether a person is meant: not by what another node says by itself, nor by who only says to know."""
    if isinstance(entry.record, Acknowledgement):
        return False
    return entry.state in ("not-understood", "set-aside") or isinstance(entry.record, NoteRecord | CaseRecord)


@contextmanager
def _keyboard() -> Iterator[Callable[[], bool] | None]:
    """Whether a key was pressed since the last time; None where nobody can press one."""
    if not sys.stdin.isatty():
        yield None
        return

    def pressed() -> bool:
        ready, _, _ = select.select([sys.stdin], [], [], 0)
        return bool(ready and os.read(sys.stdin.fileno(), _KEYS))

    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        yield pressed
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
