"""What this node has of circles that are being founded: charters, and the join files that have come so far.

    <data folder>/founding/<circle id>/charter.toml
    <data folder>/founding/<circle id>/<member>.join

Join files arrive one by one, over days. Nothing here is believed: `assemble` checks everything, each time.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tocsin.circles.errors import MalformedCharter
from tocsin.circles.founding.charter import MAX_CHARTER_BYTES, Charter, circle_id, parse_charter
from tocsin.circles.founding.joinfile import MAX_JOIN_FILE_BYTES
from tocsin.cli.failing import NotSetUp
from tocsin.core.errors import quoted

_CHARTER, _JOIN = "charter.toml", ".join"


@dataclass(frozen=True, slots=True)
class Founding:
    """One charter, and the folder where its join files are collected."""

    text: str
    charter: Charter
    id: str
    folder: Path

    @classmethod
    def of(cls, text: str, data_folder: Path) -> "Founding":
        """The founding of that charter. Raises what parse_charter raises."""
        charter = parse_charter(text)
        found = circle_id(text)
        return cls(text, charter, found, data_folder / "founding" / found)

    def keep(self) -> None:
        """Keep the charter."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(self.folder / _CHARTER, self.text.encode())

    def keep_join_file(self, member: str, data: bytes) -> None:
        """Keep a member's join file, in place of one before it."""
        _write(self.folder / f"{member}{_JOIN}", data)

    def join_files(self) -> Mapping[str, bytes]:
        """The join files that are here, by member, in the charter's order."""
        paths = {member.slug: self.folder / f"{member.slug}{_JOIN}" for member in self.charter.members}
        return {slug: path.read_bytes() for slug, path in paths.items() if path.exists()}


def all_kept(data_folder: Path) -> Iterator[Founding]:
    """Every charter that is kept, by id."""
    for path in sorted((data_folder / "founding").glob(f"*/{_CHARTER}")):
        yield Founding.of(read_charter(path), data_folder)


def read_charter(path: Path) -> str:
    """The text of a charter. Raises NotSetUp without a file, MalformedCharter with one that is none."""
    data = read_file(path, MAX_CHARTER_BYTES, "a charter")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise MalformedCharter(f"Expected a charter in UTF-8 in {path}, found other bytes.") from None


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
            f"Expected {what} in {quoted(str(path))}, found none that can be read ({error.strerror})."
        ) from None


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all."""
    new = path.with_name(f"{path.name}.new")
    with new.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
