"""Attachments in backups: what a record names, none as illegal; and what `restore` makes of them."""

import asyncio
import hashlib
import json
import shutil
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from tests.circles.test_attaching import attachment, report
from tests.node.nodes import Founded, found, until
from tests.node.test_attachments import erasure, has, hold, written
from tests.upgrades.test_backup import done, refused, tocsin

from tocsin.circles.following.asides import begin_anew
from tocsin.core.names import LogName
from tocsin.core.records import Attachment, Ref
from tocsin.log.sqlite import SqliteStore
from tocsin.node.attachments.kept import Kept
from tocsin.node.clock import SystemChance
from tocsin.node.config import load_config
from tocsin.node.folder import Folder
from tocsin.node.node import Node

NAMED, AGAIN, ILLEGAL, ERASED, HELD, WAITING = (name.encode() * 1000 for name in "abcdef")


def hash_of(content: bytes) -> str:
    """Its SHA-256."""
    return hashlib.sha256(content).hexdigest()


@dataclass
class Backed:
    """A node that ran, and does not any more."""

    config: Path
    data: Path
    circle: str

    @property
    def folder(self) -> Path:
        """Its attachments."""
        return self.data / "attachments" / self.circle

    def put(self, content: bytes, ending: str = "") -> Path:
        """As if it had not yet let go of that."""
        path = self.folder / (hash_of(content) + ending)
        path.write_bytes(content)
        return path


async def _happened(circle: Founded) -> None:
    async with circle.running() as (east, north):
        line = east.lines[circle.id]

        async def attached(*contents: bytes) -> Sequence[Attachment]:
            kept = east.desk.attachments
            return [await kept.attach(line, content, media_type="image/png") for content in contents]

        async def reported(content: bytes) -> Ref:
            (one,) = await attached(content)
            return await written(east, circle, report(line.own.member.log, one))

        await reported(NAMED)
        await reported(AGAIN)
        await attached(WAITING)
        await reported(ILLEGAL)
        theirs = report(north.lines[circle.id].own.member.log, attachment(ILLEGAL, illegal=True))
        await has(east, await written(north, circle, theirs))
        for content, kept in ((ERASED, False), (HELD, True)):
            ref = await reported(content)
            if kept:
                await written(east, circle, hold(circle, ref))
            await written(east, circle, erasure(circle, ref))
            await until(partial(_erased, east, ref))


def _erased(node: Node, ref: Ref) -> bool:
    return bool(node.store.erased(ref.log, ref.index, ref.index + 1))


@pytest.fixture
def backed(tmp_path: Path) -> Backed:
    """East's node, with content of each kind, and as if what had to go had not gone yet."""
    circle = found(tmp_path / "circle")
    asyncio.run(asyncio.wait_for(_happened(circle), 30))
    place = circle.places[0]
    config = tmp_path / "tocsin.toml"
    config.write_text(place.toml)
    backed = Backed(config, place.folder, circle.id)
    for content in (ILLEGAL, ERASED):
        backed.put(content)
    return backed


def in_backup(folder: Path) -> set[str]:
    """The attachments in it."""
    return {path.name for path in (folder / "attachments").rglob("*") if path.is_file()}


def test_what_records_name_is_in_a_backup(backed: Backed, tmp_path: Path) -> None:
    """What is named or held is in it; not what is illegal, was erased, or waits for a record."""
    said = done("backup", tmp_path / "backup", "--config", backed.config)

    assert in_backup(tmp_path / "backup") == set(map(hash_of, (NAMED, AGAIN, HELD)))
    assert (said["attachments"], said["damaged"], said["illegal"]) == (3, [], 1)
    found = b"".join(path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file())
    assert ILLEGAL not in found
    assert ERASED not in found


def test_what_came_ahead_names_as_well(backed: Backed, tmp_path: Path) -> None:
    """A record whose place in its log is not reached yet has its content in a backup, or keeps it out."""
    backed.put(WAITING)
    with closing(SqliteStore(Folder.of(load_config(backed.config)).database, SystemChance())) as store:
        log = next(log for log in store.logs() if "/north/" in log)
        for index, named in ((1_000, attachment(WAITING)), (1_001, attachment(AGAIN, illegal=True))):
            with store.transaction():
                store.put_ahead(log, index, bytes(32), bytes(32), report(LogName.parse(log), named))

    done("backup", tmp_path / "backup", "--config", backed.config)

    assert in_backup(tmp_path / "backup") == set(map(hash_of, (NAMED, HELD, WAITING)))


