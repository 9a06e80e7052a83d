"""A database that an earlier version wrote: read, written on, whole wherever its migration is interrupted."""

import asyncio
import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.fixtures.record import contents, folder_of, schema
from tests.fixtures.world import Hashed, Log, World
from tests.log.author import LOG, Author, hold
from tests.node.nodes import found
from tests.process.processes import ROOT
from tests.upgrades.older import VERSIONS, schema_version, with_next, write_database

from tocsin.cli import main
from tocsin.core.tlog.chunk import Chunk
from tocsin.core.tlog.entry import EntryHasher
from tocsin.core.tlog.tree import tree_root
from tocsin.log.sqlite import NewerDatabase, SqliteStore, migrating
from tocsin.log.sqlite.backup import back_up
from tocsin.log.store import StorageFull

every_version = pytest.mark.parametrize("version", VERSIONS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "node.sqlite3"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> int:
    """A later version of the code, which takes two more steps; the number of the last."""
    migrations = with_next(migrating.load_migrations())
    monkeypatch.setattr(migrating, "load_migrations", lambda: migrations)
    return max(migrations)


def copies(path: Path) -> list[str]:
    """What is kept of earlier versions."""
    return sorted(re.findall(r"\.before-.*", "\n".join(file.name for file in path.parent.iterdir())))


@every_version
def test_released_migrations_never_change(version: str, path: Path) -> None:
    """The steps up to a released version's lead to the schema that it recorded, to the letter."""
    write_database(version, path)
    with closing(sqlite3.connect(":memory:")) as new:
        for number, script in sorted(migrating.load_migrations().items()):
            if number <= schema_version(path):
                new.executescript(script)
        assert schema(new) == (folder_of(version) / "schema.sql").read_text("utf-8")


@every_version
def test_written_on(version: str, path: Path) -> None:
    """A log that an earlier version began goes on in this one, and everything after a restart is whole."""
    write_database(version, path)
    world = World((folder_of(version) / "charter.toml").read_text("utf-8"))
    said = world.ash.said
    longer = Log(world.ash.keys, [*(record for _, _, record in said), *(b"%d" % n for n in range(300))])
    chunk = longer.chunk(len(said), len(longer.said))
    with closing(SqliteStore(path, Hashed("none"))) as store, store.transaction():
        store.extend(longer.name, len(said), store.edge(longer.name).extend(chunk.entries), chunk)
        store.put_checkpoint(longer.name, longer.checkpoint(chunk.end))

    with closing(SqliteStore(path, Hashed("none"))) as store:
        assert [store.record(longer.name, index) for index in range(chunk.end)] == longer.said
        for size in (len(said), chunk.end):
            assert tree_root(size, store.read_tiles(longer.name)) == longer.root(size)


@every_version
def test_later_versions_keep_a_copy(version: str, path: Path, later: int) -> None:
    """Before its first step an existing database is copied; once the node has started, the copy is gone."""
    write_database(version, path)
    before = schema_version(path)
    copy = path.with_name(f"{path.name}.before-{before + 1:04}")
    with closing(SqliteStore(path, Hashed("none"))) as store:
        assert schema_version(path) == later
        assert schema_version(copy) == before
        assert copy.stat().st_mode & 0o777 == 0o600
        now = contents(store)
        store.drop_old_copies()
    assert copies(path) == []
    with closing(SqliteStore(path, Hashed("none"))) as store:
        assert contents(store) == now


@every_version
@pytest.mark.usefixtures("later")
def test_the_version_before_goes_on_with_the_copy(
    version: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept is the database as it was: put back, the version that left it goes on."""
    write_database(version, path)
    SqliteStore(path, Hashed("none")).close()
    (kept,) = copies(path)
    monkeypatch.undo()
    with pytest.raises(NewerDatabase, match="Next: start the tocsin that wrote it"):
        SqliteStore(path, Hashed("none"))
    path.with_name(path.name + kept).replace(path)

    with closing(SqliteStore(path, Hashed("none"))) as store:
        assert store.logs() == sorted(store.logs()) != []


@pytest.mark.usefixtures("later")
def test_a_new_database_has_no_copy(path: Path) -> None:
    """Where there was nothing, nothing is kept."""
    SqliteStore(path, Hashed("none")).close()
    SqliteStore(path, Hashed("none")).close()

    assert copies(path) == []


@pytest.mark.usefixtures("later")
def test_no_room_for_the_copy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without room for the copy no step is taken, and the error says what to do."""
    write_database(VERSIONS[0], path)
    before = path.read_bytes(), schema_version(path)

    def full(*_: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_FULL, "SQLITE_FULL"
        raise error

    monkeypatch.setattr(migrating, "copy_database", full)
    with pytest.raises(StorageFull, match="Next: make room"):
        SqliteStore(path, Hashed("none"))

    assert schema_version(path) == before[1]
    monkeypatch.undo()
    SqliteStore(path, Hashed("none")).close()


@pytest.mark.usefixtures("later")
def test_the_doctor_changes_nothing(tmp_path: Path) -> None:
    """An older database is told of, and left for its node to bring up to date."""
    place = found(tmp_path, 2).places[0]
    (tmp_path / "tocsin.toml").write_text(place.toml)
    database = place.folder / "node.sqlite3"
    write_database(VERSIONS[0], database)
    before = schema_version(database)

    result = CliRunner().invoke(main, ["doctor", "--json", "--config", str(tmp_path / "tocsin.toml")])

    found_older = [one for one in json.loads(result.stdout) if one["about"] == "database"]
    assert [(one["level"], one["next"]) for one in found_older] == [
        ("note", "start its node, which brings it up to date.")
    ]
    assert schema_version(database) == before
    assert copies(database) == []


@pytest.mark.process
@pytest.mark.slow
@pytest.mark.parametrize("version", ["none", *VERSIONS])
def test_interrupted_at_any_statement(version: str, path: Path, tmp_path: Path) -> None:
    """Killed at any statement of any migration, the next start begins again and nothing is lost."""
    if version == "none":
        path.touch()
    else:
        write_database(version, path)
    (scratch := tmp_path / "scratch").mkdir()

    killed = subprocess.run(
        [sys.executable, "-m", "tests.upgrades.interrupted", path, scratch],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )

    assert int(killed.stdout) > 20


def test_a_node_that_has_started_drops_the_copy(tmp_path: Path) -> None:
    """A node that started goes on with the new database alone."""
    founded = found(tmp_path, 2)

    async def start() -> None:
        async with founded.running("east") as (node,):
            kept.append(node.folder.database.with_name("node.sqlite3.before-0001"))
        kept[0].touch()
        async with founded.running("east"):
            assert not kept[0].exists()

    kept: list[Path] = []
    asyncio.run(start())
    assert kept


def test_what_the_first_version_deleted_is_nowhere(path: Path) -> None:
    """Version 1 of the schema deleted without overwriting: what it left goes with the first step."""
    write_database("0.1.0", path)
    secret = b"what nobody knows was here" * 200
    with closing(sqlite3.connect(path)) as old:
        old.execute("PRAGMA secure_delete = OFF").fetchall()
        old.execute("INSERT INTO document VALUES ('space', 'key', ?)", (secret,))
        old.commit()
        old.execute("DELETE FROM document WHERE space = 'space'")
        old.commit()
    assert secret[:20] in path.read_bytes()

    with closing(SqliteStore(path, Hashed("none"))) as store:
        store.drop_old_copies()

    assert [file.name for file in path.parent.iterdir() if secret[:20] in file.read_bytes()] == []


def test_released_copies_hold_nothing_that_was_erased(tmp_path: Path) -> None:
    """A copy is of pages, and what was erased is in none."""
    path, copy = tmp_path / "node.sqlite3", tmp_path / "copy.sqlite3"
    author, secret = Author(), b"what must be nowhere" * 100
    author.said.append((EntryHasher(LOG).entry(bytes(32), secret), bytes(32), secret))
    with closing(SqliteStore(path, Hashed("none"))) as store:
        with store.transaction():
            hold(store, LOG, Chunk.make(0, author.said))
        author.held_by(store, 100, 100)
        back_up(path, copy, lambda _, __: None)
        assert secret in copy.read_bytes()
        with store.transaction():
            store.erase(LOG, {0})
        back_up(path, copy, lambda _, __: None)
    assert secret[:20] not in copy.read_bytes()
