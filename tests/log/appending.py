"""A process that appends to its log until it is killed: `python appending.py <database> <records at once>`.

Each line that it prints acknowledges: `<first> <how many> <size> <root>`. With a third argument, it moves the
write-ahead log into the database all the time.
"""

import asyncio
import os
import sys
from pathlib import Path

from tests.log.author import LOG, key
from tests.simulation.clock import SeededChance

from tocsin.core.tlog.checkpoint import SignedCheckpoint
from tocsin.log.committer import Committer
from tocsin.log.marker import Marker
from tocsin.log.sqlite import SqliteStore, wal
from tocsin.log.writer import Writer


def record(index: int) -> bytes:
    """The record at an index."""
    return b"record %d " % index * 40


def say(first: int, count: int, checkpoint: SignedCheckpoint) -> None:
    """Acknowledge."""
    size, root = checkpoint.checkpoint.size, checkpoint.checkpoint.root
    os.write(sys.stdout.fileno(), b"%d %d %d %s\n" % (first, count, size, root.hex().encode()))


async def main(database: Path, count: int) -> None:
    """Append, acknowledge, and so on."""
    store = SqliteStore(database, SeededChance(1, "database"))
    store.start_wal_thread()
    marker = Marker(database.parent / "marker")
    if mismatches := marker.check(store):
        sys.exit(str(mismatches))
    marker.begin(store)
    with store.transaction():
        head = store.create(LOG)
    committer = Committer(store, marker.note)
    writer = Writer(
        LOG,
        key(LOG),
        store,
        committer,
        chance=SeededChance(head.size, "salts"),
        preface=tuple,
        placed=lambda *_: None,
    )
    index = head.size
    while True:
        appended = await writer.append([record(place) for place in range(index, index + count)])
        say(appended.first, count, appended.checkpoint)
        index += count


if __name__ == "__main__":
    if sys.argv[3:]:
        wal.MOVE_AT_BYTES = 1
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
