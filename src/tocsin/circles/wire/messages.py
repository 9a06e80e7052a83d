"""What one node asks of another: the bodies of the calls (docs/protocol.md, sections 9.1, 9.5, 10.2 and 20).

Frozen values with one way to write each; `decode` is strict and costs little, since it is done before
anything is known to be true. What a message says is not checked here: a name may be unknown, a note no note
at all.
"""

from dataclasses import dataclass
from typing import Self

from tocsin.circles.errors import MalformedPush, PushTooLarge
from tocsin.circles.wire.fields import (
    HASH_BYTES,
    MAX_EVENTS_BYTES,
    VERSIONS,
    Fields,
    write_events,
    write_hashes,
    write_name,
    write_note,
    write_notes,
    write_sizes,
    write_u16,
    write_u32,
)
from tocsin.core.errors import Fault
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES, Chunk, MalformedChunk
from tocsin.core.tlog.entry import MAX_RECORD_BYTES, SALT_BYTES

MAX_PUSH_BYTES = 4 * 2**20
MAX_PUSH_ENTRIES = MAX_CHUNK_ENTRIES
MAX_BODIES = 256
MAX_CONTENT_BYTES = 2**20
"""Of one answer: a larger attachment takes several calls."""


@dataclass(frozen=True, slots=True)
class Push:
    """Entries of one log from `chunk.first` on, and the checkpoint that proves them.

    `consistency` leads from the end of the chunk to the checkpoint's size. `newest` are checkpoints of any of
    the circle's logs; a push without a checkpoint of its own carries nothing else.
    """

    log: str
    chunk: Chunk
    checkpoint: bytes
    consistency: tuple[bytes, ...]
    newest: tuple[bytes, ...]

    def encode(self) -> bytes:
        """The bytes of section 9.1. Raises Fault for too many: whoever fills a push has to know its size."""
        data = b"".join(
            (
                VERSIONS,
                write_name(self.log),
                write_sizes(self.chunk.first),
                self.chunk.encode(),
                write_note(self.checkpoint),
                write_hashes(self.consistency),
                write_notes(self.newest),
            )
        )
        if len(data) > MAX_PUSH_BYTES:
            raise Fault(f"Expected a push of at most {MAX_PUSH_BYTES} bytes, filled it with {len(data)}.")
        return data

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Raises PushTooLarge, NoCommonVersion, ChunkTooLarge or MalformedPush."""
        check_request_size(data)
        fields = Fields(data, MalformedPush)
        fields.versions()
        log = fields.name()
        chunk = _read_chunk(fields, data)
        push = cls(log, chunk, fields.note(), fields.hashes(), fields.notes())
        if not push.checkpoint and (chunk.count or push.consistency):
            raise fields.refused("entries and a proof only beside a checkpoint", "none")
        fields.end()
        return push


@dataclass(frozen=True, slots=True)
class Ahead:
    """One record before a backlog (section 9.5). `known_size` is what the sender believes to be held."""

    log: str
    index: int
    entry: bytes
    salt: bytes
    record: bytes
    checkpoint: bytes
    known_size: int
    inclusion: tuple[bytes, ...]
    consistency: tuple[bytes, ...]

    def encode(self) -> bytes:
        """The bytes of section 9.5."""
        return b"".join(
            (
                VERSIONS,
                write_name(self.log),
                write_sizes(self.index),
                self.entry,
                self.salt,
                write_u32(len(self.record)),
                self.record,
                write_note(self.checkpoint),
                write_sizes(self.known_size),
                write_hashes(self.inclusion),
                write_hashes(self.consistency),
            )
        )

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Raises PushTooLarge, NoCommonVersion or MalformedPush."""
        check_request_size(data)
        fields = Fields(data, MalformedPush)
        fields.versions()
        ahead = cls(
            log=fields.name(),
            index=fields.size(),
            entry=fields.take(HASH_BYTES),
            salt=fields.take(SALT_BYTES),
            record=fields.take(fields.length(MAX_RECORD_BYTES)),
            checkpoint=fields.note(),
            known_size=fields.size(),
            inclusion=fields.hashes(),
            consistency=fields.hashes(),
        )
        if not ahead.checkpoint:
            raise fields.refused("a checkpoint", "none")
        fields.end()
        return ahead


