"""The tiles of a rewritten log: the held tree up to some entry, and other leaves from there on.

A member that rewrites its history shows a tree that shares a prefix with the held one. To make the
evidence, a consistency proof *in the rewritten tree* is needed; this gives its tiles without storing any of
it.
"""

from collections.abc import Sequence

from tocsin.core.tlog.tiles import HASHES_PER_TILE, Tile
from tocsin.core.tlog.tree import ReadTiles, tile_hash


def rewritten_tiles(held: ReadTiles, first: int, leaves: Sequence[bytes]) -> ReadTiles:
    """Tiles of the tree that is the held one below `first`, and has these leaf hashes from `first` on."""

    def hash_at(level: int, index: int) -> bytes:
        """Root of the full subtree number `index` of 256**level leaves."""
        span = HASHES_PER_TILE**level
        if (index + 1) * span <= first:
            position = index % HASHES_PER_TILE
            (tile,) = held([Tile(level, index // HASHES_PER_TILE, position + 1)])
            return bytes(tile[-32:])
        if level == 0:
            return leaves[index - first]
        below = range(index * HASHES_PER_TILE, (index + 1) * HASHES_PER_TILE)
        return tile_hash(b"".join(hash_at(level - 1, child) for child in below))

    def read(tiles: Sequence[Tile]) -> list[bytes]:
        return [
            b"".join(
                hash_at(tile.level, tile.index * HASHES_PER_TILE + position) for position in range(tile.width)
            )
            for tile in tiles
        ]

    return read
