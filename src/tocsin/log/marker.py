"""What tells, from outside the database, that the database is not an old copy, or another one.

A small file that says which database this is, and up to which size and root each log was spoken of. It is
written after each commit, before a checkpoint or cosignature of it leaves the node. A database that was
restored from a backup, copied, or lost is behind it and must not be written: others hold more than it knows.

- It is written without a sync of its own. After a power cut it may be older than the database, never newer;
  what it says is still true.
- Each log has two slots that take turns; each is one disk sector with a checksum. What breaks while one is
  written leaves the other.
- What was set aside is called after its log, `<log name>/…`, and may be what was spoken of.
- It is text, for people: a line each, `<log name> <size> <root> <checksum>`, filled up with spaces.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tocsin.core.errors import Fault
from tocsin.core.tlog.tree import tree_root
from tocsin.log.durable import sync
from tocsin.log.store import Head, Store

_TITLE = "tocsin-marker/v1"
_RESTORED = b"tocsin-marker/v1: restored from a backup, so that nobody can tell what was promised\n"
_SECTOR_BYTES = 512
_CHECKSUM_DIGITS = 16


class MarkerFailed(Fault):
    """The marker cannot be written."""

    code = "marker-failed"


class MismatchKind(StrEnum):
    """What does not fit."""

    MISSING = "marker-missing"
    UNREADABLE = "marker-unreadable"
    OTHER_DATABASE = "other-database"
    RESTORED = "restored"
    BEHIND = "database-behind"
    OTHER_ROOT = "other-root"


@dataclass(frozen=True, slots=True)
class MarkerMismatch:
    """One thing that does not fit between marker and database; `text` says it in plain words."""

    kind: MismatchKind
    text: str


@dataclass(frozen=True, slots=True)
class _Mark:
    size: int
    root: str
    log: str


@dataclass(slots=True)
class _Slots:
    """Where the two slots of a log start in the file, which is written next, and the size noted last."""

    start: int
    turn: int
    size: int


class Marker:
    """The marker at `path`. `check` first, then `begin`; from then on, `note` is what a Committer calls."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1
        self._slots: dict[str, _Slots] = {}

    def check(self, store: Store) -> list[MarkerMismatch]:
        """What does not fit; only if that is nothing, may the store be written."""
        if not self._path.exists():
            if all(head.size == 0 for log in store.logs() if (head := store.head(log))):
                return []
            return [self._mismatch(MismatchKind.MISSING, "is missing, but the database is not new")]
        if self._path.read_bytes() == _RESTORED:
            words = "says that this database was restored from a backup"
            return [self._mismatch(MismatchKind.RESTORED, words)]
        database_id, pairs = _read(self._path)
        if not database_id:
            return [self._mismatch(MismatchKind.UNREADABLE, "cannot be read")]
        if database_id != store.database_id:
            words = f"belongs to database {database_id}, and this is {store.database_id}"
            return [self._mismatch(MismatchKind.OTHER_DATABASE, words)]
        return [found for pair in pairs if (found := self._compare(pair, store))]

    def promised(self) -> dict[str, tuple[int, bytes]] | None:
        """By log name, size and root up to which it was spoken of; None if nobody can tell any more."""
        if not self._path.exists():
            return None
        database_id, pairs = _read(self._path)
        marks = [_newest(pair) for pair in pairs]
        if not database_id or None in marks:
            return None
        return {mark.log: (mark.size, bytes.fromhex(mark.root)) for mark in marks if mark}

    def restored(self, database_id: str) -> None:
        """Let it fit no database any more, since a backup of that one was restored. Raises MarkerFailed.

        If it is that database's own, it knows best what was promised, and stays: the restored one has another
        id. Otherwise it is replaced by one that says that nobody can tell.
        """
        try:
            if not self._path.exists() or _read(self._path)[0] != database_id:
                _make(self._path, _RESTORED)
        except OSError as error:
            raise self._failed(error) from error

    def forget(self) -> None:
        """Leave what it says: `begin` then makes a new one. Raises MarkerFailed."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise self._failed(error) from error

    def begin(self, store: Store) -> None:
        """Open the marker, which is made if there is none. Raises MarkerFailed."""
        try:
            if not self._path.exists():
                _make(self._path, _sector(f"{_TITLE} {store.database_id}"))
            _, pairs = _read(self._path)
            self._file = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise self._failed(error) from error
        for position, pair in enumerate(pairs):
            if newest := _newest(pair):
                start = _SECTOR_BYTES * (1 + 2 * position)
                self._slots[newest.log] = _Slots(start, 1 - pair.index(newest), newest.size)

    def note(self, heads: Sequence[Head]) -> None:
        """Write that these logs are spoken of up to here. Raises MarkerFailed."""
        try:
            for head in heads:
                sector = _sector(f"{head.name} {head.size} {head.root.hex()}")
                slots = self._slots.get(head.name)
                if slots is None:
                    self._add(head, sector)
                elif head.size < slots.size:
                    # It was set aside, and begins anew: what the other slot says is of another log now.
                    self._write(slots.start, sector * 2)
                else:
                    self._write(slots.start + slots.turn * _SECTOR_BYTES, sector)
                    slots.turn = 1 - slots.turn
                if slots:
                    slots.size = head.size
        except OSError as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Let go of the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _add(self, head: Head, sector: bytes) -> None:
        """A log's first mark. It is synced, so that a power cut never leaves half of it."""
        start = _SECTOR_BYTES * (1 + 2 * len(self._slots))
        self._write(start, sector * 2)
        os.fsync(self._file)
        self._slots[head.name] = _Slots(start, 0, head.size)

    def _write(self, start: int, data: bytes) -> None:
        written = os.pwrite(self._file, data, start)
        if written != len(data):
            raise OSError(f"only {written} of {len(data)} bytes were written")

    def _compare(self, pair: Sequence[_Mark | None], store: Store) -> MarkerMismatch | None:
        mark = _newest(pair)
        if mark is None:
            return self._mismatch(MismatchKind.UNREADABLE, "cannot be read in part")
        if any(_has(store, aside, mark) for aside in store.logs() if aside.startswith(f"{mark.log}/")):
            return None
        head = store.head(mark.log)
        size = head.size if head else 0
        if size < mark.size:
            words = (
                f"says that {mark.log} had {mark.size} records, and here it has {size}: this is an older copy"
            )
            return self._mismatch(MismatchKind.BEHIND, words)
        if not _has(store, mark.log, mark):
            words = f"says that the first {mark.size} records of {mark.log} were other ones than here"
            return self._mismatch(MismatchKind.OTHER_ROOT, words)
        return None

    def _mismatch(self, kind: MismatchKind, words: str) -> MarkerMismatch:
        return MarkerMismatch(kind, f"The marker {self._path} {words}.")

    def _failed(self, error: OSError) -> MarkerFailed:
        return MarkerFailed(f"Expected to write the marker {self._path}, found: {error}.")


