"""A proof file for one record, with the most convincing checkpoint that this node has.

- Of one's own log, that is the one with the most holder cosignatures of those above the record.
- Of another's log, it is the newest one held, and this node says itself that it holds it.
"""

from dataclasses import dataclass
from typing import TypeAlias

from tocsin.circles.errors import UnknownName
from tocsin.circles.evidence.prooffile import make_proof
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.line import Line
from tocsin.core.errors import Refusal, quoted
from tocsin.core.note import Signature
from tocsin.core.tlog.checkpoint import SignedCheckpoint, cosign, open_checkpoint
from tocsin.core.tlog.tree import inclusion_proof
from tocsin.log.store import Store

_MAX_SIZES = 64

_Shown: TypeAlias = tuple[SignedCheckpoint | None, list[Signature]]


class NotProvable(Refusal):
    """Nothing here proves this entry yet."""

    code = "not-provable"


@dataclass(frozen=True, slots=True)
class Prover:
    """Makes proof files of one circle's entries. `me`: this node's keys there; `now_s`: the time."""

    line: Line
    me: MemberKeys
    store: Store
    now_s: int

    def prove(self, log: str, index: int) -> bytes:
        """The proof file of entry `index` of `log`. Raises UnknownName or NotProvable."""
        circle = self.line.circle
        if log not in circle.by_log:
            raise UnknownName(f"Expected a log of circle {circle.id}, found {quoted(log)}.")
        checkpoint, cosignatures = self._own(index) if log == self.line.own.name else self._followed(log)
        size = checkpoint.checkpoint.size if checkpoint else 0
        if checkpoint is None or index >= size:
            raise NotProvable(
                f"Expected an entry below {size}, the size that is signed and held; found {index}."
            )
        _, salt, record = self.store.record(log, index)
        if record is None:
            raise NotProvable(f"Expected the record of entry {index}, which its author has not sent.")
        hashes = inclusion_proof(index, size, self.store.read_tiles(log))
        return make_proof(
            circle, checkpoint, cosignatures, index=index, salt=salt, record=record, hashes=hashes
        )

    def _own(self, index: int) -> _Shown:
        """Of the checkpoints above the entry, the one with the most holders; without any, the newest."""
        log, circle = self.line.own.name, self.line.circle
        best: list[Signature] = []
        note = self.store.newest_checkpoint(log)
        for size, _ in self.store.cosigned_sizes(log, index + 1, _MAX_SIZES):
            found = [signature for signature, _ in self.store.cosignatures(log, size)]
            if _holders(circle, found) > _holders(circle, best):
                best, note = found, self.store.checkpoint_at(log, size)
        return (open_checkpoint(note, circle.log_keys.get) if note else None), best

    def _followed(self, log: str) -> _Shown:
        """The newest checkpoint held, with our own word that it is."""
        followed = self.line.following.log(log)
        if followed is None or followed.anchor is None:
            return None, []
        held = not followed.incomplete and not followed.stopped
        checkpoint = followed.anchor.checkpoint
        return followed.anchor, [cosign(checkpoint, self.me.holder, self.now_s)] if held else []


def _holders(circle: Circle, signatures: list[Signature]) -> int:
    return sum(signature.name in circle.holder_keys for signature in signatures)
