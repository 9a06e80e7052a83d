"""A void epoch: what the key of an ended log signed beyond or beside its end (docs/protocol.md, section 12).

An organisation states where a log of its own ended, exactly; whatever its key signed otherwise is void. It
takes the end, as the circle knows it, and a checkpoint of that log

1. of more entries than the end; or
2. of as many, with another root; or
3. of fewer, and hashes that lead to the root at the end, and from another root at its size than the one
   signed (as in `forks`: all of them lie under what the organisation signed).

It proves that somebody used the key so, and nothing about who or when: a thief, or the organisation, before
it wanted the log to have ended. That these entries are void is the organisation's own word.
"""

from dataclasses import dataclass
from typing import Literal, Self

import msgspec

from tocsin.circles.errors import MalformedVoid, NoVoid, ProofElsewhere, UnknownName, WrongOpening
from tocsin.circles.founding.circle import Circle, End, Member
from tocsin.core import strict_json
from tocsin.core.errors import quoted
from tocsin.core.keys import decode_base64, encode_base64
from tocsin.core.note import Note
from tocsin.core.records.common import CircleId, Root
from tocsin.core.tlog.checkpoint import SignedCheckpoint, open_checkpoint
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
        key, note = self.member.log_key, self.signed.note
        own = [one for one in note.signatures if (one.name, one.key_id) == (key.name, key.key_id)]
        file = _File(
            checkpoint=Note(note.text, tuple(own)).encode().decode(),
            circle=self.member.log.circle,
            format="tocsin-void/v1",
            log=str(self.member.log),
            opening=self.member.opening.decode(),
            proof=tuple(map(encode_base64, self.proof)),
        )
        return strict_json.encode(file) + b"\n"


def verify_void(data: bytes, circle: Circle) -> Void:
    """The evidence in a file, verified with the keys and ends of the circle.

    (1) its form: MalformedVoid, and the refusals of `strict_json.decode`; (2) it is about a log of this
    circle: ProofElsewhere, UnknownName, DrillAtLive, LiveAtDrill; (3) with its opening: WrongOpening; (4) the
    checkpoint is of that log and signed by it alone: the refusals of `open_checkpoint`, UnknownName,
    MalformedVoid; (5) it is void: NoVoid, MalformedProof.
    """
    # (1) form
    file = _File.parse(data)
    # (2) log
    if file.circle != circle.id:
        raise ProofElsewhere(f"Expected evidence of circle {circle.id}, found {file.circle}.")
    member = circle.member_of_log(file.log)
    # (3) opening
    if file.opening.encode() != member.opening:
        raise WrongOpening(f"Expected the opening of {file.log}, found another.")
    # (4) checkpoint
    signed = open_checkpoint(file.checkpoint.encode(), circle.log_keys.get)
    if (origin := signed.checkpoint.origin) != file.log:
        raise UnknownName(f"Expected a checkpoint of {file.log}, found {quoted(origin)}.")
    if len(signed.note.signatures) != 1:
        raise MalformedVoid("Expected a checkpoint with its log's signature alone, found more.")
    # (5) void
    return Void(member, signed, tuple(decode_base64(part, MalformedVoid) for part in file.proof))


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    checkpoint: str
    circle: CircleId
    format: Literal["tocsin-void/v1"]
    log: str
    opening: str
    proof: tuple[Root, ...]

    @classmethod
    def parse(cls, data: bytes) -> "_File":
        if len(data) > MAX_VOID_BYTES:
            raise MalformedVoid(f"Expected at most {MAX_VOID_BYTES} bytes, found {len(data)}.")
        if not data.endswith(b"\n"):
            raise MalformedVoid("Expected a JSON object and a newline, found no newline.")
        return strict_json.decode(data[:-1], _DECODER, MalformedVoid)


_DECODER = msgspec.json.Decoder(_File)
