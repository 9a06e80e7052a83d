"""The export: a folder that says exactly what the log's tree is."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.log.author import LOG, Author
from tests.simulation.clock import SeededChance

from tocsin.core.errors import Fault
from tocsin.core.tlog.tiles import encode_bundle, tiles_of
from tocsin.log.export import FolderNotEmpty, export_log
from tocsin.log.sqlite import SqliteStore

SIZE = 700


@pytest.fixture(scope="module")
def author() -> Author:
    """Who wrote the log."""
    return Author()


@pytest.fixture(scope="module")
def store(author: Author, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """A store that has the log."""
    path = tmp_path_factory.mktemp("data") / "log.db"
    with closing(SqliteStore(path, SeededChance(1, "database"))) as store:
        author.held_by(store, 300, 1, SIZE - 301)
        yield store


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("size", [1, 255, 256, 257, 512, SIZE])
def test_every_tile_and_nothing_else(store: SqliteStore, author: Author, tmp_path: Path, size: int) -> None:
    """The folder has the checkpoint, and the tiles and entry bundles of its size, as tlog-tiles has them."""
    export_log(store, LOG, tmp_path / "log", author.note(size))

    tree = author.tree(size)
    expected = {tile.path(): tree.read([tile])[0] for tile in tiles_of(size)}
    for tile in tiles_of(size):
        if tile.level == 0:
            entries = [entry for entry, _, _ in author.said[tile.entries.start : tile.entries.stop]]
            expected[tile.path().replace("tile/0/", "tile/entries/")] = encode_bundle(entries)
    assert content(tmp_path / "log") == {"checkpoint": author.note(size), **expected}


def test_says_nothing_of_records(store: SqliteStore, author: Author, tmp_path: Path) -> None:
    """Neither records nor salts are exported."""
    export_log(store, LOG, tmp_path / "log", author.note(SIZE))

    everything = b"".join(content(tmp_path / "log").values())
    assert not any(salt in everything or record in everything for _, salt, record in author.said)


def test_folder_in_use(store: SqliteStore, author: Author, tmp_path: Path) -> None:
    """A folder with anything in it is refused and left as it is; an empty one is taken."""
    tmp_path.joinpath("log").mkdir()
    export_log(store, LOG, tmp_path / "log", author.note(5))
    before = content(tmp_path)

    with pytest.raises(FolderNotEmpty):
        export_log(store, LOG, tmp_path / "log", author.note(6))

    assert content(tmp_path) == before


def test_whole_or_not_at_all(store: SqliteStore, author: Author, tmp_path: Path) -> None:
    """What an interrupted export left beside the folder is in nobody's way, and in no export."""
    tmp_path.joinpath("log.unfinished", "tile").mkdir(parents=True)
    tmp_path.joinpath("log.unfinished", "tile", "old").write_bytes(b"old")

    export_log(store, LOG, tmp_path / "log", author.note(3))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["log"]
    assert "tile/old" not in content(tmp_path / "log")


def test_checkpoint_that_does_not_fit(store: SqliteStore, tmp_path: Path) -> None:
    """A checkpoint of another log, or of another tree, is not exported with this one."""
    twin = Author()
    twin.say(5)
    twin.said[2] = (b"e" * 32, b"s" * 32, b"another record")
    other = Author(LOG.replace("maple", "birch"))
    other.say(5)

    for note in (twin.note(5), other.note(5)):
        with pytest.raises(Fault):
            export_log(store, LOG, tmp_path / "log", note)

    assert list(tmp_path.iterdir()) == []
