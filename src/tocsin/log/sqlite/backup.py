"""Backups of a database: made while its node runs, and checked.

- `back_up` copies the database as it is at one moment (`copying`), beside the process that writes it.
- `check` believes nothing that the copy says of itself: each record and salt must make its entry, all entries
  lead to the root of their log, and SQLite find its pages whole.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from tocsin.core.clock import Chance
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES
from tocsin.core.tlog.entry import EntryHasher
from tocsin.core.tlog.tree import Frontier
from tocsin.log.edge import leaf_hashes
from tocsin.log.sqlite.copying import Progress, copy_database
from tocsin.log.sqlite.database import fault_of, open_beside
from tocsin.log.sqlite.store import SqliteStore
from tocsin.log.store import ASIDE, Head, StorageFailed, Store

_CHUNK_BYTES = 4 * 2**20


def back_up(source: Path, target: Path, progress: Progress) -> None:
    """Copy the database at `source` to `target`, in place of what is there. `progress` counts bytes.

    Raises StorageFailed, StorageFull, OlderDatabase and NewerDatabase.
    """
    try:
        with closing(open_beside(source)) as connection:
            copy_database(connection, target, progress)
    except sqlite3.Error as error:
        raise fault_of(error, target) from error


def check(
    path: Path, chance: Chance, progress: Progress, reads: Callable[[str, bytes], None] | None = None
) -> list[Head]:
    """Where each log of the copy at `path` ends, once all of it was checked. `progress` counts entries.

    `reads` is given each record, with the name of its log. Raises StorageFailed for what does not hold.
    """
    _check_pages(path)
    with closing(SqliteStore(path, chance, beside=True)) as store:
        heads = [head for log in store.logs() if (head := store.head(log))]
        total, done = sum(head.size for head in heads), 0
        for head in heads:
            for count in _check_log(store, head, reads):
                done += count
                progress(done, total)
    return heads


def _check_pages(path: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.Error as error:
        raise fault_of(error, path) from error
    if found != [("ok",)]:
        raise StorageFailed(f"Expected every page of {path} to be whole, found: {found[0][0]}.")


def _check_log(store: Store, head: Head, reads: Callable[[str, bytes], None] | None) -> Iterator[int]:
    """Check one log; gives how many entries each part had."""
    hasher, frontier = EntryHasher(head.name.partition(ASIDE)[0]), Frontier.EMPTY
    while frontier.size < head.size:
        chunk = store.chunk(head.name, frontier.size, MAX_CHUNK_ENTRIES, _CHUNK_BYTES)
        for index, entry, salt, record in chunk.items():
            if record is None:
                continue
            if hasher.entry(salt, record) != entry:
                raise StorageFailed(f"Expected the record of entry {index} of {head.name}, found another.")
            if reads:
                reads(head.name, record)
        frontier = frontier.append(leaf_hashes(chunk.entries))
        yield chunk.count
    if frontier.root() != head.root:
        raise StorageFailed(f"Expected the entries of {head.name} to lead to its root, found another root.")
