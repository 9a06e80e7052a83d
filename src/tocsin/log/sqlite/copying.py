"""One consistent copy of a database, while its node goes on.

SQLite's online backup, all of it from one moment: the copying connection stands in one read transaction
from the first page to the last, and meanwhile others commit into the write-ahead log. The copy is one file,
without a write-ahead log of its own, that only its owner may read; it has its name once it is whole and
durable.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tocsin.log.durable import sync

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much."""

_PAGES_A_STEP = 1_024
_BESIDE = ("-journal", "-wal", "-shm")


def copy_database(connection: sqlite3.Connection, target: Path, progress: Progress | None = None) -> None:
    """Copy what `connection` reads to `target`, in place of what is there. `progress` counts bytes."""
    unfinished = target.with_name(f"{target.name}.new")
    for ending in ("", *_BESIDE):
        # A journal of an attempt that was killed would be played back into this one.
        unfinished.with_name(unfinished.name + ending).unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()

    def told(_: int, remaining: int, total: int) -> None:
        if progress:
            progress((total - remaining) * page_bytes, total * page_bytes)

    with closing(sqlite3.connect(unfinished, isolation_level=None)) as copy:
        with _one_moment(connection):
            connection.backup(copy, pages=_PAGES_A_STEP, progress=told)
        copy.execute("PRAGMA journal_mode = delete").fetchall()
    sync(unfinished)
    unfinished.replace(target)
    sync(target.parent)


@contextmanager
def _one_moment(connection: sqlite3.Connection) -> Iterator[None]:
    """Within, the connection reads what was committed before, and nothing later."""
    connection.execute("BEGIN")
    try:
        connection.execute("PRAGMA user_version").fetchone()
        yield
    finally:
        connection.execute("ROLLBACK")