def test_a_log_that_was_set_aside_is_backed_up(backed: Backed, tmp_path: Path) -> None:
    """Its entries are those of the log that it was, and what its records name is in the backup, too."""
    with closing(SqliteStore(Folder.of(load_config(backed.config)).database, SystemChance())) as store:
        log = next(log for log in store.logs() if "/east/" in log)
        with store.transaction():
            begin_anew(log, store)

    done("backup", tmp_path / "backup", "--config", backed.config)
    done("restore", tmp_path / "backup", "--config", backed.config, "--replace")

    assert in_backup(tmp_path / "backup") == set(map(hash_of, (NAMED, AGAIN, HELD)))


def test_without_attachments(backed: Backed, tmp_path: Path) -> None:
    """Whoever asks for it gets a backup without any."""
    said = done("backup", tmp_path / "backup", "--config", backed.config, "--without-attachments")

    assert (in_backup(tmp_path / "backup"), said["attachments"]) == (set(), 0)


def test_what_is_damaged_is_left_out_and_said(backed: Backed, tmp_path: Path) -> None:
    """A file that is not what it is called is in no backup, and keeps nobody from making one."""
    (backed.folder / hash_of(NAMED)).write_bytes(NAMED[:-1] + b"!")

    result = tocsin("backup", tmp_path / "backup", "--config", backed.config)

    assert result.exit_code == 0, result.output
    assert f"not in it: attachments/{backed.circle}/{hash_of(NAMED)}" in " ".join(result.output.split())
    assert in_backup(tmp_path / "backup") == {hash_of(AGAIN), hash_of(HELD)}
    done("restore", tmp_path / "backup", "--config", backed.config, "--replace")


def test_they_are_restored(backed: Backed, tmp_path: Path) -> None:
    """A node that lost its disk has them again, whole, for its owner alone."""
    done("backup", tmp_path / "backup", "--config", backed.config)
    shutil.rmtree(backed.data)

    said = done("restore", tmp_path / "backup", "--config", backed.config)

    assert said["attachments"] == 3
    assert {path.name: path.read_bytes() for path in backed.folder.iterdir()} == {
        hash_of(content): content for content in (NAMED, AGAIN, HELD)
    }
    assert {path.stat().st_mode & 0o777 for path in backed.folder.iterdir()} == {0o600}


def test_a_restore_that_was_broken_off_is_given_again(backed: Backed, tmp_path: Path) -> None:
    """Half of an attachment that it left does not keep the next one from putting the whole there."""
    done("backup", tmp_path / "backup", "--config", backed.config)
    (backed.folder / hash_of(NAMED)).unlink()
    (backed.folder / f"{hash_of(NAMED)}.new").write_bytes(NAMED[:10])

    done("restore", tmp_path / "backup", "--config", backed.config, "--replace")

    assert (backed.folder / hash_of(NAMED)).read_bytes() == NAMED


def test_what_gets_another_name_meanwhile_is_in_a_backup(
    backed: Backed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The node goes on while a backup is made: where a file was a moment ago, it is looked for again."""
    waiting = backed.folder / f"{hash_of(NAMED)}.unnamed"
    path = Kept.path

    def path_then_named(kept: Kept, sha256: str) -> Path | None:
        found = path(kept, sha256)
        if found == waiting:
            waiting.rename(backed.folder / sha256)
        return found

    (backed.folder / hash_of(NAMED)).rename(waiting)
    monkeypatch.setattr(Kept, "path", path_then_named)
    done("backup", tmp_path / "backup", "--config", backed.config)

    assert not waiting.exists()
    assert hash_of(NAMED) in in_backup(tmp_path / "backup")


def test_what_was_set_apart_meanwhile_does_not_come_back(backed: Backed, tmp_path: Path) -> None:
    """Over a node that knows more than the backup, its knowledge of what is illegal stands."""
    done("backup", tmp_path / "backup", "--config", backed.config)
    (backed.folder / hash_of(NAMED)).unlink()
    backed.put(NAMED, ".illegal")
    (backed.folder / hash_of(AGAIN)).unlink()

    done("restore", tmp_path / "backup", "--config", backed.config, "--replace")

    assert not (backed.folder / hash_of(NAMED)).exists()
    assert (backed.folder / hash_of(AGAIN)).read_bytes() == AGAIN


@pytest.mark.parametrize("listed", [False, True])
def test_a_changed_attachment_in_a_backup(backed: Backed, tmp_path: Path, *, listed: bool) -> None:
    """Content that is not what it is called is refused, also where the list says that it is as it was."""
    done("backup", tmp_path / "backup", "--config", backed.config)
    path = f"attachments/{backed.circle}/{hash_of(NAMED)}"
    (tmp_path / "backup" / path).write_bytes(b"other")
    if listed:
        manifest = json.loads((tmp_path / "backup" / "manifest.json").read_text())
        manifest["files"][path] = hash_of(b"other")
        (tmp_path / "backup" / "manifest.json").write_text(json.dumps(manifest))

    said = refused("restore", tmp_path / "backup", "--config", backed.config, "--replace")

    assert said["error"] == "malformed-backup"
