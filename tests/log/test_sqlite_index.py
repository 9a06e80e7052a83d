"""The index: whatever happens to store, process and disk, it finds what is there, and nothing that is not."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.log.author import LOG, OTHER_LOG, Author, hold
from tests.simulation.clock import SeededChance

from tocsin.log.index import Filter, Noted, Phrase, Place, Reached, Seen, Words
from tocsin.log.sqlite import SqliteStore
from tocsin.log.sqlite.database import Database
from tocsin.log.sqlite.index import SqliteIndex
from tocsin.log.store import StorageFailed

SPACE = "circle"
ASIDE = f"{LOG}/aside/1"
FAR = 2**40
_numbers = count()


def subject_of(index: int) -> bytes:
    """Every fifth is of one."""
    return bytes([index % 5]) * 32


def noted(index: int, body: bytes | None) -> tuple[Noted | None, Seen | None, Words]:
    """What these tests note of an entry, by its place and record."""
    if body is None:
        return None, None, ()
    word = hashlib.sha256(body).hexdigest()
    seen = Seen(index, {OTHER_LOG: index}) if index % 3 == 0 else None
    mentions = [b"m" * 32] if index % 4 == 0 else []
    kind, at_ms, subject, rests = f"kind{index % 2}", 1000 - index, subject_of(index), index % 13 == 0
    return Noted(index, kind, at_ms, subject, mentions, rests_on_seen=rests), seen, ("every", word)


class Desk:
    """A store and its index in a folder, driven as a node drives them."""

    def __init__(self, folder: Path, closing: ExitStack) -> None:
        self.folder = folder
        self._closing = closing
        self.open()

    def open(self) -> None:
        """Start."""
        self.store = SqliteStore(self.folder / "log.db", SeededChance(next(_numbers), "database"))
        self._closing.callback(self.store.close)
        self.open_index()

    def open_index(self) -> None:
        """Open the index of the store."""
        self.index = SqliteIndex(self.folder / "index.db", self.store, "1")
        self.store.derived = self.index
        self._closing.callback(self.index.close)

    def crash(self, without: str = "") -> None:
        """The process dies, and starts from the files as they were then; `without` those of that name."""
        after = self.folder / "after"
        after.mkdir()
        for file in self.folder.glob("*.db*"):
            if not file.name.endswith("-shm") and not (without and file.name.startswith(without)):
                shutil.copy(file, after)
        self.folder = after
        self.open()

    def step(self, most: int) -> bool:
        """Note a part; whether there was something to note."""
        index, store = self.index, self.store
        changes = store.changes(index.change, most)
        with index.transaction():
            for change in changes:
                if change.log in (LOG, OTHER_LOG):
                    self._note_again(change.log, change.index)
                index.changed(change.number)
        if changes:
            return True
        return any(self._note(log, most) for log in (LOG, OTHER_LOG) if store.head(log))

    def _note_again(self, log: str, at: int) -> None:
        one, seen, words = noted(at, self.store.record(log, at)[2])
        self.index.note_again(log, SPACE, at, noted=one, seen=seen, words=words)

    def _note(self, log: str, most: int) -> bool:
        head = self.store.head(log)
        assert head
        reached = self.index.reached(log)
        first = reached.worded
        if first == head.size:
            return False
        end = min(head.size, first + most)
        found = [noted(at, self.store.record(log, at)[2]) for at in range(first, end)]
        with self.index.transaction():
            if reached.noted < end:
                fresh = [(one, seen) for one, seen, _ in found[reached.noted - first :]]
                self.index.note(
                    log,
                    SPACE,
                    end,
                    noted=[one for one, _ in fresh if one],
                    seen=[seen for _, seen in fresh if seen],
                )
            self.index.note_words(log, end, [(first + n, words) for n, (_, _, words) in enumerate(found)])
        return True

    def settle(self) -> None:
        """Note all, and tidy up."""
        while self.step(7):
            pass
        while self.index.tidy():
            pass

    def scrub(self) -> None:
        """Until nothing erased is left."""
        while not self.store.scrubbed():
            pass

    def remains(self) -> bytes:
        """All bytes of all files."""
        return b"".join(file.read_bytes() for file in sorted(self.folder.glob("*.db*")))

    def check(self) -> None:
        """The index says what a scan of the store says."""
        self.settle()
        expected: dict[bytes, list[Place]] = {}
        mentioning, words = [], {}
        for log in sorted((LOG, OTHER_LOG), key=self._order):
            head = self.store.head(log)
            for at in range(head.size if head else 0):
                one, _, some = noted(at, self.store.record(log, at)[2])
                if one and one.subject:
                    place = Place(log, at, one.kind, one.at_ms, None)
                    expected.setdefault(one.subject, []).append(place)
                    mentioning += [place] if one.mentions else []
                    words[log, at] = some[1]
        for subject in map(subject_of, range(5)):
            assert self.index.places(SPACE, subject) == expected.get(subject, [])
        assert self.index.mentioning(b"m" * 32) == mentioning
        for log in (LOG, OTHER_LOG):
            ended = [place for place in reversed(mentioning) if place.log == log][:3]
            assert not self.store.head(log) or self.index.newest(log, b"m" * 32, 3) == ended
        newest = sorted(((max(p.at_ms for p in of), key) for key, of in expected.items()), reverse=True)
        assert [(one.newest_ms, one.key) for one in self.index.subjects(SPACE, None, 99)] == newest
        for log in (LOG, OTHER_LOG):
            ours = sorted((at for of, at in words if of == log), reverse=True)
            assert self.find(log, [("every",)]) == ours
            for at in ours[:20]:
                assert at in self.find(log, [("every", words[log, at])])
            if log == LOG:
                assert self.index.seen(LOG, ours, [OTHER_LOG]) == [
                    {OTHER_LOG: last} if (last := self._last_seen(log, at)) is not None else {} for at in ours
                ]

    def _order(self, log: str) -> int:
        return self.index._logs[log].id if log in self.index._logs else 0

    def _has(self, log: str, at: int) -> bool:
        return self.store.record(log, at)[2] is not None

    def _last_seen(self, log: str, at: int) -> int | None:
        return next((n for n in range(at, -1, -1) if n % 3 == 0 and self._has(log, n)), None)

    def find(self, log: str, words: list[Words], *, open_ended: bool = False, **more: object) -> list[int]:
        """Indexes, newest first."""
        if not self.store.head(log):
            return []
        high: int | None = FAR
        phrases = [Phrase(some, open_ended) for some in words]
        found: list[int] = []
        while high is not None:
            places, high = self.index.find(Filter(log, 0, high, phrases, **more), 3)  # type: ignore[arg-type]
            found += [place.index for place in places]
        return found


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Callable[[], Desk]]:
    """Makes new desks."""
    with ExitStack() as closing:

        def new() -> Desk:
            folder = tmp_path / str(next(_numbers))
            folder.mkdir()
            return Desk(folder, closing)

        yield new


EVENTS = st.one_of(
    st.tuples(st.just("say"), st.integers(1, 40)),
    st.tuples(st.just("say other"), st.integers(1, 9)),
    st.tuples(st.just("fill"), st.integers(0, 60)),
    st.tuples(st.just("erase"), st.integers(0, 60)),
    st.tuples(st.just("keep apart"), st.integers(0, 60)),
    st.tuples(st.just("aside"), st.integers(0, 20)),
    st.tuples(st.just("note"), st.integers(1, 30)),
    st.tuples(st.just("crash"), st.just(0)),
    st.tuples(st.just("lose index"), st.just(0)),
    st.tuples(st.just("tidy"), st.just(0)),
    st.tuples(st.just("scrub"), st.just(0)),
)


class Story:
    """What happens at a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.authors = {LOG: Author(), OTHER_LOG: Author(OTHER_LOG)}
        self.asides = 0

    def happen(self, what: str, n: int) -> None:
        """One thing."""
        desk = self.desk
        match what:
            case "note":
                desk.step(n)
            case "crash":
                desk.crash()
            case "lose index":
                desk.crash(without="index")
            case "tidy":
                desk.index.tidy()
            case "scrub":
                desk.scrub()
            case _:
                self._change(what, n)

    def _change(self, what: str, n: int) -> None:
        """What a line does with its store."""
        store, author = self.desk.store, self.authors[LOG]
        size = len(author.said)
        match what:
            case "say":
                with store.transaction():
                    hold(store, LOG, author.say(n, absent={size + 1, size + 2, size + 9}))
            case "say other":
                self.authors[OTHER_LOG].held_by(store, n)
            case "fill" if n < size:
                with store.transaction():
                    store.fill(LOG, n, *author.said[n][1:])
            case "erase" | "keep apart" if n < size:
                with store.transaction():
                    store.erase(LOG, {n}, keeping={n} if what == "keep apart" else ())
            case "aside" if size:
                self.asides += 1
                with store.transaction():
                    store.rename(LOG, f"{LOG}/aside/{self.asides}")
                    store.create(LOG)
                self.authors[LOG] = Author(version=b"%d" % self.asides)


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(EVENTS, max_size=30))
def test_as_a_scan(desks: Callable[[], Desk], events: list[tuple[str, int]]) -> None:
    """After anything in any order, killed anywhere: what is found is what a scan of the store finds."""
    story = Story(desks())
    for what, n in events:
        story.happen(what, n)
    story.desk.check()
    story.desk.crash()
    assert not story.desk.step(99)
    story.desk.check()


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(EVENTS, max_size=25), st.sets(st.integers(0, 40), min_size=1))
def test_nothing_erased_is_left(
    desks: Callable[[], Desk], events: list[tuple[str, int]], erased: set[int]
) -> None:
    """Once it is said to be gone, no word of what was erased is in any file, whatever was noted when."""
    story = Story(desks())
    story.happen("say", 50)
    for what, n in events:
        if what not in ("aside", "keep apart"):
            story.happen(what, n)
    desk, author = story.desk, story.authors[LOG]
    erased = {at for at in erased if at < len(author.said)}
    for at in erased:
        story.happen("fill", at)
    desk.step(200)
    todo = set(erased)
    while todo:
        with desk.store.transaction():
            todo -= desk.store.erase(LOG, todo)
    desk.scrub()
    remains = desk.remains()
    for at in erased:
        assert hashlib.sha256(author.said[at][2]).hexdigest().encode()[:24] not in remains
    desk.crash()
    desk.scrub()
    desk.check()


