"""Signed notes (C2SP signed-note): a text, an empty line, and one or more signature lines.

    <text, which ends with a newline>
    <empty line>
    — <key name> base64(key id || signature)

Stricter than the specification where it leaves a choice, so that there is one way to write each note:

- at most 64 signatures, no two with one key name and key id;
- base64 is canonical; parsed and written again, a note is the same bytes.

A note says nothing until `verified_by` has found a known key's signature on it. Signatures by unknown keys
are ignored; a failing one by a known key refuses the whole note.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from tocsin.core.errors import BadSignature, Fault, MalformedNote, UnknownSigner, quoted
from tocsin.core.keys import (
    SignatureType,
    SigningKey,
    VerifyingKey,
    decode_base64,
    encode_base64,
    is_key_name,
)

MAX_NOTE_BYTES = 131_072
MAX_SIGNATURES = 64

_KEY_ID_BYTES = 4
_FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: a key's name and id, and what that key made. Nothing is verified yet."""

    name: str
    key_id: bytes
    data: bytes

    def __post_init__(self) -> None:
        if not is_key_name(self.name):
            raise MalformedNote(f"Expected a key name without spaces and plus, found {quoted(self.name)}.")
        if len(self.key_id) != _KEY_ID_BYTES or not self.data:
            raise MalformedNote(
                f"Expected a key id of {_KEY_ID_BYTES} bytes and a signature by {quoted(self.name)}."
            )

    def line(self) -> str:
        """The line, with its newline."""
        return f"— {self.name} {encode_base64(self.key_id + self.data)}\n"

    @classmethod
    def parse_line(cls, line: str) -> Self:
        """What `line` wrote. Raises MalformedNote."""
        if not (line.startswith("— ") and line.endswith("\n")):
            raise MalformedNote(f"Expected a line — <key name> <base64>, found {quoted(line)}.")
        name, _, encoded = line[2:-1].partition(" ")
        data = decode_base64(encoded, MalformedNote)
        return cls(name, data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:])


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures on it, well-formed but not verified. Raises MalformedNote."""

    text: str
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        if not self.text.endswith("\n"):
            raise MalformedNote("Expected a text that ends with a newline.")
        if forbidden := _FORBIDDEN.search(self.text):
            raise MalformedNote(f"Expected no control character but newline, found {forbidden[0]!r}.")
        if not 1 <= len(self.signatures) <= MAX_SIGNATURES:
            raise MalformedNote(f"Expected 1 to {MAX_SIGNATURES} signatures, found {len(self.signatures)}.")
        if len({(signature.name, signature.key_id) for signature in self.signatures}) < len(self.signatures):
            raise MalformedNote("Expected one signature for each key, found two.")

    def encode(self) -> bytes:
        """The note's bytes."""
        return "".join([self.text, "\n", *(signature.line() for signature in self.signatures)]).encode()


def parse_note(data: bytes, *, max_bytes: int = MAX_NOTE_BYTES) -> Note:
    """The note that `data` writes. Raises MalformedNote.

    (1) not too large; (2) UTF-8; (3) a text, an empty line, and whole lines after it, not too many;
    (4) signature lines; (5) what holds for every Note.
    """
    # (1) size
    if len(data) > max_bytes:
        raise MalformedNote(f"Expected a note of at most {max_bytes} bytes, found {len(data)}.")
    # (2) UTF-8
    try:
        decoded = data.decode()
    except UnicodeDecodeError as error:
        raise MalformedNote(f"Expected UTF-8, found an invalid byte at {error.start}.") from None
    # (3) parts: the last empty line divides, since the text may hold empty lines of its own
    text, empty_line, signatures = decoded.rpartition("\n\n")
    if not empty_line or not signatures.endswith("\n") or signatures.count("\n") > MAX_SIGNATURES:
        raise MalformedNote(f"Expected a text, an empty line and 1 to {MAX_SIGNATURES} signature lines.")
    # (4) lines, (5) note
    lines = signatures.removesuffix("\n").split("\n")
    return Note(text + "\n", tuple(Signature.parse_line(line + "\n") for line in lines))


def sign_note(text: str, *keys: SigningKey) -> Note:
    """The text, signed by each key in turn. Raises MalformedNote for a text that no note can hold."""
    message = text.encode(errors="surrogatepass")  # Note says it better than UnicodeEncodeError would.
    signatures: list[Signature] = []
    for key in keys:
        _check_signs_notes(key.verifying)
        signatures.append(Signature(key.verifying.name, key.verifying.key_id, key.sign(message)))
    return Note(text, tuple(signatures))


def verified_by(note: Note, keys: Iterable[VerifyingKey]) -> tuple[VerifyingKey, ...]:
    """Which of the known `keys` signed the note, in the order of its signatures: at least one.

    Raises BadSignature when a known key's signature fails, UnknownSigner when no signature is by a known key.
    """
    known = {(key.name, key.key_id): key for key in keys}
    for key in known.values():
        _check_signs_notes(key)
    message = note.text.encode()
    signers: list[VerifyingKey] = []
    for signature in note.signatures:
        signer = known.get((signature.name, signature.key_id))
        if signer is None:
            continue
        if not signer.verify(message, signature.data):
            raise BadSignature(f"The signature under the name {quoted(signer.name)} does not verify.")
        signers.append(signer)
    if not signers:
        names = ", ".join(quoted(signature.name) for signature in note.signatures[:3])
        raise UnknownSigner(f"Expected a signature by one of {len(known)} known keys, found only {names}.")
    return tuple(signers)


def _check_signs_notes(key: VerifyingKey) -> None:
    if key.type is not SignatureType.ED25519:
        raise Fault(
            f"{key.name} is a key for cosignatures: it neither signs nor verifies the text of a note."
        )
