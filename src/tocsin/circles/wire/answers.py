"""What a node answers (docs/protocol.md, sections 9.4 and 10.2), and with which HTTP status."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Self, TypeAlias

from tocsin.circles.errors import (
    BadRequestSignature,
    MalformedMessage,
    NonMember,
    PushTooLarge,
    Rollback,
    StaleNonce,
    UnknownPath,
    refusal_of,
)
from tocsin.circles.plaintext import plain_line
from tocsin.circles.wire.fields import (
    VERSIONS,
    Fields,
    write_events,
    write_hashes,
    write_note,
    write_notes,
    write_sizes,
    write_u8,
    write_u16,
    write_u32,
)
from tocsin.circles.wire.messages import MAX_BODIES, MAX_CONTENT_BYTES, MAX_PUSH_BYTES, MAX_PUSH_ENTRIES, Push
from tocsin.core.errors import Refusal
from tocsin.core.note import Signature
from tocsin.core.tlog.entry import MAX_RECORD_BYTES, SALT_BYTES

MAX_ANSWER_BYTES = MAX_PUSH_BYTES + 1_024

_MAX_LINE_BYTES = 1_024
_MAX_EXPLANATION_BYTES = 1_024
_CODE = re.compile("[a-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class Held:
    """Every record below `size` is durably held: the holder cosignature of the checkpoint of that size."""

    kind: ClassVar[int] = 1
    size: int
    cosignature: Signature

    def payload(self) -> bytes:
        """What follows the kind."""
        return write_sizes(self.size) + write_note(self.cosignature.line().encode())

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Raises MalformedMessage."""
        size = fields.size()
        line = fields.text(_MAX_LINE_BYTES)
        try:
            return cls(size, Signature.parse_line(line))
        except Refusal as refusal:
            raise MalformedMessage(str(refusal)) from refusal


@dataclass(frozen=True, slots=True)
class SizeHeld:
    """So many entries are held; go on from there."""

    kind: ClassVar[int] = 2
    size: int

    def payload(self) -> bytes:
        """What follows the kind."""
        return write_sizes(self.size)

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Raises MalformedMessage."""
        return cls(fields.size())


@dataclass(frozen=True, slots=True)
class Missing:
    """`size` entries are held, but not the records of these: at most 1,024, ascending, the lowest."""

    kind: ClassVar[int] = 3
    size: int
    indices: tuple[int, ...]

    def payload(self) -> bytes:
        """What follows the kind."""
        return write_sizes(self.size) + write_u16(len(self.indices)) + write_sizes(*self.indices)

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Raises MalformedMessage."""
        size = fields.size()
        indices = fields.sizes(fields.count(MAX_PUSH_ENTRIES))
        if not indices or indices[-1] >= size:
            raise fields.refused(f"indices below {size}", f"{len(indices)} indices")
        return cls(size, indices)


@dataclass(frozen=True, slots=True)
class Later:
    """Not now; try again after so many milliseconds."""

    kind: ClassVar[int] = 4
    after_ms: int

    def payload(self) -> bytes:
        """What follows the kind."""
        return write_u32(self.after_ms)

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Raises MalformedMessage."""
        return cls(fields.u32())


@dataclass(frozen=True, slots=True)
class Refused:
    """Refused: a code for programs, and for people an explanation in one plain line of at most 1 KiB."""

    kind: ClassVar[int] = 5
    code: str
    size_held: int
    explanation: str

    @classmethod
    def because(cls, refusal: Refusal, size_held: int = 0) -> Self:
        """The answer that states `refusal`; `error` gives it back."""
        if isinstance(refusal, Rollback):
            size_held = refusal.size_held
        explanation = plain_line(str(refusal)).encode()[:_MAX_EXPLANATION_BYTES]
        return cls(refusal.code, size_held, explanation.decode(errors="ignore"))

    def error(self) -> Refusal:
        """The refusal that this answer states, of the same type as there."""
        return refusal_of(self.code, self.size_held, self.explanation)

    def payload(self) -> bytes:
        """What follows the kind."""
        code, explanation = self.code.encode(), self.explanation.encode()
        return b"".join((write_u8(len(code)), code, write_sizes(self.size_held), write_note(explanation)))

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Raises MalformedMessage."""
        code = fields.take(fields.u8()).decode("latin-1")
        size_held = fields.size()
        explanation = fields.text(_MAX_EXPLANATION_BYTES)
        if not _CODE.fullmatch(code) or explanation != plain_line(explanation):
            raise fields.refused("a code and a plain explanation", "others")
        return cls(code, size_held, explanation)


