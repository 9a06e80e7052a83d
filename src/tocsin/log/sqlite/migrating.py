"""Bringing a database to this version's schema, one numbered step after the other.

A migration `migrations/0002_<what>.sql` leads from version 1 of the schema (`PRAGMA user_version`) to
version 2. Files that have been released never change.

- Each step is one transaction, its number included: killed at any statement, the next start begins that step
  again.
- Before the first step that an existing database takes, a copy of it is kept beside it,
  `<database>.before-0002`, whole or not at all. It is there for a start that fails after its migration: then
  the version before can go on with it. Once a node has started, it says new things, and going back would be a
  restore; also, what is erased from then on must be nowhere. So a start that succeeded drops the copy
  (`drop_old_copies`).
- Version 1 deleted without overwriting. What it left in free space goes before the first step.
- Of a newer version nothing is touched.
"""

import re
import sqlite3
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from tocsin.core.errors import Fault
from tocsin.log.sqlite.copying import copy_database

_KEPT_WHAT_IT_DELETED = 1
_MIGRATION = re.compile(r"(\d{4})_\w+\.sql")
_HERE = files(__package__) / "migrations"


class NewerDatabase(Fault):
    """The database was written by a newer version of tocsin."""

    code = "newer-database"


class OlderDatabase(Fault):
    """The database is of an older version, and only its node may bring it up to date."""

    code = "older-database"


def load_migrations() -> Mapping[int, str]:
    """Every migration's script by the version that it leads to."""
    return {
        int(match[1]): file.read_text()
        for file in _HERE.iterdir()
        if (match := _MIGRATION.fullmatch(file.name))
    }


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the database at `path` to the newest version. Raises NewerDatabase."""
    version, pending = _pending(connection)
    if version and pending:
        number, _ = pending[0]
        copy = path.with_name(f"{path.name}.before-{number:04}")
        if not copy.exists():
            copy_database(connection, copy)
    if version == _KEPT_WHAT_IT_DELETED:
        connection.execute("VACUUM")
    for number, script in pending:
        connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")


def drop_old_copies(path: Path) -> None:
    """Remove what `migrate` kept of earlier versions of the database at `path`."""
    for copy in path.parent.glob(f"{path.name}.before-[0-9][0-9][0-9][0-9]*"):
        copy.unlink()


def check_version(connection: sqlite3.Connection) -> None:
    """Raise OlderDatabase or NewerDatabase, unless the schema is of the newest version."""
    _, pending = _pending(connection)
    if pending:
        raise OlderDatabase(
            "Expected a database of this version, found an older one. "
            "Next: start its node, which brings it up to date."
        )


def _pending(connection: sqlite3.Connection) -> tuple[int, list[tuple[int, str]]]:
    """The version, and number and script of each step that the database has not had. Raises NewerDatabase."""
    scripts = load_migrations()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > max(scripts):
        raise NewerDatabase(
            f"Expected a database of version {max(scripts)} or older, found version {version}. "
            "Next: start the tocsin that wrote it, or a newer one."
        )
    return version, [(number, scripts[number]) for number in range(version + 1, max(scripts) + 1)]
