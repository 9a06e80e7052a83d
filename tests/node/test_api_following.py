"""Who follows records, when a log starts again: another version of it had been held than the true one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.circles.lines import Desk, Lines, Puppet, triples
from tests.circles.test_line_changes import grown, opening, pulls_from, tell
from tests.node.conftest import Run
from tests.node.nodes import confirmed, found, until
from tests.node.test_api import client_of, in_thread, say

from tocsin.circles.events import Event, SetAside
from tocsin.core.records import NoteRecord
from tocsin.core.tlog.chunk import NO_SALT, Chunk
from tocsin.node.api.records import Follower, News, Shelf
from tocsin.node.api.types import ShownRecord


@pytest.fixture
def lines() -> Iterator[Lines]:
    """A circle of ash, whose node will run, and of birch and cedar, who will be puppets."""
    with Lines() as lines:
        yield lines


class Reader:
    """Somebody who follows all records at a desk, and reads when told to."""

    def __init__(self, desk: Desk, news: News) -> None:
        self._news = news
        self.follower = Follower(Shelf(desk.line, desk.store))
        desk.on_event = self._hear

    def _hear(self, event: Event) -> None:
        if isinstance(event, SetAside):
            self._news.set_aside(event.log, event.kept)

    def read(self, log: str) -> list[tuple[int, str]]:
        """Place and words, or state, of what came of a log since the last time."""
        return [(one.index, words_of(one)) for one in self.follower.news() if one.log == log]


def words_of(shown: ShownRecord) -> str:
    """What a note says; of anything else, its state."""
    return shown.record.text if isinstance(shown.record, NoteRecord) else shown.state


def true_log_at(lines: Lines, birch: Puppet, cedar: Puppet) -> None:
    """Birch's organisation says that its log has five other records from no. 3 on; cedar has it."""
    true = birch.history.branch(3)
    true.write(*(birch.note(f"True {n}") for n in range(5)))
    cedar.says = pulls_from(true, 8, cedar.keys.request)
    tell(cedar, "ash", opening(lines, "birch", 8, true.checkpoint(8).checkpoint.root, reason="compromised"))


TRUE = [(3 + n, f"True {n}") for n in range(5)]


@pytest.mark.parametrize("reads_late", [False, True])
def test_who_follows_gets_the_true_log(lines: Lines, *, reads_late: bool) -> None:
    """What was shown of the other version is said to be set aside, then all that stood there in truth."""
    ash, birch, cedar = lines.start("ash"), grown(lines.puppet("birch"), 5), lines.puppet("cedar")
    news = News()
    reader = Reader(ash, news)
    with news.heard([reader.follower]) as something:
        birch.push("ash", birch.history.push())
        said = [(n, f"No. {n}") for n in range(1, 6)]
        if not reads_late:
            assert reader.read(birch.log) == [(0, "readable"), *said]
        something.clear()
        true_log_at(lines, birch, cedar)
        lines.run_for(20)
        assert something.is_set()
        seen = [(0, "readable"), *said[:2]] if reads_late else []
        assert reader.read(birch.log) == [(3, "set-aside"), *seen, *TRUE]
        assert reader.read(birch.log) == []


def test_what_was_shown_ahead_or_missed_of_another_version_is_forgotten(lines: Lines) -> None:
    """In its place, what truly stands there is shown."""
    ash, birch, cedar = lines.start("ash"), grown(lines.puppet("birch"), 5), lines.puppet("cedar")
    news = News()
    reader = Reader(ash, news)
    with news.heard([reader.follower]):
        whole = birch.history.push()
        without = [
            (entry, NO_SALT, None) if n == 4 else (entry, salt, record)
            for n, (entry, salt, record) in enumerate(triples(whole))
        ]
        birch.push("ash", replace(whole, chunk=Chunk.make(0, without)))
        birch.history.write(*(birch.note(f"Far {n}") for n in range(2)))
        birch.ahead("ash", birch.history.ahead(7, 6))
        assert reader.read(birch.log)[-2:] == [(5, "No. 5"), (7, "Far 1")]
        true_log_at(lines, birch, cedar)
        lines.run_for(20)
        assert reader.read(birch.log) == [(3, "set-aside"), *TRUE]


def test_one_who_is_told_in_the_middle_of_reading_reads_on(lines: Lines) -> None:
    """A slow reader holds an entry of the old version in its hand while the log is set aside."""
    ash, birch, cedar = lines.start("ash"), grown(lines.puppet("birch"), 5), lines.puppet("cedar")
    news = News()
    reader = Reader(ash, news)
    with news.heard([reader.follower]):
        birch.push("ash", birch.history.push())
        coming = (one for one in reader.follower.news() if one.log == birch.log)
        assert next(coming).index == 0
        true_log_at(lines, birch, cedar)
        lines.run_for(20)
        assert [(one.index, words_of(one)) for one in coming] == [(n, f"No. {n}") for n in range(1, 6)]
        assert reader.read(birch.log) == [(3, "set-aside"), *TRUE]


def test_who_follows_by_the_api_is_told(run: Run[None], tmp_path: Path) -> None:
    """What happens on a line reaches every follower of the node, in order."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            await until(lambda: not east.cards.publishing and not north.cards.publishing)
            first = await in_thread(client_of(east).write, circle.id, say("Smoke."))
            await confirmed(east.lines[circle.id], first.index + 1)
            shown: list[ShownRecord] = []
            following = in_thread(lambda: shown.extend(client_of(north).follow()))
            await until(lambda: bool(north.news._waiting))
            # The log itself stays as it is: it is as if the true one were the same.
            north._heard(circle.id, SetAside(first.log, f"{first.log}/aside/1", first.index))
            await north.stop()
            await following
            assert [(one.index, words_of(one)) for one in shown] == [
                (first.index, "set-aside"),
                (first.index, "Smoke."),
            ]

    run(scenario())
