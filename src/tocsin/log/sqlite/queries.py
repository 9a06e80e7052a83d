"""The SQL of the store, from the files beside this module: named queries, and numbered migrations.

In `queries.sql`, `-- name: <name>` starts a query, which ends where the next one starts. A migration
`migrations/0001_<what>.sql` leads from version 0 of the schema (`PRAGMA user_version`) to version 1.
"""

import re
import sqlite3
from collections.abc import Mapping
from importlib.resources import files

from tocsin.core.errors import Fault

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_MIGRATION = re.compile(r"(\d{4})_\w+\.sql")
_HERE = files(__package__)


class NewerDatabase(Fault):
    """The database was written by a newer version of tocsin."""

    code = "newer-database"


class OlderDatabase(Fault):
    """The database is of an older version, and only its node may bring it up to date."""

    code = "older-database"


def load_queries() -> Mapping[str, str]:
    """Every query by its name."""
    _, *parts = _NAME.split((_HERE / "queries.sql").read_text())
    return dict(zip(parts[::2], parts[1::2], strict=True))


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema to the newest version, one transaction for each step. Raises NewerDatabase."""
    for number, script in _pending(connection):
        connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")


def check_version(connection: sqlite3.Connection) -> None:
    """Raise OlderDatabase or NewerDatabase, unless the schema is of the newest version."""
    if _pending(connection):
        raise OlderDatabase("Expected a database of this version, found an older one. Next: start its node.")


def _pending(connection: sqlite3.Connection) -> list[tuple[int, str]]:
    """Number and script of each migration that the database has not had. Raises NewerDatabase."""
    scripts = {
        int(match[1]): file.read_text()
        for file in (_HERE / "migrations").iterdir()
        if (match := _MIGRATION.fullmatch(file.name))
    }
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > max(scripts):
        raise NewerDatabase(
            f"Expected a database of version {max(scripts)} or older, found version {version}. "
            "Next: start the tocsin that wrote it, or a newer one."
        )
    return [(number, scripts[number]) for number in range(version + 1, max(scripts) + 1)]
