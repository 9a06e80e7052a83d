"""What a file proves to somebody who knows the circle's id, whatever kind of file it is.

- A proof file, evidence as it is handed out, and an archive of a case say themselves who the members are.
- Anything else that members sign says whose word it is if the circle is known besides.

Pure: nothing of the file is executed, or kept. It is slow for large archives.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from tocsin.cases.archive import Opened, open_archive
from tocsin.circles.evidence.envelope import FORMAT, format_of, open_envelope
from tocsin.circles.evidence.finding import Found, find
from tocsin.circles.evidence.prooffile import ProofFacts, verify_proof
from tocsin.circles.evidence.signers import Signer, Verdict, signers
from tocsin.circles.founding.circle import Circle
from tocsin.core.errors import Refusal
from tocsin.core.note import Note, parse_note


class Kind(Enum):
    """What a file seems to be, by how it starts: whether it is that, only verifying it says."""

    ARCHIVE = b"PK\x03\x04"
    PROOF = b"c2sp.org/tlog-proof@"
    OBJECT = b"{"
    OTHER = b""

    @classmethod
    def of(cls, data: bytes) -> "Kind":
        """That of a file of which these are at least the first `START_BYTES`, or all."""
        return next(kind for kind in cls if data.startswith(kind.value))


START_BYTES: Final = max(len(kind.value) for kind in Kind)


@dataclass(frozen=True, slots=True)
class Shown:
    """Evidence that holds, as of what `circle` is."""

    found: Found
    circle: Circle


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed text, and whose word each signature on it is."""

    note: Note
    signers: tuple[Signer, ...]
    circle: Circle

    @property
    def holds(self) -> bool:
        """Whether a member signed it, and nothing bears a member's name that is not its word."""
        verdicts = {signer.verdict for signer in self.signers}
        return Verdict.GENUINE in verdicts and Verdict.IMPOSTOR not in verdicts


Verified: TypeAlias = ProofFacts | Opened[ProofFacts] | Shown | Signed


def verify_file(data: bytes, circle: str, known: Callable[[], Circle] | None) -> Verified:
    """What the file proves. `known` gives the circle itself, for what does not say who its members are.

    Raises the refusals of whatever kind of file it is; for none at all, those of a proof file.
    """
    kind = Kind.of(data)
    if kind is Kind.ARCHIVE:
        return open_archive(data, circle, verify_proof)
    if kind is Kind.PROOF:
        return verify_proof(data, circle)
    if format_of(data) == FORMAT:
        envelope = open_envelope(data, circle)
        made = envelope.circle
        return Shown(find(envelope.evidence, made), made)
    if known and kind is Kind.OBJECT:
        made = known()
        return Shown(find(data, made), made)
    if known and (note := _note(data)):
        made = known()
        return Signed(note, signers(note, made), made)
    return verify_proof(data, circle)


def _note(data: bytes) -> Note | None:
    try:
        return parse_note(data)
    except Refusal:
        return None
