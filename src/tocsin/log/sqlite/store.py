"""The store of a single machine: every log of a node in one SQLite file.

What each method promises, the protocol `log.store.Store` says; the schema stands in `migrations/`, the
statements in `queries.sql`.

Heads and edges of the logs in use are kept in memory. When anything is undone they are forgotten and read
again, so that they never say what the database does not.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from tocsin.core.clock import Chance
from tocsin.core.errors import Fault, Refusal
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES, Chunk, read_triple
from tocsin.core.tlog.tiles import HASH_BYTES, HASHES_PER_TILE, Tile
from tocsin.core.tlog.tree import EMPTY_ROOT, MAX_SIZE, Frontier, ReadTiles
from tocsin.log.edge import Edge, Extension, leaf_hashes, pending_widths
from tocsin.log.sqlite.beside import Beside
from tocsin.log.sqlite.database import Database
from tocsin.log.sqlite.lock import Lock
from tocsin.log.sqlite.migrating import drop_old_copies
from tocsin.log.sqlite.wal import WalThread
from tocsin.log.store import (
    Change,
    Derived,
    Head,
    LostRace,
    StorageFailed,
    UnknownLog,
)

_DATABASE_ID_BYTES = 16
# What a commit adds to the write-ahead log beside its records: a page for each table and index it touches.
_PAGES_OF_A_COMMIT_BYTES = 20_000
_ERASE_AT_ONCE_BYTES = 2**22
_HEIGHT = 8
_NO_ENTRIES = Chunk.make(0, ()).data


class SqliteStore(Beside):
    """The `Store` at `path`, made if there is none; its folder exists.

    Raises DatabaseInUse if another process has it open, NewerDatabase, and StorageFailed for another file.
    With `beside` it may be open elsewhere, and nothing is written: what is read was committed at some time.
    Then no database is made, and OlderDatabase refuses one that only its node may change.

    `derived` is what has copies of its records in files of its own: it is scrubbed with it.
    """

    def __init__(self, path: Path, chance: Chance, *, beside: bool = False) -> None:
        self._lock = None if beside else Lock(path)
        try:
            self._database = Database(path, beside=beside)
        except BaseException:
            if self._lock:
                self._lock.release()
            raise
        self._wal: WalThread | None = None
        self._extended: set[str] | None = None
        self._written_bytes = 0
        # One may have been committed before a crash, and nothing more.
        self._erasures = 1
        self.derived: Derived | None = None
        self._ids: dict[str, int] = {}
        self._heads: dict[str, Head] = {}
        self._edges: dict[str, Edge] = {}
        self._chance = chance
        found = self._database.row("database_id")
        self.database_id = str(found[0]) if found else self._identify("insert_database")

    def _identify(self, query: str) -> str:
        database_id = self._chance.token(_DATABASE_ID_BYTES).hex()
        with self.transaction():
            self._database.write(query, id=database_id)
        return database_id

    def become_another(self) -> None:
        """Take a new id, as a database that was restored from a backup: no marker there is fits it."""
        self.database_id = self._identify("change_database")

    def start_wal_thread(self) -> None:
        """From now on, keep the write-ahead log short, on a thread of its own that `close` ends."""
        self._wal = self._wal or WalThread(self._database.path, self._database.writing, self._database.fail)

    def drop_old_copies(self) -> None:
        """Remove what a migration kept of the database as it was before: to be called after a whole start."""
        drop_old_copies(self._database.path)

    @contextmanager
    def transaction(self, *, synced: bool = True) -> Iterator[set[str]]:
        """See `Store`."""
        if self._lock is None:
            raise Fault("Expected to read beside another process, found a write.")
        try:
            if self._extended is None:
                with self._whole(synced=synced) as extended:
                    yield extended
            else:
                with self._database.part():
                    yield self._extended
        except BaseException:
            self._heads.clear()
            self._edges.clear()
            raise

    @contextmanager
    def _whole(self, *, synced: bool) -> Iterator[set[str]]:
        self._extended = set()
        self._written_bytes = _PAGES_OF_A_COMMIT_BYTES
        try:
            with self._database.transaction(synced=synced):
                yield self._extended
        finally:
            self._extended = None
        if self._wal:
            self._wal.committed(self._written_bytes)

    def close(self) -> None:
        """See `Store`. What waits in the write-ahead log is moved."""
        if self._wal:
            self._wal.stop()
        self._database.close()
        if self._lock:
            self._lock.release()

    # Logs

    def logs(self) -> list[str]:
        """See `Store`."""
        return [name for (name,) in self._database.rows("logs")]

    def create(self, log: str) -> Head:
        """See `Store`."""
        self._database.write("create", log=log, root=EMPTY_ROOT)
        return self._head(log)

    def head(self, log: str) -> Head | None:
        """See `Store`."""
        if log not in self._heads:
            found = self._database.row("head", log=log)
            if found is None:
                return None
            log_id, size, root, frontier, stopped = found
            self._ids[log] = log_id
            self._heads[log] = Head(log, size, root, Frontier.decode(size, frontier), bool(stopped))
        return self._heads[log]

    def _head(self, log: str) -> Head:
        head = self.head(log)
        if head is None:
            raise UnknownLog(f"Expected a log of this database, found {log!r}.")
        return head

    def _id(self, log: str) -> int:
        self._head(log)
        return self._ids[log]

    def edge(self, log: str) -> Edge:
        """See `Store`."""
        if log not in self._edges:
            head = self._head(log)
            pending = [self._pending(head, level) for level in range(len(pending_widths(head.size)))]
            self._edges[log] = Edge(head.frontier, tuple(pending))
        return self._edges[log]

    def _pending(self, head: Head, level: int) -> bytes:
        """The tile of this level that is filling."""
        filling, width = divmod(head.size >> _HEIGHT * level, HASHES_PER_TILE)
        if not width:
            return b""
        if not level:
            return b"".join(leaf_hashes(self.entries(head.name, head.size - width, head.size)))
        # Beside another process it may have filled further since the head was read.
        return self._stored_tile(head.name, level, filling)[: width * HASH_BYTES]

    def extend(self, log: str, old_size: int, extension: Extension, chunk: Chunk) -> None:
        """See `Store`."""
        log_id, edge = self._id(log), extension.edge
        if not (chunk.first == old_size < chunk.end == edge.size):
            raise Fault(
                f"Expected entries from {old_size} to {edge.size}, found {chunk.first} to {chunk.end}."
            )
        frontier = edge.frontier.encode()
        if not self._database.write(
            "grow", log_id=log_id, old_size=old_size, size=edge.size, root=extension.root, frontier=frontier
        ):
            raise LostRace(f"Expected {log} to be at {old_size} and not stopped, found {self.head(log)}.")
        self._database.write(
            "insert_chunk", log_id=log_id, first=old_size, count=chunk.count, data=chunk.data
        )
        self._written_bytes += len(chunk.data)
        for tile, hashes in extension.tiles:
            self._database.write(
                "put_tile", log_id=log_id, level=tile.level, tile_index=tile.index, hashes=hashes
            )
        self._settle_missing(log, chunk)
        self._heads[log] = Head(log, edge.size, extension.root, edge.frontier)
        self._edges[log] = edge
        if self._extended is not None:
            self._extended.add(log)

    def _settle_missing(self, log: str, chunk: Chunk) -> None:
        """Note which records are missing, but for those that came ahead; forget what came ahead."""
        log_id = self._id(log)
        came = {index: ahead for index, *ahead in self.aheads(log) if index < chunk.end}
        for index in chunk.absent():
            entry, salt, body = came.get(index, (None, b"", b""))
            if entry == chunk.entry(index):
                self._database.write("insert_late", log_id=log_id, entry_index=index, salt=salt, body=body)
            else:
                self._database.write("insert_missing", log_id=log_id, entry_index=index)
        if came:
            self._database.write("delete_aheads", log_id=log_id, size=chunk.end)

    def rename(self, log: str, name: str) -> None:
        """See `Store`."""
        self._database.write("rename", log_id=self._id(log), name=name)
        del self._heads[log], self._ids[log]
        self._edges.pop(log, None)
        if self._extended is not None:
            self._extended |= {log, name}

    def stop(self, log: str, evidence: bytes) -> None:
        """See `Store`."""
        self._database.write("stop", log_id=self._id(log), evidence=evidence)
        del self._heads[log]

    def evidence(self, log: str) -> bytes | None:
        """See `Store`."""
        return self._database.value("evidence", log_id=self._id(log))

    # Entries and tiles

    def chunk(self, log: str, first: int, max_entries: int, max_bytes: int) -> Chunk:
        """See `Store`."""
        self._check_range(log, first, first)
        high = min(self._head(log).size, first + min(max_entries, MAX_CHUNK_ENTRIES))
        parts: list[Chunk] = []
        room_bytes = max_bytes
        for stored in self._chunks(log, first, high):
            part = self._with_late(log, stored)
            if len(part.data) > room_bytes:
                parts.append(part.slice(part.first, max(part.fitting(room_bytes), first + 1)))
                break
            parts.append(part)
            room_bytes -= len(part.data) - len(_NO_ENTRIES)
        return Chunk.join(parts) if parts else Chunk.make(first, ())

    def _chunks(self, log: str, low: int, high: int) -> Iterator[Chunk]:
        """The stored chunks from `low` to `high`, cut off there."""
        if low >= high:
            return
        for first, data in self._database.stream("chunks", log_id=self._id(log), low=low, high=high):
            chunk = _decoded(log, first, data)
            yield chunk.slice(max(low, first), min(high, chunk.end))

    def _with_late(self, log: str, chunk: Chunk) -> Chunk:
        """The chunk with the records that came late."""
        if not chunk.absent():
            return chunk
        rows = self._database.rows("late", log_id=self._id(log), low=chunk.first, high=chunk.end)
        late = {index: (salt, body) for index, salt, body in rows}
        return Chunk.make(
            chunk.first,
            ((entry, *late.get(index, (salt, body))) for index, entry, salt, body in chunk.items()),
        )

    def record(self, log: str, index: int) -> tuple[bytes, bytes, bytes | None]:
        """See `Store`."""
        self._check_range(log, index, index + 1)
        log_id = self._id(log)
        row_id, first = self._database.row("chunk_of", log_id=log_id, entry_index=index) or (0, 0)
        with self._database.blob("chunk", "data", row_id) as read:
            found = read_triple(read, index - first)
        if found is None:
            raise StorageFailed(f"The chunk from {first} on of {log} is damaged: entry {index} is not in it.")
        entry, salt, body = found
        if body is None:
            late = self._database.rows("late", log_id=log_id, low=index, high=index + 1)
            salt, body = late[0][1:] if late else (salt, None)
        return entry, salt, body

    def entries(self, log: str, low: int, high: int) -> bytes:
        """See `Store`."""
        self._check_range(log, low, high)
        return b"".join(chunk.entries for chunk in self._chunks(log, low, high))

    def _check_range(self, log: str, low: int, high: int) -> None:
        size = self._head(log).size
        if not 0 <= low <= high <= size:
            raise UnknownLog(f"Expected entries below {size} of {log}, found {low} to {high}.")

    def read_tiles(self, log: str) -> ReadTiles:
        """See `Store`."""
        self._head(log)
        return lambda tiles: [self._tile(log, tile) for tile in tiles]

    def _tile(self, log: str, tile: Tile) -> bytes:
        edge = self.edge(log)
        if tile.index == edge.size >> _HEIGHT * (tile.level + 1) and tile.level < len(edge.pending):
            hashes = edge.pending[tile.level]
        else:
            hashes = self._stored_tile(log, tile.level, tile.index)
        if len(hashes) < tile.width * HASH_BYTES:
            raise UnknownLog(f"{log} has no {tile}.")
        return hashes[: tile.width * HASH_BYTES]

    def _stored_tile(self, log: str, level: int, index: int) -> bytes:
        hashes = self._database.value("tile", log_id=self._id(log), level=level, tile_index=index)
        return hashes or b""

    # Records that came late or ahead

    def missing(self, log: str, limit: int) -> list[int]:
        """See `Store`."""
        rows = self._database.rows("missing", log_id=self._id(log), limit=limit)
        return [index for (index,) in rows]

    def has_missing(self, log: str) -> bool:
        """See `Store`."""
        return bool(self.missing(log, 1))

    def pass_over(self, log: str, below: int) -> None:
        """See `Store`."""
        self._database.write("delete_missing_below", log_id=self._id(log), below=below)

    def fill(self, log: str, index: int, salt: bytes, body: bytes) -> None:
        """See `Store`."""
        log_id = self._id(log)
        if self._database.write("delete_missing", log_id=log_id, entry_index=index):
            self._database.write("insert_late", log_id=log_id, entry_index=index, salt=salt, body=body)
            self._database.write("insert_change", log_id=log_id, entry_index=index)

    def put_ahead(self, log: str, index: int, entry: bytes, salt: bytes, body: bytes) -> None:
        """See `Store`."""
        if index < self._head(log).size:
            return
        self._database.write(
            "insert_ahead", log_id=self._id(log), entry_index=index, entry=entry, salt=salt, body=body
        )

    def aheads(self, log: str) -> list[tuple[int, bytes, bytes, bytes]]:
        """See `Store`."""
        return self._database.rows("aheads", log_id=self._id(log))

    def drop_aheads(self, log: str) -> None:
        """See `Store`."""
        if self._database.write("delete_aheads", log_id=self._id(log), size=MAX_SIZE + 1):
            self._erasures += 1

    # Erased entries

    def erase(self, log: str, indices: Collection[int], *, keeping: Collection[int] = ()) -> set[int]:
        """See `Store`. A part is what stands in a few chunks, since each is written anew as a whole."""
        todo, size_bytes = sorted(indices), 0
        while todo and size_bytes < _ERASE_AT_ONCE_BYTES:
            chunk = self._stored_chunk(log, todo[0])
            within = [index for index in todo if index < chunk.end]
            for index in within:
                self._erase_one(log, index, keep=index in keeping)
            rest = chunk.without(frozenset(within)).data
            self._database.write("replace_chunk", log_id=self._id(log), first=chunk.first, data=rest)
            size_bytes += len(chunk.data)
            del todo[: len(within)]
        self._written_bytes += size_bytes
        self._erasures += 1
        return set(indices).difference(todo)

    def _erase_one(self, log: str, index: int, *, keep: bool) -> None:
        """What is kept is set apart before it goes from where it stood."""
        _, salt, body = self.record(log, index)
        at = {"log_id": self._id(log), "entry_index": index}
        apart = (salt, body) if keep and body is not None else (None, None)
        self._database.write("insert_erased", **at, salt=apart[0], body=apart[1])
        if not keep:
            self._database.write("clear_erased", **at)
        self._database.write("delete_missing", **at)
        self._database.write("delete_late", **at)
        self._database.write("insert_change", **at)

    def _stored_chunk(self, log: str, index: int) -> Chunk:
        """The stored chunk in which this entry stands, as it is stored."""
        self._check_range(log, index, index + 1)
        first, data = self._database.rows("stored_chunk", log_id=self._id(log), entry_index=index)[0]
        return _decoded(log, first, data)

    def erased(self, log: str, low: int, high: int) -> list[int]:
        """See `Store`."""
        rows = self._database.rows("erased", log_id=self._id(log), low=low, high=high)
        return [index for (index,) in rows]

    def set_apart(self, log: str, index: int) -> tuple[bytes, bytes] | None:
        """See `Store`."""
        found = self._database.row("set_apart", log_id=self._id(log), entry_index=index)
        return (found[0], found[1]) if found else None

    def scrubbed(self) -> bool:
        """See `Store`. Without the thread, it is done before this returns."""
        if self.derived and not self.derived.scrubbed():
            return False
        if self._wal:
            return self._wal.scrubbed(self._erasures)
        return self._database.scrub()

    # Changes

    def changes(self, after: int, limit: int) -> list[Change]:
        """See `Store`."""
        return [Change(*row) for row in self._database.rows("changes", after=after, limit=limit)]

    def newest_change(self) -> int:
        """See `Store`."""
        return self._database.value("newest_change") or 0

    def identity(self, log: str) -> int:
        """See `Store`."""
        return self._id(log)


def _decoded(log: str, first: int, data: bytes) -> Chunk:
    try:
        chunk, _ = Chunk.decode(first, data)
    except Refusal as refusal:
        raise StorageFailed(f"The chunk from {first} on of {log} is damaged: {refusal}") from refusal
    return chunk
