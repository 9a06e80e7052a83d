import os
import pty
import select
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import cast

import click
import msgspec
import pytest
from tests.circles.party import party
from tests.cli.desks import TOCSIN, Desk, desk, joined
from tests.cli.test_words import circle, entry

from tocsin.cli.records.watch import Arrival, Listener, Screen
from tocsin.cli.words import Telling
from tocsin.core.errors import TocsinError
from tocsin.core.names import LogName
from tocsin.core.records import Acknowledgement, Ask, NoteRecord, Ref, parse_record
from tocsin.node.api.types import Records, ShownRecord
from tocsin.node.client import Client, NoAnswer

_STUCK_S = 30


class Hands:
    """A clock that is set by hand, and a key that is pressed by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.key = False

    def wall_ms(self) -> int:
        """Noon of the first day."""
        return 43_200_000

    def monotonic_s(self) -> float:
        """What it was set to."""
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        """Not here."""
        raise NotImplementedError(seconds)

    def pressed(self) -> bool:
        """Once for each time."""
        found, self.key = self.key, False
        return found


class World:
    """A screen, what arrives at it, and the hands of the person before it."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *, keyboard: bool = True) -> None:
        self.hands = Hands()
        self.arrivals: SimpleQueue[Arrival] = SimpleQueue()
        self.screen = Screen(Telling((circle(),)), self.hands, self.hands.pressed if keyboard else None)
        self._capsys = capsys

    def look(self, *arrivals: Arrival, after_s: float = 0, key: bool = False) -> str:
        """What is written when these arrive."""
        self.hands.now_s += after_s
        self.hands.key = self.hands.key or key
        for arrival in arrivals:
            self.arrivals.put(arrival)
        for _ in arrivals or (None,):
            self.screen.look(self.arrivals)
        return click.unstyle(self._capsys.readouterr().out)


def test_it_rings_until_a_key_is_pressed(capsys: pytest.CaptureFixture[str]) -> None:
    """Again every two seconds, as long as it takes; then it is silent."""
    world = World(capsys)
    told = world.look(entry())
    assert "Smoke over the harbour." in told
    assert told.count("\a") == 1
    assert world.look(after_s=1) == ""
    assert [world.look(after_s=2) for _ in range(3)] == ["\a"] * 3
    assert not world.screen.acknowledged
    assert "Bell off" in world.look(key=True)
    assert world.screen.acknowledged
    assert world.look(after_s=100) == ""


def test_what_arrives_while_it_rings_is_shown_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Who comes to the screen finds all of it; the advice to press a key stands there once."""
    world = World(capsys)
    told = world.look(entry(), entry(index=2), entry(index=3))
    assert told.count("Smoke") == 3
    assert told.count("Press any key") == 1


def test_a_key_before_the_bell_stops_no_later_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Only a key that is pressed while it rings says that somebody is there."""
    world = World(capsys)
    world.look(key=True)
    assert "\a" in world.look(entry())
    world.look()
    assert not world.screen.acknowledged


def test_without_a_keyboard_it_rings_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A script cannot press a key: once for each, and nobody is asked to."""
    world = World(capsys, keyboard=False)
    told = world.look(entry())
    assert told.count("\a") == 1
    assert "Press" not in told
    assert world.screen.acknowledged
    assert world.look(after_s=100) == ""


def test_what_another_node_says_by_itself_does_not_ring(capsys: pytest.CaptureFixture[str]) -> None:
    """No person is meant by an opening; by what cannot be read here, one may be."""
    assert "\a" in World(capsys).look(entry(None, state="not-understood", code="x", explanation="y"))
    world = World(capsys)
    told = world.look(entry(parse_record(party().openings["ash"]).record, index=0))
    assert "opens its log" in told
    assert "\a" not in told


def test_what_is_said_of_a_case_rings_but_not_that_somebody_knows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An ask is for a person; that an officer elsewhere is aware is good to read, and nothing to come for."""
    case = Ref(log=str(party().log("birch")), index=1, entry="A" * 43 + "=")
    by = {"circle": party().circle.id, "at_ms": 0, "author": "duty", "author_kind": "officer"}
    asked = msgspec.convert(
        by | {"tlp": "TLP:GREEN", "case": case, "questions": ["seen"], "kind": "ask"}, Ask
    )
    known = {"tlp": "TLP:GREEN", "case": case, "of": [case], "kind": "acknowledgement"}
    assert "\a" in World(capsys).look(entry(asked))
    told = World(capsys).look(entry(msgspec.convert(by | known, Acknowledgement)))
    assert "birch.1.1" in told
    assert "\a" not in told


