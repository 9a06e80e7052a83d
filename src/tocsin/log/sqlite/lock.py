"""One process for one database: a lock on a file beside it.

The lock is the system's own (`flock`): it ends with the process, however that ends. The file stays, empty.
"""

import fcntl
import os
from pathlib import Path

from tocsin.core.errors import Fault


class DatabaseInUse(Fault):
    """Another process has the database open."""

    code = "database-in-use"


class Lock:
    """The lock of a database, held until `release`. Raises DatabaseInUse at once if it is taken."""

    def __init__(self, database: Path) -> None:
        path = database.with_name(database.name + ".lock")
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise DatabaseInUse(
                f"Expected to be the only process that uses {database}; another one holds {path}. "
                "Next: stop that one, or give this node a data folder of its own."
            ) from None

    def release(self) -> None:
        """Let another process have it."""
        self._file.close()
