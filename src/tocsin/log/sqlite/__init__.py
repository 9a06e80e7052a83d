"""A store on SQLite: one file, one process, one machine.

From the bottom up: `lock` (one process), `queries` (the SQL), `copying` (one consistent copy), `migrating`
(the schema's versions), `database` (the file and its faults), `wal` (keeping the write-ahead log short),
`beside` and `store` (the logs), `asking` and `index` (finding records in them again), `backup` (a copy that
was checked).
"""

from tocsin.log.sqlite.lock import DatabaseInUse
from tocsin.log.sqlite.migrating import NewerDatabase
from tocsin.log.sqlite.store import SqliteStore

__all__ = ["DatabaseInUse", "NewerDatabase", "SqliteStore"]
