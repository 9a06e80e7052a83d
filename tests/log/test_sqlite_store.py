"""The SQLite store: it conforms, and what only it can get wrong."""

import re
import resource
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from importlib.resources import files
from itertools import count
from pathlib import Path

import pytest
from tests.log.author import LOG, Author, hold
from tests.log.store_conformance import (
    Database,
    Databases,
    StoreConformance,
    begin,
    everything,
    wait_until,
)
from tests.simulation.clock import SeededChance

from tocsin.core.errors import Fault
from tocsin.core.tlog.chunk import Chunk
from tocsin.core.tlog.tree import tree_root
from tocsin.log.sqlite import DatabaseInUse, NewerDatabase, SqliteStore, wal
from tocsin.log.sqlite.copying import copy_database
from tocsin.log.sqlite.migrating import OlderDatabase
from tocsin.log.sqlite.wal import WalThread
from tocsin.log.store import StorageFailed, StorageFull

PACKAGE = files("tocsin.log.sqlite")
LARGE = Chunk.make(0, [(b"e" * 32, b"s" * 32, b"r" * 60_000)] * 20)

_numbers = count()


class SqliteDatabase:
    """A database in a folder; a crash leaves its files as they are at that moment, in another one."""

    def __init__(self, folder: Path, closing: ExitStack) -> None:
        self.folder = folder
        self._closing = closing

    def open(self) -> SqliteStore:
        """See Database."""
        store = SqliteStore(self.folder / "log.db", SeededChance(next(_numbers), "database"))
        self._closing.callback(store.close)
        return store

    def crash(self) -> None:
        """See Database."""
        after = self.folder / "after"
        after.mkdir()
        for file in self.folder.glob("log.db*"):
            if not file.name.endswith("-shm"):
                shutil.copy(file, after)
        self.folder = after

    def remains(self) -> bytes:
        """See Database."""
        return b"".join(file.read_bytes() for file in sorted(self.folder.glob("log.db*")))


class TestSqliteStore(StoreConformance):
    """The conformance suite, on SQLite."""

    @pytest.fixture
    def databases(self, tmp_path: Path) -> Databases:
        """New databases, each in a folder of its own."""

        @contextmanager
        def databases() -> Iterator[Database]:
            folder = tmp_path / str(next(_numbers))
            folder.mkdir()
            with ExitStack() as closing:
                yield SqliteDatabase(folder, closing)

        return databases


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "log.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    """An open store, without a thread."""
    with closing(SqliteStore(path, SeededChance(1, "database"))) as store:
        yield store


@contextmanager
def file_size_limit(size_bytes: int) -> Iterator[None]:
    """No file can be written beyond this size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def say_large(store: SqliteStore) -> None:
    """Append more than a megabyte."""
    with store.transaction():
        store.create(LOG)
        edge = store.edge(LOG)
        hold(store, LOG, Chunk.make(edge.size, [item[1:] for item in LARGE.items()]))


# One process


def test_in_use(path: Path, store: SqliteStore) -> None:
    """A database that is open is refused to anyone else, who is told which file and what to do."""
    with pytest.raises(DatabaseInUse, match=rf"{path}\.lock.*Next: stop"):
        SqliteStore(path, SeededChance(1, "other"))

    store.close()
    SqliteStore(path, SeededChance(1, "other")).close()


def test_beside(store: SqliteStore, path: Path) -> None:
    """Beside the process that writes, another reads what was committed, and can change nothing."""
    author = begin(store)
    author.held_by(store, 300)
    with closing(SqliteStore(path, SeededChance(9, "unused"), beside=True)) as reader:
        before = reader.head(LOG)
        author.held_by(store, 600)
        assert before
        assert reader.edge(LOG).size == before.size == 310
        assert tree_root(310, reader.read_tiles(LOG)) == author.tree(310).mth()
        assert reader.record(LOG, 309) == author.said[309]
        assert reader.database_id == store.database_id
        with pytest.raises(Fault), reader.transaction():
            reader.put_document("space", "key", b"data")
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader._database._connection.execute("DELETE FROM document")
    with closing(SqliteStore(path, SeededChance(9, "unused"), beside=True)) as reader:
        assert everything(reader) == everything(store)
    author.held_by(store, 1)


