"""Evidence together with the circle that it is of: all that a stranger needs but the circle's id.

One JSON object and a newline, `tocsin-evidence/v1`: the circle as it was founded, the events since
(docs/protocol.md, section 16), and one file of evidence as it is. No record is in it and no secret; it names
the members.

Whoever hands it out chooses which events are in it. Each of them is checked, but one that was left out may
have ended a key or settled a dispute: what the file shows is shown as of these events.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from tocsin.circles.changing.fold import changed
from tocsin.circles.errors import MalformedEvidence, ProofElsewhere
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.joining import decode_circle, encode_circle
from tocsin.core import strict_json

MAX_ENVELOPE_BYTES = 16 * 2**20
FORMAT: Literal["tocsin-evidence/v1"] = "tocsin-evidence/v1"


@dataclass(frozen=True, slots=True)
class Envelope:
    """`evidence` is a file of its own; `circle` is what the founding and these `events` make."""

    founded: Circle
    events: tuple[bytes, ...]
    evidence: bytes

    @property
    def circle(self) -> Circle:
        """The circle as the events leave it."""
        return changed(self.founded, self.events)

    def encode(self) -> bytes:
        """The file."""
        file = _File(
            circle=encode_circle(self.founded).decode(),
            events=tuple(event.decode() for event in self.events),
            evidence=self.evidence.decode(),
            format=FORMAT,
        )
        return strict_json.encode_file(file)


def open_envelope(data: bytes, circle: str) -> Envelope:
    """What a file holds for somebody who knows the circle's id.

    (1) its form: MalformedEvidence, and the refusals of `strict_json.decode`; (2) the circle is valid: what
    `decode_circle` raises; (3) it is this one: ProofElsewhere. The evidence is verified by its own module.
    """
    # (1) form
    file = strict_json.decode_file(data, _DECODER, MalformedEvidence, MAX_ENVELOPE_BYTES)
    # (2) circle
    founded = decode_circle(file.circle.encode())
    # (3) this one
    if founded.id != circle:
        raise ProofElsewhere(f"Expected evidence of circle {circle}, found some of {founded.id}.")
    return Envelope(founded, _encoded(file.events), file.evidence.encode())


def format_of(data: bytes) -> str | None:
    """Which format a JSON object says it is of; None for what is no such thing. Nothing else is looked at."""
    try:
        return msgspec.json.decode(data, type=_Format).format
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    circle: str
    events: tuple[str, ...]
    evidence: str
    format: Literal["tocsin-evidence/v1"]


class _Format(msgspec.Struct, frozen=True):
    format: str


_DECODER = msgspec.json.Decoder(_File)


def _encoded(texts: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(text.encode() for text in texts)
