"""A store of logs in memory that knows what a power loss would leave of it.

It does what every store does (`tocsin.log.store.Store`, and its conformance suite). Beside that:

- Every write notes what stood there before. Undoing those notes, newest first, is what an exception does to a
  transaction, and what a power loss does to everything that was not synced.
- What was written without a sync survives the end of the process, not a power loss. With `lies`, nothing is
  ever synced, as on a disk that acknowledges what it only holds in its cache.
- `strike` makes the power fail at the end of a coming transaction, just before or just after it is durable.
- `room_bytes` is how much room is left for records; None for enough.
"""

import pickle
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal, NamedTuple, TypeVar

from tocsin.core.note import Signature
from tocsin.core.tlog.checkpoint import SignedCheckpoint
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES, NO_SALT, Chunk
from tocsin.core.tlog.tiles import HASHES_PER_TILE, Tile
from tocsin.core.tlog.tree import ReadTiles, leaf_hash
from tocsin.log.edge import Edge, Extension
from tocsin.log.store import (
    Change,
    Derived,
    Head,
    LatestCosignature,
    LostRace,
    StorageFailed,
    StorageFull,
    UnknownLog,
    Witnessed,
)

K = TypeVar("K")
V = TypeVar("V")

_ERASED_AT_ONCE = 5
_NOTHING = object()


class PowerLost(StorageFailed):
    """The power failed."""


class _Row(NamedTuple):
    entry: bytes
    leaf: bytes
    salt: bytes
    body: bytes | None


@dataclass(slots=True)
class _Log:
    edge: dict[None, Edge] = field(default_factory=lambda: {None: Edge.EMPTY})
    evidence: dict[None, bytes] = field(default_factory=dict)
    rows: dict[int, _Row] = field(default_factory=dict)
    tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)
    missing: dict[int, None] = field(default_factory=dict)
    aheads: dict[int, tuple[bytes, bytes, bytes]] = field(default_factory=dict)
    checkpoints: dict[int, bytes] = field(default_factory=dict)
    cosignatures: dict[tuple[int, str], tuple[Signature, int]] = field(default_factory=dict)
    cards: dict[int, None] = field(default_factory=dict)
    erased: dict[int, tuple[bytes, bytes] | None] = field(default_factory=dict)
    identity: int = 0


class _Disk(NamedTuple):
    """All that a database holds."""

    logs: dict[str, _Log]
    witnessed: dict[str, Witnessed]
    documents: dict[tuple[str, str], bytes]
    changes: dict[int, tuple[int, int]]