def test_beside_nothing(path: Path) -> None:
    """Beside a database that is not there, or not set up, nothing is made."""
    with pytest.raises(StorageFailed):
        SqliteStore(path, SeededChance(1, "database"), beside=True)
    assert list(path.parent.iterdir()) == []
    path.touch()
    with pytest.raises(OlderDatabase, match="Next: start its node"):
        SqliteStore(path, SeededChance(1, "database"), beside=True)
    assert path.stat().st_size == 0


def test_nobody_else_reads(store: SqliteStore, path: Path) -> None:
    """Every file of the database is its owner's alone."""
    begin(store)

    files_of_it = sorted(path.parent.iterdir())
    assert [file.name for file in files_of_it] == ["log.db", "log.db-shm", "log.db-wal", "log.db.lock"]
    assert {file.stat().st_mode & 0o777 for file in files_of_it} == {0o600}


def test_written_within_a_transaction(store: SqliteStore) -> None:
    """What is written outside of a transaction is a defect."""
    with pytest.raises(Fault):
        store.put_document("space", "key", b"data")

    assert store.documents("space") == {}


def test_sync(store: SqliteStore) -> None:
    """Only a transaction that asks for no sync goes without."""
    levels = []
    for synced in (True, False, False, True, False, True):
        with store.transaction(synced=synced):
            levels += store._database._connection.execute("PRAGMA synchronous").fetchall()
    full, normal = (2,), (1,)

    assert levels == [full, normal, normal, full, normal, full]


# No room


def test_page_limit(store: SqliteStore) -> None:
    """Beyond the page limit nothing is written, reading goes on; with room again, so does writing."""
    author = begin(store)
    before = everything(store)
    (pages,) = store._database._connection.execute("PRAGMA page_count").fetchone()
    store._database._connection.execute(f"PRAGMA max_page_count = {pages + 20}").fetchone()

    for _ in range(3):
        with pytest.raises(StorageFull, match="Next: make room"):
            say_large(store)
        assert everything(store) == before
    author.held_by(store, 1)
    store._database._connection.execute("PRAGMA max_page_count = 1000000").fetchone()
    say_large(store)

    assert store.entries(LOG, 11, 31) == LARGE.entries


def test_file_size_limit(store: SqliteStore, path: Path) -> None:
    """Beyond the limit on file size nothing is written, reading goes on; with room again, so does writing."""
    begin(store)
    before = everything(store)
    with file_size_limit(path.with_name("log.db-wal").stat().st_size + 100_000):
        for _ in range(3):
            with pytest.raises(StorageFull, match="Next: make room"):
                say_large(store)
            assert everything(store) == before
        with store.transaction():
            store.put_document("space", "small", b"fits")
    say_large(store)

    store.close()
    with closing(SqliteStore(path, SeededChance(1, "again"))) as again:
        assert again.entries(LOG, 10, 30) == LARGE.entries
        assert again.document("space", "small") == b"fits"


def test_no_room_within_a_part(store: SqliteStore) -> None:
    """A part without room is undone; what came before it and what came after stand or fall together."""
    begin(store)
    (pages,) = store._database._connection.execute("PRAGMA page_count").fetchone()
    store._database._connection.execute(f"PRAGMA max_page_count = {pages + 20}").fetchone()

    with suppress(Fault), store.transaction():
        store.put_document("space", "before", b"data")
        with pytest.raises(StorageFull):
            say_large(store)
        store.put_document("space", "after", b"data")

    assert store.documents("space").keys() & {"before", "after"} in (set(), {"before", "after"})
    head = store.head(LOG)
    assert head
    assert head.size == 10


# What cannot be mended


def test_no_database(path: Path) -> None:
    """A file that is no database is refused, untouched."""
    path.write_bytes(b"no database " * 1000)

    with pytest.raises(StorageFailed, match="Next: stop the node"):
        SqliteStore(path, SeededChance(1, "database"))

    assert path.read_bytes() == b"no database " * 1000


