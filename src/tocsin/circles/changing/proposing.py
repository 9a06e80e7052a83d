"""Amendments on their way: who is in the next version, what still speaks against it, what has been collected.

Nothing here decides what counts: `amendment` does.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from tocsin.circles.changing.amendment import open_amendment, sealed_amendment
from tocsin.circles.errors import MalformedCharter, WrongPredecessor
from tocsin.circles.founding.charter import Amendment, CharterMember
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.joinfile import JoinFile
from tocsin.core.errors import Refusal
from tocsin.core.note import Note, Signature, parse_note

_JOIN_FILE = b"{"
_SIGNED = b"\n\n\xe2\x80\x94 "
_NOBODYS = Signature("nobody", bytes(4), bytes(64))


def next_members(
    circle: Circle,
    entries: Sequence[CharterMember],
    sponsors: Sequence[str],
    observers: Collection[str] = (),
    deciding: Collection[str] = (),
) -> Iterator[CharterMember]:
    """Those who stay, each with its new entry if there is one; then those who join, `sponsors` vouching."""
    given = {entry.slug: entry for entry in entries}
    for member in circle.charter.members:
        if member.slug not in circle.left:
            entry = given.pop(member.slug, member)
            observer = (member.observer or member.slug in observers) and member.slug not in deciding
            yield msgspec.structs.replace(entry, observer=observer, sponsors=())
    for slug, entry in given.items():
        yield msgspec.structs.replace(entry, observer=slug in observers, sponsors=tuple(sponsors))


def next_quorum(circle: Circle, members: Iterable[CharterMember], quorum: int | None = None) -> int | None:
    """What was asked for; or as before, if that is still more than half and not more than all."""
    count = sum(not member.observer for member in members)
    before = circle.charter.quorum
    if quorum is not None or count < 2 * before <= 2 * count:
        return quorum
    return count // 2 + 1


def problem_of(circle: Circle, text: str, signatures: Sequence[Signature]) -> Refusal | None:
    """Why an amendment does not count. That signatures are missing is said last."""
    try:
        if signatures:
            sealed_amendment(text, signatures, circle.chain, circle.left)
        else:
            open_amendment(Note(text, (_NOBODYS,)).encode(), circle.chain, circle.left)
    except Refusal as refusal:
        return refusal
    return None


def read_amendment(data: bytes, where: str) -> tuple[str, tuple[Signature, ...]]:
    """The text of an amendment, found in `where`, and all signatures on it.

    Raises MalformedNote, MalformedCharter.
    """
    if _SIGNED in data:
        note = parse_note(data)
        return note.text, note.signatures
    try:
        return data.decode(), ()
    except UnicodeDecodeError:
        raise MalformedCharter(f"Expected a charter in UTF-8 in {where}, found other bytes.") from None


@dataclass(frozen=True, slots=True)
class Collected:
    """One text, all signatures on it that were handed in, and the openings of those who join by it."""

    text: str
    signatures: tuple[Signature, ...]
    openings: tuple[str, ...]

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> "Collected":
        """From signed amendments and join files, by where each is.

        Raises WrongPredecessor for several texts, or none; MalformedCharter for one that nobody signed; what
        `parse_note` and JoinFile.parse raise.
        """
        texts: set[str] = set()
        signatures: list[Signature] = []
        openings: list[str] = []
        for where, data in files.items():
            if data.startswith(_JOIN_FILE):
                joined = JoinFile.parse(data)
                signatures.append(joined.signature())
                openings.append(joined.opening)
                continue
            text, found = read_amendment(data, where)
            if not found:
                raise MalformedCharter(
                    f"Expected a signed amendment in {where}, found one that nobody has signed."
                )
            texts.add(text)
            signatures += found
        if len(texts) != 1:
            raise WrongPredecessor(
                f"Expected signatures on one and the same text, found them on {len(texts)}. Next: let all "
                "sign the same file."
            )
        (text,) = texts
        return cls(text, tuple(signatures), tuple(openings))

    def sealed(self, circle: Circle) -> Amendment:
        """The amendment. Raises what `sealed_amendment` raises: CharterSignatures while some are missing."""
        return sealed_amendment(self.text, self.signatures, circle.chain, circle.left)

    def events(self, circle: Circle) -> tuple[str, ...]:
        """What everybody is to take: the amendment, and who joins by it. Raises as `sealed` does."""
        return (self.sealed(circle).encode().decode(), *self.openings)