@dataclass(frozen=True, slots=True)
class Pull:
    """Asks for a push of a log, from `first` on."""

    log: str
    first: int
    most_entries: int

    def encode(self) -> bytes:
        """The bytes of section 10.2."""
        return VERSIONS + write_name(self.log) + write_sizes(self.first) + write_u16(self.most_entries)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Raises PushTooLarge, NoCommonVersion or MalformedMessage."""
        check_request_size(data)
        fields = Fields(data)
        fields.versions()
        pull = cls(fields.name(), fields.size(), fields.count(MAX_PUSH_ENTRIES))
        fields.end()
        return pull


@dataclass(frozen=True, slots=True)
class BodiesRequest:
    """Asks for the salts and records of some entries; at most 256, ascending."""

    log: str
    indices: tuple[int, ...]

    def encode(self) -> bytes:
        """The bytes of section 10.2."""
        return VERSIONS + write_name(self.log) + write_u16(len(self.indices)) + write_sizes(*self.indices)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Raises PushTooLarge, NoCommonVersion or MalformedMessage."""
        check_request_size(data)
        fields = Fields(data)
        fields.versions()
        asked = cls(fields.name(), fields.sizes(fields.count(MAX_BODIES)))
        fields.end()
        return asked


@dataclass(frozen=True, slots=True)
class ProofRequest:
    """Asks for the proof that a log of size `new` continues the one of size `old`."""

    log: str
    old: int
    new: int

    def encode(self) -> bytes:
        """The bytes of section 10.2."""
        return VERSIONS + write_name(self.log) + write_sizes(self.old, self.new)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Raises PushTooLarge, NoCommonVersion or MalformedMessage."""
        check_request_size(data)
        fields = Fields(data)
        fields.versions()
        asked = cls(fields.name(), fields.size(), fields.size())
        fields.end()
        return asked


@dataclass(frozen=True, slots=True)
class CheckpointsRequest:
    """Asks for the newest checkpoint known of every log of the circle."""

    def encode(self) -> bytes:
        """The bytes of section 10.2."""
        return VERSIONS

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Raises PushTooLarge, NoCommonVersion or MalformedMessage."""
        check_request_size(data)
        fields = Fields(data)
        fields.versions()
        fields.end()
        return cls()


@dataclass(frozen=True, slots=True)
class EventsRequest:
    """Brings events of the circle, and asks for those that are not among `known` (section 16)."""

    known: tuple[bytes, ...]
    events: tuple[bytes, ...]

    def encode(self) -> bytes:
        """The bytes of section 16. Raises Fault for too many: whoever fills it has to know its size."""
        known = write_u16(len(self.known)) + b"".join(self.known)
        data = VERSIONS + known + write_events(self.events)
        if len(data) > MAX_EVENTS_BYTES:
            raise Fault(f"Expected events of at most {MAX_EVENTS_BYTES} bytes, found {len(data)}.")
        return data

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Raises PushTooLarge, NoCommonVersion or MalformedMessage."""
        if len(data) > MAX_EVENTS_BYTES:
            raise PushTooLarge(f"Expected at most {MAX_EVENTS_BYTES} bytes of events, found {len(data)}.")
        fields = Fields(data)
        fields.versions()
        request = cls(fields.event_ids(), fields.events())
        fields.end()
        return request


@dataclass(frozen=True, slots=True)
class ContentRequest:
    """Asks for a part of the attachment that the record at `index` of `log` names by its SHA-256."""

    log: str
    index: int
    sha256: bytes
    first: int
    most_bytes: int

    def encode(self) -> bytes:
        """The bytes of section 20."""
        place = write_name(self.log) + write_sizes(self.index)
        return VERSIONS + place + self.sha256 + write_sizes(self.first) + write_u32(self.most_bytes)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Raises PushTooLarge, NoCommonVersion or MalformedMessage."""
        check_request_size(data)
        fields = Fields(data)
        fields.versions()
        asked = cls(
            log=fields.name(),
            index=fields.size(),
            sha256=fields.take(HASH_BYTES),
            first=fields.size(),
            most_bytes=fields.length(MAX_CONTENT_BYTES),
        )
        fields.end()
        return asked


def check_request_size(body: bytes) -> None:
    """No request is larger than a push may be. Raises PushTooLarge."""
    if len(body) > MAX_PUSH_BYTES:
        raise PushTooLarge(f"Expected at most {MAX_PUSH_BYTES} bytes in a request, found {len(body)}.")


def _read_chunk(fields: Fields, data: bytes) -> Chunk:
    """The index of the first entry, and the chunk behind it."""
    first = fields.size()
    try:
        chunk, end = Chunk.decode(first, data, fields.at)
    except MalformedChunk as refusal:
        raise MalformedPush(str(refusal)) from refusal
    fields.go_on_at(end)
    return chunk
