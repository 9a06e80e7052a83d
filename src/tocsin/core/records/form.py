"""From a record's bytes to its type, and back (docs/protocol.md, sections 7.1 and 7.4, steps 1 and 2).

    plain     the JSON
    signed    a signed note of the JSON and one newline, with one signature

What follows from the bytes alone is decided here. Whether the record may stand in its log, and whose the
signature has to be, the reader decides, who knows log and keys: nothing here verifies a signature.
"""

from typing import TypeAlias, get_args

import msgspec

from tocsin.core.errors import MalformedNote, quoted
from tocsin.core.keys import SigningKey
from tocsin.core.note import Note, Signature, parse_note, sign_note
from tocsin.core.records.card import Card
from tocsin.core.records.cases import (
    Acknowledgement,
    Answer,
    Ask,
    Closing,
    Correction,
    GroundTruth,
    Handover,
    Hypothesis,
    Link,
    OperatorPosition,
    Passing,
    Reading,
    Reminder,
    Report,
    Takeover,
    Withdrawal,
)
from tocsin.core.records.check import Check, CheckAnswer
from tocsin.core.records.context import Context
from tocsin.core.records.erasure import Erased, Erasure, Hold, Release
from tocsin.core.records.errors import MalformedRecord, RecordTooLarge, UnknownKind
from tocsin.core.records.leaving import Leaving
from tocsin.core.records.note import NoteRecord
from tocsin.core.records.notice import Notice, Reply
from tocsin.core.records.opening import Opening
from tocsin.core.strict_json import NotJson, decode, diagnose, encode
from tocsin.core.tlog.entry import MAX_RECORD_BYTES

CaseRecord: TypeAlias = (
    Report
    | Ask
    | Answer
    | Acknowledgement
    | Reminder
    | Link
    | Correction
    | Withdrawal
    | OperatorPosition
    | Passing
    | Closing
    | Hypothesis
    | Reading
    | GroundTruth
)
"""What belongs to one case."""

OfCases: TypeAlias = CaseRecord | Handover | Takeover
"""That, and how a shift hands over, which may be about several cases."""

Record: TypeAlias = (
    Opening
    | Leaving
    | Card
    | Context
    | NoteRecord
    | Notice
    | Reply
    | Erasure
    | Erased
    | Hold
    | Release
    | Check
    | CheckAnswer
    | OfCases
)
KINDS = tuple(sorted(str(kind.__struct_config__.tag) for kind in get_args(Record)))

MAX_STATEMENT_BYTES = 16_384
"""Of an opening or a leaving: all members keep them for good, and evidence carries them."""
_STATEMENTS = (Opening, Leaving)

_DECODER: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)


class Parsed(msgspec.Struct, frozen=True):
    """A record; and in signed form its one signature, not verified, and the bytes that it signs."""

    record: Record
    signature: Signature | None = None
    signed: bytes = b""


def parse_record(data: bytes) -> Parsed:
    """The record that `data` writes.

    (1) size: RecordTooLarge; (2) signed, which ends with a newline, or plain: MalformedRecord for more than
    one signature, and for an opening or leaving in plain form; (3) the JSON form, as `strict_json.decode`
    has it; (4) the fields of its kind: UnknownKind, UnknownField, MalformedRecord, also for an opening or
    leaving of more than 16,384 bytes.
    """
    # (1) size
    if len(data) > MAX_RECORD_BYTES:
        raise RecordTooLarge(f"Expected a record of at most {MAX_RECORD_BYTES} bytes, found {len(data)}.")
    # (2) signed or plain
    if data.endswith(b"\n"):
        note = _one_signature(data)
        signed = note.text.encode()
        record = _decode(signed.removesuffix(b"\n"))
        if isinstance(record, _STATEMENTS) and len(data) > MAX_STATEMENT_BYTES:
            raise MalformedRecord(
                f"Expected a signed {record.kind} of at most {MAX_STATEMENT_BYTES} bytes, found {len(data)}."
            )
        return Parsed(record, note.signatures[0], signed)
    record = _decode(data)
    if isinstance(record, _STATEMENTS):
        raise MalformedRecord(f"Expected a signed {record.kind}, found a plain one.")
    return Parsed(record)


def encode_record(record: Record) -> bytes:
    """The record in plain form. Raises what `parse_record` raises: what could not be read is not written."""
    return _checked(encode(record))


def sign_record(record: Record, key: SigningKey) -> bytes:
    """The record in signed form, by an officer's or organisation's key. Raises what `parse_record` raises."""
    return _checked(sign_note(encode(record).decode() + "\n", key).encode())


def _checked(data: bytes) -> bytes:
    parse_record(data)
    return data


def _decode(text: bytes) -> Record:
    # (3) form, (4) fields
    try:
        return decode(text, _DECODER, MalformedRecord)
    except MalformedRecord as refusal:
        raise _unknown_kind(text) or refusal from None


def _unknown_kind(text: bytes) -> UnknownKind | None:
    kind = msgspec.json.decode(text).get("kind")
    if not isinstance(kind, str) or kind in KINDS:
        return None
    return UnknownKind(f"Expected one of {', '.join(KINDS)}, found {quoted(kind)}.")


def _one_signature(data: bytes) -> Note:
    try:
        note = parse_note(data, max_bytes=MAX_RECORD_BYTES)
    except MalformedNote as error:
        refusal = diagnose(data)
        if refusal is None or isinstance(refusal, NotJson):
            refusal = NotJson(f"Expected a JSON object, or one in a signed note: {error}")
        raise refusal from None
    if len(note.signatures) != 1:
        raise MalformedRecord(f"Expected one signature, found {len(note.signatures)}.")
    return note