def test_words_are_there_before(desks: Callable[[], Desk]) -> None:
    """What is not scrubbed yet is found: so the search of the bytes is one."""
    story = Story(desks())
    story.happen("say", 50)
    story.desk.settle()
    word = hashlib.sha256(story.authors[LOG].said[0][2]).hexdigest().encode()
    assert word in story.desk.remains()
    with story.desk.store.transaction():
        story.desk.store.erase(LOG, {0})
    assert word in story.desk.remains()
    assert not story.desk.store.scrubbed()


def test_questions(desks: Callable[[], Desk]) -> None:
    """Kind, time, subject and the beginning of a word narrow what is found; phrases keep their order."""
    desk = desks()
    Author().held_by(desk.store, 30)
    desk.settle()
    everything = list(range(29, -1, -1))
    assert desk.find(LOG, []) == everything
    assert desk.find(LOG, [], kind="kind1") == everything[::2]
    assert desk.find(LOG, [], since_ms=980) == everything[9:]
    assert desk.find(LOG, [], until_ms=980) == everything[:10]
    assert desk.find(LOG, [], subject=(SPACE, subject_of(3))) == [28, 23, 18, 13, 8, 3]
    assert desk.find(LOG, [], subject=("another space", subject_of(3))) == []
    author = Author()
    author.say(30)
    word = hashlib.sha256(author.said[7][2]).hexdigest()
    assert desk.find(LOG, [("every", word)]) == desk.find(LOG, [(word,), ("every",)]) == [7]
    assert desk.find(LOG, [(word, "every")]) == []
    assert desk.find(LOG, [(word[:9],)], open_ended=True) == [7]
    assert desk.find(LOG, [(word[:9],)]) == []
    assert desk.find("no log of this store", []) == []


