"""The tree's mathematics, against RFC 6962's own words and against whoever changes a bit."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.naive_tree import NaiveTree

from tocsin.core.errors import Fault, MalformedProof, ProofMismatch, Refusal
from tocsin.core.tlog import tree
from tocsin.core.tlog.tiles import Tile, tiles_of
from tocsin.core.tlog.tree import EMPTY_ROOT, MAX_SIZE, Frontier, ReadTiles

HASH = b"h" * 32
SIZES = st.integers(0, 600) | st.sampled_from([1, 2, 255, 256, 257, 511, 512, 513])
AROUND_TILES = [1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 70_000]

LARGEST = NaiveTree.counting(70_000)


@st.composite
def sizes_and_indexes(draw: st.DrawFn) -> tuple[int, int]:
    """A size and an index below it."""
    size = draw(SIZES.filter(bool))
    return size, draw(st.integers(0, size - 1))


def every_flip(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """The hashes, each time with one bit changed."""
    return [
        [
            *hashes[:place],
            (int.from_bytes(changed, "big") ^ (1 << bit)).to_bytes(32, "big"),
            *hashes[place + 1 :],
        ]
        for place, changed in enumerate(hashes)
        for bit in range(256)
    ]


def every_length(proof: Sequence[bytes]) -> list[list[bytes]]:
    """The proof with a hash more, and with a hash less or one of another length where it has any."""
    longer = [*proof, HASH]
    return [
        longer,
        *([list(proof[1:]), [proof[0] + b"x", *proof[1:]], [proof[0][1:], *proof[1:]]] if proof else []),
    ]


def test_empty_root() -> None:
    """The root of no entries is the hash of nothing."""
    expected = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")

    assert expected == EMPTY_ROOT == Frontier.EMPTY.root() == tree.tree_root(0, LARGEST.read)


@given(st.lists(SIZES, max_size=4))
def test_append_in_any_parts(parts: list[int]) -> None:
    """However entries arrive, the frontier is that of all of them, and its root is MTH(D[n])."""
    naive = NaiveTree.counting(sum(parts))
    leaf_hashes = naive.leaf_hashes()
    frontier = Frontier.EMPTY

    for part in parts:
        frontier = frontier.append(leaf_hashes[frontier.size : frontier.size + part])

    assert naive.mth() == frontier.root()
    assert Frontier.EMPTY.append(leaf_hashes) == frontier
    assert tree.frontier_at(frontier.size, naive.read) == frontier
    assert Frontier.decode(frontier.size, frontier.encode()) == frontier


@pytest.mark.parametrize(("size", "data"), [(3, HASH), (3, HASH * 3), (3, HASH + b"x"), (0, b"x"), (1, b"")])
def test_frontier_of_another_size(size: int, data: bytes) -> None:
    """A stored frontier whose hashes do not fit its size is a fault, never a wrong root."""
    with pytest.raises(Fault):
        Frontier.decode(size, data)


@given(sizes_and_indexes(), st.data())
def test_inclusion(place: tuple[int, int], data: st.DataObject) -> None:
    """An inclusion proof is PATH(m, D[n]); it verifies at its own index and at no other."""
    size, index = place
    naive = NaiveTree.counting(size)
    leaf, root = naive.mth(index, index + 1), naive.mth()

    proof = tree.inclusion_proof(index, size, naive.read)

    assert naive.path(index) == proof
    tree.verify_inclusion(leaf, index, size, proof, root)
    other = data.draw(st.integers(0, size - 1))
    if other != index:
        with pytest.raises(Refusal):
            tree.verify_inclusion(leaf, other, size, proof, root)


@given(sizes_and_indexes())
def test_consistency(place: tuple[int, int]) -> None:
    """A consistency proof is PROOF(m, D[n]), and verifies."""
    new, old = place
    naive = NaiveTree.counting(new)

    proof = tree.consistency_proof(old, new, naive.read)

    assert (naive.proof(old) if old else []) == proof
    tree.verify_consistency(old, naive.mth(0, old), new, naive.mth(), proof)


@pytest.mark.parametrize("size", AROUND_TILES)
def test_around_tiles(size: int) -> None:
    """Where a tile is not quite full, full, or just over, roots and proofs are still the RFC's."""
    naive = NaiveTree(LARGEST.entries[:size])

    assert naive.mth() == tree.tree_root(size, naive.read)
    assert naive.path(size - 1) == tree.inclusion_proof(size - 1, size, naive.read)
    for old in AROUND_TILES:
        if old <= size:
            assert naive.proof(old) == tree.consistency_proof(old, size, naive.read)


@given(sizes_and_indexes())
def test_reads_once_and_little(place: tuple[int, int]) -> None:
    """A proof asks at most once, for at most two tiles of each level, all of which the tree has."""
    size, index = place
    naive = NaiveTree.counting(size)
    there = set(tiles_of(size))

    for calls in (
        naive.calls_of(lambda read: tree.inclusion_proof(index, size, read)),
        naive.calls_of(lambda read: tree.consistency_proof(index, size, read)),
        naive.calls_of(lambda read: tree.tree_root(size, read)),
    ):
        assert len(calls) <= 1
        for tiles in calls:
            assert len(set(tiles)) == len(tiles) <= 2 * (1 + max(tile.level for tile in there))
            assert there.issuperset(tiles)


