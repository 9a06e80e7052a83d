"""The statement that one record, sent ahead, is durably stored (docs/protocol.md, section 9.5).

    tocsin/received-ahead/v1
    <log name>
    <index>
    <base64 of the entry>
    <time in seconds>

A note signed by the receiver's request key. It says nothing about the records before that one.
"""

from dataclasses import dataclass

from tocsin.circles.errors import MalformedMessage
from tocsin.core.keys import SigningKey, VerifyingKey, decode_base64, encode_base64
from tocsin.core.note import parse_note, sign_note, verified_by
from tocsin.core.tlog.checkpoint import parse_decimal

_HEAD = "tocsin/received-ahead/v1"


@dataclass(frozen=True, slots=True)
class Received:
    """Entry `index` of `log` is durably stored with its record since `time_s`, by the receiver's clock."""

    log: str
    index: int
    entry: bytes
    time_s: int

    def text(self) -> str:
        """What is signed."""
        return f"{_HEAD}\n{self.log}\n{self.index}\n{encode_base64(self.entry)}\n{self.time_s}\n"


def sign_received(received: Received, key: SigningKey) -> bytes:
    """The statement as a note, signed by the receiver's request key."""
    return sign_note(received.text(), key).encode()


def open_received(data: bytes, key: VerifyingKey) -> Received:
    """The statement that this request key signed.

    Raises MalformedNote, MalformedMessage, and BadSignature or UnknownSigner when another key signed it.
    """
    note = parse_note(data)
    verified_by(note, [key])
    head, *lines = note.text.removesuffix("\n").split("\n")
    if head != _HEAD or len(lines) != 4:
        raise MalformedMessage(f"Expected {_HEAD} and four lines, found {len(lines)} after {head[:40]!r}.")
    log, index, entry, time_s = lines
    return Received(
        log,
        parse_decimal(index, MalformedMessage),
        decode_base64(entry, MalformedMessage),
        parse_decimal(time_s, MalformedMessage),
    )