def test_summaries(desks: Callable[[], Desk]) -> None:
    """What was summed up is there until an entry of its subject comes, goes or changes.

    Or until it is otherwise what an author had seen (entries 9, 12 and 15 say that) on which it rests (13).
    """
    story = Story(desks())
    desk = story.desk
    story.happen("say", 20)
    desk.settle()
    assert set(desk.index.unsummed(SPACE, 99)) == {subject_of(n) for n in range(5)}

    def sum_all() -> None:
        with desk.index.transaction():
            for n in range(5):
                desk.index.sum_up(SPACE, subject_of(n), b"sum %d" % n)

    for what, n, touched in (
        ("say", 1, {0}),
        ("fill", 1, {1}),
        ("erase", 8, {3}),
        ("fill", 9, {4, 3}),
        ("erase", 12, {2, 3}),
        ("erase", 15, {0}),
        ("say", 1, {1}),
    ):
        sum_all()
        assert [one.summary is None for one in desk.index.subjects(SPACE, None, 9)] == [False] * 5
        story.happen(what, n)
        desk.settle()
        assert set(desk.index.unsummed(SPACE, 99)) == set(map(subject_of, touched))
    with desk.index.transaction():
        desk.index.forget_summaries(SPACE, b"another charter")
    assert desk.index.context(SPACE) == b"another charter"
    assert desk.index.context("another space") is None
    assert len(desk.index.unsummed(SPACE, 99)) == 5


