"""What every store must do: its own test module derives from StoreConformance and gives it databases."""

import threading
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from itertools import accumulate
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.log.author import LOG, OTHER_LOG, Author, hold

from tocsin.core.tlog.chunk import Chunk
from tocsin.core.tlog.tiles import HASHES_PER_TILE, Tile, tiles_of
from tocsin.core.tlog.tree import EMPTY_ROOT, Frontier, consistency_proof, inclusion_proof, tree_root
from tocsin.log.store import Head, LatestCosignature, LostRace, Store, UnknownLog, Witnessed

COUNTS = st.lists(st.integers(1, 300), min_size=1, max_size=5)

# One rule is run for several stores, and a fixture gives the store.
_SHARED = (HealthCheck.function_scoped_fixture, HealthCheck.differing_executors)


class Database(Protocol):
    """One database, which outlives its stores."""

    def open(self) -> Store:
        """The store, as it is found at a start. One at a time is open."""
        ...

    def crash(self) -> None:
        """The process that has the store open dies, whatever it is doing."""
        ...

    def remains(self) -> bytes:
        """All bytes of all its files, as who finds the disk reads them."""
        ...


Databases = Callable[[], AbstractContextManager[Database]]
Write = Callable[[Store, Author], object]


class Stop(Exception):
    """Leaves a transaction."""


WRITES: dict[str, Write] = {
    "create": lambda store, _: store.create("a new log"),
    "extend": lambda store, author: hold(store, LOG, author.say(300, absent={12})),
    "rename": lambda store, _: store.rename(LOG, "another name"),
    "pass_over": lambda store, _: store.pass_over(LOG, 4),
    "stop": lambda store, _: store.stop(LOG, b"evidence"),
    "fill": lambda store, author: store.fill(LOG, 3, *author.said[3][1:]),
    "put_ahead": lambda store, _: store.put_ahead(LOG, 400, b"e" * 32, b"s" * 32, b"sent ahead"),
    "erase": lambda store, _: store.erase(LOG, {2, 3}, keeping={2}),
    "erase what is set apart": lambda store, _: store.erase(LOG, {8}),
    "put_checkpoint": lambda store, author: store.put_checkpoint(LOG, author.checkpoint(9)),
    "drop_checkpoints_below": lambda store, _: store.drop_checkpoints_below(LOG, 10),
    "put_cosignature": lambda store, author: store.put_cosignature(LOG, 9, author.cosignature(9, "k", 5), 5),
    "put_witnessed": lambda store, _: store.put_witnessed(LOG, 5, 9, b"r" * 32, b"note"),
    "put_card": lambda store, _: store.put_card(LOG, 7),
    "put_document": lambda store, _: store.put_document("space", "key", b"other"),
    "drop_document": lambda store, _: store.drop_document("space", "key"),
}


def begin(store: Store) -> Author:
    """A store in which every kind of write would change something, and the author of its log."""
    author = Author()
    with store.transaction():
        hold(store, LOG, author.say(10, absent={3, 5}))
        store.put_ahead(LOG, 12, *author_of(13).said[12])
        store.erase(LOG, {8}, keeping={8})
        store.put_checkpoint(LOG, author.checkpoint(5))
        store.put_cosignature(LOG, 5, author.cosignature(5, "k", 4), 4)
        store.put_witnessed(LOG, 0, 5, b"q" * 32, b"earlier note")
        store.put_card(LOG, 1)
        store.put_document("space", "key", b"one")
    return author


def author_of(count: int) -> Author:
    """The author of the log, when it has said so much."""
    author = Author()
    author.say(count)
    return author


def everything(store: Store) -> list[object]:
    """All that can be read of a store; equal for equal contents."""
    heads = [head for log in store.logs() if (head := store.head(log))]
    return [
        heads,
        [
            (
                store.edge(head.name),
                list(store.chunk(head.name, 0, 1024, 2**22).items()),
                [store.read_tiles(head.name)([tile]) for tile in tiles_of(head.size)],
                store.missing(head.name, 99),
                store.aheads(head.name),
                [(at, store.set_apart(head.name, at)) for at in store.erased(head.name, 0, head.size)],
                store.evidence(head.name),
                store.newest_checkpoint(head.name),
                store.checkpoints_above(head.name, 0),
                store.newest_cosignatures(head.name),
                store.cosigned_sizes(head.name, 0, 99),
                store.card_before(head.name, 99),
            )
            for head in heads
        ],
        store.witnessed(LOG),
        store.documents("space"),
        store.changes(0, 99),
    ]


