"""The tree: the mathematics of RFC 6962 section 2.1 with SHA-256.

Pure: hashes come in as arguments, or through a `ReadTiles`, asked once for everything that is needed. Nothing
here knows what an entry says, who signed a root, or where tiles are kept.

- The hash of no entries is SHA-256(""); of one, SHA-256(0x00 || entry), its leaf hash; of more,
  SHA-256(0x01 || left || right), cut after the largest power of two below their number.
- A tree's *frontier* is the hashes of its perfect subtrees, one for each bit set in its size, largest first.
  It is all that appending needs.
- A proof is a list of hashes, each of a range of entries that follows from the sizes alone. So making and
  verifying share one question: which ranges lie beside the way up to the root? (`_siblings`)
- Every hash in a proof has 32 bytes. Otherwise bytes could move from one hash into its neighbour.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from tocsin.core.errors import Fault, MalformedProof, ProofMismatch
from tocsin.core.tlog.tiles import HASH_BYTES, HASHES_PER_TILE, Tile, tile_at

EMPTY_ROOT = hashlib.sha256(b"").digest()
MAX_SIZE = 2**53 - 1

ReadTiles = Callable[[Sequence[Tile]], Sequence[bytes]]
"""Answers with the bytes of each tile, in the order asked: `width` hashes of 32 bytes."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash of the tree of one entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of the tree of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The hashes of a tree's perfect subtrees, largest first: one for each bit set in `size`."""

    size: int
    hashes: tuple[bytes, ...]

    EMPTY: ClassVar["Frontier"]

    def __post_init__(self) -> None:
        expected, found = [HASH_BYTES] * self.size.bit_count(), [len(subtree) for subtree in self.hashes]
        if expected != found:
            raise Fault(f"Expected hashes of {expected} bytes at size {self.size}, found {found}.")

    def root(self) -> bytes:
        """The tree's root hash."""
        if not self.hashes:
            return EMPTY_ROOT
        *larger, root = self.hashes
        for subtree in reversed(larger):
            root = node_hash(subtree, root)
        return root

    def append(self, leaf_hashes: Sequence[bytes]) -> "Frontier":
        """The frontier after appending entries with these leaf hashes."""
        sha256 = hashlib.sha256
        kept = list(self.hashes)
        row = list(leaf_hashes)
        size = self.size
        smallest_first: list[bytes] = []
        # Level by level: what was left over here before joins the row, pairs go up, a last single one stays.
        while row or kept:
            if size & 1:
                row.insert(0, kept.pop())
            if len(row) & 1:
                smallest_first.append(row.pop())
            row = [
                sha256(b"\x01" + left + right).digest()
                for left, right in zip(row[::2], row[1::2], strict=True)
            ]
            size >>= 1
        return Frontier(self.size + len(leaf_hashes), tuple(reversed(smallest_first)))

    def encode(self) -> bytes:
        """The hashes, one after the other."""
        return b"".join(self.hashes)

    @classmethod
    def decode(cls, size: int, data: bytes) -> Self:
        """What `encode` wrote for a tree of `size` entries."""
        return cls(size, tuple(_hashes_of(data)))


Frontier.EMPTY = Frontier(0, ())


def tile_hash(tile: bytes) -> bytes:
    """Hash of a full tile: what stands for it in the tile above."""
    if len(tile) != HASHES_PER_TILE * HASH_BYTES:
        raise Fault(f"Expected a full tile of {HASHES_PER_TILE * HASH_BYTES} bytes, found {len(tile)}.")
    return Frontier.EMPTY.append(_hashes_of(tile)).root()


def frontier_at(size: int, read: ReadTiles) -> Frontier:
    """The frontier of the first `size` entries."""
    return _frontiers([range(size)], size, read)[0]


def tree_root(size: int, read: ReadTiles) -> bytes:
    """The root hash of the first `size` entries."""
    return frontier_at(size, read).root()


