"""Kills a process at each statement of a migration in turn; what is left must start again, and be whole.

    python -m tests.upgrades.interrupted <database> <scratch folder>

Says, as a number, at how many statements it killed. It is a process of its own because it forks.
"""

import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from tests.fixtures.record import contents
from tests.fixtures.world import Hashed
from tests.upgrades.older import schema_version, with_next

from tocsin.log.sqlite import SqliteStore, migrating

_connect: Callable[..., Any] = sqlite3.connect
MIGRATIONS = with_next(migrating.load_migrations())


def killed_at(statement: int, path: Path) -> bool:
    """Whether a process that opens the database came as far as to this statement, and was killed there."""
    child = os.fork()
    if child == 0:
        statements = count()

        def trace(_: str) -> None:
            if next(statements) == statement:
                os.kill(os.getpid(), signal.SIGKILL)

        def connect(*arguments: object, **options: object) -> object:
            connection = _connect(*arguments, **options)
            connection.set_trace_callback(trace)
            return connection

        sqlite3.connect = connect  # type: ignore[assignment]
        SqliteStore(path, Hashed("none")).close()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.waitstatus_to_exitcode(status) == 0
    return False


def check(path: Path, expected: object) -> None:
    """That the database starts, comes to the newest version, and says what it said; so does its copy."""
    for copy in path.parent.glob(f"{path.name}.before-????"):
        assert f"{schema_version(copy) + 1:04}" == copy.name[-4:]
        with closing(_connect(copy)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with closing(SqliteStore(path, Hashed("none"))) as store:
        assert contents(store) == expected
    assert schema_version(path) == max(MIGRATIONS)


def main(database: Path, scratch: Path) -> None:
    """Kill at each statement until there is none left."""
    migrating.load_migrations = partial(dict, MIGRATIONS)
    whole = scratch / "whole.sqlite3"
    shutil.copy(database, whole)
    with closing(SqliteStore(whole, Hashed("none"))) as store:
        expected = contents(store)
    for statement in count():
        folder = scratch / str(statement)
        folder.mkdir()
        path = folder / "node.sqlite3"
        shutil.copy(database, path)
        killed = killed_at(statement, path)
        check(path, expected)
        shutil.rmtree(folder)
        if not killed:
            break
    sys.stdout.write(f"{statement}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
