"""The proofs of an archive's records, as its page has them: the parts of proof files, each text once.

The same charters and openings stand in every proof file of a circle; a page with thousands of records has
them once. Nothing is verified here: the page does that, and `tocsin verify`.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from tocsin.cases.archive.errors import MalformedArchive
from tocsin.core.keys import decode_base64, encode_base64
from tocsin.core.proofextra import ProofExtra
from tocsin.core.tlog.proof import TlogProof


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

    @property
    def body(self) -> bytes:
        """The record, as it was written. Raises MalformedArchive."""
        return decode_base64(self.record, MalformedArchive)


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

    Raises MalformedProof, and MalformedArchive for what a proof file does not carry besides.
    """
    texts: dict[str, int] = {}
    found = []
    for name, data in proofs.items():
        proof = TlogProof.parse(data)
        extra = ProofExtra.of(proof, MalformedArchive)
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


def charters(texts: Sequence[str], proofs: Iterable[Proof]) -> list[str]:
    """The versions of the charter that these proofs have."""
    longest = max((proof.charters for proof in proofs), key=len, default=())
    return [texts[place] for place in longest]
