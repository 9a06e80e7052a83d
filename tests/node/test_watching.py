import errno
import io
import json
from pathlib import Path

import pytest
from tests.circles.party import Seeded

from tocsin.circles import events
from tocsin.log.store import StorageFull
from tocsin.node.clock import SystemClock
from tocsin.node.config import LogSettings
from tocsin.node.watching.logs import make_logger
from tocsin.node.watching.measured import MeasuredStore
from tocsin.node.watching.reporting import Reporter

HOSTILE = "\x1b[2J\x1b]0;owned\x07 line one\nline two \u202egnp.exe"


@pytest.mark.parametrize("form", ["json", "console"])
def test_what_others_wrote_commands_no_terminal(form: str) -> None:
    """Escape sequences, line breaks and turned writing directions are shown and not obeyed."""
    file = io.StringIO()
    settings = LogSettings(format="json" if form == "json" else "console")

    make_logger(settings, file).warning("refused-here", why=HOSTILE)

    printed = file.getvalue()
    assert printed.count("\n") == 1
    assert "owned" in printed
    assert not {"\x1b", "\x07", "\u202e"} & set(printed)


def test_a_long_text_is_cut() -> None:
    """Nobody fills the log by one long explanation."""
    file = io.StringIO()

    make_logger(LogSettings(), file).warning("refused-here", why="x" * 100_000)

    assert len(file.getvalue()) < 2_000


def test_what_cannot_be_written_is_lost_and_nothing_else() -> None:
    """Where nobody reads the log any more, or its disk is full, whoever has something to tell goes on."""

    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(errno.ENOSPC, "")

    make_logger(LogSettings(), Full()).error("storage-full")


def test_the_level_is_kept_to() -> None:
    """Below its level, nothing is printed."""
    file = io.StringIO()
    log = make_logger(LogSettings(level="warning"), file)

    log.info("started")
    log.warning("member-lost")

    assert [json.loads(line)["event"] for line in file.getvalue().splitlines()] == ["member-lost"]


class Stopped(SystemClock):
    """A clock that stands where it was put."""

    now_s = 0.0

    def monotonic_s(self) -> float:
        """See Clock."""
        return self.now_s


def test_a_stranger_cannot_fill_the_log() -> None:
    """The same refusal is told once a minute for each member and code; another one at once."""
    file, clock = io.StringIO(), Stopped()
    reporter = Reporter(make_logger(LogSettings(), file), clock)

    for _ in range(1_000):
        reporter.heard("circle", events.RefusedHere("", "bad-request-signature", "no"))
    reporter.heard("circle", events.RefusedHere("north", "bad-request-signature", "no"))
    reporter.heard("circle", events.RefusedHere("", "non-member", "no"))
    clock.now_s = 61.0
    reporter.heard("circle", events.RefusedHere("", "bad-request-signature", "no"))

    assert len(file.getvalue().splitlines()) == 4


def test_who_has_to_wait_cannot_fill_the_log() -> None:
    """That a log is over its limit is told once a minute; that a member asks too much at once, never."""
    file, clock = io.StringIO(), Stopped()
    reporter = Reporter(make_logger(LogSettings(), file), clock)

    for why in ("limit", "busy", "room") * 100:
        reporter.heard("circle", events.ToldLater("north", "a log", why))

    assert [json.loads(line)["why"] for line in file.getvalue().splitlines()] == ["limit", "room"]


def test_a_full_disk_is_noticed_and_forgotten(tmp_path: Path) -> None:
    """The store says that the last commit found no room, until one does; each commit is timed."""
    commits: list[float] = []
    store = MeasuredStore(tmp_path / "node.sqlite3", Seeded(1), SystemClock(), commits.append)
    commits.clear()

    with pytest.raises(StorageFull), store.transaction(), store.transaction():
        raise StorageFull
    assert store.full
    with store.transaction():
        store.create("a log")
    assert not store.full
    assert len(commits) == 2
    store.close()
