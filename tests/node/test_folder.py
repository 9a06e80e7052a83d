import os
import stat
from pathlib import Path

import pytest
from tests.node.stubs import CIRCLE, LOG

from tocsin.core.errors import MalformedKey
from tocsin.core.names import LogName
from tocsin.node.clock import SystemChance
from tocsin.node.errors import KeysMissing, UnsafeFile
from tocsin.node.folder import Folder, read_secret, write_secret


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An empty data folder."""
    folder = Folder(tmp_path / "data", tmp_path / "elsewhere" / "marker")
    folder.create()
    return folder


def test_keys_are_found_again(folder: Folder) -> None:
    """What was created for a circle and epoch is read back, under the same names, with the same pin."""
    created = folder.create_keys(LOG, SystemChance())

    assert folder.keys(CIRCLE, 1) == created
    assert created.member.log_name == LOG


def test_nobody_else_can_read_a_secret(folder: Folder) -> None:
    """Every folder is 0700 and every file in it 0600, whatever the umask is."""
    folder.create_keys(LOG, SystemChance())

    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.data.rglob("*") if path.is_file()}

    assert modes == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder.data, folder.marker)} == {0o700}


@pytest.mark.parametrize("name", ["log.key", "holder.key", "witness.key", "request.key", "tls.key"])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_secret_that_others_can_read_is_refused(folder: Folder, name: str, mode: int) -> None:
    """One bit too many on any key, and the node does not use it."""
    folder.create_keys(LOG, SystemChance())
    (folder.data / "keys" / CIRCLE / "1" / name).chmod(mode)

    with pytest.raises(UnsafeFile, match=f"mode {mode:o}.*Next: "):
        folder.keys(CIRCLE, 1)


def test_missing_keys_say_where_they_should_be(folder: Folder) -> None:
    """A circle without keys is an error that names the file."""
    with pytest.raises(KeysMissing, match=rf"{CIRCLE}/1/log\.key.*Next: "):
        folder.keys(CIRCLE, 1)


def test_keys_are_never_overwritten(folder: Folder) -> None:
    """Creating keys where there are some is an error, and the old ones stay."""
    created = folder.create_keys(LOG, SystemChance())

    with pytest.raises(FileExistsError):
        folder.create_keys(LOG, SystemChance())
    with pytest.raises(FileExistsError):
        write_secret(folder.data / "keys" / CIRCLE / "1" / "log.key", b"other")

    assert folder.keys(CIRCLE, 1) == created


def test_a_key_in_the_place_of_another_is_refused(folder: Folder) -> None:
    """The holder key does not pass for the witness key."""
    folder.create_keys(LOG, SystemChance())
    keys = folder.data / "keys" / CIRCLE / "1"
    (keys / "witness.key").write_bytes((keys / "holder.key").read_bytes())

    with pytest.raises(MalformedKey):
        folder.keys(CIRCLE, 1)


def test_a_spoilt_key_is_refused_without_being_shown(folder: Folder) -> None:
    """What an error says of a malformed secret key does not hold the secret."""
    folder.create_keys(LOG, SystemChance())
    path = folder.data / "keys" / CIRCLE / "1" / "log.key"
    secret = path.read_text()
    path.write_text(secret.replace("+", "-", 3))

    with pytest.raises(MalformedKey) as caught:
        folder.keys(CIRCLE, 1)

    assert secret[-30:-2] not in str(caught.value)


def test_a_stray_key_is_noticed(folder: Folder) -> None:
    """A key that lies in the data folder and is none of the node's is found: it may be the organisation's."""
    folder.create_keys(LogName("drill.example.org", CIRCLE, "east", 1), SystemChance())
    assert list(folder.stray_keys()) == []

    stray = folder.data / "organisation.key"
    write_secret(stray, b"secret")

    assert list(folder.stray_keys()) == [stray]
    assert read_secret(stray) == b"secret"


def test_a_secret_is_durable_with_its_name(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key whose file is synced and whose folder is not may be gone after a power cut."""
    synced: list[int] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    path = folder.data / "secret"
    write_secret(path, b"secret")

    assert synced == [path.stat().st_ino, folder.data.stat().st_ino]
