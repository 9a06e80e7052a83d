"""What this node has of circles that are being founded: charters, and the join files that have come so far.

    <data folder>/founding/<circle id>/charter.toml
    <data folder>/founding/<circle id>/<member>.join
    <data folder>/founding/<circle id>/<member>.draft     what our organisation was asked to sign
    <data folder>/founding/<circle id>/line.circle      a circle that is older than our place in it

Join files arrive one by one, over days. Nothing here is believed: `assemble` checks everything, each time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tocsin.circles.changing.bundle import MAX_BUNDLE_BYTES, Bundle
from tocsin.circles.errors import MalformedCharter
from tocsin.circles.founding.charter import (
    MAX_CHARTER_BYTES,
    Charter,
    circle_id,
    parse_charter,
    parse_version,
)
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.joinfile import MAX_JOIN_FILE_BYTES
from tocsin.cli.failing import NotSetUp
from tocsin.core.errors import quoted
from tocsin.node.files import write_whole

_CHARTER, _BUNDLE, _JOIN, _DRAFT = "charter.toml", "line.circle", ".join", ".draft"


@dataclass(frozen=True, slots=True)
class Founding:
    """One charter, and the folder where its join files are collected. `before`: those that it amends."""

    text: str
    charter: Charter
    id: str
    folder: Path
    before: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str, data_folder: Path) -> "Founding":
        """The founding of that charter. Raises what parse_charter raises."""
        charter = parse_charter(text)
        found = circle_id(text)
        return cls(text, charter, found, data_folder / "founding" / found)

    @classmethod
    def amending(cls, text: str, circle: Circle, data_folder: Path) -> "Founding":
        """A place in a circle that there is, by this amendment. Raises what parse_version raises."""
        before = tuple(version.text for version in circle.chain)
        return cls(text, parse_version(text), circle.id, data_folder / "founding" / circle.id, before)

    def keep(self) -> None:
        """Keep the charter."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(self.folder / _CHARTER, self.text.encode())

    def keep_join_file(self, member: str, data: bytes) -> None:
        """Keep a member's join file, in place of one before it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(self.folder / f"{member}{_JOIN}", data)

    def keep_draft(self, member: str, data: bytes) -> None:
        """Keep what our organisation is asked to sign."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(self.folder / f"{member}{_DRAFT}", data)

    def draft(self, member: str) -> bytes | None:
        """What our organisation was asked to sign."""
        path = self.folder / f"{member}{_DRAFT}"
        return path.read_bytes() if path.exists() else None

    def join_files(self) -> Mapping[str, bytes]:
        """The join files that are here, by member, in the charter's order."""
        paths = {member.slug: self.folder / f"{member.slug}{_JOIN}" for member in self.charter.members}
        return {slug: path.read_bytes() for slug, path in paths.items() if path.exists()}


def keep_bundle(data_folder: Path, circle: str, bundle: bytes) -> None:
    """Keep a circle in one file, until this node is in it."""
    folder = data_folder / "founding" / circle
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(folder / _BUNDLE, bundle)


def kept_bundle(data_folder: Path, circle: str) -> bytes | None:
    """What `keep_bundle` kept of that circle."""
    path = data_folder / "founding" / circle / _BUNDLE
    return path.read_bytes() if path.exists() else None


def all_kept(data_folder: Path) -> Iterator[Founding]:
    """Every charter that is kept, by id."""
    for path in sorted((data_folder / "founding").glob(f"*/{_CHARTER}")):
        yield Founding.of(read_charter(path), data_folder)


def read_charter(path: Path) -> str:
    """The text of a charter. Raises NotSetUp without a file, MalformedCharter with one that is none."""
    return decoded_charter(path, read_file(path, MAX_CHARTER_BYTES, "a charter"))


def decoded_charter(path: Path, data: bytes) -> str:
    """The text of a charter that was read. Raises MalformedCharter."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise MalformedCharter(f"Expected a charter in UTF-8 in {path}, found other bytes.") from None


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
