"""Moving the write-ahead log into the database, on a thread and a connection of its own.

SQLite appends each commit to the write-ahead log (WAL), and must at times copy its pages into the database,
so that the WAL can start again from its beginning. Commits do not wait for that here.

- A round begins when about 32 MiB wait, or after an idle second when a little does. A WAL that starts again
  overwrites its file, which syncs faster than a file that grows: so it is kept, and kept short.
- Its first passes copy while commits go on. Under steady load they never catch up, and the WAL would grow for
  ever; so in the last pass commits are locked out while it copies what little came during the one before. If
  the disk is too slow for the load, this is where commits wait for it.
- After an erasure the WAL is moved at once and its file emptied, since it has copies of what was erased. As
  long as another process reads in it, that is tried again every second.
- No room is no failure: the WAL stays, and the next round tries again. Any other error fails the database.
"""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tocsin.log.sqlite.database import BUSY_TIMEOUT_S, SCRUB, fault_of, sync_wal
from tocsin.log.store import StorageFailed, StorageFull

MOVE_AT_BYTES = 32 * 2**20
MOVE_IDLE_AT_BYTES = 4 * 2**20
IDLE_S = 1.0

_COPY = "PRAGMA wal_checkpoint(PASSIVE)"
_PASSES_BESIDE_COMMITS = 2
_ASK_READERS_MS = 20


class WalThread:
    """Runs from its making to `stop`. The thread calls `fail` with what no further round can mend."""

    def __init__(self, path: Path, writing: threading.Lock, fail: Callable[[StorageFailed], None]) -> None:
        self._path = path
        self._writing = writing
        self._fail = fail
        # Each is written by one thread alone; what waits is their difference.
        self._committed_bytes = 0
        self._moved_bytes = 0
        self._to_scrub = 0
        self._scrubbed = 0
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"wal of {path.name}", daemon=True)
        self._thread.start()

    def committed(self, size_bytes: int) -> None:
        """Count what a commit has added to the WAL, about."""
        self._committed_bytes += size_bytes
        if self._committed_bytes - self._moved_bytes >= MOVE_AT_BYTES:
            self._wake.set()

    def scrubbed(self, erasures: int) -> bool:
        """Whether the WAL was emptied after the erasure of that number was committed; if not, see to it."""
        if self._to_scrub < erasures:
            self._to_scrub = erasures
            self._wake.set()
        return self._scrubbed >= erasures

    def stop(self) -> None:
        """Return when the thread has ended, after the pass that it is in, if any."""
        self._stop.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            with closing(
                sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
            ) as connection:
                connection.execute("PRAGMA synchronous = FULL")
                # Commits wait while it asks for what a reader has; it rather asks again.
                connection.execute(f"PRAGMA busy_timeout = {_ASK_READERS_MS}")
                self._rounds(connection)
        except sqlite3.Error as error:
            fault = fault_of(error, self._path)
            self._fail(fault if isinstance(fault, StorageFailed) else StorageFailed(str(fault)))
        except StorageFailed as failure:
            self._fail(failure)

    def _rounds(self, connection: sqlite3.Connection) -> None:
        before_bytes = 0
        while not self._stop.is_set():
            self._wake.wait(IDLE_S)
            self._wake.clear()
            if (erasures := self._to_scrub) > self._scrubbed and self._move(connection, SCRUB):
                sync_wal(self._path)
                self._scrubbed = erasures
            committed_bytes = self._committed_bytes
            waiting_bytes = committed_bytes - self._moved_bytes
            idle = committed_bytes == before_bytes and waiting_bytes >= MOVE_IDLE_AT_BYTES
            if idle or waiting_bytes >= MOVE_AT_BYTES:
                if self._move(connection):
                    self._moved_bytes = committed_bytes
                else:
                    self._stop.wait(IDLE_S)
            before_bytes = committed_bytes

    def _move(self, connection: sqlite3.Connection, last: str = _COPY) -> bool:
        """One round, with `last` as its last pass; whether the WAL can start again."""
        try:
            for _ in range(_PASSES_BESIDE_COMMITS):
                connection.execute(_COPY).fetchone()
            with self._writing:
                busy, waiting, moved = connection.execute(last).fetchone()
        except sqlite3.Error as error:
            if isinstance(fault_of(error, self._path), StorageFull):
                return False
            raise
        return not busy and waiting == moved
