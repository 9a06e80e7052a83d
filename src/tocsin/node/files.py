"""Files that are there whole, or not at all: a disk may be full, a process be ended at any moment."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OWNER_ONLY = 0o600
_FOR_ALL = 0o666


def write_whole(path: Path, data: bytes, mode: int = _FOR_ALL) -> None:
    """A file, durable, in place of the one that is there, if any. A pipe or a device is just written to.

    Raises OSError; then what was there before is there as it was.
    """
    path = path.resolve() if path.is_file() else path
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    new = path.with_name(f"{path.name}.unfinished")
    new.unlink(missing_ok=True)
    write_new(new, data, mode)
    new.replace(path)


def write_new(path: Path, data: bytes, mode: int = OWNER_ONLY) -> None:
    """A new file, durable. Raises FileExistsError, or OSError, and then there is none."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with naming(path), os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """An OSError that comes out of this says where; that of a full disk does not by itself."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise
