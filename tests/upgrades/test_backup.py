"""Backups of a running node, and what a node does that was restored from one."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from signal import SIGTERM

import pytest
from click.testing import CliRunner, Result
from tests.fixtures.record import contents, kept
from tests.fixtures.test_fixtures import world
from tests.fixtures.world import Hashed
from tests.node.nodes import Founded, found
from tests.process.members import Members
from tests.process.processes import until
from tests.upgrades.older import VERSIONS, schema_version, write_database

from tocsin.circles.changing.bundle import Bundle
from tocsin.cli import main
from tocsin.log.marker import Marker, MismatchKind
from tocsin.log.sqlite import SqliteStore
from tocsin.log.sqlite.backup import check
from tocsin.log.sqlite.copying import copy_database
from tocsin.log.store import StorageFailed
from tocsin.node.folder import Folder


def tocsin(*arguments: str | Path) -> Result:
    """One command."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def done(*arguments: str | Path) -> dict[str, object]:
    """What a command says, as JSON, that must end well."""
    result = tocsin(*arguments, "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    said: dict[str, object] = json.loads(result.stdout)
    return said


def refused(*arguments: str | Path) -> dict[str, str]:
    """What a command says that must not end well."""
    result = tocsin(*arguments, "--json")
    assert result.exit_code != 0
    said: dict[str, str] = json.loads(result.stderr)
    return said


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """The configuration of a node that does not run, with the database of the fixtures and secrets around."""
    founded = found(tmp_path / "east", 1 + 1)
    place = founded.places[0]
    config = tmp_path / "here" / "tocsin.toml"
    config.parent.mkdir()
    config.write_text(place.toml)
    (config.parent / "organisation-live.pub").write_text("public half")
    (config.parent / "organisation-live.key").write_text("THE SECRET OF THE ORGANISATION")
    data = place.folder
    (data / "stray.key").write_text("THE SECRET OF THE ORGANISATION")
    (data / "keys" / "organisation-live.key").write_text("THE SECRET OF THE ORGANISATION")
    founding = data / "founding" / founded.id
    founding.mkdir(parents=True)
    (founding / "charter.toml").write_text(founded.text)
    with kept(world(VERSIONS[-1]), data):
        pass
    return config


def bytes_below(folder: Path) -> bytes:
    """All that lies in a folder."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def names_below(folder: Path) -> set[str]:
    """The files in a folder, those of one circle's epoch as `keys/…`."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {f"{path.parts[0]}/…/{path.name}" if len(path.parts) > 1 else str(path) for path in paths}


def test_what_is_in_a_backup(node: Path, tmp_path: Path) -> None:
    """The database, the configuration and what was public; never a secret, whatever lies about."""
    said = done("backup", tmp_path / "backup", "--config", node)

    small = {"manifest.json", "organisation-live.pub", "tocsin.toml", "founding/…/charter.toml"}
    (circle,) = (tmp_path / "backup" / "circles").iterdir()
    assert names_below(tmp_path / "backup") == {"node.sqlite3", *small, f"circles/…/{circle.name}"}
    bundle = Bundle.parse(circle.read_bytes())
    assert circle.name == f"{bundle.circle.id}.circle"
    assert len(bundle.checkpoints) == len(bundle.circle.members)
    assert said["keys"] is False
    found = bytes_below(tmp_path / "backup")
    assert b"PRIVATE+KEY" not in found
    assert b"THE SECRET" not in found
    with closing(sqlite3.connect(tmp_path / "backup" / "node.sqlite3")) as copy:
        sizes = copy.execute("SELECT name, size FROM log ORDER BY name").fetchall()
    assert [(log["log"], log["size"]) for log in said["logs"]] == sizes  # type: ignore[attr-defined]
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o700
    files = [path for path in (tmp_path / "backup").rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_with_keys(node: Path, tmp_path: Path) -> None:
    """With --with-keys, the online keys too, and the words for it; never the organisation key."""
    result = tocsin("backup", tmp_path / "backup", "--config", node, "--with-keys")

    assert result.exit_code == 0, result.output
    assert "whoever has it can write in your log" in " ".join(result.output.split())
    keys = {f"keys/…/{name}.key" for name in ("log", "holder", "witness", "request", "tls")}
    assert names_below(tmp_path / "backup") >= {*keys, "keys/…/tls.crt"}
    found = bytes_below(tmp_path / "backup")
    assert b"PRIVATE+KEY" in found
    assert b"THE SECRET" not in found


def test_a_backup_overwrites_nothing(node: Path, tmp_path: Path) -> None:
    """A folder that is there is refused."""
    (tmp_path / "backup").mkdir()

    assert refused("backup", tmp_path / "backup", "--config", node)["error"] == "folder-not-empty"


def test_nothing_to_back_up(node: Path, tmp_path: Path) -> None:
    """Without a database there is no backup, and no folder of one."""
    (database,) = tmp_path.glob("east/*/node.sqlite3")
    database.unlink()

    assert refused("backup", tmp_path / "backup", "--config", node)["error"] == "not-set-up"
    assert not list(tmp_path.glob("backup*"))


@pytest.mark.parametrize("replace", [False, True])
def test_restored(node: Path, tmp_path: Path, *, replace: bool) -> None:
    """The restored database says what the backup says, under another id; what was there is put aside."""
    done("backup", tmp_path / "backup", "--config", node, "--with-keys")
    (data,) = (path.parent for path in tmp_path.glob("east/*/node.sqlite3"))
    with closing(SqliteStore(data / "node.sqlite3", Hashed("none"))) as store:
        before = contents(store)
    if replace:
        assert refused("restore", tmp_path / "backup", "--config", node)["error"] == "not-set-up"
    else:
        shutil.rmtree(data)
        shutil.rmtree(node.parent)
        node.parent.mkdir()

    said = done("restore", tmp_path / "backup", "--config", node, *(["--replace"] if replace else []))

    with closing(SqliteStore(data / "node.sqlite3", Hashed("none"))) as store:
        after = contents(store)
        assert after.pop("database_id") != before["database_id"]
        assert after == {name: value for name, value in before.items() if name != "database_id"}
        marker = Marker(data / "marker" / "marker")
        assert [mismatch.kind for mismatch in marker.check(store)] == [MismatchKind.RESTORED]
        assert marker.promised() is None
    if replace:
        assert said["replaced"] == str(data / "node.sqlite3.replaced-1")
        with closing(SqliteStore(data / "node.sqlite3.replaced-1", Hashed("none"))) as store:
            assert contents(store) == before
    else:
        assert said["replaced"] is None
        assert (node.parent / "organisation-live.pub").read_text() == "public half"
        assert len(list(data.glob("keys/*/1/*.key"))) == 5
    assert not list(data.glob("restoring*"))


def test_what_was_broken_off_is_restored_by_the_same_command(node: Path, tmp_path: Path) -> None:
    """The database comes last: while a file that it needs is missing, nobody takes it for a node."""
    done("backup", tmp_path / "backup", "--config", node, "--with-keys")
    (data,) = (path.parent for path in tmp_path.glob("east/*/node.sqlite3"))
    shutil.rmtree(data)
    data.mkdir()
    (data / "keys").symlink_to("/proc/1")

    assert refused("restore", tmp_path / "backup", "--config", node)["error"] == "system"

    assert not list(data.glob("node.sqlite3")) + list(data.glob("restoring*"))
    (data / "keys").unlink()
    done("restore", tmp_path / "backup", "--config", node)
    assert len(list(data.glob("keys/*/1/*.key"))) == 5


def test_an_empty_log_is_not_written_on_either(node: Path, tmp_path: Path) -> None:
    """Also a backup from before the first record is marked: meanwhile, the node may have written."""
    (data,) = (path.parent for path in tmp_path.glob("east/*/node.sqlite3"))
    (data / "node.sqlite3").unlink()
    SqliteStore(data / "node.sqlite3", Hashed("new")).close()
    done("backup", tmp_path / "backup", "--config", node)
    (data / "node.sqlite3").unlink()
    done("restore", tmp_path / "backup", "--config", node)

    with closing(SqliteStore(data / "node.sqlite3", Hashed("none"))) as store:
        assert Marker(data / "marker" / "marker").check(store) != []


def test_the_marker_of_the_database_is_kept(node: Path, tmp_path: Path) -> None:
    """A marker that was saved tells what was promised after the backup: it stays, and fits no more."""
    (database,) = tmp_path.glob("east/*/node.sqlite3")
    marker = Marker(database.parent / "marker" / "marker")
    with closing(SqliteStore(database, Hashed("none"))) as store:
        marker.begin(store)
        marker.note([head for log in store.logs() if (head := store.head(log))])
        marker.close()
        promised = marker.promised()
    done("backup", tmp_path / "backup", "--config", node)
    done("restore", tmp_path / "backup", "--config", node, "--replace")

    assert promised
    assert marker.promised() == promised
    with closing(SqliteStore(database, Hashed("none"))) as store:
        assert [mismatch.kind for mismatch in marker.check(store)] == [MismatchKind.OTHER_DATABASE]
    # A second time, it is not the marker of the database that was backed up.
    done("backup", tmp_path / "again", "--config", node)
    database.unlink()
    Marker(marker._path).restored("another")
    assert marker.promised() is None


def test_not_restored_over_a_running_node(node: Path, tmp_path: Path) -> None:
    """A database that a process uses is not replaced."""
    done("backup", tmp_path / "backup", "--config", node)
    (database,) = tmp_path.glob("east/*/node.sqlite3")
    with closing(SqliteStore(database, Hashed("none"))):
        said = refused("restore", tmp_path / "backup", "--config", node, "--replace")

    assert said["error"] == "database-in-use"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_backup_by_an_earlier_version(version: str, node: Path, tmp_path: Path) -> None:
    """What an earlier version backed up, this one restores."""
    done("backup", tmp_path / "backup", "--config", node)
    (database,) = tmp_path.glob("east/*/node.sqlite3")
    database.unlink()
    old = tmp_path / "backup" / "node.sqlite3"
    old.unlink()
    write_database(version, old)
    manifest = json.loads((tmp_path / "backup" / "manifest.json").read_text())
    manifest["files"]["node.sqlite3"] = sha256(old.read_bytes()).hexdigest()
    (tmp_path / "backup" / "manifest.json").write_text(json.dumps(manifest))

    done("restore", tmp_path / "backup", "--config", node)

    assert schema_version(database) >= schema_version(old)
    assert not list(database.parent.glob("*.before-*"))


@pytest.mark.parametrize("path", ["node.sqlite3", "tocsin.toml", "manifest.json"])
@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_a_damaged_backup(node: Path, tmp_path: Path, path: str, harm: str) -> None:
    """A file that was changed or lost is found before anything is touched."""
    done("backup", tmp_path / "backup", "--config", node)
    damaged = tmp_path / "backup" / path
    if harm == "missing":
        damaged.unlink()
    else:
        data = bytearray(damaged.read_bytes())
        data[len(data) // 2] ^= 1
        damaged.write_bytes(data)
    (database,) = tmp_path.glob("east/*/node.sqlite3")
    before = database.read_bytes()

    assert (
        refused("restore", tmp_path / "backup", "--config", node, "--replace")["error"] == "malformed-backup"
    )
    assert database.read_bytes() == before


def test_only_files_of_a_node(node: Path, tmp_path: Path) -> None:
    """A backup by somebody who means no good writes nowhere but where a node's files are."""
    done("backup", tmp_path / "backup", "--config", node)
    (tmp_path / "backup" / "evil").write_text("x")
    path = tmp_path / "backup" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"]["../evil"] = sha256(b"x").hexdigest()
    (tmp_path / "evil").write_text("x")
    path.write_text(json.dumps(manifest))

    assert (
        refused("restore", tmp_path / "backup", "--config", node, "--replace")["error"] == "malformed-backup"
    )


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE chunk SET data = CAST(substr(data, 1, length(data) - 1) || x'00' AS BLOB) WHERE rowid = 2",
        "UPDATE log SET root = zeroblob(32) WHERE id = 1",
        "UPDATE late SET salt = zeroblob(32)",
    ],
)
def test_a_copy_is_believed_nothing(tmp_path: Path, harm: str) -> None:
    """A record, a salt or a root that is not what it should be is found when the copy is checked."""
    with kept(world(VERSIONS[-1]), tmp_path):
        pass
    database = tmp_path / "node.sqlite3"
    assert check(database, Hashed("none"), lambda _, __: None)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(harm)
        connection.commit()

    with pytest.raises(StorageFailed):
        check(database, Hashed("none"), lambda _, __: None)


def test_a_copy_is_whole_page_by_page(tmp_path: Path) -> None:
    """A page that was torn is found, also where no record stands on it: who confirmed what, for one."""
    with kept(world(VERSIONS[-1]), tmp_path):
        pass
    database = tmp_path / "node.sqlite3"
    with closing(sqlite3.connect(database)) as connection:
        query = "SELECT rootpage FROM sqlite_schema WHERE name = 'cosignature'"
        (page,) = connection.execute(query).fetchone()
        (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
        connection.execute("PRAGMA journal_mode = delete").fetchall()
    with database.open("r+b") as file:
        file.seek((page - 1) * page_bytes)
        file.write(bytes(page_bytes))

    with pytest.raises(StorageFailed):
        check(database, Hashed("none"), lambda _, __: None)


def test_a_copy_is_of_one_moment(tmp_path: Path) -> None:
    """What is committed while a copy is made is not in it, not even in part; and nobody waits."""
    database, copy = tmp_path / "one.sqlite3", tmp_path / "copy.sqlite3"
    with closing(SqliteStore(database, Hashed("none"))) as store:
        with store.transaction():
            for number in range(3_000):
                store.put_document("space", f"{number:04}", b"d" * 4_000)
        steps = 0

        def write(_: int, __: int) -> None:
            nonlocal steps
            steps += 1
            with store.transaction():
                for number in range(3_000):
                    store.put_document("space", f"{number:04}", b"later %d" % steps)

        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            copy_database(connection, copy, write)
    assert steps > 1
    assert copy.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.sqlite3"]
    with closing(SqliteStore(copy, Hashed("none"))) as store:
        assert set(store.documents("space").values()) == {b"d" * 4_000}


@pytest.fixture
def members(tmp_path: Path) -> Iterator[tuple[Members, Founded]]:
    """East and north, as processes."""
    founded = found(tmp_path, 2)
    members = Members(founded)
    try:
        yield members, founded
    finally:
        members.end_all()


@pytest.mark.process
@pytest.mark.slow
def test_backup_and_restore_of_a_real_node(members: tuple[Members, Founded], tmp_path: Path) -> None:
    """A running node is backed up between two records; restored, it gets its own back, and writes nothing."""
    circle, _ = members
    for slug in ("east", "north"):
        circle.start(slug)
    config = circle.config_file("east")
    circle.write("east", "before")
    circle.until_confirmed("east")
    said = done("backup", tmp_path / "backup", "--config", config, "--with-keys")
    circle.write("east", "after")
    circle.until_confirmed("east")
    size = circle.state("east").size
    circle.end("east", SIGTERM)
    circle.config("east").data_folder.rename(tmp_path / "lost")

    done("restore", tmp_path / "backup", "--config", config)
    circle.start("east")

    assert max(log["size"] for log in said["logs"]) < size  # type: ignore[attr-defined]
    assert circle.state("east").halted
    until(lambda: circle.state("east").size == size)
    database = Folder.of(circle.config("east")).database
    assert not list(database.parent.glob("*.before-*"))
