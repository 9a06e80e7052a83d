"""The right edge, against the tree's own mathematics and the naive tree."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.naive_tree import NaiveTree

from tocsin.core.errors import Fault
from tocsin.core.tlog.tiles import Tile, completed
from tocsin.core.tlog.tree import Frontier
from tocsin.log.edge import Edge

PARTS = st.lists(st.integers(0, 700) | st.sampled_from([1, 255, 256, 257, 512]), max_size=5)


def entries(first: int, count: int) -> list[bytes]:
    """Entries that all differ."""
    return [index.to_bytes(32, "big") for index in range(first, first + count)]


def place(stored: tuple[Tile, bytes]) -> tuple[int, int, int]:
    """Where a stored tile stands, and its width."""
    tile, data = stored
    assert len(data) == tile.width * 32
    return tile.level, tile.index, tile.width


def expected(old: int, new: int) -> Iterator[tuple[int, int, int]]:
    """The tiles that became full, and those above level 0 that filled further."""
    yield from ((tile.level, tile.index, tile.width) for tile in completed(old, new))
    for level in range(1, 8):
        index, width = divmod(new >> 8 * level, 256)
        if width and new >> 8 * level != old >> 8 * level:
            yield level, index, width


@given(PARTS)
def test_extend_in_any_parts(parts: list[int]) -> None:
    """However entries arrive, frontier, root and tiles are those of RFC 6962 and tlog-tiles."""
    edge, size = Edge.EMPTY, 0
    stored: dict[tuple[int, int], bytes] = {}
    for count in parts:
        extension = edge.extend(b"".join(entries(size, count)))
        stored |= {(tile.level, tile.index): data for tile, data in extension.tiles}
        assert sorted(map(place, extension.tiles)) == sorted(expected(size, size + count))
        edge, size = extension.edge, size + count
        assert extension.root == edge.frontier.root()

    tree = NaiveTree(entries(0, size))
    assert edge.frontier == Frontier.EMPTY.append(tree.leaf_hashes())
    assert edge.frontier.root() == tree.mth()
    for level, filling in enumerate(edge.pending):
        index, width = divmod(size >> 8 * level, 256)
        assert filling == (tree.read([Tile(level, index, width)])[0] if width else b"")
        if level and width:
            assert stored.pop((level, index)) == filling
    assert stored == {(tile.level, tile.index): tree.read([tile])[0] for tile in completed(0, size)}


def test_three_levels() -> None:
    """The level above is reached when a tile of tiles is full, in one step or in many."""
    whole = Edge.EMPTY.extend(b"".join(entries(0, 65_536)))
    assert sorted(map(place, whole.tiles)) == sorted(expected(0, 65_536))
    size = 65_536 + 300
    at_once = Edge.EMPTY.extend(b"".join(entries(0, size)))
    edge = Edge.EMPTY
    for first in range(0, size, 1000):
        edge = edge.extend(b"".join(entries(first, min(1000, size - first)))).edge

    assert at_once.edge == edge
    assert [len(filling) // 32 for filling in edge.pending] == [44, 1, 1]
    assert edge.frontier.root() == NaiveTree(entries(0, size)).mth()
    assert sorted(map(place, at_once.tiles)) == sorted(expected(0, size))


def test_extending_leaves_the_edge() -> None:
    """An extension that is not committed leaves nothing behind: the edge can be extended otherwise."""
    edge = Edge.EMPTY.extend(b"".join(entries(0, 300))).edge
    before = (edge.frontier, edge.pending)

    edge.extend(b"x" * 32 * 500)

    assert (edge.frontier, edge.pending) == before


def test_edge_that_does_not_fit() -> None:
    """Tiles that are not those of the frontier's size are a defect."""
    edge = Edge.EMPTY.extend(b"".join(entries(0, 300))).edge

    for pending in ((), edge.pending[:1], (edge.pending[0][32:], edge.pending[1]), (*edge.pending, b"")):
        with pytest.raises(Fault):
            Edge(edge.frontier, pending)
