"""A void epoch: what the key of an ended log signed beyond or beside its end (docs/protocol.md, section 12).

An organisation states where a log of its own ended, exactly, or an amendment that removes it does; whatever
its key signed otherwise is void. It takes the end, as the circle knows it, and a checkpoint of that log

1. of more entries than the end; or
2. of as many, with another root; or
3. of fewer, and hashes that lead to the root at the end, and from another root at its size than the one
   signed (as in `forks`: all of them lie under what was stated).

It proves that somebody used the key so, and nothing about who or when: a thief, or the organisation, before
it wanted the log to have ended, or knew where the others ended it. That these entries are void is the word of
whoever stated the end.
"""

from dataclasses import dataclass
from typing import Literal, Self

import msgspec

from tocsin.circles.errors import MalformedVoid, NoVoid
from tocsin.circles.evidence.logfile import LogFile, bare
from tocsin.circles.founding.circle import Circle, End, Member
from tocsin.core import strict_json
from tocsin.core.keys import decode_base64, encode_base64
from tocsin.core.records.common import Root
from tocsin.core.tlog.checkpoint import SignedCheckpoint
from tocsin.core.tlog.tree import ReadTiles, complete_proof, consistency_proof, consistency_roots, tree_root

MAX_VOID_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Void:
    """`member`'s ended log, and a checkpoint that is not one of it. Raises NoVoid, or MalformedProof."""

    member: Member
    signed: SignedCheckpoint
    proof: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        end, size, root = self.end, self.signed.checkpoint.size, self.signed.checkpoint.root
        if size < end.size:
            old_root, new_root = consistency_roots(size, end.size, self.proof)
            shown = new_root == end.root and old_root != root
        else:
            shown = not self.proof and (size > end.size or root != end.root)
        if not shown:
            raise NoVoid(f"Nothing shows that what {self.member.log} signed at {size} is void.")

    @property
    def end(self) -> End:
        """Where the log ended. Raises NoVoid where nobody said so exactly."""
        end = self.member.end
        if end is None or not end.exact:
            raise NoVoid(f"Expected a log with an exact end, found {self.member.log}, which has none.")
        return end

    @property
    def beyond(self) -> bool:
        """Whether it goes on behind the end; otherwise it is another version of what is before it."""
        return self.signed.checkpoint.size > self.end.size

    @classmethod
    def of(cls, member: Member, signed: SignedCheckpoint, read: ReadTiles) -> Self:
        """The evidence; `read` gives the tiles of the log up to its end. Raises NoVoid."""
        size, end = signed.checkpoint.size, member.end
        if end is None or size >= end.size:
            return cls(member, signed)
        hashes = consistency_proof(size, end.size, read)
        return cls(member, signed, tuple(complete_proof(size, tree_root(size, read), hashes)))

    def encode(self) -> bytes:
        """The file. Of the checkpoint's signatures, its log's alone is in it."""
        return strict_json.encode_file(
            _File(
                checkpoint_note=bare(self.signed, self.member.log_key),
                circle=self.member.log.circle,
                format="tocsin-void/v1",
                log=str(self.member.log),
                opening=self.member.opening.decode(),
                proof=tuple(map(encode_base64, self.proof)),
            )
        )


def verify_void(data: bytes, circle: Circle) -> Void:
    """The evidence in a file, verified with the keys and ends of the circle.

    (1) its form: MalformedVoid, and the refusals of `strict_json.decode`; (2) it is about a log of this
    circle: ProofElsewhere, UnknownName, DrillAtLive, LiveAtDrill; (3) with its opening: WrongOpening; (4) the
    checkpoint is of that log and signed by it alone: the refusals of `open_checkpoint`, UnknownName,
    MalformedVoid; (5) it is void: NoVoid, MalformedProof.
    """
    # (1) form
    file = strict_json.decode_file(data, _DECODER, MalformedVoid, MAX_VOID_BYTES)
    # (2) log, (3) opening
    member = file.member(circle)
    # (4) checkpoint
    signed = file.checkpoint(file.checkpoint_note, circle)
    if len(signed.note.signatures) != 1:
        raise MalformedVoid("Expected a checkpoint with its log's signature alone, found more.")
    # (5) void
    return Void(member, signed, tuple(decode_base64(part, MalformedVoid) for part in file.proof))


class _File(LogFile, frozen=True):
    checkpoint_note: str = msgspec.field(name="checkpoint")
    format: Literal["tocsin-void/v1"]
    proof: tuple[Root, ...]


_DECODER = msgspec.json.Decoder(_File)
