"""The right edge of a log's tree: all that appending needs, and all of a tree that is kept in memory.

For each level, the tile that is still filling: fewer than 256 hashes. Pure and immutable, so that an
extension which is never committed leaves nothing behind.

What is stored of a tree is what `Extension.tiles` names: every full tile, and above level 0 also the one that
is filling, replaced by its wider self each time. It grows by one hash for 256 below it; to compute it again
would take a hash for every entry that it spans. At level 0 the filling tile is the leaf hashes of the last
entries, which are stored anyway.
"""

import hashlib
from dataclasses import dataclass
from typing import ClassVar

from tocsin.core.errors import Fault
from tocsin.core.tlog.entry import ENTRY_BYTES
from tocsin.core.tlog.tiles import HASH_BYTES, HASHES_PER_TILE, Tile
from tocsin.core.tlog.tree import Frontier

_TILE_BYTES = HASHES_PER_TILE * HASH_BYTES


def leaf_hashes(entries: bytes) -> list[bytes]:
    """The leaf hash of each entry."""
    sha256 = hashlib.sha256
    return [
        sha256(b"\x00" + entries[start : start + ENTRY_BYTES]).digest()
        for start in range(0, len(entries), ENTRY_BYTES)
    ]


def pending_widths(size: int) -> list[int]:
    """Number of hashes in the filling tile of each level of a tree of `size` entries, lowest level first."""
    widths = []
    while size:
        size, width = divmod(size, HASHES_PER_TILE)
        widths.append(width)
    return widths


@dataclass(frozen=True, slots=True)
class Edge:
    """A tree's frontier, and the tile that is filling on each level, lowest level first.

    A tile that has just become full leaves an empty one.
    """

    frontier: Frontier
    pending: tuple[bytes, ...]

    EMPTY: ClassVar["Edge"]

    def __post_init__(self) -> None:
        expected = [width * HASH_BYTES for width in pending_widths(self.size)]
        if expected != [len(tile) for tile in self.pending]:
            raise Fault(f"Expected tiles of {expected} bytes at size {self.size}, found others.")

    @property
    def size(self) -> int:
        """The number of entries."""
        return self.frontier.size

    def extend(self, entries: bytes) -> "Extension":
        """What the tree becomes when these entries, 32 bytes each, are appended."""
        row = leaf_hashes(entries)
        frontier = list(self.frontier.hashes)
        new_frontier: list[bytes] = []
        new_pending: list[bytes] = []
        tiles: list[tuple[Tile, bytes]] = []
        size, tile_index = self.size + len(row), self.size
        for level, _ in enumerate(pending_widths(size)):
            tile_index, width = divmod(tile_index, HASHES_PER_TILE)
            column = Frontier(width, tuple(_take_last(frontier, width.bit_count())))
            filling = (self.pending[level] if width else b"") + b"".join(row)
            column, full, row = _fill(column, row)
            for index, start in enumerate(range(0, len(full) * _TILE_BYTES, _TILE_BYTES), tile_index):
                tiles.append((Tile(level, index), filling[start : start + _TILE_BYTES]))
            filling = filling[len(full) * _TILE_BYTES :]
            if level and row:
                tiles.append((Tile(level, tile_index + len(full), column.size), filling))
            new_pending.append(filling)
            new_frontier[:0] = column.hashes
            row = full
        edge = Edge(Frontier(size, tuple(new_frontier)), tuple(new_pending))
        return Extension(edge, edge.frontier.root(), tuple(tiles))


Edge.EMPTY = Edge(Frontier.EMPTY, ())


@dataclass(frozen=True, slots=True)
class Extension:
    """An edge after appending, its root, and the tiles to store, each in place of a narrower one."""

    edge: Edge
    root: bytes
    tiles: tuple[tuple[Tile, bytes], ...]


def _take_last(hashes: list[bytes], count: int) -> list[bytes]:
    start = len(hashes) - count
    taken = hashes[start:]
    del hashes[start:]
    return taken


def _fill(column: Frontier, row: list[bytes]) -> tuple[Frontier, list[bytes], list[bytes]]:
    """Append a row to a tile: the frontier of the tile then filling, hashes of the full ones, what it got."""
    full: list[bytes] = []
    if not row:
        return column, full, row
    while column.size + len(row) >= HASHES_PER_TILE:
        room = HASHES_PER_TILE - column.size
        full += column.append(row[:room]).hashes
        row = row[room:]
        column = Frontier.EMPTY
    return column.append(row), full, row