def inclusion_proof(index: int, size: int, read: ReadTiles) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962 section 2.1.1. Raises MalformedProof if there is no such entry."""
    _check_index(index, size)
    return [part.root() for part in _frontiers(_siblings(range(index, index + 1), size), size, read)]


def consistency_proof(old: int, new: int, read: ReadTiles) -> list[bytes]:
    """PROOF(old, D[new]) of RFC 6962 section 2.1.2; empty if `old` is 0 or `new`.

    Raises MalformedProof if `old` is larger than `new`.
    """
    _check_sizes(old, new)
    if old in {0, new}:
        return []
    ranges = _consistency_ranges(old, new)
    if ranges[0].start == 0:
        ranges = ranges[1:]  # This is the old tree itself, whose root the verifier has.
    return [part.root() for part in _frontiers(ranges, new, read)]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the entry with this leaf hash stands at `index` in the tree of this size and root.

    Raises MalformedProof for an index or a number of hashes that cannot be, ProofMismatch for another root.
    """
    _check_index(index, size)
    siblings = _siblings(range(index, index + 1), size)
    _check_hashes(proof, len(siblings))
    found = leaf
    for entries, sibling in zip(siblings, proof, strict=True):
        found = node_hash(sibling, found) if entries.stop <= index else node_hash(found, sibling)
    _check_root(root, found)


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of `old` entries is a prefix of the tree of `new` entries.

    Raises MalformedProof for sizes or a number of hashes that cannot be, ProofMismatch for another root.
    """
    _check_sizes(old, new)
    if old == 0:
        _check_root(EMPTY_ROOT, old_root)
    if old == new:
        _check_root(old_root, new_root)
    if old in {0, new}:
        _check_hashes(proof, 0)
        return
    found_old, found_new = consistency_roots(old, new, complete_proof(old, old_root, proof))
    _check_root(old_root, found_old)
    _check_root(new_root, found_new)


def complete_proof(old: int, old_root: bytes, proof: Sequence[bytes]) -> Sequence[bytes]:
    """The consistency proof with what RFC 6962 leaves out when `old` is a power of two: the old root."""
    return [old_root, *proof] if old.bit_count() == 1 else proof


def consistency_roots(old: int, new: int, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The old and the new root that a complete proof (`complete_proof`) leads to; 0 < `old` < `new`.

    If the new root is the one that a log signed, the proof fixes the old root too, since all its hashes lie
    under the new one: a log that signed another old root has two versions. The reverse shows nothing, since
    anyone can make up hashes that lead from the old root that was signed to a new one that was not.

    Raises MalformedProof for sizes or a number of hashes that cannot be.
    """
    _check_sizes(old, new)
    if old in {0, new}:
        raise MalformedProof(f"Expected sizes above 0 that differ, found {old} and {new}.")
    first, *siblings = _consistency_ranges(old, new)
    _check_hashes(proof, 1 + len(siblings))
    old_root = new_root = proof[0]
    for entries, sibling in zip(siblings, proof[1:], strict=True):
        if entries.stop <= first.start:
            old_root, new_root = node_hash(sibling, old_root), node_hash(sibling, new_root)
        else:
            new_root = node_hash(new_root, sibling)
    return old_root, new_root


def _cut(entries: range) -> int:
    """Where RFC 6962 divides the entries: after the largest power of two below their number."""
    return entries.start + (1 << (len(entries) - 1).bit_length() - 1)


def _siblings(target: range, size: int) -> list[range]:
    """The ranges whose hashes lead from the `target` entries' subtree up to the root, lowest first."""
    entries, siblings = range(size), []
    while entries != target:
        cut = _cut(entries)
        left, right = range(entries.start, cut), range(cut, entries.stop)
        entries, sibling = (left, right) if target.stop <= cut else (right, left)
        siblings.append(sibling)
    return siblings[::-1]


def _consistency_ranges(old: int, new: int) -> list[range]:
    """The smallest perfect subtree of the old tree, and what leads from there to the new tree's root."""
    smallest = range(old & (old - 1), old)
    return [smallest, *_siblings(smallest, new)]


def _frontiers(ranges: Sequence[range], size: int, read: ReadTiles) -> list[Frontier]:
    """The frontier of each range of entries in the tree of `size` entries, by one call of `read`."""
    subtrees = [_subtrees(entries) for entries in ranges]
    places = {place: _place(*place, size) for places in subtrees for place in places}
    tiles = list(dict.fromkeys(tile for tile, _ in places.values()))
    answer = dict(zip(tiles, _read(tiles, read), strict=True))
    hashes = {}
    for place, (tile, columns) in places.items():
        data = answer[tile][columns.start * HASH_BYTES : columns.stop * HASH_BYTES]
        hashes[place] = Frontier.EMPTY.append(_hashes_of(data)).root()
    return [
        Frontier(len(entries), tuple(hashes[place] for place in places))
        for entries, places in zip(ranges, subtrees, strict=True)
    ]


def _read(tiles: Sequence[Tile], read: ReadTiles) -> Sequence[bytes]:
    if not tiles:
        return []
    answer = read(tiles)
    expected, found = [tile.width * HASH_BYTES for tile in tiles], [len(data) for data in answer]
    if expected != found:
        raise Fault(f"Expected tiles of {expected} bytes, found {found}.")
    return answer


def _subtrees(entries: range) -> list[tuple[int, int]]:
    """The perfect subtrees of a range that `_cut` made: (height, index among those of this height)."""
    subtrees = []
    start = entries.start
    while start < entries.stop:
        height = (entries.stop - start).bit_length() - 1
        subtrees.append((height, start >> height))
        start += 1 << height
    return subtrees


def _place(height: int, index: int, size: int) -> tuple[Tile, range]:
    """The tile, in the tree of `size` entries, that holds a perfect subtree, and its columns there."""
    level, height_in_tile = divmod(height, 8)
    first = index << height_in_tile
    column = first % HASHES_PER_TILE
    return tile_at(level, first // HASHES_PER_TILE, size), range(column, column + (1 << height_in_tile))


def _hashes_of(data: bytes) -> list[bytes]:
    return [data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)]


def _check_index(index: int, size: int) -> None:
    if not 0 <= index < size <= MAX_SIZE:
        raise MalformedProof(
            f"Expected an index below a size of at most {MAX_SIZE}, found {index} and {size}."
        )


def _check_sizes(old: int, new: int) -> None:
    if not 0 <= old <= new <= MAX_SIZE:
        raise MalformedProof(f"Expected sizes that grow up to {MAX_SIZE} at most, found {old} and {new}.")


def _check_hashes(proof: Sequence[bytes], expected: int) -> None:
    if len(proof) != expected:
        raise MalformedProof(f"Expected {expected} hashes, found {len(proof)}.")
    if any(len(proof_hash) != HASH_BYTES for proof_hash in proof):
        raise MalformedProof(f"Expected hashes of {HASH_BYTES} bytes.")


def _check_root(expected: bytes, found: bytes) -> None:
    if expected != found:
        raise ProofMismatch(expected, found)
