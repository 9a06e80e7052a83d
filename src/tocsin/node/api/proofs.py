"""A proof file for one record, with the most convincing checkpoint that this node has.

- That is the one with the most holder cosignatures of those above the record: of one's own log, in whatever
  epoch, those that its holders gave; of another's, those that came by.
- Of another's log, it may be the newest one held: this node says itself that it holds it.
"""

from dataclasses import dataclass
from typing import TypeAlias

from tocsin.circles.errors import UnknownName
from tocsin.circles.evidence.prooffile import make_proof
from tocsin.circles.founding.circle import Circle, void_from
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


class RecordErased(Refusal):
    """The record was erased. Its entry stands, and no longer says anything."""

    code = "record-erased"


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
        checkpoint, cosignatures = self._shown(log, index)
        size = checkpoint.checkpoint.size if checkpoint else 0
        if checkpoint is None or index >= size:
            raise NotProvable(
                f"Expected an entry below {size}, the size that is signed and held; found {index}."
            )
        if not self.line.may_leave(log):
            raise NotProvable(
                f"Expected that it is known what was erased of {log}, found that the other members are still "
                "being asked. Next: try again in a minute."
            )
        _, salt, record = self.store.record(log, index)
        if record is None and self.store.erased(log, index, index + 1):
            raise RecordErased(f"Expected the record of entry {index}, which was erased: nothing proves it.")
        if record is None:
            raise NotProvable(f"Expected the record of entry {index}, which its author has not sent.")
        hashes = inclusion_proof(index, size, self.store.read_tiles(log))
        return make_proof(
            circle, checkpoint, cosignatures, index=index, salt=salt, record=record, hashes=hashes
        )

    def _shown(self, log: str, index: int) -> _Shown:
        """What shows the most holders; of two that show as many, what we say ourselves. Nothing void."""
        circle = self.line.circle
        end = circle.by_log[log].end
        shown = (self._followed(log), self._confirmed(log, index))
        valid = [
            (None, []) if checkpoint and end and end.voids(checkpoint.checkpoint) else (checkpoint, found)
            for checkpoint, found in shown
        ]
        return max(valid, key=lambda one: (_holders(circle, one[1]), one[0] is not None))

    def _confirmed(self, log: str, index: int) -> _Shown:
        """Of the checkpoints above the entry, the one with the most holders; without any, the newest."""
        circle = self.line.circle
        best: list[Signature] = []
        note = self.store.newest_checkpoint(log)
        void = void_from(circle.by_log[log])
        for size, _ in self.store.cosigned_sizes(log, index + 1, _MAX_SIZES):
            found = [signature for signature, _ in self.store.cosignatures(log, size)]
            within = void is None or size <= void
            if within and _holders(circle, found) > _holders(circle, best):
                best, note = found, self.store.checkpoint_at(log, size)
        return (open_checkpoint(note, circle.log_keys.get) if note else None), best

    def _followed(self, log: str) -> _Shown:
        """The newest checkpoint held, with our own word that it is."""
        followed = self.line.following.log(log)
        if followed is None or followed.anchor is None:
            return None, []
        ours = followed.member.slug == self.line.standing.member.slug
        held = not followed.incomplete and not followed.stopped and not ours
        checkpoint = followed.anchor.checkpoint
        return followed.anchor, [cosign(checkpoint, self.me.holder, self.now_s)] if held else []


def _holders(circle: Circle, signatures: list[Signature]) -> int:
    return sum(signature.name in circle.holder_keys for signature in signatures)
