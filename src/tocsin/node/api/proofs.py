"""A proof file for one record, with the most convincing checkpoint that this node has (docs/protocol.md, section 13).

- Of one's own log, that is the one with the most holder cosignatures of those above the record.
- Of another's log, it is the newest one held, and this node says itself that it holds it.
"""

from tocsin.circles.errors import UnknownName
from tocsin.circles.evidence.prooffile import make_proof
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.line import Line
from tocsin.core.checkpoint import SignedCheckpoint, cosign, open_checkpoint
from tocsin.core.errors import Refusal
from tocsin.core.note import MAX_SIGNATURES, Note, Signature
from tocsin.core.tree import inclusion_proof
from tocsin.log.store import Store

_MAX_SIZES = 64


class NotProvable(Refusal):
    """Nothing here proves this entry yet."""

    code = "not-provable"


def prove(line: Line, me: MemberKeys, store: Store, log: str, index: int, now_s: int) -> bytes:
    """The proof file of entry `index` of `log`. Raises UnknownName or NotProvable."""
    if log not in line.circle.by_log:
        raise UnknownName(f"Expected a log of circle {line.circle.id}, found {log!r}.")
    own = log == line.own.name
    checkpoint = _own(line, store, index) if own else _followed(line, me, log, index, now_s)
    _, salt, record = store.record(log, index)
    if record is None:
        raise NotProvable(f"Expected the record of entry {index}, found that its author has not sent it.")
    hashes = inclusion_proof(index, checkpoint.checkpoint.size, store.read_tiles(log))
    return make_proof(line.circle, checkpoint, index=index, salt=salt, record=record, hashes=hashes)


def _own(line: Line, store: Store, index: int) -> SignedCheckpoint:
    log, holders = line.own.name, line.circle.holder_keys
    sizes = [size for size, _ in store.cosigned_sizes(log, index + 1, _MAX_SIZES)]
    best: list[Signature] = []
    best_note = store.newest_checkpoint(log) if index < line.own.size else None
    for size in sizes:
        found = [signature for signature, _ in store.cosignatures(log, size)]
        found.sort(key=lambda signature: signature.name not in holders)
        if sum(s.name in holders for s in found) > sum(s.name in holders for s in best):
            best, best_note = found, store.checkpoint_at(log, size)
    if best_note is None:
        raise NotProvable(f"Expected an entry below {line.own.size}, found {index}.")
    return _with(open_checkpoint(best_note, line.circle.log_keys.get), best)


def _followed(line: Line, me: MemberKeys, log: str, index: int, now_s: int) -> SignedCheckpoint:
    followed = line.following.log(log)
    anchor = followed.anchor if followed else None
    if followed is None or anchor is None or index >= anchor.checkpoint.size:
        size = anchor.checkpoint.size if anchor else 0
        raise NotProvable(f"Expected an entry below {size}, which is held here; found {index}.")
    held = not followed.incomplete and not followed.stopped
    return _with(anchor, [cosign(anchor.checkpoint, me.holder, now_s)] if held else [])


def _with(signed: SignedCheckpoint, cosignatures: list[Signature]) -> SignedCheckpoint:
    own = signed.note.signatures[:1]
    return SignedCheckpoint(
        signed.checkpoint, Note(signed.note.text, (*own, *cosignatures[: MAX_SIGNATURES - 1]))
    )
