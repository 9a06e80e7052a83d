"""The store as a node uses it: measured."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tocsin.core.clock import Chance, Clock
from tocsin.log.sqlite.store import SqliteStore
from tocsin.log.store import StorageFull


class MeasuredStore(SqliteStore):
    """A SqliteStore that tells how long each commit took. `full`: there was no room for the last one."""

    def __init__(self, path: Path, chance: Chance, clock: Clock, on_commit: Callable[[float], None]) -> None:
        self.full = False
        self._clock = clock
        self._on_commit = on_commit
        self._within = False
        super().__init__(path, chance)

    @contextmanager
    def transaction(self, *, synced: bool = True) -> Iterator[set[str]]:
        """See `Store`."""
        if self._within:
            with super().transaction(synced=synced) as extended:
                yield extended
            return
        self._within, started_s = True, self._clock.monotonic_s()
        try:
            with super().transaction(synced=synced) as extended:
                yield extended
            self.full = False
        except StorageFull:
            self.full = True
            raise
        finally:
            self._within = False
            self._on_commit(self._clock.monotonic_s() - started_s)
