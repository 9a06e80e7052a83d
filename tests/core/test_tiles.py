"""Tiles: where hashes stand, as tlog-tiles has it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.errors import Fault
from tocsin.core.tlog.tiles import Tile, completed, encode_bundle, entries_path, tile_at, tiles_of

SIZES = st.integers(0, 70_000) | st.integers(0, 300)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 7), "tile/0/007"),
        (Tile(1, 999), "tile/1/999"),
        (Tile(2, 1000), "tile/2/x001/000"),
        (Tile(0, 1_234_067), "tile/0/x001/x234/067"),
        (Tile(0, 1_234_067, 5), "tile/0/x001/x234/067.p/5"),
        (Tile(63, 123_456_789_012, 255), "tile/63/x123/x456/x789/012.p/255"),
    ],
)
def test_paths(tile: Tile, path: str) -> None:
    """An index is written in groups of three digits, all but the last after an x; then a partial width."""
    assert path == tile.path()
    assert path.replace(f"tile/{tile.level}/", "tile/entries/") == entries_path(tile.index, tile.width)


def test_the_tree_of_the_specification() -> None:
    """A tree of 70,000 has the tiles that tlog-tiles lists for it."""
    tiles = list(tiles_of(70_000))

    assert [Tile(0, index) for index in range(273)] == tiles[:273]
    assert [Tile(0, 273, 112), Tile(1, 0), Tile(1, 1, 17), Tile(2, 0, 1)] == tiles[273:]


@pytest.mark.parametrize(
    ("size", "tiles"),
    [
        (0, []),
        (1, [Tile(0, 0, 1)]),
        (255, [Tile(0, 0, 255)]),
        (256, [Tile(0, 0), Tile(1, 0, 1)]),
        (257, [Tile(0, 0), Tile(0, 1, 1), Tile(1, 0, 1)]),
    ],
)
def test_small_trees(size: int, tiles: list[Tile]) -> None:
    """There is no empty tile, and a full one stands in the level above."""
    assert tiles == list(tiles_of(size))


@given(SIZES)
def test_widths_are_those_of_the_specification(size: int) -> None:
    """A level's partial tile has floor(size / 256^level) mod 256 hashes, and every tile is found again."""
    for tile in tiles_of(size):
        assert tile.width in {256, size // 256**tile.level % 256}
        assert tile.entries.start == tile.index * 256 ** (tile.level + 1)
        assert tile.entries.stop == tile.entries.start + tile.width * 256**tile.level <= size
        assert tile == tile_at(tile.level, tile.index, size)


@given(SIZES, SIZES)
def test_completed(one: int, other: int) -> None:
    """What a tree completes as it grows are the full tiles that it has and did not have."""
    old, new = sorted([one, other])
    before = {tile for tile in tiles_of(old) if tile.width == 256}

    assert [tile for tile in tiles_of(new) if tile.width == 256 and tile not in before] == list(
        completed(old, new)
    )


@pytest.mark.parametrize(
    ("level", "index", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)]
)
def test_impossible_tiles(level: int, index: int, width: int) -> None:
    """A tile outside the specification's limits is a fault of ours."""
    with pytest.raises(Fault):
        Tile(level, index, width)


def test_bundles() -> None:
    """Each entry of a bundle follows its length, two bytes, big-endian."""
    assert encode_bundle([b"", b"a", b"b" * 258]) == b"\x00\x00" + b"\x00\x01a" + b"\x01\x02" + b"b" * 258
    with pytest.raises(Fault):
        encode_bundle([b"", bytes(65_536)])