def wait_until(holds: Callable[[], bool]) -> None:
    """Return when it does."""
    while not holds():
        threading.Event().wait(0.001)


def found(author: Author, database: Database) -> set[int]:
    """Indexes of the records of which the files have anything: a page may end within a salt."""
    remains = database.remains()
    return {
        index
        for index, (_, salt, record) in enumerate(author.said)
        if salt[:16] in remains or salt[16:] in remains or record in remains
    }


def erase(store: Store, indices: AbstractSet[int], keeping: AbstractSet[int] = frozenset()) -> None:
    """Erase all of them, part by part."""
    while indices:
        done = store.erase(LOG, indices, keeping=keeping)
        assert done
        assert done <= indices
        indices = indices - done


class StoreConformance:
    """The tests. `databases` is what a store's own module provides."""

    @pytest.fixture
    def databases(self) -> Databases:
        """Makes new, empty databases."""
        raise NotImplementedError

    # Transactions

    def test_new(self, databases: Databases) -> None:
        """A new database has no logs, and an id that it keeps and shares with no other."""
        with databases() as database, databases() as other:
            store = database.open()
            found = store.database_id
            assert store.logs() == []
            assert other.open().database_id != found
            store.close()
            assert database.open().database_id == found
        assert len(bytes.fromhex(found)) == 16

    @pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
    def test_crash_within(self, databases: Databases, write: Write) -> None:
        """What a transaction wrote before the process died in it never was."""
        with databases() as database:
            store = database.open()
            author = begin(store)
            before = everything(store)
            with suppress(Stop), store.transaction():
                write(store, author)
                assert everything(store) != before
                database.crash()
                raise Stop
            assert everything(database.open()) == before

    @pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
    def test_crash_after(self, databases: Databases, write: Write) -> None:
        """What a transaction wrote that has ended outlives the process, and reads as it did."""
        with databases() as database:
            store = database.open()
            author = begin(store)
            with store.transaction():
                write(store, author)
            after = everything(store)
            database.crash()
            assert everything(database.open()) == after

    @pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
    def test_exception(self, databases: Databases, write: Write) -> None:
        """An exception undoes the transaction that it leaves, and the next one is as if it had never been."""
        with databases() as database:
            store = database.open()
            author = begin(store)
            before = everything(store)
            with suppress(Stop), store.transaction():
                write(store, author)
                raise Stop
            assert everything(store) == before
            with store.transaction():
                write(store, author_of(10))
            after = everything(store)
            database.crash()
            assert everything(database.open()) == after != before

    @pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
    def test_exception_in_a_part(self, databases: Databases, write: Write) -> None:
        """An exception undoes the part of a transaction that it leaves, and nothing of the rest."""
        with databases() as database:
            store = database.open()
            author = begin(store)
            with store.transaction():
                store.put_document("space", "before", b"stays")
                before = everything(store)
                with suppress(Stop), store.transaction():
                    write(store, author)
                    raise Stop
                assert everything(store) == before
                store.put_document("space", "after", b"stays")
            database.crash()
            assert {"before", "after"} <= database.open().documents("space").keys()

    def test_part_goes_with_the_whole(self, databases: Databases) -> None:
        """A part that ended well is undone with the whole, and is not durable before it."""
        with databases() as database:
            store = database.open()
            author = begin(store)
            before = everything(store)
            with suppress(Stop), store.transaction():
                with store.transaction():
                    hold(store, LOG, author.say(2))
                raise Stop
            assert everything(store) == before
            with suppress(Stop), store.transaction():
                with store.transaction():
                    hold(store, LOG, author_of(10).say(2))
                database.crash()
                raise Stop
            assert everything(database.open()) == before

    def test_extended(self, databases: Databases) -> None:
        """A transaction names the logs that were extended in it and in its parts, and no others."""
        with databases() as database:
            store = database.open()
            author = begin(store)
            with store.transaction() as extended:
                store.create(OTHER_LOG)
                with store.transaction():
                    hold(store, LOG, author.say(1))
            assert extended == {LOG}
            with store.transaction() as extended:
                hold(store, OTHER_LOG, Author(OTHER_LOG).say(1))
            assert extended == {OTHER_LOG}

    def test_not_synced(self, databases: Databases) -> None:
        """What was written without a sync reads at once, and is durable with the next transaction."""
        with databases() as database:
            store = database.open()
            author = begin(store)
            with store.transaction(synced=False):
                store.put_document("space", "unsynced", b"one")
            assert store.document("space", "unsynced") == b"one"
            author.held_by(store, 1)
            database.crash()
            assert database.open().document("space", "unsynced") == b"one"

    # Logs

    def test_create(self, databases: Databases) -> None:
        """A new log is empty; to create it again changes nothing."""
        with databases() as database:
            store = database.open()
            with store.transaction():
                assert store.create(LOG) == Head(LOG, 0, EMPTY_ROOT, Frontier.EMPTY, stopped=False)
                store.create(OTHER_LOG)
            author = Author()
            author.held_by(store, 3)
            with store.transaction():
                assert store.create(LOG).size == 3
            assert store.logs() == [OTHER_LOG, LOG]

    def test_unknown_log(self, databases: Databases) -> None:
        """A log that the store does not have has no head; to ask for anything else of it is a defect."""
        with databases() as database:
            store = database.open()
            assert store.head(LOG) is None
            for ask in (
                lambda: store.edge(LOG),
                lambda: store.chunk(LOG, 0, 1, 1),
                lambda: store.record(LOG, 0),
                lambda: store.entries(LOG, 0, 0),
                lambda: store.read_tiles(LOG),
                lambda: store.missing(LOG, 1),
                lambda: store.newest_checkpoint(LOG),
            ):
                with pytest.raises(UnknownLog):
                    ask()

    @settings(suppress_health_check=_SHARED, max_examples=20)
    @given(COUNTS)
    def test_grows(self, databases: Databases, counts: list[int]) -> None:
        """However entries arrive, head, edge, entries, records and tiles are those of all of them."""
        with databases() as database:
            store, author = database.open(), Author()
            author.held_by(store, *counts)
            edge, size = store.edge(LOG), len(author.said)
            store.close()
            store = database.open()

            head = store.head(LOG)
            assert head
            assert (head.size, head.root, head.frontier.root()) == (size, *[author.tree().mth()] * 2)
            assert store.edge(LOG) == edge
            assert store.entries(LOG, 0, size) == b"".join(entry for entry, _, _ in author.said)
            assert [store.record(LOG, index) for index in range(size)] == author.said
            for earlier in (*accumulate(counts), *range(1, size, 50)):
                tiles = list(tiles_of(earlier))
                assert store.read_tiles(LOG)(tiles) == author.tree(earlier).read(tiles)

    def test_compare_and_swap(self, databases: Databases) -> None:
        """To extend a log from a size that it no longer has is refused, and changes nothing."""
        with databases() as database:
            store, author = database.open(), Author()
            author.held_by(store, 5)
            chunk = author.say(2)
            extension = store.edge(LOG).extend(chunk.entries)
            with store.transaction():
                store.extend(LOG, 5, extension, chunk)
            before = everything(store)
            with pytest.raises(LostRace), store.transaction():
                store.extend(LOG, 5, extension, chunk)
            assert everything(store) == before

    def test_renamed(self, databases: Databases) -> None:
        """A log that is called otherwise has all that it had, and its old name is free for another."""
        with databases() as database:
            store = database.open()
            author = begin(store)
            with store.transaction():
                store.stop(LOG, b"evidence")
            head, before = store.head(LOG), store.checkpoint_at(LOG, 5)
            with store.transaction() as extended:
                store.rename(LOG, "another name")
                assert store.head(LOG) is None
                hold(store, LOG, Author().say(3))
            assert extended == {LOG, "another name"}
            database.crash()
            store = database.open()
            assert head
            assert store.head("another name") == replace(head, name="another name")
            assert store.checkpoint_at("another name", 5) == before
            assert store.record("another name", 7)[0] == author.said[7][0]
            assert store.missing("another name", 9) == [3, 5]
            other = store.head(LOG)
            assert other
            assert (other.size, other.stopped, store.missing(LOG, 9)) == (3, False, [])
            with pytest.raises(UnknownLog), store.transaction():
                store.rename("no log", "no name")

    def test_passed_over(self, databases: Databases) -> None:
        """Records that are passed over are not here and not missing, and nothing fills them."""
        with databases() as database:
            store, author = database.open(), Author()
            with store.transaction():
                hold(store, LOG, author.say(6, absent={1, 2, 4}))
                store.pass_over(LOG, 4)
            database.crash()
            store = database.open()
            assert store.missing(LOG, 9) == [4]
            with store.transaction():
                store.fill(LOG, 2, *author.said[2][1:])
            assert store.record(LOG, 2)[2] is None
            assert store.chunk(LOG, 0, 9, 9999).absent() == [1, 2, 4]

    def test_stopped(self, databases: Databases) -> None:
        """A stopped log is not extended, reads as before, and keeps the first evidence."""
        with databases() as database:
            store = database.open()
            author = begin(store)
            with store.transaction():
                store.stop(LOG, b"first")
                store.stop(LOG, b"second")
            with pytest.raises(LostRace), store.transaction():
                hold(store, LOG, author.say(1))
            database.crash()
            store = database.open()
            head = store.head(LOG)
            assert head
            assert (head.stopped, head.size, store.evidence(LOG)) == (True, 10, b"first")
            assert store.record(LOG, 0) == author.said[0]

    def test_logs_do_not_mix(self, databases: Databases) -> None:
        """Two logs in one database know nothing of each other."""
        with databases() as database:
            store = database.open()
            begin(store)
            before = everything(store)
            other = Author(OTHER_LOG)
            with store.transaction():
                hold(store, OTHER_LOG, other.say(4, absent={1}))
                store.put_ahead(OTHER_LOG, 9, b"e" * 32, b"s" * 32, b"ahead")
                store.put_checkpoint(OTHER_LOG, other.checkpoint(4))
                store.put_cosignature(OTHER_LOG, 4, other.cosignature(4, "k", 9), 9)
                store.put_card(OTHER_LOG, 2)
            assert store.missing(OTHER_LOG, 9) == [1]
            with store.transaction():
                store.fill(OTHER_LOG, 1, *other.said[1][1:])
                store.drop_checkpoints_below(OTHER_LOG, 99)
            after = everything(store)
            assert isinstance(after[0], list)
            assert after[0][1:] == before[0]

    # Entries and tiles

    @settings(suppress_health_check=_SHARED, max_examples=30)
    @given(COUNTS, st.data())
    def test_chunk(self, databases: Databases, counts: list[int], data: st.DataObject) -> None:
        """A chunk has the entries asked for, over the borders of commits, and as many as its limits allow."""
        with databases() as database:
            store, author = database.open(), Author()
            author.held_by(store, *counts)
            size = len(author.said)
            first = data.draw(st.integers(0, size))
            most = data.draw(st.integers(1, 400))
            max_bytes = data.draw(st.integers(0, 40_000))

            chunk = store.chunk(LOG, first, most, max_bytes)

            assert chunk == Chunk.make(first, author.said[first : chunk.end])
            assert chunk.count <= most
            assert chunk.count <= 1 or len(chunk.encode()) <= max_bytes
            assert chunk.count or first == size
            if chunk.end < min(size, first + most):
                longer = Chunk.make(first, author.said[first : chunk.end + 1])
                assert len(longer.encode()) > max_bytes

    def test_chunk_is_at_most_what_travels(self, databases: Databases) -> None:
        """A chunk never has more than 1,024 entries."""
        with databases() as database:
            store = database.open()
            Author().held_by(store, 1000, 1000)
            assert store.chunk(LOG, 10, 5000, 2**30).end == 10 + 1024

    @pytest.mark.parametrize("index", [-1, 11, 2**53])
    def test_beyond_the_end(self, databases: Databases, index: int) -> None:
        """Entries that a log does not have are a defect to ask for."""
        with databases() as database:
            store = database.open()
            begin(store)
            for ask in (
                lambda: store.chunk(LOG, index, 1, 1),
                lambda: store.record(LOG, index),
                lambda: store.entries(LOG, index, index + 1),
                lambda: store.entries(LOG, 0, 11),
                lambda: store.read_tiles(LOG)([Tile(0, 0, 11)]),
                lambda: store.read_tiles(LOG)([Tile(1, 0, 1)]),
                lambda: store.read_tiles(LOG)([Tile(0, 1, 1)]),
            ):
                with pytest.raises(UnknownLog):
                    ask()

    @settings(suppress_health_check=_SHARED, max_examples=20)
    @given(COUNTS, st.data())
    def test_proofs(self, databases: Databases, counts: list[int], data: st.DataObject) -> None:
        """Proofs between any two sizes, and of any entry at any size, are those of RFC 6962."""
        with databases() as database:
            store, author = database.open(), Author()
            author.held_by(store, *counts)
            read = store.read_tiles(LOG)
            for _ in range(5):
                new = data.draw(st.integers(1, len(author.said)))
                old = data.draw(st.integers(0, new - 1))
                tree = author.tree(new)
                assert tree_root(new, read) == tree.mth()
                assert inclusion_proof(old, new, read) == tree.path(old)
                if old:
                    assert consistency_proof(old, new, read) == tree.proof(old)

    def test_proofs_over_three_levels(self, databases: Databases) -> None:
        """Where the third level of tiles begins, proofs and tiles are those of RFC 6962 too."""
        sizes = [255, 65_280, 65_535, 65_536, 65_537, 66_000]
        with databases() as database:
            store, author = database.open(), Author()
            author.held_by(store, *[1000] * 66)
            store.close()
            read = database.open().read_tiles(LOG)
            for new in sizes:
                tree = author.tree(new)
                assert tree_root(new, read) == tree.mth()
                assert [tree.proof(old) for old in sizes if old < new] == [
                    consistency_proof(old, new, read) for old in sizes if old < new
                ]
            last = [
                tile for tile in tiles_of(66_000) if tile.index >= 66_000 // HASHES_PER_TILE - 1 or tile.level
            ]
            assert read(last) == author.tree().read(last)

    # Records that came late or ahead

    def test_missing(self, databases: Databases) -> None:
        """Absent records are missing, lowest first, until they are filled; then they read as all others."""
        with databases() as database:
            store, author = database.open(), Author()
            with store.transaction():
                hold(store, LOG, author.say(6, absent={4, 2}))
                hold(store, LOG, author.say(2, absent={7}))
            assert store.missing(LOG, 9) == [2, 4, 7]
            assert store.missing(LOG, 2) == [2, 4]
            assert store.record(LOG, 4)[0] == author.said[4][0]
            assert store.record(LOG, 4)[2] is None
            assert store.chunk(LOG, 0, 9, 9999).absent() == [2, 4, 7]
            for index in (7, 2, 4):
                assert store.has_missing(LOG)
                with store.transaction():
                    store.fill(LOG, index, *author.said[index][1:])
            assert not store.has_missing(LOG)
            assert store.chunk(LOG, 1, 9, 9999) == Chunk.make(1, author.said[1:])
            assert store.record(LOG, 4) == author.said[4]

    def test_room_of_a_chunk(self, databases: Databases) -> None:
        """Whatever commits its records came in, early or late, a chunk has exactly those that fit."""
        with databases() as database:
            store, author = database.open(), Author()
            author.held_by(store, 1, 1)
            with store.transaction():
                hold(store, LOG, author.say(4, absent={3, 5}))
                store.fill(LOG, 3, *author.said[3][1:])
                store.fill(LOG, 5, *author.said[5][1:])
            author.held_by(store, 1, 1)
            whole = Chunk.make(0, author.said)
            for max_bytes in range(4, len(whole.encode()) + 1):
                assert store.chunk(LOG, 0, 9, max_bytes).end == max(1, whole.fitting(max_bytes))

    def test_fill_what_is_here(self, databases: Databases) -> None:
        """What is not missing is not replaced."""
        with databases() as database:
            store = database.open()
            begin(store)
            before = everything(store)
            with store.transaction():
                store.fill(LOG, 0, b"s" * 32, b"another")
                store.fill(LOG, 99, b"s" * 32, b"another")
            assert everything(store) == before

    def test_aheads(self, databases: Databases) -> None:
        """What came ahead is kept in order until it is passed; the first for a place stays."""
        with databases() as database:
            store = database.open()
            author = begin(store)
            twelfth = (12, *author_of(13).said[12])
            with store.transaction():
                store.put_ahead(LOG, 12, b"f" * 32, b"s" * 32, b"another for the same place")
                store.put_ahead(LOG, 10, b"e" * 32, b"s" * 32, b"lower")
                store.put_ahead(LOG, 9, b"e" * 32, b"s" * 32, b"passed already")
            assert store.aheads(LOG) == [(10, b"e" * 32, b"s" * 32, b"lower"), twelfth]
            author.held_by(store, 1)
            assert store.aheads(LOG) == [twelfth]
            author.held_by(store, 2)
            assert store.aheads(LOG) == []

    def test_dropped_aheads(self, databases: Databases) -> None:
        """What came ahead can be forgotten, and is in no file once the store says so."""
        with databases() as database:
            store = database.open()
            begin(store)
            with store.transaction():
                store.put_ahead(LOG, 14, b"e" * 32, b"s" * 32, b"What nobody is to know any more")
            assert b"nobody is to know" in database.remains()
            with store.transaction():
                store.drop_aheads(LOG)
            assert store.aheads(LOG) == []
            wait_until(store.scrubbed)
            assert b"nobody is to know" not in database.remains()

    def test_ahead_takes_its_place(self, databases: Databases) -> None:
        """A record that came ahead is not missing when its entry comes without it; of another entry it is."""
        with databases() as database:
            store = database.open()
            author = begin(store)
            with store.transaction():
                store.put_ahead(LOG, 11, b"another entry for this place....", b"s" * 32, b"sent ahead")
                hold(store, LOG, author.say(3, absent={11, 12}))
            assert store.missing(LOG, 9) == [3, 5, 11]
            assert store.record(LOG, 12) == author.said[12]

    # Erased entries

    @settings(suppress_health_check=_SHARED, max_examples=25)
    @given(COUNTS, st.data())
    def test_erase(self, databases: Databases, counts: list[int], data: st.DataObject) -> None:
        """Erased entries are absent and not missing, whatever commit they came in; all else is as before."""
        with databases() as database:
            store, author = database.open(), Author()
            author.held_by(store, *counts)
            size = len(author.said)
            erased = data.draw(st.sets(st.integers(0, size - 1), max_size=20))
            kept = data.draw(st.sets(st.sampled_from(sorted(erased)))) if erased else set()
            head, edge = store.head(LOG), store.edge(LOG)
            with store.transaction():
                erase(store, erased, kept)
            store.close()
            store = database.open()
            assert (store.head(LOG), store.edge(LOG)) == (head, edge)
            assert [store.record(LOG, index) for index in range(size)] == [
                author.seen(index, erased) for index in range(size)
            ]
            chunk = store.chunk(LOG, 0, 1024, 2**22)
            assert chunk == Chunk.make(0, [author.seen(index, erased) for index in range(chunk.end)])
            assert store.erased(LOG, 0, size) == sorted(erased)
            assert store.erased(LOG, 1, size - 1) == sorted(erased - {0, size - 1})
            assert {index for index in erased if store.set_apart(LOG, index)} == kept
            assert all(store.set_apart(LOG, index) == author.said[index][1:] for index in kept)
            assert not store.has_missing(LOG)

    def test_erased_stays_erased(self, databases: Databases) -> None:
        """An erased record is not filled; one that never came is no longer missing; one late is gone too."""
        with databases() as database:
            store, author = database.open(), Author()
            with store.transaction():
                hold(store, LOG, author.say(6, absent={1, 2, 3}))
                store.fill(LOG, 2, *author.said[2][1:])
                store.erase(LOG, {1, 2, 4})
            assert store.missing(LOG, 9) == [3]
            with store.transaction():
                for index in (1, 2, 4):
                    store.fill(LOG, index, *author.said[index][1:])
                store.erase(LOG, {1, 4}, keeping={1, 4})
            assert store.chunk(LOG, 0, 9, 9999).absent() == [1, 2, 3, 4]
            assert store.set_apart(LOG, 1) is store.set_apart(LOG, 4) is store.set_apart(LOG, 0) is None
            with pytest.raises(UnknownLog), store.transaction():
                store.erase(LOG, {6})

    @pytest.mark.parametrize("crash", [False, True], ids=["", "after a crash"])
    def test_nothing_remains(self, databases: Databases, *, crash: bool) -> None:
        """Once scrubbed, no file has what was erased: not where it stood, and nowhere it had been before."""
        with databases() as database:
            store, author = database.open(), Author()
            for first in range(0, 900, 300):
                with store.transaction():
                    hold(store, LOG, author.say(300, absent={first + 7, first + 8}))
                    store.fill(LOG, first + 7, *author.said[first + 7][1:])
                    store.put_ahead(LOG, first + 308, *author_of(first + 309).said[first + 308])
            erased = {3, *range(250, 350), 307, 608, 899}
            with store.transaction():
                erase(store, erased, {260})
            if crash:
                database.crash()
                store = database.open()
            wait_until(store.scrubbed)
            assert found(author, database) >= set(range(900)) - erased - {8}
            assert found(author, database) & erased == {260}
            with store.transaction():
                store.erase(LOG, {260})
            wait_until(store.scrubbed)
            assert found(author, database) & erased == set()

    # Changes

    def test_changes(self, databases: Databases) -> None:
        """Each record that came late or was erased is a change, once, in the order in which that happened."""
        with databases() as database:
            store = database.open()
            author = begin(store)
            first = store.newest_change()
            with store.transaction():
                store.fill(LOG, 5, *author.said[5][1:])
                store.fill(LOG, 5, *author.said[5][1:])
                store.fill(LOG, 7, *author.said[7][1:])
            with store.transaction():
                store.erase(LOG, {1})
            with suppress(Stop), store.transaction():
                store.erase(LOG, {2})
                raise Stop
            author.held_by(store, 3)
            changes = store.changes(first, 99)
            assert [(change.log, change.index) for change in changes] == [(LOG, 5), (LOG, 1)]
            assert store.newest_change() == changes[-1].number > changes[0].number > first
            assert store.changes(first, 1) == changes[:1]
            assert store.changes(changes[0].number, 99) == changes[1:]
            database.crash()
            assert database.open().changes(first, 99) == changes

    def test_identity(self, databases: Databases) -> None:
        """A log keeps its number under another name, in its changes too, and no other gets it."""
        with databases() as database:
            store = database.open()
            begin(store)
            found = store.identity(LOG)
            with store.transaction():
                store.rename(LOG, "aside")
                store.create(LOG)
            assert store.identity("aside") == found != store.identity(LOG)
            assert {change.log for change in store.changes(0, 99)} == {"aside"}
            with pytest.raises(UnknownLog):
                store.identity("another")

    # Checkpoints and cosignatures

    def test_checkpoints(self, databases: Databases) -> None:
        """Checkpoints are found by size; the newest is the largest that the log has reached."""
        with databases() as database:
            store, author = database.open(), Author()
            author.held_by(store, 10)
            assert store.newest_checkpoint(LOG) is None
            author.say(10)
            with store.transaction():
                for size in (12, 3, 20, 8):
                    store.put_checkpoint(LOG, author.checkpoint(size))
            assert store.newest_checkpoint(LOG) == author.note(8)
            assert store.checkpoint_at(LOG, 3) == author.note(3)
            assert store.checkpoint_at(LOG, 4) is None
            assert store.checkpoints_above(LOG, 8) == [author.note(12), author.note(20)]
            with store.transaction():
                store.drop_checkpoints_below(LOG, 8)
            assert store.checkpoints_above(LOG, 0) == [author.note(size) for size in (8, 12, 20)]

    def test_cosignatures(self, databases: Databases) -> None:
        """Cosignatures are found by size, newest by key name, and counted, largest size first."""
        with databases() as database:
            store, author = database.open(), Author()
            author.held_by(store, 9)
            given_ = [(2, "pine", 21), (7, "oak", 71), (5, "ash", 52), (5, "oak", 51), (3, "pine", 31)]
            with store.transaction():
                for size, by, time_s in given_:
                    store.put_cosignature(LOG, size, author.cosignature(size, by, time_s), time_s)
                store.put_cosignature(LOG, 5, author.cosignature(5, "ash", 59), 59)
            assert store.cosignatures(LOG, 5) == [
                (author.cosignature(5, "ash", 59), 59),
                (author.cosignature(5, "oak", 51), 51),
            ]
            assert store.cosignatures(LOG, 4) == []
            assert store.newest_cosignatures(LOG) == {
                by: LatestCosignature(size, time_s, author.cosignature(size, by, time_s))
                for by, size, time_s in (("ash", 5, 59), ("oak", 7, 71), ("pine", 3, 31))
            }
            assert store.cosigned_sizes(LOG, 0, 9) == [(7, 1), (5, 2), (3, 1), (2, 1)]
            assert store.cosigned_sizes(LOG, 3, 2) == [(7, 1), (5, 2)]
            first = [("ash", 5, 59), ("oak", 5, 51), ("pine", 3, 31)]
            assert store.first_cosignatures(LOG, 3, 9) == first
            assert store.first_cosignatures(LOG, 3, 1) == first[2:]
            assert store.first_cosignatures(LOG, 6, 9) == [("oak", 7, 71)]

    def test_witnessed(self, databases: Databases) -> None:
        """A witness's state moves only from the size that it has, and needs no log here."""
        with databases() as database:
            store = database.open()
            assert store.witnessed(LOG) is None
            with store.transaction():
                store.put_witnessed(LOG, 0, 5, b"r" * 32, b"first")
                store.put_witnessed(LOG, 5, 9, b"q" * 32, b"second")
            for wrong in (0, 5, 10):
                with pytest.raises(LostRace), store.transaction():
                    store.put_witnessed(LOG, wrong, 12, b"r" * 32, b"third")
            with pytest.raises(LostRace), store.transaction():
                store.put_witnessed(OTHER_LOG, 5, 12, b"r" * 32, b"third")
            assert store.witnessed(LOG) == Witnessed(9, b"q" * 32, b"second")
            assert store.witnessed(OTHER_LOG) is None

    # What upper layers keep

    def test_cards(self, databases: Databases) -> None:
        """The card before an index is the last one below it."""
        with databases() as database:
            store = database.open()
            Author().held_by(store, 9)
            with store.transaction():
                for index in (6, 2, 6):
                    store.put_card(LOG, index)
            assert [store.card_before(LOG, index) for index in (0, 2, 3, 6, 7)] == [None, None, 2, 2, 6]

    def test_documents(self, databases: Databases) -> None:
        """A document is what was put last under its key; spaces are apart."""
        with databases() as database:
            store = database.open()
            with store.transaction():
                for space, key, data in (
                    ("a", "y", b"1"),
                    ("a", "x", b"2"),
                    ("b", "x", b"3"),
                    ("a", "y", b"4"),
                ):
                    store.put_document(space, key, data)
            assert store.document("a", "y") == b"4"
            assert store.document("b", "y") is None
            assert list(store.documents("a").items()) == [("x", b"2"), ("y", b"4")]
            assert store.documents("c") == {}
            assert list(store.next_documents("a", "", 1).items()) == [("x", b"2")]
            assert list(store.next_documents("a", "x", 9).items()) == [("y", b"4")]
            assert store.next_documents("a", "y", 9) == {}

    def test_dropped_document(self, databases: Databases) -> None:
        """A document that was dropped is gone from every file, once the store says so; others stay."""
        with databases() as database:
            store = database.open()
            with store.transaction():
                store.put_document("a", "x", b"what nobody may read " * 9)
                store.put_document("a", "y", b"stays")
            with store.transaction():
                store.drop_document("a", "x")
                store.drop_document("a", "never there")
            assert store.documents("a") == {"y": b"stays"}
            wait_until(store.scrubbed)
            assert b"nobody may read" not in database.remains()
