"""Checking, here and now, that a record stands in its author's log, as `tocsin verify` does."""

from dataclasses import dataclass

from tocsin.circles.evidence.prooffile import ProofFacts, verify_proof
from tocsin.core.errors import Refusal
from tocsin.core.tlog.proof import TlogProof


@dataclass(frozen=True, slots=True)
class Checked:
    """What a proof file proved at `at_ms`; `checkpoint` is the one in it.

    `same`: the record in it is the one that is kept here, byte for byte.
    """

    facts: ProofFacts
    checkpoint: str
    same: bool
    at_ms: int


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Why nothing is proven."""

    code: str
    why: str
    at_ms: int


def check(data: bytes, circle: str, body: bytes, at_ms: int) -> Checked | NotChecked:
    """Verify a proof file of this record. Whatever is wrong with it is said, not raised."""
    try:
        facts = verify_proof(data, circle)
        note = TlogProof.parse(data).checkpoint_note
    except Refusal as refusal:
        return NotChecked(refusal.code, str(refusal), at_ms)
    return Checked(facts, note.decode(), facts.body == body, at_ms)