def test_what_is_taken_back_rings(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever was told of it has to know that it was another version than the true one."""
    assert "\a" in World(capsys).look(entry(None, state="set-aside"))


class Told:
    """A node that tells what comes, until it is gone; some logs have opened just before."""

    def __init__(self, *stream: ShownRecord) -> None:
        self.stream = stream
        self.sizes: dict[str, int] = {}
        self.opens: dict[str, int] = {}

    def newest(self, _: str, __: int) -> Records:
        """The sizes of the logs."""
        return Records(records=(), sizes=dict(self.sizes))

    def records(self, _: str, log: str, first: int, __: int) -> Records:
        """Entries of a log."""
        member = LogName.parse(log).member
        entries = [entry(log=log, member=member, index=index) for index in range(first, self.sizes[log])]
        return Records(records=tuple(entries), sizes={})

    def follow(self, _: str, newest: int) -> Iterator[ShownRecord]:
        """What comes, until it is over."""
        self.sizes |= self.opens
        yield from (entry(),) * newest
        yield from self.stream
        raise NoAnswer("over")


def heard(client: Told, sizes: dict[str, int]) -> list[tuple[str, int, str]]:
    """What somebody hears of all logs but ash's own, who heard these sizes before."""
    told: list[tuple[str, int, str]] = []

    def put(arrival: Arrival) -> None:
        if isinstance(arrival, TocsinError):
            raise Closed
        if arrival is not None:
            told.append((arrival.member, arrival.index, arrival.state))

    client.sizes = sizes
    listener = Listener(cast(Client, client), circle(), put)
    with suppress(Closed):
        listener.listen()
    return told


def test_what_comes_in_place_of_what_was_set_aside_is_heard() -> None:
    """It has places at which something else was heard before."""
    log = str(party().log("birch"))
    false, true = entry(log=log, member="birch", index=3), entry(log=log, member="birch", index=3)
    aside = entry(None, log=log, member="birch", index=3, state="set-aside")
    told = heard(Told(false, false, aside, true), {log: 3})
    assert told == [("birch", 3, "readable"), ("birch", 3, "set-aside"), ("birch", 3, "readable")]


def test_logs_of_new_epochs_are_heard_and_ones_own_is_not() -> None:
    """A log that opened while the node was not heard is caught up with; one's own never rings."""
    ours, theirs = (str(replace(party().log(slug), epoch=2)) for slug in ("ash", "birch"))
    client = Told()
    client.opens = {ours: 2, theirs: 2}
    assert heard(client, {str(party().log("birch")): 3}) == [("birch", n, "readable") for n in (0, 1)]


def test_a_bell_that_is_cut_off_rings(capsys: pytest.CaptureFixture[str]) -> None:
    """Once, however often it is tried again; and that it is mended is said."""
    world = World(capsys)
    told = world.look(NoAnswer("Expected a node, found none. Next: run it."), NoAnswer("again"))
    assert told.count("This bell is cut off") == 1
    assert "\a" in told
    world.look(key=True)
    assert "The node answers again." in world.look(None)
    assert world.look(None) == ""


@contextmanager
def _watching(one: Desk, *more: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    keyboard, terminal = pty.openpty()
    command = [TOCSIN, "watch", *more, "--config", str(one.config)]
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal) as process:
        os.close(terminal)
        try:
            yield process, keyboard
        finally:
            process.kill()
            os.close(keyboard)


def _until(keyboard: int, words: bytes) -> bytes:
    told = b""
    while words not in told:
        assert select.select([keyboard], [], [], _STUCK_S)[0], told
        told += os.read(keyboard, 65_536)
    return told


@pytest.mark.process
def test_a_desk_is_rung_and_somebody_comes(line: tuple[Desk, Desk]) -> None:
    """On a real terminal: a note of another member rings, one's own does not, and any key stops it."""
    apricot, birch = line
    with _watching(apricot, "--once") as (process, keyboard):
        _until(keyboard, b"Ctrl-C ends it.")
        apricot.done("note", "one's own")
        birch.done("note", "Smoke!")
        told = _until(keyboard, b"\a")
        assert b"Smoke!" in told
        assert b"one's own" not in told
        os.write(keyboard, b" ")
        assert process.wait(_STUCK_S) == 0


@pytest.mark.process
@pytest.mark.slow
def test_what_came_while_the_node_was_down_is_heard_when_it_is_back(tmp_path: Path) -> None:
    """Each once, in order, and nothing that was there before."""
    apricot, birch = desk(tmp_path, "apricot"), desk(tmp_path, "birch")
    joined(tmp_path, apricot, birch)
    ears = Ears()
    with birch.running():
        with apricot.running() as client:
            birch.done("note", "before", "--wait", str(_STUCK_S))
            listener = Listener(client, client.status().circles[0], ears.put)
            thread = threading.Thread(target=ears.listen, args=(listener,))
            thread.start()
            assert ears.next() is None
            birch.done("note", "while it listens", "--wait", str(_STUCK_S))
            assert ears.next() == "while it listens"
        assert ears.next() == "no-answer"
        birch.done("note", "while it is down", "--wait", "0")
        with apricot.running():
            while (said := ears.next()) in {None, "no-answer"}:
                pass
            assert said == "while it is down"
            ears.closed = True
    thread.join(_STUCK_S)
    assert not thread.is_alive()


class Closed(Exception):
    """Nobody listens any more."""


class Ears:
    """What a Listener says: a note's text, an error's code, or nothing for being heard again."""

    def __init__(self) -> None:
        self.closed = False
        self._heard: SimpleQueue[Arrival] = SimpleQueue()

    def put(self, arrival: Arrival) -> None:
        """Hear it."""
        if self.closed:
            raise Closed
        self._heard.put(arrival)

    def listen(self, listener: Listener) -> None:
        """Until closed."""
        with suppress(Closed):
            listener.listen()

    def next(self) -> str | None:
        """What came next, of what a person is told."""
        arrival = self._heard.get(timeout=_STUCK_S)
        if isinstance(arrival, TocsinError):
            return arrival.code
        if isinstance(arrival, ShownRecord):
            return arrival.record.text if isinstance(arrival.record, NoteRecord) else self.next()
        return arrival
