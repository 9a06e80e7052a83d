"""The proofs of an archive's records, as its page has them: the parts of proof files, each text once.

The same charters and openings stand in every proof file of a circle; a page with thousands of records has
them once. Nothing is verified here: the page does that, and `tocsin verify`.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct, json

from tocsin.cases.archive.errors import MalformedArchive
from tocsin.core import strict_json
from tocsin.core.keys import decode_base64, encode_base64
from tocsin.core.tlog.proof import TlogProof


class Extra(Struct, frozen=True, forbid_unknown_fields=True):
    """What a proof file carries besides the proof (docs/protocol.md, section 13)."""

    charters: Annotated[tuple[str, ...], Meta(min_length=1)]
    key_events: Annotated[tuple[str, ...], Meta(min_length=1)]
    record: str
    salt: str
    version: Literal[1]

    @classmethod
    def of(cls, proof: bytes) -> "Extra":
        """What this proof file carries. Raises MalformedProof, and the refusals of `strict_json.decode`."""
        return strict_json.decode(TlogProof.parse(proof).extra or b"", _EXTRA, MalformedArchive)

    @property
    def body(self) -> bytes:
        """The record, as it was written."""
        return decode_base64(self.record, MalformedArchive)


_EXTRA = json.Decoder(Extra)


class Proof(Struct, frozen=True, forbid_unknown_fields=True):
    """One proof file in parts: `charters` and `key_events` are places in the texts."""

    name: str
    index: int
    hashes: tuple[str, ...]
    checkpoint: str
    salt: str
    record: str
    charters: tuple[int, ...]
    key_events: tuple[int, ...]


class File(Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the archive."""

    name: str
    sha256: str
    size_bytes: int


class Unproven(Struct, frozen=True, forbid_unknown_fields=True):
    """A record that stands there without a proof, and why."""

    name: str
    why: str


def parts(proofs: Mapping[str, bytes]) -> tuple[tuple[str, ...], tuple[Proof, ...]]:
    """The texts of all proof files, each once, and the files, by the names of their records.

    Raises what `Extra.of` raises.
    """
    texts: dict[str, int] = {}
    found = []
    for name, data in proofs.items():
        proof, extra = TlogProof.parse(data), Extra.of(data)
        found.append(
            Proof(
                name=name,
                index=proof.index,
                hashes=tuple(map(encode_base64, proof.hashes)),
                checkpoint=proof.checkpoint_note.decode(),
                salt=extra.salt,
                record=extra.record,
                charters=tuple(texts.setdefault(text, len(texts)) for text in extra.charters),
                key_events=tuple(texts.setdefault(text, len(texts)) for text in extra.key_events),
            )
        )
    return tuple(texts), tuple(found)
