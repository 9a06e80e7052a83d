"""Tiles: how a tree's hashes are cut into pieces that never change (C2SP tlog-tiles).

- A tile holds up to 256 consecutive hashes of one level. Level 0 holds leaf hashes; each hash of a higher
  level is the hash of one full tile below it (`tree.tile_hash`). The binary levels between are computed.
- A full tile never changes. At most one tile of each level is partial, the last; its width follows from the
  tree's size.
- Entries are served in bundles beside the tiles of level 0.

This is where hashes stand; `tree` is what they mean.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tocsin.core.errors import Fault

HASHES_PER_TILE = 256
HASH_BYTES = 32

_MAX_LEVEL = 63
_MAX_ENTRY_BYTES = 0xFFFF


@dataclass(frozen=True, slots=True)
class Tile:
    """Tile `index` of `level`, `width` hashes wide."""

    level: int
    index: int
    width: int = HASHES_PER_TILE

    def __post_init__(self) -> None:
        if not (0 <= self.level <= _MAX_LEVEL and self.index >= 0 and 1 <= self.width <= HASHES_PER_TILE):
            raise Fault(f"There is no tile {self.index} of level {self.level} with {self.width} hashes.")

    @property
    def entries(self) -> range:
        """Indexes of the entries that its hashes span."""
        entries_per_hash = HASHES_PER_TILE**self.level
        first = self.index * HASHES_PER_TILE
        return range(first * entries_per_hash, (first + self.width) * entries_per_hash)

    def path(self) -> str:
        """Where it is served: `tile/0/x001/x234/067`, with `.p/<width>` at the end when it is partial."""
        return f"tile/{self.level}/{_path(self.index, self.width)}"


def entries_path(index: int, width: int = HASHES_PER_TILE) -> str:
    """Where the entries of tile `index` of level 0 are served: `tile/entries/x001/x234/067`."""
    return f"tile/entries/{_path(index, width)}"


def tile_at(level: int, index: int, size: int) -> Tile:
    """Tile `index` of `level`, as wide as it is in the tree of `size` entries."""
    hashes = size // HASHES_PER_TILE**level
    return Tile(level, index, min(HASHES_PER_TILE, hashes - index * HASHES_PER_TILE))


def tiles_of(size: int) -> Iterator[Tile]:
    """All tiles of the tree of `size` entries, lowest level first, from left to right."""
    level, hashes = 0, size
    while hashes:
        for first in range(0, hashes, HASHES_PER_TILE):
            yield Tile(level, first // HASHES_PER_TILE, min(HASHES_PER_TILE, hashes - first))
        level, hashes = level + 1, hashes // HASHES_PER_TILE


def completed(old_size: int, new_size: int) -> Iterator[Tile]:
    """The tiles that became full between two sizes, lowest level first, from left to right."""
    level, old, new = 0, old_size // HASHES_PER_TILE, new_size // HASHES_PER_TILE
    while new:
        for index in range(old, new):
            yield Tile(level, index)
        level, old, new = level + 1, old // HASHES_PER_TILE, new // HASHES_PER_TILE


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """The bytes of an entry bundle: each entry after its length, two bytes, big-endian."""
    if any(len(entry) > _MAX_ENTRY_BYTES for entry in entries):
        raise Fault(f"Expected entries of at most {_MAX_ENTRY_BYTES} bytes.")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def _path(index: int, width: int) -> str:
    digits = str(index)
    groups = digits.zfill(-(-len(digits) // 3) * 3)
    *upper, last = (groups[start : start + 3] for start in range(0, len(groups), 3))
    partial = "" if width == HASHES_PER_TILE else f".p/{width}"
    return "".join(f"x{group}/" for group in upper) + last + partial
