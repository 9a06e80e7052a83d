"""The attachments of one circle that are here: a folder with a file for each, by its SHA-256.

    <sha256>            whole, and named by a record
    <sha256>.unnamed    whole, and attached here to a record that is not written yet
    <sha256>.illegal    whole, and set apart: a record names it as illegal to have
    <sha256>.part       on its way here
    <sha256>.….new      being attached here

- Nothing of this node ever opens what is in them: they are hashed, kept and given. Only their owner may read
  them, and none of them may be run.
- One is there whole and durably, or not at all: it gets its name after its hash was found to fit.
"""

import asyncio
import hashlib
import os
import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from pathlib import Path
from tempfile import mkstemp
from typing import ParamSpec, Protocol, TypeVar

from tocsin.log.durable import sync
from tocsin.log.store import StorageFull
from tocsin.node.files import OWNER_ONLY, naming

P = ParamSpec("P")
T = TypeVar("T")


class Aside(Protocol):
    """Does something while the loop goes on, as `asyncio.to_thread` does."""

    def __call__(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """What the work returns."""
        ...


_NAMED, _UNNAMED, _ILLEGAL, _PART, _NEW = "", ".unnamed", ".illegal", ".part", ".new"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_READ_BYTES = 2**20


class Kept:
    """The files of one circle.

    `has_room` says whether there is room for what others wrote. What takes long is done `aside`.
    """

    def __init__(self, folder: Path, has_room: Callable[[], bool], aside: Aside = asyncio.to_thread) -> None:
        self._folder = folder
        self._has_room = has_room
        self._aside = aside

    def path(self, sha256: str) -> Path | None:
        """The file of what is here, whole, and not set apart."""
        found = (self._file(sha256, suffix) for suffix in (_NAMED, _UNNAMED))
        return next((path for path in found if path.is_file()), None)

    def read(self, sha256: str, first: int, most_bytes: int) -> bytes | None:
        """So many bytes from `first` on, fewer at the end; None for what is not here. See `Contents`."""
        path = self.path(sha256)
        if path is None:
            return None
        with path.open("rb") as file:
            file.seek(first)
            return file.read(most_bytes)

    def put(self, sha256: str, parts: Iterable[bytes]) -> None:
        """Keep content with that hash, which is attached here, durably. Raises StorageFull."""
        if self.path(sha256) is not None:
            return
        self._create()
        # A name of its own: whoever began the same and waits no more may still be writing it.
        descriptor, name = mkstemp(_NEW, f"{sha256}.", self._folder)
        path = Path(name)
        try:
            with naming(path), os.fdopen(descriptor, "wb") as file:
                file.writelines(parts)
            _end(path, self._file(sha256, _UNNAMED))
        except OSError as error:
            path.unlink(missing_ok=True)
            raise StorageFull(f"Expected room for an attachment, found: {error.strerror}.") from error

    def partly(self, sha256: str) -> "Part":
        """What is on its way here, from where it was broken off: all that is here of it is read."""
        self._create()
        return Part(self._file(sha256, _PART), sha256, self._has_room, self._aside)

    def came(self, sha256: str) -> int:
        """How many bytes are here of what is on its way."""
        path = self._file(sha256, _PART)
        return path.stat().st_size if path.is_file() else 0

    def _create(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def named(self, sha256: str) -> None:
        """A record names it now, and none as illegal: it stays as long as one does."""
        self._rename(sha256, (_UNNAMED, _ILLEGAL), _NAMED)

    def set_apart(self, sha256: str) -> None:
        """A record names it as illegal: it is neither given nor shown, as long as one does."""
        self._rename(sha256, (_UNNAMED, _NAMED), _ILLEGAL)

    def named_path(self, sha256: str) -> Path:
        """Where the file of what a record names is, or will be."""
        return self._file(sha256, _NAMED)

    def drop(self, sha256: str) -> None:
        """Let go of it, and of what is on its way."""
        if self.is_any:
            for path in self._folder.glob(f"{self._file(sha256, _NAMED).name}*"):
                path.unlink(missing_ok=True)
            sync(self._folder)

    def all(self) -> Iterator[str]:
        """The SHA-256 of each file, sorted; those on their way too."""
        if self._folder.is_dir():
            yield from sorted(
                {path.name.partition(".")[0] for path in self._folder.iterdir() if _SHA256.match(path.name)}
            )

    @property
    def is_any(self) -> bool:
        """Whether there may be any."""
        return self._folder.is_dir()

    def is_unnamed(self, sha256: str) -> bool:
        """Whether it waits here for a record that names it."""
        return self._file(sha256, _UNNAMED).is_file()

    def is_set_apart(self, sha256: str) -> bool:
        """Whether a record names it as illegal."""
        return self._file(sha256, _ILLEGAL).is_file()

    def _rename(self, sha256: str, before: Collection[str], after: str) -> None:
        for suffix in before:
            path = self._file(sha256, suffix)
            if path.is_file():
                path.replace(self._file(sha256, after))
                sync(self._folder)

    def _file(self, sha256: str, suffix: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"Expected a SHA-256 in hex, found {sha256!r}.")
        return self._folder / (sha256 + suffix)


class Part:
    """An attachment on its way here. See `circles.attaching.contents.Partly`."""

    def __init__(self, path: Path, sha256: str, has_room: Callable[[], bool], aside: Aside) -> None:
        self._path = path
        self._sha256 = sha256
        self._has_room = has_room
        self._aside = aside
        self._hashed = hashlib.sha256()
        for data in parts_of(path) if path.is_file() else ():
            self._hashed.update(data)

    @property
    def size_bytes(self) -> int:
        """How much of it is here."""
        return self._path.stat().st_size if self._path.is_file() else 0

    def add(self, data: bytes) -> None:
        """Take what follows. Raises StorageFull."""
        if not self._has_room():
            raise StorageFull("Expected room for an attachment, found only what is kept for our own log.")
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, OWNER_ONLY)
        before = os.fstat(descriptor).st_size
        try:
            with naming(self._path), os.fdopen(descriptor, "wb") as file:
                file.write(data)
        except OSError as error:
            # What was written of it is no part that can be gone on with.
            os.truncate(self._path, before)
            raise StorageFull(f"Expected room for an attachment, found: {error.strerror}.") from error
        self._hashed.update(data)

    async def complete(self) -> bool:
        """Whether all of it fits its hash: then it is here, durably. Else what was here of it is gone."""
        if self._hashed.hexdigest() != self._sha256:
            self.drop()
            return False
        # Of what is empty, no part came.
        self._path.touch(OWNER_ONLY)
        await self._aside(_end, self._path, self._path.with_name(self._sha256 + _NAMED))
        return True

    def drop(self) -> None:
        """Begin anew."""
        self._path.unlink(missing_ok=True)
        self._hashed = hashlib.sha256()


def parts_of(path: Path) -> Iterator[bytes]:
    """A file, part by part."""
    with path.open("rb") as file:
        while data := file.read(_READ_BYTES):
            yield data


def _end(path: Path, whole: Path) -> None:
    """It is whole: durable, under the name that it has from now on."""
    sync(path)
    path.replace(whole)
    sync(path.parent)
