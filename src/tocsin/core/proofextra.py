"""What a proof file carries besides the C2SP tlog-proof itself (docs/protocol.md, section 13).

Its form alone: what it proves, `tocsin.circles.evidence.prooffile` says, and the page of an evidence archive.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct, json

from tocsin.core import strict_json
from tocsin.core.errors import Refusal
from tocsin.core.tlog.proof import TlogProof

MAX_COSIGNATURES: Final = 15


class ProofExtra(Struct, frozen=True, forbid_unknown_fields=True):
    """The charter in its versions, the openings of the members involved, and the record with its salt."""

    charters: Annotated[tuple[str, ...], Meta(min_length=1)]
    key_events: Annotated[tuple[str, ...], Meta(min_length=1, max_length=1 + MAX_COSIGNATURES)]
    record: str
    salt: str
    version: Literal[1]

    @classmethod
    def of(cls, proof: TlogProof, malformed: type[Refusal]) -> "ProofExtra":
        """What this one carries. Raises `malformed`, and the refusals of `strict_json.decode`."""
        return strict_json.decode(proof.extra or b"", _DECODER, malformed)


_DECODER = json.Decoder(ProofExtra)