def test_damaged_pages(store: SqliteStore, path: Path) -> None:
    """A page that was damaged on the disk is a failure, and after it nothing is written."""
    for _ in range(3):
        say_large(store)
    store.close()
    damaged = bytearray(path.read_bytes())
    for start in range(0, len(damaged), 4096):
        if damaged[start + 2000 : start + 2100] == b"r" * 100:
            damaged[start : start + 4] = b"\xff" * 4
    path.write_bytes(damaged)

    with closing(SqliteStore(path, SeededChance(1, "again"))) as again:
        with pytest.raises(StorageFailed):
            again.chunk(LOG, 0, 1024, 2**22)
        with pytest.raises(StorageFailed), again.transaction():
            again.put_document("space", "key", b"data")


def test_damaged_chunk(store: SqliteStore) -> None:
    """Stored bytes that are no chunk are a failure of the storage, not another's fault."""
    begin(store)
    with store.transaction():
        store._database._connection.execute("UPDATE chunk SET data = substr(data, 1, 50)")

    with pytest.raises(StorageFailed):
        store.record(LOG, 0)


def test_newer_database(store: SqliteStore, path: Path) -> None:
    """A database of a newer version is refused, and not changed."""
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 9999")

    for _ in range(2):
        with pytest.raises(NewerDatabase, match="found version 9999"):
            SqliteStore(path, SeededChance(1, "again"))


def test_cannot_open(tmp_path: Path) -> None:
    """A database that cannot be opened does not stay locked."""
    path = tmp_path / "folder"
    path.mkdir()

    for _ in range(2):
        with pytest.raises((OSError, StorageFailed)):
            SqliteStore(path, SeededChance(1, "database"))


# The write-ahead log


def test_no_thread_unless_asked(store: SqliteStore) -> None:
    """A store has no thread until it is asked for, and none after it is closed."""
    assert threading.active_count() == 1
    store.start_wal_thread()
    store.start_wal_thread()
    assert threading.active_count() == 2

    store.close()

    assert threading.active_count() == 1


def test_wal_starts_again(store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under load that never pauses, the write-ahead log starts again and again, and nothing is lost."""
    monkeypatch.setattr(wal, "MOVE_AT_BYTES", 500_000)
    store.start_wal_thread()
    author = Author()
    author.held_by(store, 1)
    starts = {wal_salt(path)}
    for _ in range(20_000):
        author.held_by(store, 20)
        starts.add(wal_salt(path))
        if len(starts) == 4:
            break

    assert len(starts) == 4
    size = len(author.said)
    assert [store.record(LOG, index) for index in range(0, size, 7)] == author.said[::7]
    store.close()
    with closing(SqliteStore(path, SeededChance(1, "again"))) as again:
        assert [again.record(LOG, index) for index in range(0, size, 7)] == author.said[::7]


def wal_salt(path: Path) -> bytes:
    """What changes in the write-ahead log's header each time that it starts again."""
    with path.with_name("log.db-wal").open("rb") as file:
        return file.read(24)[16:]


def test_wal_without_room(store: SqliteStore, path: Path) -> None:
    """Without room in the database the write-ahead log stays, commits go on, and the next round mends it."""
    failures: list[StorageFailed] = []
    thread = WalThread(path, threading.Lock(), failures.append)
    thread.stop()
    say_large(store)
    with closing(sqlite3.connect(path)) as connection:
        with file_size_limit(path.stat().st_size):
            assert not thread._move(connection)
        assert thread._move(connection)

    assert failures == []
    say_large(store)
    assert store.entries(LOG, 0, 40) == LARGE.entries * 2


def test_erasing_much_takes_parts(store: SqliteStore) -> None:
    """What stands in many large chunks is erased a few of them at a time, so that nobody waits for all."""
    for _ in range(9):
        say_large(store)
    todo = set(range(0, 180, 20))
    parts = []
    while todo:
        with store.transaction():
            parts.append(store.erase(LOG, todo))
        todo -= parts[-1]
    assert [sorted(part) for part in parts] == [[0, 20, 40, 60], [80, 100, 120, 140], [160]]
    assert store.erased(LOG, 0, 180) == list(range(0, 180, 20))


def test_a_copy_made_after_an_erasure_has_nothing_of_it(store: SqliteStore, path: Path) -> None:
    """A backup of a database holds what the database holds, and no remains of what it held."""
    author = Author()
    author.held_by(store, 300, 300)
    with store.transaction():
        store.erase(LOG, set(range(200, 400)))
    copy = path.with_name("copy.db")
    copy_database(store._database._connection, copy)
    data = copy.read_bytes()
    assert not any(author.said[index][1][:16] in data for index in range(200, 400))
    assert author.said[100][1][:16] in data


def test_scrub_waits_for_who_reads(store: SqliteStore, path: Path) -> None:
    """As long as another process reads what was there before, it is not said to be gone; commits go on."""
    author = begin(store)
    author.held_by(store, 300)
    store.start_wal_thread()
    wait_until(store.scrubbed)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        author.held_by(store, 300)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM chunk").fetchall()
        with store.transaction():
            store.erase(LOG, {400})
        for _ in range(50):
            assert not store.scrubbed()
            author.held_by(store, 1)
        reader.execute("ROLLBACK")
        wait_until(store.scrubbed)
    _, salt, _ = author.said[400]
    assert salt not in b"".join(file.read_bytes() for file in path.parent.glob("log.db*"))
    with store.transaction():
        store.erase(LOG, {401})
    wait_until(store.scrubbed)


def test_wal_thread_fails_the_store(tmp_path: Path) -> None:
    """What the thread cannot mend is told, instead of ending the thread in silence."""
    path = tmp_path / "log.db"
    path.write_bytes(b"no database " * 1000)
    failures: list[StorageFailed] = []
    thread = WalThread(path, threading.Lock(), failures.append)
    thread.committed(wal.MOVE_AT_BYTES)
    thread._thread.join()

    assert len(failures) == 1


def test_failure_told_by_the_thread(store: SqliteStore) -> None:
    """After the thread has told of a failure, nothing is written."""
    begin(store)
    store._database.fail(StorageFailed("told"))

    with pytest.raises(StorageFailed, match="told"), store.transaction():
        store.put_document("space", "key", b"data")


def test_what_version_1_left_in_free_space_goes(path: Path) -> None:
    """A database from before erasures is cleaned of what it deleted without overwriting it."""
    secret = b"said ahead, and moved since" * 200
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.execute("PRAGMA journal_mode = WAL").fetchall()
        old.execute("PRAGMA secure_delete = OFF").fetchall()
        old.executescript(
            (PACKAGE / "migrations" / "0001_initial.sql").read_text() + "PRAGMA user_version = 1;"
        )
        old.execute("INSERT INTO log VALUES (1, 'log', 0, x'', x'', NULL)")
        old.execute("INSERT INTO ahead VALUES (1, 7, x'', x'', ?)", (secret,))
        old.execute("DELETE FROM ahead")
    assert secret[:99] in path.read_bytes()

    SqliteStore(path, SeededChance(1, "unused")).close()
    assert secret[:99] not in path.read_bytes()


# The SQL


@pytest.mark.parametrize(
    ("queries", "modules"),
    [("queries.sql", ("store.py", "beside.py")), ("index.sql", ("index.py", "asking.py"))],
)
def test_queries_are_used(queries: str, modules: tuple[str, ...]) -> None:
    """Every query that store and index name is there, and every one that is there is named."""
    there = re.findall(r"^-- name: (\w+)$", (PACKAGE / queries).read_text(), re.MULTILINE)
    code = "".join((PACKAGE / module).read_text() for module in modules)
    named = re.findall(r'\.(?:rows|row|value|stream|write|write_all)\(\s*"(\w+)"', code)
    named += [name for pair in re.findall(r'query = "(\w+)" if \w.* else "(\w+)"', code) for name in pair]
    named += re.findall(r'_identify\("(\w+)"\)', code)

    assert sorted(there) == sorted(set(named))


def test_every_write_is_by_name() -> None:
    """SQL stands in the .sql files; the code has what controls the connection, and nothing else."""
    code = "".join(file.read_text() for file in PACKAGE.iterdir() if file.name.endswith(".py"))

    assert not re.search(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE)\b", code)