class MemoryStore:
    """One database; see the module.

    `let_go`: what an erasure found here and did not set apart. `derived`: what was made of its records.
    """

    def __init__(
        self, database_id: str, disk: _Disk | None = None, on_lost: Callable[[], object] = int
    ) -> None:
        self._database_id = database_id
        self._disk = disk or _Disk({}, {}, {}, {})
        self._on_lost = on_lost
        self._undo: list[tuple[dict[Any, Any], object, object]] = []
        self._depth = 0
        self._extended: set[str] = set()
        self._lost = False
        self._strike: tuple[int, str] | None = None
        self._room: dict[None, int] = {}
        self.lies = False
        self.let_go: set[tuple[str, int]] = set()
        self.derived: Derived | None = None

    @property
    def database_id(self) -> str:
        """See Store."""
        return self._database_id

    # Power

    def fail(self) -> None:
        """The power fails, now."""
        self._roll_back(0)
        self.end()
        self._on_lost()

    def end(self) -> None:
        """The process ends: it writes no more."""
        self._lost = True

    def strike(self, transactions: int, moment: Literal["before", "after"]) -> None:
        """The power fails at the end of so many more transactions, before or after the sync."""
        self._strike = transactions, moment

    def calm(self) -> None:
        """The power does not fail, and there is room."""
        self._strike, self.room_bytes = None, None

    def reopen(self, on_lost: Callable[[], object]) -> "MemoryStore":
        """The store that a node finds when it starts again; `on_lost` is called when its power fails."""
        self.end()
        store = MemoryStore(self._database_id, self._disk, on_lost)
        store.lies, store.room_bytes, store._undo = self.lies, self.room_bytes, self._undo
        self._disk, self._undo = _Disk({}, {}, {}, {}), []
        return store

    def copy(self) -> "MemoryStore":
        """A copy of this database, as a backup has it."""
        return MemoryStore(self._database_id, deepcopy(self._disk))

    @property
    def room_bytes(self) -> int | None:
        """How much room is left; None for enough."""
        return self._room.get(None)

    @room_bytes.setter
    def room_bytes(self, room_bytes: int | None) -> None:
        self._room = {} if room_bytes is None else {None: room_bytes}

    def unsynced(self, log: str) -> bool:
        """Whether a power loss now would take entries or records of this log."""
        held = self._log(log)
        contents = (held.edge, held.rows, held.aheads)
        return any(table is content for table, _, _ in self._undo for content in contents)

    # Transactions

    @contextmanager
    def transaction(self, *, synced: bool = True) -> Iterator[set[str]]:
        """See Store."""
        self._check_power()
        start, outermost = len(self._undo), not self._depth
        if outermost:
            self._extended = set()
        self._depth += 1
        try:
            yield self._extended
        except BaseException:
            self._roll_back(start)
            raise
        finally:
            self._depth -= 1
        if outermost:
            self._commit(synced=synced and not self.lies)

    def _commit(self, *, synced: bool) -> None:
        self._check_power()
        moment = ""
        if self._strike:
            count, moment = self._strike
            self._strike = (count - 1, moment) if count else None
            moment = "" if count else moment
        if moment == "before":
            self.fail()
        elif synced:
            self._undo.clear()
        if moment == "after":
            self.fail()
        self._check_power()

    def _check_power(self) -> None:
        if self._lost:
            raise PowerLost

    def _put(self, table: dict[K, V], key: K, value: V) -> None:
        if not self._depth:
            raise RuntimeError("A store is written within a transaction.")
        self._undo.append((table, key, table.get(key, _NOTHING)))
        table[key] = value

    def _drop(self, table: dict[K, V], key: K) -> None:
        if key in table:
            self._put(table, key, table[key])
            del table[key]

    def _roll_back(self, start: int) -> None:
        for table, key, before in reversed(self._undo[start:]):
            if before is _NOTHING:
                table.pop(key, None)
            else:
                table[key] = before
        del self._undo[start:]

    def close(self) -> None:
        """See Store."""

    # Logs

    def logs(self) -> list[str]:
        """See Store."""
        return sorted(self._disk.logs)

    def create(self, log: str) -> Head:
        """See Store."""
        if log not in self._disk.logs:
            self._put(self._disk.logs, log, _Log(identity=len(self._disk.logs) + 1))
        return self._head(log)

    def head(self, log: str) -> Head | None:
        """See Store."""
        return self._head(log) if log in self._disk.logs else None

    def edge(self, log: str) -> Edge:
        """See Store."""
        return self._log(log).edge[None]

    def extend(self, log: str, old_size: int, extension: Extension, chunk: Chunk) -> None:
        """See Store."""
        held = self._log(log)
        if held.evidence or held.edge[None].size != old_size:
            raise LostRace(f"Expected {log} at {old_size}, found it at {held.edge[None].size}, or stopped.")
        self._take_room(len(chunk.data))
        for index, entry, salt, body in chunk.items():
            ahead = held.aheads.get(index)
            if ahead and body is None and ahead[0] == entry:
                _, salt, body = ahead  # noqa: PLW2901 - what came ahead takes its place
            self._put(held.rows, index, _Row(entry, leaf_hash(entry), salt, body))
            self._drop(held.aheads, index)
            if body is None:
                self._put(held.missing, index, None)
        for tile, data in extension.tiles:
            self._put(held.tiles, (tile.level, tile.index), data)
        self._put(held.edge, None, extension.edge)
        self._extended.add(log)

    def rename(self, log: str, name: str) -> None:
        """See Store."""
        self._put(self._disk.logs, name, self._log(log))
        self._drop(self._disk.logs, log)
        self._extended |= {log, name}
        self.let_go = {(of, index) for of, index in self.let_go if of != log}

    def stop(self, log: str, evidence: bytes) -> None:
        """See Store."""
        held = self._log(log)
        if not held.evidence:
            self._put(held.evidence, None, evidence)

    def evidence(self, log: str) -> bytes | None:
        """See Store."""
        return self._log(log).evidence.get(None)

    # Entries and tiles

    def chunk(self, log: str, first: int, max_entries: int, max_bytes: int) -> Chunk:
        """See Store."""
        size = self._size_from(log, first)
        rows = self._log(log).rows
        high = min(size, first + min(max_entries, MAX_CHUNK_ENTRIES))
        chunk = Chunk.make(first, [(row.entry, row.salt, row.body) for row in _between(rows, first, high)])
        return chunk.slice(first, max(chunk.fitting(max_bytes), min(first + 1, chunk.end)))

    def record(self, log: str, index: int) -> tuple[bytes, bytes, bytes | None]:
        """See Store."""
        row = self._log(log).rows.get(index)
        if row is None:
            raise UnknownLog(f"{log} has no entry {index}.")
        return row.entry, row.salt, row.body

    def entries(self, log: str, low: int, high: int) -> bytes:
        """See Store."""
        if high > self._size_from(log, low):
            raise UnknownLog(f"{log} has no entries from {low} to {high}.")
        return b"".join([row.entry for row in _between(self._log(log).rows, low, high)])

    def read_tiles(self, log: str) -> ReadTiles:
        """See Store."""
        held = self._log(log)

        def read(tiles: Sequence[Tile]) -> Sequence[bytes]:
            return [self._tile(held, tile) for tile in tiles]

        return read

    def _tile(self, held: _Log, tile: Tile) -> bytes:
        if tile.entries.stop > held.edge[None].size:
            raise UnknownLog(f"There is no {tile.path()} of {held.edge[None].size} entries.")
        if tile.level:
            return held.tiles[tile.level, tile.index][: tile.width * 32]
        first = tile.index * HASHES_PER_TILE
        return b"".join([row.leaf for row in _between(held.rows, first, first + tile.width)])

    # Records that came late or ahead

    def missing(self, log: str, limit: int) -> list[int]:
        """See Store."""
        return sorted(self._log(log).missing)[:limit]

    def has_missing(self, log: str) -> bool:
        """See Store."""
        return bool(self._log(log).missing)

    def pass_over(self, log: str, below: int) -> None:
        """See Store."""
        held = self._log(log)
        for index in [index for index in held.missing if index < below]:
            self._drop(held.missing, index)

    def fill(self, log: str, index: int, salt: bytes, body: bytes) -> None:
        """See Store."""
        held = self._log(log)
        if index in held.missing:
            self._take_room(len(body))
            self._put(held.rows, index, held.rows[index]._replace(salt=salt, body=body))
            self._drop(held.missing, index)
            self._changed(held, index)

    def put_ahead(self, log: str, index: int, entry: bytes, salt: bytes, body: bytes) -> None:
        """See Store."""
        held = self._log(log)
        if index >= held.edge[None].size and index not in held.aheads:
            self._take_room(len(body))
            self._put(held.aheads, index, (entry, salt, body))

    def aheads(self, log: str) -> list[tuple[int, bytes, bytes, bytes]]:
        """See Store."""
        return [(index, *ahead) for index, ahead in sorted(self._log(log).aheads.items())]

    def drop_aheads(self, log: str) -> None:
        """See Store."""
        held = self._log(log)
        for index in list(held.aheads):
            self._drop(held.aheads, index)

    # Erased entries

    def erase(self, log: str, indices: Collection[int], *, keeping: Collection[int] = ()) -> set[int]:
        """See Store. So that parts are seen, they are small here."""
        held, part = self._log(log), sorted(indices)[:_ERASED_AT_ONCE]
        for index in part:
            entry, salt, body = self.record(log, index)
            kept = (salt, body) if body is not None else held.erased.get(index)
            if kept and index not in keeping:
                self.let_go.add((log, index))
            self._put(held.erased, index, kept if index in keeping else None)
            self._put(held.rows, index, _Row(entry, leaf_hash(entry), NO_SALT, None))
            self._drop(held.missing, index)
            self._changed(held, index)
        return set(part)

    def erased(self, log: str, low: int, high: int) -> list[int]:
        """See Store."""
        return sorted(index for index in self._log(log).erased if low <= index < high)

    def set_apart(self, log: str, index: int) -> tuple[bytes, bytes] | None:
        """See Store."""
        return self._log(log).erased.get(index)

    def scrubbed(self) -> bool:
        """See Store. What is not synced may come back, and so is not gone: it is synced for the next time."""
        self._check_power()
        if self.derived and not self.derived.scrubbed():
            return False
        found = not self._undo
        if not self.lies:
            self._undo.clear()
        return found

    def forget_documents(self) -> None:
        """As if a version without them had written this database."""
        self._disk.documents.clear()

    def remains(self) -> bytes:
        """All that the disk has, for who looks for what is gone."""
        return pickle.dumps((self._disk, self._undo))

    # Changes

    def changes(self, after: int, limit: int) -> list[Change]:
        """See Store."""
        names = {held.identity: name for name, held in self._disk.logs.items()}
        later = ((number, *at) for number, at in sorted(self._disk.changes.items()) if number > after)
        return [Change(number, names[log], index) for number, log, index in islice(later, limit)]

    def newest_change(self) -> int:
        """See Store."""
        return next(reversed(self._disk.changes), 0)

    def identity(self, log: str) -> int:
        """See Store."""
        return self._log(log).identity

    def _changed(self, held: _Log, index: int) -> None:
        self._put(self._disk.changes, self.newest_change() + 1, (held.identity, index))

    # Checkpoints and cosignatures

    def put_checkpoint(self, log: str, checkpoint: SignedCheckpoint) -> None:
        """See Store."""
        self._put(self._log(log).checkpoints, checkpoint.checkpoint.size, checkpoint.note.encode())

    def newest_checkpoint(self, log: str) -> bytes | None:
        """See Store."""
        held = self._log(log)
        size = max((size for size in held.checkpoints if size <= held.edge[None].size), default=-1)
        return held.checkpoints.get(size)

    def checkpoint_at(self, log: str, size: int) -> bytes | None:
        """See Store."""
        return self._log(log).checkpoints.get(size)

    def checkpoints_above(self, log: str, size: int) -> list[bytes]:
        """See Store."""
        return [note for at, note in sorted(self._log(log).checkpoints.items()) if at > size]

    def drop_checkpoints_below(self, log: str, size: int) -> None:
        """See Store."""
        checkpoints = self._log(log).checkpoints
        for smaller in [at for at in checkpoints if at < size]:
            self._drop(checkpoints, smaller)

    def put_cosignature(self, log: str, size: int, signature: Signature, time_s: int) -> None:
        """See Store."""
        self._put(self._log(log).cosignatures, (size, signature.name), (signature, time_s))

    def cosignatures(self, log: str, size: int) -> list[tuple[Signature, int]]:
        """See Store."""
        kept = sorted(self._log(log).cosignatures.items())
        return [value for (at, _), value in kept if at == size]

    def newest_cosignatures(self, log: str) -> dict[str, LatestCosignature]:
        """See Store."""
        return {
            name: LatestCosignature(size, time_s, signature)
            for (size, name), (signature, time_s) in sorted(self._log(log).cosignatures.items())
        }

    def cosigned_sizes(self, log: str, at_least: int, limit: int) -> list[tuple[int, int]]:
        """See Store."""
        counts: dict[int, int] = {}
        for size, _ in sorted(self._log(log).cosignatures, reverse=True):
            if size >= at_least:
                counts[size] = counts.get(size, 0) + 1
        return list(islice(counts.items(), limit))

    def first_cosignatures(self, log: str, at_least: int, limit: int) -> list[tuple[str, int, int]]:
        """See Store."""
        after = sorted(at for at in self._log(log).cosignatures if at[0] >= at_least)[:limit]
        first = {name: size for size, name in reversed(after)}
        cosignatures = self._log(log).cosignatures
        return [(name, size, cosignatures[size, name][1]) for name, size in sorted(first.items())]

    def witnessed(self, log: str) -> Witnessed | None:
        """See Store."""
        return self._disk.witnessed.get(log)

    def put_witnessed(self, log: str, old_size: int, size: int, root: bytes, note: bytes) -> None:
        """See Store."""
        seen = self._disk.witnessed.get(log)
        if (seen.size if seen else 0) != old_size:
            raise LostRace(f"Expected {log} witnessed at {old_size}, found {seen}.")
        self._put(self._disk.witnessed, log, Witnessed(size, root, note))

    # What upper layers keep

    def put_card(self, log: str, index: int) -> None:
        """See Store."""
        self._put(self._log(log).cards, index, None)

    def card_before(self, log: str, index: int) -> int | None:
        """See Store."""
        return max((card for card in self._log(log).cards if card < index), default=None)

    def put_document(self, space: str, key: str, data: bytes) -> None:
        """See Store."""
        self._put(self._disk.documents, (space, key), data)

    def document(self, space: str, key: str) -> bytes | None:
        """See Store."""
        return self._disk.documents.get((space, key))

    def documents(self, space: str) -> dict[str, bytes]:
        """See Store."""
        return {key: data for (of, key), data in sorted(self._disk.documents.items()) if of == space}

    def next_documents(self, space: str, after: str, limit: int) -> dict[str, bytes]:
        """See Store."""
        return dict(
            islice(((key, data) for key, data in self.documents(space).items() if key > after), limit)
        )

    def drop_document(self, space: str, key: str) -> None:
        """See Store."""
        self._drop(self._disk.documents, (space, key))

    def _log(self, log: str) -> _Log:
        held = self._disk.logs.get(log)
        if held is None:
            raise UnknownLog(f"There is no log {log}.")
        return held

    def _head(self, log: str) -> Head:
        held = self._log(log)
        frontier = held.edge[None].frontier
        return Head(log, frontier.size, frontier.root(), frontier, stopped=bool(held.evidence))

    def _size_from(self, log: str, low: int) -> int:
        size = self._log(log).edge[None].size
        if not 0 <= low <= size:
            raise UnknownLog(f"{log} has {size} entries, none at {low}.")
        return size

    def _take_room(self, size_bytes: int) -> None:
        room_bytes = self.room_bytes
        if room_bytes is not None:
            if room_bytes < size_bytes:
                raise StorageFull
            self._put(self._room, None, room_bytes - size_bytes)


def _between(rows: dict[int, _Row], low: int, high: int) -> list[_Row]:
    return [rows[index] for index in range(low, high)]
