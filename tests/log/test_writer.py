"""The writer: what it signs is what is durable, in order, and nothing else."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.core.naive_tree import NaiveTree
from tests.log.author import LOG, key
from tests.simulation.clock import SeededChance

from tocsin.core.tlog.checkpoint import open_checkpoint
from tocsin.core.tlog.entry import entry_of
from tocsin.log.committer import Committer
from tocsin.log.sqlite import SqliteStore
from tocsin.log.store import LostRace, StorageFailed, StorageFull
from tocsin.log.writer import MAX_COMMIT_BYTES, MAX_COMMIT_RECORDS, Appended, AppendTooLarge, Writer

CONTEXT = b"what the node had seen"


class Desk:
    """A log with its writer."""

    def __init__(
        self,
        store: SqliteStore,
        preface: Callable[[], Sequence[bytes]] = tuple,
        placed: Callable[[int, Sequence[bytes]], None] = lambda *_: None,
    ) -> None:
        self.store = store
        self.commits = 0
        with store.transaction():
            store.create(LOG)
        self.writer = Writer(
            LOG,
            key(LOG),
            store,
            Committer(store, self._count),
            chance=SeededChance(1, "salts"),
            preface=preface,
            placed=placed,
        )

    def _count(self, _: object) -> None:
        self.commits += 1

    def records(self) -> list[bytes | None]:
        """All records of the log."""
        head = self.store.head(LOG)
        assert head
        return [self.store.record(LOG, index)[2] for index in range(head.size)]

    def gather(self, *appends: Sequence[bytes]) -> list[Any]:
        """The outcomes of appends that were made at once."""

        async def work() -> list[Any]:
            return await asyncio.gather(*map(self.writer.append, appends), return_exceptions=True)

        return asyncio.run(work())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store."""
    with closing(SqliteStore(tmp_path / "log.db", SeededChance(1, "database"))) as store:
        yield store


@pytest.fixture
def desk(store: SqliteStore) -> Desk:
    """A log without prefaces."""
    return Desk(store)


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end."""
    asyncio.run(work)


def test_append(desk: Desk) -> None:
    """Records stand where it is said, and the log's signed checkpoint is of the tree of their entries."""
    first, second = desk.gather([b"one"])[0], desk.gather([b"two", b"three"])[0]

    assert (first.first, second.first) == (0, 1)
    assert desk.records() == [b"one", b"two", b"three"]
    kept = [desk.store.record(LOG, index) for index in range(3)]
    assert [entry for entry, _, _ in kept] == [entry_of(LOG, salt, record or b"") for _, salt, record in kept]
    assert len({salt for _, salt, _ in kept}) == 3
    for appended, size in ((first, 1), (second, 3)):
        note = appended.checkpoint.note.encode()
        opened = open_checkpoint(note, lambda origin: key(origin).verifying)
        assert opened.checkpoint.size == size
        assert opened.checkpoint.root == NaiveTree([entry for entry, _, _ in kept[:size]]).mth()
        assert desk.store.checkpoint_at(LOG, size) == note


def test_what_waits_goes_together(desk: Desk) -> None:
    """Appends that wait are one commit under one checkpoint, each together and in order."""
    appended = desk.gather([b"1"], [b"2", b"3"], [b"4"])

    assert [one.first for one in appended] == [0, 1, 3]
    assert {one.checkpoint.checkpoint.size for one in appended} == {4}
    assert desk.records() == [b"1", b"2", b"3", b"4"]
    assert desk.commits == 1


def test_capped(desk: Desk) -> None:
    """A commit takes at most 1,000 records and 3 MiB; what is left goes into the next ones, in order."""
    many = [[b"%d" % number] * 400 for number in range(6)]
    appended = desk.gather(*many)

    assert [one.checkpoint.checkpoint.size for one in appended] == [800, 800, 1600, 1600, 2400, 2400]
    assert desk.records() == [record for records in many for record in records]
    large = [[b"r" * 60_000] * 30 for _ in range(3)]
    assert [one.checkpoint.checkpoint.size for one in desk.gather(*large)] == [2430, 2460, 2490]


@pytest.mark.parametrize("records", [[], [b"r"] * (MAX_COMMIT_RECORDS + 1), [b"r" * 60_000] * 60])
def test_too_large(desk: Desk, records: list[bytes]) -> None:
    """Nothing, or more than a commit may hold, is refused at once."""
    with pytest.raises(AppendTooLarge):
        desk.gather(records)
    assert sum(map(len, records)) > MAX_COMMIT_BYTES or len(records) in {0, MAX_COMMIT_RECORDS + 1}

    assert desk.records() == []


