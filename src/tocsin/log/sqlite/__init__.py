"""A store on SQLite: one file, one process, one machine.

From the bottom up: `lock` (one process), `queries` (the SQL and its migrations), `database` (the file and its
faults), `wal` (keeping the write-ahead log short), `store` (the logs).
"""

from tocsin.log.sqlite.lock import DatabaseInUse
from tocsin.log.sqlite.queries import NewerDatabase
from tocsin.log.sqlite.store import SqliteStore

__all__ = ["DatabaseInUse", "NewerDatabase", "SqliteStore"]
