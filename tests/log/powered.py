"""The conformance suite on SQLite, where each crash is a power cut: run by `test_power`, under strace.

A database that crashes goes on with what the disk may have left of it, in another folder.
"""

import os
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import pytest
from tests.log.power import Disk
from tests.log.store_conformance import Database, Databases, StoreConformance
from tests.simulation.clock import SeededChance

from tocsin.log.sqlite import SqliteStore

_TRACE = Path(os.environ["TOCSIN_TRACE"])

_numbers = count()


class _Followed:
    """Follows what strace writes about this very process."""

    def __init__(self) -> None:
        self.disks: list[Disk] = []
        self._trace = _TRACE.open(encoding="ascii")
        self._begun = ""

    def go_on(self) -> None:
        """Take note of what came since."""
        *lines, self._begun = (self._begun + self._trace.read()).splitlines(keepends=True) or [""]
        if self._begun.endswith("\n"):
            lines, self._begun = [*lines, self._begun], ""
        for line in lines:
            for disk in self.disks:
                disk.follow(line)


_followed = _Followed()


class PoweredDatabase:
    """A database in a folder, on a disk that keeps what is synced, and of the rest what chance wants."""

    def __init__(self, folder: Path, closing: ExitStack) -> None:
        self._chance = random.Random(next(_numbers))
        self._closing = closing
        self._move_to(folder, {})

    def open(self) -> SqliteStore:
        """See Database."""
        store = SqliteStore(self._disk.folder / "log.db", SeededChance(next(_numbers), "database"))
        self._closing.callback(store.close)
        return store

    def crash(self) -> None:
        """See Database."""
        _followed.go_on()
        _followed.disks.remove(self._disk)
        left = self._disk.left(self._chance, self._chance.choice((0.0, 0.5, 1.0)))
        self._move_to(self._disk.folder / "after", left)

    def remains(self) -> bytes:
        """See Database: of a power cut now that keeps all, and of one that keeps nothing that is not sure."""
        _followed.go_on()
        left = [self._disk.left(self._chance, kept) for kept in (0.0, 1.0)]
        return b"".join(data for files in left for _, data in sorted(files.items()))

    def end(self) -> None:
        """Follow it no more."""
        _followed.disks.remove(self._disk)

    def _move_to(self, folder: Path, files: dict[str, bytes]) -> None:
        folder.mkdir()
        kept = {name: data for name, data in files.items() if not name.endswith(("-shm", ".lock"))}
        for name, data in kept.items():
            (folder / name).write_bytes(data)
        _followed.go_on()
        self._disk = Disk.of(folder, kept)
        _followed.disks.append(self._disk)


class TestPowerCut(StoreConformance):
    """The conformance suite."""

    @pytest.fixture
    def databases(self, tmp_path: Path) -> Databases:
        """New databases, each in a folder of its own."""

        @contextmanager
        def databases() -> Iterator[Database]:
            with ExitStack() as closing:
                database = PoweredDatabase(tmp_path / str(next(_numbers)), closing)
                closing.callback(database.end)
                yield database

        return databases
