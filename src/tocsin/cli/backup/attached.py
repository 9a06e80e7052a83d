"""Attachments in a backup: what a record that is in it names, and none as illegal to have.

So it has no content that was let go of with its records, and none of which anybody says that it is an offence
to have, even if that came a moment ago. What a hold keeps apart stays.
"""

from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from tocsin.cli.backup.manifest import attachment_path, copy_attachment
from tocsin.core.names import LogName
from tocsin.log.sqlite import SqliteStore
from tocsin.log.sqlite.copying import Progress
from tocsin.log.store import ASIDE
from tocsin.node.attachments.attachments import ATTACHMENTS, names_in
from tocsin.node.attachments.kept import Kept
from tocsin.node.clock import SystemChance

_TRIES = 3


class Attached:
    """What the records of a database name as attached."""

    def __init__(self) -> None:
        self._named: dict[bool, set[tuple[str, str]]] = {False: set(), True: set()}

    def read(self, log: str, record: bytes) -> None:
        """One of its records."""
        for sha256, illegal in names_in(record):
            self._named[illegal].add((LogName.parse(log.partition(ASIDE)[0]).circle, sha256))

    def read_apart(self, database: Path) -> None:
        """Those that are in no log: what a hold keeps of what was erased, and what came ahead."""
        with closing(SqliteStore(database, SystemChance(), beside=True)) as store:
            for log in store.logs():
                head = store.head(log)
                for index in store.erased(log, 0, head.size if head else 0):
                    if apart := store.set_apart(log, index):
                        self.read(log, apart[1])
                for _, _, _, record in store.aheads(log):
                    self.read(log, record)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """What may be in a backup: each circle and SHA-256."""
        return iter(sorted(self._named[False] - self._named[True]))

    def left_out(self, data: Path) -> int:
        """How many of these the node of that data folder has, but for a record that names it as illegal."""
        return sum(
            kept.is_set_apart(sha256) or kept.path(sha256) is not None
            for circle, sha256 in self._named[False] & self._named[True]
            for kept in [_kept(data, circle)]
        )


def _kept(data: Path, circle: str) -> Kept:
    return Kept(data / ATTACHMENTS / circle, lambda: False)


def copy_attached(attached: Attached, data: Path, folder: Path, progress: Progress) -> None:
    """Copy what the node of that data folder has of these. `progress` counts them."""
    all_of_them = list(attached)
    for done, (circle, sha256) in enumerate(all_of_them, 1):
        kept = _kept(data, circle)
        target = folder / attachment_path(circle, sha256)
        for _ in range(_TRIES):
            # The node goes on meanwhile: a record may name it now, which gives it another name, or let it go.
            with suppress(FileNotFoundError):
                if source := kept.path(sha256):
                    copy_attachment(source, target)
                break
        progress(done, len(all_of_them))
