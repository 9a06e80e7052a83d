"""Checkpoints and cosignatures (C2SP tlog-checkpoint, tlog-cosignature).

A checkpoint is a log's own statement of its size and root; a cosignature is another's statement about it,
made at a time. What more it says (durably held, or only seen to grow) is known by the key that made it.

- A checkpoint has exactly three lines: origin, size, root. Extension lines are refused.
- The key that signs it is named as its origin; sizes are at most 2**53 - 1; a log signs no size of 0.
- Cosignatures are timestamped Ed25519 signatures, type 0x04, over

      cosignature/v1
      time <seconds>
      <the checkpoint's three lines>

  and their data is the time (8 bytes, big-endian) and then the signature.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tocsin.core.errors import (
    BadSignature,
    Fault,
    MalformedCheckpoint,
    Refusal,
    UnknownOrigin,
    UnknownSigner,
    quoted,
)
from tocsin.core.keys import (
    SignatureType,
    SigningKey,
    VerifyingKey,
    decode_base64,
    encode_base64,
    is_key_name,
)
from tocsin.core.note import Note, Signature, parse_note, sign_note, verified_by
from tocsin.core.tlog.tiles import HASH_BYTES
from tocsin.core.tlog.tree import MAX_SIZE

MAX_CHECKPOINT_BYTES = 8192
MAX_TIME_S = 2**53 - 1

_TIME_BYTES = 8
_DECIMAL = re.compile("0|[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's name, its number of entries, and its root hash. Raises MalformedCheckpoint."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not is_key_name(self.origin):
            raise MalformedCheckpoint(
                f"Expected an origin without spaces and plus, found {quoted(self.origin)}."
            )
        if not 0 <= self.size <= MAX_SIZE:
            raise MalformedCheckpoint(f"Expected a size from 0 to {MAX_SIZE}, found {self.size}.")
        if len(self.root) != HASH_BYTES:
            raise MalformedCheckpoint(f"Expected a root of {HASH_BYTES} bytes, found {len(self.root)}.")

    def text(self) -> str:
        """The three lines: what is signed."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint and the note that carries it, with its log's signature and any number of cosignatures."""

    checkpoint: Checkpoint
    note: Note


def parse_text(text: str) -> Checkpoint:
    """What `Checkpoint.text` wrote. Raises MalformedCheckpoint."""
    lines = text.split("\n", 4)
    if len(lines) != 4 or lines[3]:
        raise MalformedCheckpoint(f"Expected three lines: origin, size and root; found {quoted(text)}.")
    origin, size, root, _ = lines
    return Checkpoint(
        origin, parse_decimal(size, MalformedCheckpoint), decode_base64(root, MalformedCheckpoint)
    )


def parse_decimal(text: str, refusal: type[Refusal]) -> int:
    """A size or an index: ASCII decimal without leading zeroes, at most 2**53 - 1. Raises `refusal`."""
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_SIZE:
        raise refusal(
            f"Expected a decimal from 0 to {MAX_SIZE} without leading zeroes, found {quoted(text)}."
        )
    return int(text)


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> SignedCheckpoint:
    """The checkpoint, signed by its log's key."""
    if checkpoint.size == 0:
        raise Fault(f"{checkpoint.origin} is empty: a log signs its first checkpoint with its first entry.")
    _check_log_key(checkpoint, key.verifying)
    return SignedCheckpoint(checkpoint, sign_note(checkpoint.text(), key))


def open_checkpoint(data: bytes, key_of: Callable[[str], VerifyingKey | None]) -> SignedCheckpoint:
    """The checkpoint that `data` writes, signed by its log, whose key `key_of` finds by the origin.

    Further signatures are kept and not looked at: cosignatures travel there.

    (1) a note of at most 8,192 bytes: MalformedNote; (2) three lines: MalformedCheckpoint; (3) of a log known
    here: UnknownOrigin; (4) with its signature: UnknownSigner if that is missing, BadSignature if it fails.
    """
    # (1) note
    note = parse_note(data, max_bytes=MAX_CHECKPOINT_BYTES)
    # (2) lines
    checkpoint = parse_text(note.text)
    # (3) log
    key = key_of(checkpoint.origin)
    if key is None:
        raise UnknownOrigin(
            f"Expected the checkpoint of a log known here, found {quoted(checkpoint.origin)}."
        )
    _check_log_key(checkpoint, key)
    # (4) signature
    verified_by(note, [key])
    return SignedCheckpoint(checkpoint, note)


def with_signatures(signed: SignedCheckpoint, extra: Iterable[Signature]) -> SignedCheckpoint:
    """The checkpoint with further signatures after its own. Raises MalformedNote for a second by one key."""
    note = Note(signed.note.text, (*signed.note.signatures, *extra))
    if (size_bytes := len(note.encode())) > MAX_CHECKPOINT_BYTES:
        raise Fault(
            f"A checkpoint of {size_bytes} bytes is over {MAX_CHECKPOINT_BYTES}: carry fewer cosignatures."
        )
    return SignedCheckpoint(signed.checkpoint, note)


def cosign(checkpoint: Checkpoint, key: SigningKey, time_s: int) -> Signature:
    """The key's cosignature on the checkpoint as of `time_s`, Unix time in seconds."""
    _check_cosigns(key.verifying)
    if not 1 <= time_s <= MAX_TIME_S:
        raise Fault(f"A cosignature has a time from 1 to {MAX_TIME_S} seconds, not {time_s}.")
    data = time_s.to_bytes(_TIME_BYTES, "big") + key.sign(_cosigned(checkpoint, time_s))
    return Signature(key.verifying.name, key.verifying.key_id, data)


def verify_cosignature(checkpoint: Checkpoint, signature: Signature, key: VerifyingKey) -> int:
    """The Unix time in seconds at which the key cosigned the checkpoint.

    (1) a cosignature by this key: UnknownSigner; (2) with a time from 1 to 2**53 - 1 and (3) a signature
    that verifies: BadSignature.
    """
    # (1) key
    _check_cosigns(key)
    if (signature.name, signature.key_id) != (key.name, key.key_id):
        raise UnknownSigner(f"Expected a cosignature by {key.name}, found one by {quoted(signature.name)}.")
    # (2) time: 0 would mean "at no time"; what is larger does not fit where times are kept in milliseconds
    time_s = cosigned_at_s(signature)
    if not 1 <= time_s <= MAX_TIME_S:
        raise BadSignature(f"Expected a cosignature at 1 to {MAX_TIME_S} seconds, found {time_s}.")
    # (3) signature
    if not key.verify(_cosigned(checkpoint, time_s), signature.data[_TIME_BYTES:]):
        raise BadSignature(f"The cosignature by {key.name} does not verify.")
    return time_s


def cosigned_at_s(signature: Signature) -> int:
    """The Unix time in seconds that a cosignature names. Only of one that was verified it means anything."""
    return int.from_bytes(signature.data[:_TIME_BYTES], "big")


def _cosigned(checkpoint: Checkpoint, time_s: int) -> bytes:
    return f"cosignature/v1\ntime {time_s}\n{checkpoint.text()}".encode()


def _check_log_key(checkpoint: Checkpoint, key: VerifyingKey) -> None:
    if key.name != checkpoint.origin:
        raise Fault(f"A checkpoint of {checkpoint.origin} is signed by the key of that name, not {key.name}.")


def _check_cosigns(key: VerifyingKey) -> None:
    if key.type is not SignatureType.COSIGNATURE:
        raise Fault(f"{key.name} is no key for cosignatures.")