def _make(path: Path, data: bytes) -> None:
    """A new marker in place of the one that is there, whole or not at all."""
    unfinished = path.with_name(path.name + ".new")
    file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, data)
        os.fsync(file)
    finally:
        os.close(file)
    unfinished.rename(path)
    sync(path.parent)


def _read(path: Path) -> tuple[str, list[tuple[_Mark | None, _Mark | None]]]:
    """The database's id, empty if damaged, and the two slots of each log, None where damaged."""
    data = path.read_bytes()
    title, *slots = [
        _words(data[start : start + _SECTOR_BYTES]) for start in range(0, max(1, len(data)), _SECTOR_BYTES)
    ]
    marks = [_Mark(int(words[1]), words[2], words[0]) if words else None for words in slots]
    database_id = title[1] if title and title[0] == _TITLE else ""
    return database_id, list(zip(marks[::2], marks[1::2], strict=False))


def _has(store: Store, log: str, mark: _Mark) -> bool:
    """Whether a log begins with what was spoken of."""
    head = store.head(log)
    if head is None or head.size < mark.size:
        return False
    return tree_root(mark.size, store.read_tiles(log)).hex() == mark.root


def _newest(pair: Sequence[_Mark | None]) -> _Mark | None:
    return max((mark for mark in pair if mark), key=lambda mark: mark.size, default=None)


def _sector(words: str) -> bytes:
    line = f"{words} {_checksum(words)}"
    return line.ljust(_SECTOR_BYTES - 1).encode("ascii") + b"\n"


def _words(sector: bytes) -> list[str]:
    """What `_sector` was given; nothing if the sector is damaged."""
    try:
        *words, checksum = sector.decode("ascii").split()
    except ValueError:
        return []
    return words if _checksum(" ".join(words)) == checksum else []


def _checksum(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:_CHECKSUM_DIGITS]
