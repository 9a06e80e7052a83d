"""What this node has of circles that are being founded: charters, and the join files that have come so far.

    <data folder>/founding/<circle id>/charter.toml
    <data folder>/founding/<circle id>/<member>.join
    <data folder>/founding/<circle id>/<member>.draft     what our organisation was asked to sign
    <data folder>/founding/<circle id>/line.circle        a circle that is older than our place in it

Join files arrive one by one, over days. Nothing here is believed: `assemble` checks everything, each time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tocsin.circles.errors import JoinFileElsewhere, MalformedCharter, MalformedJoinFile, NonMember
from tocsin.circles.founding.charter import Charter, circle_id, parse_charter, parse_version
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.joinfile import JoinFile
from tocsin.circles.founding.joining import assemble
from tocsin.core.errors import Refusal
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

    @property
    def ours(self) -> str | None:
        """Which member our organisation was asked to sign as, if it was."""
        return next((one.slug for one in self.charter.members if self.draft(one.slug) is not None), None)

    def join_files(self) -> Mapping[str, bytes]:
        """The join files that are here, by member, in the charter's order."""
        paths = {member.slug: self.folder / f"{member.slug}{_JOIN}" for member in self.charter.members}
        return {slug: path.read_bytes() for slug, path in paths.items() if path.exists()}

    def member_of(self, data: bytes, where: str) -> str:
        """Whose join file that is, found in `where`.

        Raises MalformedJoinFile, JoinFileElsewhere, NonMember.
        """
        try:
            file = JoinFile.parse(data)
        except Refusal as refusal:
            raise MalformedJoinFile(f"Expected a join file in {where}, found none: {refusal}") from None
        if file.circle != self.id:
            raise JoinFileElsewhere(
                f"Expected a join file for circle {self.id}, found in {where} one for {file.circle}."
            )
        if file.member not in {member.slug for member in self.charter.members}:
            raise NonMember(
                f"Expected a join file of a member of this charter, found in {where} one of {file.member}."
            )
        return file.member

    def assembled(self) -> Circle | Refusal:
        """The circle, if all its members have signed; otherwise why it is none yet."""
        try:
            return assemble(self.text, self.join_files().values())
        except Refusal as refusal:
            return refusal


def kept(data_folder: Path, circle: str) -> Founding | None:
    """The charter that founds that circle, if it is kept."""
    return next((one for one in all_kept(data_folder) if one.id == circle), None)


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
    """Every charter that is kept, by id. Raises MalformedCharter for one that was damaged."""
    for path in sorted((data_folder / "founding").glob(f"*/{_CHARTER}")):
        yield Founding.of(decoded_charter(str(path), path.read_bytes()), data_folder)


def decoded_charter(name: str, data: bytes) -> str:
    """The text of a charter that was read from what has that name. Raises MalformedCharter."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise MalformedCharter(f"Expected a charter in UTF-8 in {name}, found other bytes.") from None
