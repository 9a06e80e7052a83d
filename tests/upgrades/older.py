"""Databases as earlier versions left them, and migrations that are not written yet."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from tests.fixtures.record import folder_of

VERSIONS = sorted(path.name for path in folder_of("").iterdir() if (path / "schema.sql").exists())

NEXT = """
    -- What a later version may do: a table made anew, a column more, rows changed.
    CREATE TABLE added (log_id INTEGER NOT NULL REFERENCES log, word TEXT NOT NULL) STRICT;
    INSERT INTO added (log_id, word) SELECT id, name FROM log;
    ALTER TABLE witnessed ADD COLUMN word TEXT NOT NULL DEFAULT '';
    UPDATE witnessed SET word = log;
    CREATE TABLE document_anew (space TEXT, key TEXT, data BLOB, PRIMARY KEY (space, key)) STRICT;
    INSERT INTO document_anew SELECT * FROM document;
    DROP TABLE document;
    ALTER TABLE document_anew RENAME TO document;
"""


def write_database(version: str, path: Path) -> None:
    """The database of a node, as that version wrote it."""
    with closing(sqlite3.connect(path)) as connection:
        for name in ("schema.sql", "database.sql"):
            connection.executescript((folder_of(version) / name).read_text("utf-8"))


def schema_version(path: Path) -> int:
    """The version of a database's schema."""
    with closing(sqlite3.connect(path)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        return int(version)


def with_next(migrations: Mapping[int, str]) -> Mapping[int, str]:
    """The migrations, and two more."""
    newest = max(migrations)
    return {**migrations, newest + 1: NEXT, newest + 2: "CREATE TABLE more (word TEXT) STRICT;"}