def test_largest(desk: Desk) -> None:
    """As much as a commit may hold is appended."""
    assert [one.first for one in desk.gather([b"r"] * MAX_COMMIT_RECORDS)] == [0]


def test_preface(store: SqliteStore) -> None:
    """What the node itself says goes first in a commit, once for all that is in it."""
    desk = Desk(store, lambda: [CONTEXT])

    assert [one.first for one in desk.gather([b"1"], [b"2"])] == [1, 2]
    assert [one.first for one in desk.gather([b"3"])] == [4]
    assert desk.records() == [CONTEXT, b"1", b"2", CONTEXT, b"3"]


def test_placed(store: SqliteStore) -> None:
    """Within each commit it is told where its records stand, and what is stored then goes with the commit."""
    told: list[tuple[int, list[bytes]]] = []

    def placed(first: int, records: Sequence[bytes]) -> None:
        told.append((first, list(records)))
        store.put_card(LOG, first)
        if b"unlucky" in records:
            raise ValueError("no card")

    desk = Desk(store, lambda: [CONTEXT], placed)

    assert [one.first for one in desk.gather([b"1"], [b"2"])] == [1, 2]
    assert [type(outcome) for outcome in desk.gather([b"unlucky"])] == [ValueError]
    assert told == [(0, [CONTEXT, b"1", b"2"]), (3, [CONTEXT, b"unlucky"])]
    assert store.card_before(LOG, 99) == 0
    assert desk.records() == [CONTEXT, b"1", b"2"]


def test_no_preface_alone(store: SqliteStore) -> None:
    """Nothing is written when nobody waits any more: no preface for its own sake."""
    desk = Desk(store, lambda: [CONTEXT])

    async def work() -> None:
        futures = [desk.writer.append([b"given up"]) for _ in range(2)]
        for future in futures:
            future.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        futures = [desk.writer.append([b"%d" % number]) for number in range(3)]
        futures[1].cancel()
        assert [one.first for one in await asyncio.gather(futures[0], futures[2])] == [1, 2]

    run(work())
    assert desk.records() == [CONTEXT, b"0", b"2"]


def test_failing_preface(store: SqliteStore) -> None:
    """When the preface fails, those who wait know it, nothing is written, and the next append goes on."""
    failure: list[Exception] = [ValueError("no context")]

    def preface() -> list[bytes]:
        if failure:
            raise failure[0]
        return []

    desk = Desk(store, preface)
    assert desk.gather([b"1"], [b"2"]) == [failure[0]] * 2
    failure.clear()
    assert [one.first for one in desk.gather([b"3"])] == [0]


def test_no_room(desk: Desk, store: SqliteStore) -> None:
    """Without room an append fails with a clear error and leaves no checkpoint; with room it goes on."""
    desk.gather([b"one"])
    (pages,) = store._database._connection.execute("PRAGMA page_count").fetchone()
    store._database._connection.execute(f"PRAGMA max_page_count = {pages + 20}").fetchone()

    outcomes = desk.gather([b"r" * 60_000] * 5, [b"r"])

    assert [type(outcome) for outcome in outcomes] == [StorageFull, StorageFull]
    assert store.checkpoints_above(LOG, 1) == []
    assert [one.first for one in desk.gather([b"small"])] == [1]
    store._database._connection.execute("PRAGMA max_page_count = 100000").fetchone()
    assert [one.first for one in desk.gather([b"r" * 60_000] * 5)] == [2]


def test_failed_storage(desk: Desk, store: SqliteStore) -> None:
    """When the storage has failed, everyone who waits is told, and who comes later too."""
    desk.gather([b"before"])
    store._database.fail(StorageFailed("broken"))

    for _ in range(2):
        outcomes = desk.gather(*[[b"r"] * 600] * 3)
        assert [str(outcome) for outcome in outcomes] == ["broken"] * 3


def test_stopped_log(desk: Desk, store: SqliteStore) -> None:
    """Nothing is appended to a log with evidence against it."""
    with store.transaction():
        store.stop(LOG, b"evidence")

    assert [type(outcome) for outcome in desk.gather([b"one"])] == [LostRace]
    assert desk.records() == []


def test_one_after_the_other(desk: Desk) -> None:
    """Appends that come while a commit is on its way go into the next one."""

    async def author(name: bytes) -> list[Appended]:
        return [await desk.writer.append([name + b"%d" % number]) for number in range(10)]

    async def work() -> None:
        appended = await asyncio.gather(*map(author, (b"a", b"b", b"c")))
        assert sorted(one.first for mine in appended for one in mine) == list(range(30))

    run(work())
    assert sorted(record or b"" for record in desk.records()) == sorted(
        name + b"%d" % number for name in (b"a", b"b", b"c") for number in range(10)
    )
    assert desk.commits == 10
