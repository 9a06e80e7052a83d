"""The SQLite store: it conforms, and what only it can get wrong."""

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import count
from pathlib import Path

import pytest
from tests.log.store_conformance import Database, Databases, StoreConformance
from tests.simulation.clock import SeededChance

from tocsin.log.sqlite import SqliteStore
from tocsin.log.store import Store

_seeds = count()


class SqliteDatabase:
    """A database in a folder; a crash leaves its files as they are at that moment, in another one."""

    def __init__(self, folder: Path, closing: ExitStack) -> None:
        self.folder = folder
        self._closing = closing

    def open(self) -> SqliteStore:
        """See Database."""
        store = SqliteStore(self.folder / "log.db", SeededChance(next(_seeds), "database"))
        self._closing.callback(store.close)
        return store

    def crash(self) -> None:
        """See Database."""
        after = self.folder / "after"
        after.mkdir()
        for file in self.folder.glob("log.db*"):
            if not file.name.endswith("-shm"):
                shutil.copy(file, after)
        self.folder = after


class TestSqliteStore(StoreConformance):
    """The conformance suite, on SQLite."""

    @pytest.fixture
    def databases(self, tmp_path: Path) -> Databases:
        """New databases, each in a folder of its own."""

        @contextmanager
        def databases() -> Iterator[Database]:
            folder = tmp_path / str(next(_seeds))
            folder.mkdir()
            with ExitStack() as closing:
                yield SqliteDatabase(folder, closing)

        return databases