def test_killed_at_any_statement(desks: Callable[[], Desk]) -> None:
    """What a process leaves that is killed at any statement of noting, goes on where it was, and is whole."""
    story = Story(desks())
    desk = story.desk
    story.happen("say", 40)
    desk.settle()
    for what, n in (("say", 30), ("fill", 2), ("erase", 5), ("erase", 6)):
        story.happen(what, n)
    left: list[Path] = []

    def trace(_: str) -> None:
        folder = desk.folder / str(len(left))
        folder.mkdir()
        for file in desk.folder.glob("index.db*"):
            if not file.name.endswith("-shm"):
                shutil.copy(file, folder)
        left.append(folder / "index.db")

    desk.index._database._connection.set_trace_callback(trace)
    desk.settle()
    desk.index.close()
    assert len(left) > 40
    for path in left:
        desk.index = SqliteIndex(path, desk.store, "1")
        reached = desk.index.reached(LOG)
        assert 40 <= reached.worded <= reached.noted <= 70
        desk.check()
        desk.index.close()


def test_another_version(desks: Callable[[], Desk]) -> None:
    """What another version noted is thrown away, and the file with it."""
    desk = desks()
    Author().held_by(desk.store, 30)
    desk.settle()
    desk.index.close()
    index = SqliteIndex(desk.folder / "index.db", desk.store, "2")
    assert index.reached(LOG) == Reached(0, 0)
    assert index.places(SPACE, subject_of(0)) == []
    index.close()


@pytest.mark.parametrize("harm", [b"", b"no database " * 1000, None])
def test_a_damaged_file(desks: Callable[[], Desk], harm: bytes | None) -> None:
    """A file that is no index, or is damaged in the middle, is thrown away; the node notices nothing else."""
    desk = desks()
    Author().held_by(desk.store, 300)
    desk.settle()
    path = desk.folder / "index.db"
    desk.index.close()
    if harm is None:
        whole = bytearray(path.read_bytes())
        whole[4096:] = b"\xff" * len(whole[4096:])
        path.write_bytes(whole)
    else:
        path.write_bytes(harm)
    desk.open_index()
    desk.check()


def test_damage_that_is_found_later(desks: Callable[[], Desk]) -> None:
    """A file that fails while it is used is thrown away when told, and noted anew."""
    desk = desks()
    Author().held_by(desk.store, 30)
    desk.settle()
    desk.index._database.fail(StorageFailed("a page is torn"))
    with suppress(StorageFailed), desk.index.transaction():
        raise AssertionError
    desk.index.begin_anew()
    desk.check()


def test_of_another_database(desks: Callable[[], Desk]) -> None:
    """The index of a database that was restored from a copy, or of an older state of it, is thrown away."""
    desk = desks()
    Author().held_by(desk.store, 30)
    desk.settle()
    desk.store.become_another()
    desk.crash()
    assert desk.index.reached(LOG) == Reached(0, 0)


def test_power_loss(desks: Callable[[], Desk]) -> None:
    """The index may have kept what the database lost: a log that is shorter is noted anew."""
    desk = desks()
    author = Author()
    author.held_by(desk.store, 30)
    desk.settle()
    for file in desk.folder.glob("log.db*"):
        shutil.copy(file, desk.folder / f"earlier-{file.name}")
    author.held_by(desk.store, 5)
    desk.settle()
    desk.crash()
    desk.store.close()
    for file in desk.folder.parent.glob("earlier-*"):
        shutil.copy(file, desk.folder / file.name.removeprefix("earlier-"))
    desk.open()
    assert desk.index.reached(LOG) == Reached(0, 0)
    desk.check()


def test_what_rests_on_what_was_seen_is_renewed_once_a_transaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has its contexts erased, behind which it wrote very much, holds nobody up for each of them."""
    renewed = []
    with ExitStack() as closing:
        desk = Desk(tmp_path, closing)
        index, write = desk.index, Database.write

        def watched(database: Database, query: str, **values: object) -> int:
            renewed.extend([query] * (query == "renew_resting"))
            return write(database, query, **values)

        with desk.store.transaction():
            desk.store.create(LOG)
        with index.transaction():
            resting = [Noted(at, "closing", at, subject_of(at), rests_on_seen=True) for at in range(50, 55)]
            seen = [Seen(at, {OTHER_LOG: at}) for at in range(1, 50)]
            index.note(LOG, SPACE, 55, noted=resting, seen=seen)
            for at in range(50, 55):
                index.sum_up(SPACE, subject_of(at), b"summary")
        monkeypatch.setattr(Database, "write", watched)
        with index.transaction():
            for at in range(49, 0, -1):
                index.note_again(LOG, SPACE, at, noted=None, seen=None, words=())

        assert len(renewed) == 1
        assert len(index.unsummed(SPACE, 9)) == 5
