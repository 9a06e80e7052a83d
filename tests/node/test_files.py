import errno
import os
import stat
from pathlib import Path

import pytest

from tocsin.node.files import OWNER_ONLY, write_whole


def test_a_file_is_there_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where writing fails, what was there stays, and nothing is beside it."""
    path = tmp_path / "file"
    write_whole(path, b"before", OWNER_ONLY)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no room"):
        write_whole(path, b"after")

    assert path.read_bytes() == b"before"
    assert stat.S_IMODE(path.stat().st_mode) == OWNER_ONLY
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_one_and_a_device_a_device(tmp_path: Path) -> None:
    """What a link leads to is written, and what is no file is not replaced by one."""
    file, link, device = tmp_path / "file", tmp_path / "link", tmp_path / "device"
    file.touch()
    link.symlink_to(file)
    device.symlink_to(os.devnull)

    for path in (link, device):
        write_whole(path, b"data")

    assert file.read_bytes() == b"data"
    assert link.is_symlink()
    assert device.is_symlink()
