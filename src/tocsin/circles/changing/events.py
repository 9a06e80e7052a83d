"""Events: what changes a circle after its founding, signed by organisation keys alone (docs/protocol.md, 16).

An opening or a leaving is a signed record, an amendment a signed note of its text: which of them some bytes
are is seen by the first. Nothing is verified here.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from tocsin.circles.errors import MalformedEvent, WrongPredecessor
from tocsin.circles.founding.charter import Charter, circle_id, parse_version
from tocsin.circles.founding.opening import signed_by
from tocsin.core.keys import VerifyingKey
from tocsin.core.names import LogName
from tocsin.core.note import parse_note
from tocsin.core.records import Leaving, Opening, Parsed, parse_record

MAX_EVENT_EPOCH = 1_024
"""No opening beyond counts: so that no organisation can fill the others' disks."""


@dataclass(frozen=True, slots=True)
class Statement:
    """An opening of `log`, or a leaving that ends it."""

    data: bytes
    parsed: Parsed
    record: Opening | Leaving
    log: LogName

    @property
    def member(self) -> str:
        """Whose statement it is."""
        return self.record.member

    @property
    def says(self) -> object:
        """What is the same in statements that do not contradict each other."""
        return self.data if isinstance(self.record, Opening) else self.record.final

    def signed_by(self, key: VerifyingKey) -> bool:
        """Whether that key signed it."""
        return signed_by(self.parsed, key)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A text that may be an amendment, and the note that carries it."""

    data: bytes
    charter: Charter
    id: str


Event: TypeAlias = Statement | Proposal


def event_id(data: bytes) -> bytes:
    """The 32 bytes by which nodes tell each other which events they have.

    The SHA-256 of an opening or leaving; of an amendment, that of its text, whoever's signatures it shows.
    """
    if not data.startswith(b"{"):
        text, empty_line, _ = data.rpartition(b"\n\n")
        data = text + b"\n" if empty_line else data
    return hashlib.sha256(data).digest()


def parse_event(data: bytes) -> Event:
    """The event that `data` writes.

    (1) an opening or leaving, which starts with a brace: what `parse_record` raises, and MalformedEvent for
    another record or an epoch beyond 1,024; (2) else an amendment: MalformedNote, what `parse_version`
    raises, and WrongPredecessor for a first charter.
    """
    # (1) record, (2) amendment
    return _statement(data) if data.startswith(b"{") else _proposal(data)


def _statement(data: bytes) -> Statement:
    parsed = parse_record(data)
    record = parsed.record
    if isinstance(record, Leaving):
        return Statement(data, parsed, record, LogName.parse(record.final.log))
    if not isinstance(record, Opening):
        raise MalformedEvent(f"Expected an opening or a leaving, found a {record.kind}.")
    if record.epoch > MAX_EVENT_EPOCH:
        raise MalformedEvent(f"Expected an epoch up to {MAX_EVENT_EPOCH}, found {record.epoch}.")
    return Statement(data, parsed, record, record.log_name)


@lru_cache(maxsize=64)
def _proposal(data: bytes) -> Proposal:
    note = parse_note(data)
    charter = parse_version(note.text)
    if charter.version == 1:
        raise WrongPredecessor("Expected an amendment, found a first charter, which founds a circle.")
    return Proposal(data, charter, circle_id(note.text))
