"""Reading: from what was accepted of a log to what its member says (docs/protocol.md, section 7.4).

- Accepting never looks into a record; reading never decides what is accepted. Whatever cannot be read stays
  held.
- What is read depends on nothing but the log's own bytes up to that entry, so that every member reads the
  same.
- An officer's signature is good if the newest card below it in the same log lists the officer's key.

A Reader keeps the newest cards, not only the last: a record may arrive ahead of others, and a missing one
late. Until every record below it is there, what was read of a signed one is provisional. Reading on in order
never is.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from msgspec import Struct

from tocsin.circles.errors import WrongOpening
from tocsin.circles.founding.circle import Member, void_from
from tocsin.core.errors import Refusal, quoted
from tocsin.core.keys import VerifyingKey
from tocsin.core.names import LogName
from tocsin.core.records import (
    Card,
    Erasure,
    Leaving,
    Opening,
    Parsed,
    Record,
    Tlp,
    parse_record,
    tlp_at_most,
)
from tocsin.core.records.errors import (
    ErasureTarget,
    HandlingExceeded,
    MalformedRecord,
    MisplacedOpening,
    OfficerSignature,
    OfficerUnknown,
    WrongCircle,
)
from tocsin.core.tlog.tree import MAX_SIZE
from tocsin.log.store import Store

_MAX_CARDS = 16
_READ_AT_ONCE = re.compile(b'"kind":"(?:card|erasure|erased|hold|release)"')

_Officers: TypeAlias = Mapping[tuple[str, bytes], VerifyingKey]
"""By name and id, the keys that a card lists."""


class Readable(Struct, frozen=True):
    """What entry `index` says. `officer` is the role of the person who signed it, if one did."""

    index: int
    record: Record
    officer: str | None


class NotUnderstood(Struct, frozen=True):
    """Entry `index` cannot be read here. It is held, cosigned and passed on all the same."""

    index: int
    code: str
    explanation: str


Reading: TypeAlias = Readable | NotUnderstood


class Reader:
    """Reads the records of one member's log."""

    def __init__(self, member: Member) -> None:
        self._member = member
        self._at: list[int] = []
        self._officers: list[_Officers] = []

    def seek(self, index: int, card: bytes) -> None:
        """Start in the middle of the log: its newest readable card so far is `card`, at entry `index`."""
        self._at, self._officers = [], []
        record = parse_record(card).record
        if isinstance(record, Card):
            self._keep(index, record)

    def read(self, index: int, body: bytes) -> Reading:
        """What the record at `index` says. Never raises: it may be anything."""
        below = bisect_left(self._at, index)
        try:
            readable = _read(self._member, index, body, self._officers[below - 1] if below else {})
        except Refusal as refusal:
            return NotUnderstood(index, refusal.code, str(refusal))
        if isinstance(readable.record, Card):
            self._keep(index, readable.record)
        return readable

    def check_writable(self, body: bytes, handling: Tlp) -> Record:
        """The record, if the log's member may write it next: it can be read, and is within the handling.

        Raises the refusals of section 7.4. (A follower reads a record above the handling too: it is there,
        and what it says of its own sensitivity has to be shown.)
        """
        record = _read(self._member, MAX_SIZE, body, self._officers[-1] if self._officers else {}).record
        if not tlp_at_most(record.tlp, handling):
            raise HandlingExceeded(f"Expected at most {handling}, found {record.tlp}.")
        return record

    def _keep(self, index: int, card: Card) -> None:
        place = bisect_left(self._at, index)
        if index in self._at[place : place + 1]:
            return
        self._at.insert(place, index)
        self._officers.insert(place, _officers(card))
        del self._at[:-_MAX_CARDS], self._officers[:-_MAX_CARDS]


def reader_at(member: Member, store: Store, index: int) -> Reader:
    """A reader of the member's log from `index` on. A void card counts for nothing."""
    reader, log, void = Reader(member), str(member.log), void_from(member)
    card = store.card_before(log, index if void is None else min(index, void))
    if card is not None:
        _, _, body = store.record(log, card)
        reader.seek(card, body or b"")
    return reader


def may_matter(bodies: Iterable[bytes]) -> bool:
    """False where nothing has to be read within its commit, no card and no order: found without reading.

    The one JSON form has one way to write a record's kind.
    """
    # To search them one by one takes five times as long.
    return _READ_AT_ONCE.search(b"".join(bodies)) is not None


def is_card(reading: Reading) -> bool:
    """Whether this is a card, which says how its member is reached and who may sign."""
    return isinstance(reading, Readable) and isinstance(reading.record, Card)


def read_unsigned(member: Member, index: int, body: bytes) -> Parsed:
    """Steps 1 to 3 of section 7.4: all that can be said without the log's cards. No signature is verified.

    Raises what `parse_record` raises, MalformedRecord, WrongCircle, MisplacedOpening or WrongOpening.
    """
    # (1) form, (2) fields
    parsed = parse_record(body)
    record = parsed.record
    if isinstance(record, Card) and any(
        officer.verifying_key.name != f"{member.log}/{officer.role}" for officer in record.officers
    ):
        raise MalformedRecord(f"Expected officers whose keys are named after {member.log}.")
    # (3) place
    if record.circle != member.log.circle:
        raise WrongCircle(f"Expected a record of circle {member.log.circle}, found one of {record.circle}.")
    if isinstance(record, Opening) != (index == 0) or isinstance(record, Leaving):
        raise MisplacedOpening(
            f"Expected the opening at entry 0 and only there, and no leaving, which is an event; "
            f"found {record.kind}."
        )
    if index == 0 and body != member.opening:
        raise WrongOpening(f"Expected the opening in the join file of {member.slug}, found another.")
    if isinstance(record, Erasure):
        check_targets(record, member.log, index)
    return parsed


def check_targets(erasure: Erasure, log: LogName, index: int) -> None:
    """That an erasure at `index` of `log` names earlier records of its own member. Raises ErasureTarget."""
    of = LogName.parse(erasure.log)
    if (of.domain, of.circle, of.member) != (log.domain, log.circle, log.member) or of.epoch > log.epoch:
        raise ErasureTarget(f"Expected a log of {log.member}, this one or an earlier one; found {of}.")
    if of == log and (last := erasure.targets[-1].index) >= index:
        raise ErasureTarget(f"Expected targets below {index}, where the erasure stands; found {last}.")


def _read(member: Member, index: int, body: bytes, officers: _Officers) -> Readable:
    parsed = read_unsigned(member, index, body)
    # (4) signature; the opening's was verified when the circle was founded
    if parsed.signature is None or index == 0:
        return Readable(index, parsed.record, None)
    signature, role = parsed.signature, parsed.record.author
    key = officers.get((signature.name, signature.key_id))
    if key is None or key.name != f"{member.log}/{role}":
        raise OfficerUnknown(
            f"Expected the signature of an officer whom the newest card lists as {role}, "
            f"found that of {quoted(signature.name)}."
        )
    if not key.verify(parsed.signed, signature.data):
        raise OfficerSignature(f"The signature of {key.name} does not verify.")
    return Readable(index, parsed.record, role)


def _officers(card: Card) -> _Officers:
    keys = [officer.verifying_key for officer in card.officers]
    return {(key.name, key.key_id): key for key in keys}