@dataclass(frozen=True, slots=True)
class Pushed:
    """The answer to a pull."""

    kind: ClassVar[int] = 6
    push: Push

    def payload(self) -> bytes:
        """What follows the kind."""
        return self.push.encode()

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Raises what Push.decode raises."""
        return cls(Push.decode(fields.rest()))


@dataclass(frozen=True, slots=True)
class Hashes:
    """A consistency proof."""

    kind: ClassVar[int] = 7
    hashes: tuple[bytes, ...]

    def payload(self) -> bytes:
        """What follows the kind."""
        return write_hashes(self.hashes)

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Raises MalformedMessage."""
        return cls(fields.hashes())


@dataclass(frozen=True, slots=True)
class Body:
    """The salt and record of one entry."""

    index: int
    salt: bytes
    record: bytes


@dataclass(frozen=True, slots=True)
class Bodies:
    """Salts and records of entries, ascending; of those asked for, the ones that the answering node has."""

    kind: ClassVar[int] = 8
    bodies: tuple[Body, ...]

    def payload(self) -> bytes:
        """What follows the kind."""
        parts = [write_u16(len(self.bodies))]
        for body in self.bodies:
            parts += (write_sizes(body.index), body.salt, write_u32(len(body.record)), body.record)
        return b"".join(parts)

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Raises MalformedMessage."""
        bodies = tuple(
            Body(fields.size(), fields.take(SALT_BYTES), fields.take(fields.length(MAX_RECORD_BYTES)))
            for _ in range(fields.count(MAX_BODIES))
        )
        if any(a.index >= b.index for a, b in pairwise(bodies)):
            raise fields.refused("indices that ascend", "others")
        return cls(bodies)


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """The newest checkpoints known of the circle's logs."""

    kind: ClassVar[int] = 9
    notes: tuple[bytes, ...]

    def payload(self) -> bytes:
        """What follows the kind."""
        return write_notes(self.notes)

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Raises MalformedMessage."""
        return cls(fields.notes())


@dataclass(frozen=True, slots=True)
class ReceivedAhead:
    """A record sent ahead is durably stored: the signed note of section 9.5."""

    kind: ClassVar[int] = 10
    note: bytes

    def payload(self) -> bytes:
        """What follows the kind."""
        return write_note(self.note)

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Raises MalformedMessage."""
        return cls(fields.note())


@dataclass(frozen=True, slots=True)
class Events:
    """Events of the circle that the caller does not have: as many as fit."""

    kind: ClassVar[int] = 11
    events: tuple[bytes, ...]

    def payload(self) -> bytes:
        """What follows the kind."""
        return write_events(self.events)

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Raises MalformedMessage."""
        return cls(fields.events())


@dataclass(frozen=True, slots=True)
class Content:
    """A part of an attachment, which has `size_bytes` in all. That it is the right one, nobody checked."""

    kind: ClassVar[int] = 12
    size_bytes: int
    data: bytes

    def payload(self) -> bytes:
        """What follows the kind."""
        return write_sizes(self.size_bytes) + write_u32(len(self.data)) + self.data

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Raises MalformedMessage."""
        return cls(fields.size(), fields.take(fields.length(MAX_CONTENT_BYTES)))


Answer: TypeAlias = (
    Held
    | SizeHeld
    | Missing
    | Later
    | Refused
    | Pushed
    | Hashes
    | Bodies
    | Checkpoints
    | ReceivedAhead
    | Events
    | Content
)
_KINDS: dict[int, type[Answer]] = {
    answer.kind: answer
    for answer in (
        Held,
        SizeHeld,
        Missing,
        Later,
        Refused,
        Pushed,
        Hashes,
        Bodies,
        Checkpoints,
        ReceivedAhead,
        Events,
        Content,
    )
}
_STATUS_OF_CODE = {
    StaleNonce.code: 401,
    BadRequestSignature.code: 401,
    NonMember.code: 401,
    UnknownPath.code: 404,
    PushTooLarge.code: 413,
}


def encode_answer(answer: Answer) -> bytes:
    """The bytes of an answer."""
    return b"".join((VERSIONS, write_u8(answer.kind), answer.payload()))


def decode_answer(data: bytes) -> Answer:
    """What `data` answers. Raises NoCommonVersion or MalformedMessage; of a push, what Push.decode raises."""
    if len(data) > MAX_ANSWER_BYTES:
        raise MalformedMessage(f"Expected at most {MAX_ANSWER_BYTES} bytes in an answer, found {len(data)}.")
    fields = Fields(data)
    fields.versions()
    kind = _KINDS.get(number := fields.u8())
    if kind is None:
        raise fields.refused("a kind from 1 to 12", number)
    answer = kind.read(fields)
    fields.end()
    return answer


def status_of(answer: Answer) -> int:
    """The HTTP status that goes with an answer (section 10.2)."""
    if isinstance(answer, Later):
        return 503
    if isinstance(answer, Refused):
        return _STATUS_OF_CODE.get(answer.code, 403)
    return 200
