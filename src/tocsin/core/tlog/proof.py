"""The text of a proof that can be checked offline (C2SP tlog-proof).

    c2sp.org/tlog-proof@v1
    extra <base64>                       at most once
    index <decimal>
    <base64 of a hash>                   0 to 63 lines, from the leaf's sibling up
    <empty line>
    <a checkpoint, byte for byte>

This is the form alone: no signature and no hash is verified here, and `extra` is mere bytes. There is one way
to write each proof: written again, a parsed one is the same bytes. (The checkpoint's part in that is
`note.parse_note`'s.)
"""

import re
from dataclasses import dataclass
from typing import Self

from tocsin.core.errors import MalformedProof
from tocsin.core.keys import decode_base64, encode_base64
from tocsin.core.tlog.checkpoint import parse_decimal
from tocsin.core.tlog.tiles import HASH_BYTES
from tocsin.core.tlog.tree import MAX_SIZE

MAX_PROOF_BYTES = 16 * 2**20
MAX_PROOF_HASHES = 63

_HEAD = re.compile(
    r"c2sp\.org/tlog-proof@v1"
    r"(?:\nextra (?P<extra>[^\n]+))?"
    r"\nindex (?P<index>[^\n]+)"
    r"(?P<hashes>(?:\n[^\n]{44}){0,63})"
)


@dataclass(frozen=True, slots=True)
class TlogProof:
    """That an entry stands at `index` of the tree that a checkpoint signs; none of it verified."""

    extra: bytes | None
    index: int
    hashes: tuple[bytes, ...]
    checkpoint_note: bytes

    def __post_init__(self) -> None:
        if self.extra == b"":
            raise MalformedProof("Expected extra data or none at all, found 0 bytes.")
        if not 0 <= self.index < MAX_SIZE:
            raise MalformedProof(f"Expected an index below {MAX_SIZE}, found {self.index}.")
        if len(self.hashes) > MAX_PROOF_HASHES or any(len(part) != HASH_BYTES for part in self.hashes):
            raise MalformedProof(f"Expected at most {MAX_PROOF_HASHES} hashes of {HASH_BYTES} bytes.")
        if not self.checkpoint_note:
            raise MalformedProof("Expected a checkpoint, found nothing.")

    def encode(self) -> bytes:
        """The proof's bytes."""
        lines = ["c2sp.org/tlog-proof@v1"]
        if self.extra is not None:
            lines.append(f"extra {encode_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines.extend(encode_base64(part) for part in self.hashes)
        return "\n".join([*lines, "", ""]).encode() + self.checkpoint_note

    @classmethod
    def parse(cls, data: bytes, *, max_bytes: int = MAX_PROOF_BYTES) -> Self:
        """What `encode` wrote. Raises MalformedProof."""
        if len(data) > max_bytes:
            raise MalformedProof(f"Expected a proof of at most {max_bytes} bytes, found {len(data)}.")
        head, _, checkpoint_note = data.partition(b"\n\n")
        lines = _HEAD.fullmatch(head.decode("ascii", errors="replace"))
        if lines is None:
            raise MalformedProof(
                "Expected the lines c2sp.org/tlog-proof@v1, extra, index, and up to 63 hashes."
            )
        return cls(
            None if lines["extra"] is None else decode_base64(lines["extra"], MalformedProof),
            parse_decimal(lines["index"], MalformedProof),
            tuple(decode_base64(line, MalformedProof) for line in lines["hashes"].split("\n")[1:]),
            checkpoint_note,
        )