def without_a_tile(tiles: Sequence[Tile]) -> list[bytes]:
    """A store that has lost a tile."""
    return LARGEST.read(tiles[1:])


def without_a_byte(tiles: Sequence[Tile]) -> list[bytes]:
    """A store whose tiles were cut."""
    return [data[1:] for data in LARGEST.read(tiles)]


@pytest.mark.parametrize("read", [without_a_tile, without_a_byte])
def test_broken_store(read: ReadTiles) -> None:
    """A store that answers with too little is a fault, and no proof is made of it."""
    with pytest.raises(Fault):
        tree.inclusion_proof(300, 70_000, read)


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 6), (5, 6), (300, 700), (699, 700)])
def test_every_bit_of_an_inclusion_proof(index: int, size: int) -> None:
    """One changed bit in an inclusion proof, its leaf or its root makes it fail."""
    naive = NaiveTree.counting(size)

    for leaf, root, *proof in every_flip([naive.mth(index, index + 1), naive.mth(), *naive.path(index)]):
        with pytest.raises(ProofMismatch):
            tree.verify_inclusion(leaf, index, size, proof, root)


@pytest.mark.parametrize(("old", "new"), [(1, 1), (4, 6), (3, 7), (6, 8), (7, 8), (256, 700), (699, 700)])
def test_every_bit_of_a_consistency_proof(old: int, new: int) -> None:
    """One changed bit in a consistency proof or in either root makes it fail."""
    naive = NaiveTree.counting(new)

    for old_root, new_root, *proof in every_flip([naive.mth(0, old), naive.mth(), *naive.proof(old)]):
        with pytest.raises(ProofMismatch):
            tree.verify_consistency(old, old_root, new, new_root, proof)


@given(sizes_and_indexes())
def test_other_lengths(place: tuple[int, int]) -> None:
    """A proof with a hash more or less than the sizes ask for, or of other than 32 bytes, is malformed."""
    size, index = place
    naive = NaiveTree.counting(size)
    old, old_root, root = index + 1, naive.mth(0, index + 1), naive.mth()

    for path in every_length(naive.path(index)):
        with pytest.raises(MalformedProof):
            tree.verify_inclusion(naive.mth(index, index + 1), index, size, path, root)
    for proof in every_length(naive.proof(old)):
        with pytest.raises(MalformedProof):
            tree.verify_consistency(old, old_root, size, root, proof)


@pytest.mark.parametrize(("small", "large"), [(-1, 8), (9, 8), (1, MAX_SIZE + 1), (2**64, 2**64 + 1)])
def test_impossible_sizes(small: int, large: int) -> None:
    """Sizes that shrink, are negative, or are over 2**53 - 1 are refused, whoever asks."""
    for attempt in (
        lambda: tree.verify_inclusion(HASH, small, large, [], HASH),
        lambda: tree.verify_consistency(small, HASH, large, HASH, []),
        lambda: tree.consistency_roots(small, large, [HASH]),
        lambda: tree.inclusion_proof(small, large, LARGEST.read),
        lambda: tree.consistency_proof(small, large, LARGEST.read),
    ):
        with pytest.raises(MalformedProof):
            attempt()


def test_the_empty_tree_is_a_prefix_of_every_tree() -> None:
    """From size 0 no hash is needed and none allowed, and the root at size 0 is the empty one."""
    tree.verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    tree.verify_consistency(0, EMPTY_ROOT, 5, HASH, [])

    with pytest.raises(ProofMismatch):
        tree.verify_consistency(0, HASH, 5, HASH, [])
    with pytest.raises(ProofMismatch):
        tree.verify_consistency(0, EMPTY_ROOT, 0, HASH, [])
    with pytest.raises(MalformedProof):
        tree.verify_consistency(0, EMPTY_ROOT, 5, HASH, [HASH])


@given(sizes_and_indexes(), st.integers(1, 50))
def test_two_versions_show_themselves(place: tuple[int, int], more: int) -> None:
    """One version's consistency proof leads to its own signed root, and not to the other's old root."""
    old, changed = place
    honest = NaiveTree.counting(old)
    entries = NaiveTree.counting(old + more).entries
    other = NaiveTree([*entries[:changed], b"rewritten", *entries[changed + 1 :]])
    new = old + more

    proof = tree.complete_proof(old, other.mth(0, old), tree.consistency_proof(old, new, other.read))
    found_old, found_new = tree.consistency_roots(old, new, proof)

    assert other.mth() == found_new
    assert honest.mth() != found_old == other.mth(0, old)


def test_nobody_can_make_up_two_versions() -> None:
    """A made-up proof may lead from the old root that was signed, but then not to the new one that was."""
    naive = NaiveTree.counting(9)
    old_root, new_root = naive.mth(0, 5), naive.mth()

    found_old, found_new = tree.consistency_roots(5, 9, [*naive.proof(5)[:-1], HASH])

    assert old_root == found_old
    assert new_root != found_new


def test_tile_hash() -> None:
    """A full tile's hash is the root of its hashes; a partial tile has none."""
    (tile,) = LARGEST.read([Tile(0, 1)])

    assert LARGEST.mth(256, 512) == tree.tile_hash(tile)
    with pytest.raises(Fault):
        tree.tile_hash(tile[:-32])
