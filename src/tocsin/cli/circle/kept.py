"""The files that circles are founded from and changed with, as people name them on the command line."""

from pathlib import Path

from tocsin.circles.changing.bundle import MAX_BUNDLE_BYTES, Bundle
from tocsin.circles.founding.charter import MAX_CHARTER_BYTES
from tocsin.circles.founding.joinfile import MAX_JOIN_FILE_BYTES
from tocsin.cli.failing import NotSetUp
from tocsin.core.errors import quoted
from tocsin.node.papers.founding import decoded_charter


def read_charter(path: Path) -> str:
    """The text of a charter. Raises NotSetUp without a file, MalformedCharter with one that is none."""
    return decoded_charter(str(path), read_file(path, MAX_CHARTER_BYTES, "a charter"))


def is_bundle(path: Path) -> bool:
    """Whether that file is a circle in a file, and no charter: those start with other characters."""
    return read_file(path, 1, "a charter, or a circle in a file").startswith(b"{")


def read_bundle(path: Path) -> Bundle:
    """A circle in a file. Raises NotSetUp without a file, and what Bundle.parse raises."""
    return Bundle.parse(read_file(path, MAX_BUNDLE_BYTES, "a circle in a file"))


def read_join_file(path: Path) -> bytes:
    """A join file, unread."""
    return read_file(path, MAX_JOIN_FILE_BYTES, "a join file")


def read_file(path: Path, max_bytes: int, what: str) -> bytes:
    """At most one byte more than `max_bytes`, which whoever parses it will refuse. Raises NotSetUp."""
    try:
        with path.open("rb") as file:
            return file.read(max_bytes + 1)
    except OSError as error:
        raise NotSetUp(
            f"Expected {what} in {quoted(str(path))}, found none that can be read ({error.strerror}). "
            "Next: see that the file is there, and that you may read it."
        ) from None
