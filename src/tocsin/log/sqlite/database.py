"""One SQLite file: opening it, transactions, and what its errors mean. What stands in it is `store`'s matter.

- Durable at COMMIT: a write-ahead log (WAL) and `synchronous = FULL`. SQLite's own moving of the WAL into the
  database is off, since it would come in the midst of a commit and may take a second; `wal` does it.
- What is deleted is overwritten (`secure_delete`). Of what was replaced, the WAL still has copies, until
  `scrub` or `wal` moves and empties it.
- No room (on the disk, in a quota, by a limit on file size or pages) is StorageFull: the transaction is
  undone, and the next one may succeed.
- Everything else that the storage reports is StorageFailed, and nothing is tried again: after a failed sync,
  nobody knows which pages the disk has.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tocsin.core.errors import Fault
from tocsin.log.sqlite.migrating import check_version, migrate
from tocsin.log.sqlite.queries import load_queries
from tocsin.log.store import StorageFailed, StorageFull

BUSY_TIMEOUT_S = 30.0
SCRUB = "PRAGMA wal_checkpoint(TRUNCATE)"

# A write beyond a limit on file size, or a quota, is reported as any other failed write. What failed to be
# written is no part of the database, so trying again is safe; that is true of no other error.
_NO_ROOM = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE})
_OUR_DEFECTS = (sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError)
_CACHE_KIB = 8192
_WAL_KEPT_BYTES = 64 * 2**20

Migrate = Callable[[sqlite3.Connection, Path], None]


class Database:
    """A connection that speaks in faults. Raises StorageFailed for a file that is no database.

    `queries` is the file of those that it runs; `migrate` brings its schema up to date; `failed` is what it
    raises as StorageFailed. `beside` another process, it changes nothing, neither the file nor its version.
    Within `transaction`, any error but StorageFull may be caught; the rest of the transaction stands.
    """

    def __init__(
        self,
        path: Path,
        *,
        beside: bool = False,
        queries: str = "queries.sql",
        migrate: Migrate = migrate,
        failed: type[StorageFailed] = StorageFailed,
    ) -> None:
        self.path = path
        self._failed = failed
        self._queries = load_queries(queries)
        # Held for each transaction. SQLite has its own lock, but who waits for that only asks now and then.
        self.writing = threading.Lock()
        self._failure: StorageFailed | None = None
        self._synced = True
        try:
            self._connection = open_beside(path) if beside else _open(path, migrate)
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def rows(self, query: str, **parameters: object) -> list[Any]:
        """All rows that a query gives."""
        try:
            return self._connection.execute(self._queries[query], parameters).fetchall()
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def stream(self, query: str, **parameters: object) -> Iterator[Any]:
        """The rows that a query gives, one by one; the caller ends it before the next write."""
        try:
            cursor = self._connection.execute(self._queries[query], parameters)
            try:
                yield from cursor
            finally:
                cursor.close()
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def row(self, query: str, **parameters: object) -> Any | None:  # noqa: ANN401 - the query says what it is
        """The first row that a query gives."""
        found = self.rows(query, **parameters)
        return found[0] if found else None

    def value(self, query: str, **parameters: object) -> Any | None:  # noqa: ANN401 - as above
        """The first value of the first row that a query gives."""
        found = self.row(query, **parameters)
        return found[0] if found else None

    @contextmanager
    def blob(self, table: str, column: str, row_id: int) -> Iterator[Callable[[int, int], bytes]]:
        """Reads parts of one value, at an offset and of a size in bytes, where the whole would be large."""
        try:
            with self._connection.blobopen(table, column, row_id, readonly=True) as blob:

                def read(offset: int, size_bytes: int) -> bytes:
                    blob.seek(min(offset, len(blob)))
                    return blob.read(size_bytes)

                yield read
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def write(self, query: str, **parameters: object) -> int:
        """How many rows the query changed. Only within a transaction."""
        if not self._connection.in_transaction:
            raise Fault(f"Expected a transaction around {query}.")
        try:
            return self._connection.execute(self._queries[query], parameters).rowcount
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def write_all(self, query: str, rows: Iterable[Mapping[str, object]]) -> int:
        """As `write`, once for each of these."""
        if not self._connection.in_transaction:
            raise Fault(f"Expected a transaction around {query}.")
        try:
            return self._connection.executemany(self._queries[query], rows).rowcount
        except sqlite3.Error as error:
            raise self._fault(error) from error

    @contextmanager
    def transaction(self, *, synced: bool) -> Iterator[None]:
        """What is written within is durable together at its end, if `synced`, or undone by an exception."""
        if self._failure:
            raise self._failure
        if synced != self._synced:
            # With a WAL, NORMAL leaves out the sync at COMMIT and nothing else.
            self._run(f"PRAGMA synchronous = {'FULL' if synced else 'NORMAL'}")
            self._synced = synced
        with self.writing:
            self._run("BEGIN IMMEDIATE")
            try:
                yield
                self._run("COMMIT")
            except BaseException:
                # Some errors have undone the transaction by themselves.
                if self._connection.in_transaction:
                    self._run("ROLLBACK")
                raise

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part of a transaction: an exception undoes it alone."""
        self._run("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:
                self._run("ROLLBACK TO part")
                self._run("RELEASE part")
            raise
        self._run("RELEASE part")

    def scrub(self) -> bool:
        """Move the whole WAL into the database and empty its file; False if somebody reads in it."""
        try:
            busy, _, _ = self._connection.execute(SCRUB).fetchone()
            sync_wal(self.path)
        except sqlite3.Error as error:
            raise self._fault(error) from error
        except StorageFailed as failure:
            self.fail(failure)
            raise
        return not busy

    def fail(self, failure: StorageFailed) -> None:
        """Refuse every transaction from now on. May be called from any thread."""
        self._failure = self._failure or self._failed(str(failure))

    def close(self) -> None:
        """Move the WAL into the database, and let go of it."""
        self._connection.close()

    def _run(self, statement: str) -> None:
        try:
            self._connection.execute(statement)
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def _fault(self, error: sqlite3.Error) -> Fault:
        fault = fault_of(error, self.path)
        if isinstance(fault, StorageFailed):
            self.fail(fault)
            return self._failed(str(fault))
        return fault


def _open(path: Path, migrate: Migrate) -> sqlite3.Connection:
    # Made here, so that nobody else may read it: SQLite gives its other files the mode of this one. If it is
    # there it is left alone: to close it would give up all locks that this process has on it.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "wal_autocheckpoint = 0",
            f"journal_size_limit = {_WAL_KEPT_BYTES}",
            f"cache_size = -{_CACHE_KIB}",
            "foreign_keys = ON",
            "secure_delete = ON",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def open_beside(path: Path) -> sqlite3.Connection:
    """A connection that only reads, whoever writes meanwhile. Raises OlderDatabase, NewerDatabase."""
    address = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(address, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        connection.execute("PRAGMA query_only = ON")
        check_version(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def sync_wal(path: Path) -> None:
    """Make it durable that the WAL is empty. Raises StorageFailed.

    SQLite itself does not: after a power cut, what the WAL had would be there again.
    """
    try:
        file = os.open(f"{path}-wal", os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        raise StorageFailed(f"Expected to sync {path}-wal, found: {error}.") from error


def fault_of(error: sqlite3.Error, path: Path) -> Fault:
    """What an error of SQLite's means: StorageFull, StorageFailed, or a defect of ours."""
    code = getattr(error, "sqlite_errorcode", None)
    reason = f"{error} ({getattr(error, 'sqlite_errorname', type(error).__name__)})"
    if code in _NO_ROOM:
        return StorageFull(f"Expected room to write to {path}, found none: {reason}. Next: make room.")
    if isinstance(error, _OUR_DEFECTS):
        return Fault(f"The store of {path} asked for what cannot be: {reason}.")
    return StorageFailed(
        f"Expected {path} to be readable and writable, found: {reason}. "
        "Next: stop the node, check the disk, and start the node again."
    )
