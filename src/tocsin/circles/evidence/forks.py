"""Two versions of one log: evidence for anyone who has the log's key (docs/protocol.md, section 12).

A log that signs two checkpoints which cannot both be of one log that only grew has shown two versions of
itself, and its own signatures prove it. It takes

1. two checkpoints of one size, with different roots; or
2. two of sizes m < n, and hashes that lead to the root signed at n, and from another root at m than the one
   signed.

In the second case the hashes are a consistency proof in its complete form (`tree.complete_proof`), which
holds the root at m also where m is a power of two. All of them lie under the root at n: so they, too, are the
log's own word.
"""

from dataclasses import dataclass
from typing import Literal, Self

import msgspec

from tocsin.circles.errors import MalformedFork, NoFork
from tocsin.circles.evidence.logfile import LogFile, bare
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.opening import read_opening
from tocsin.core import strict_json
from tocsin.core.keys import decode_base64, encode_base64
from tocsin.core.note import parse_note
from tocsin.core.records.common import Root
from tocsin.core.tlog.checkpoint import SignedCheckpoint, parse_text
from tocsin.core.tlog.tree import ReadTiles, complete_proof, consistency_proof, consistency_roots, tree_root

MAX_FORK_BYTES = 131_072


@dataclass(frozen=True, slots=True)
class Fork:
    """Two checkpoints of one log that do not fit; `second` is not the smaller one.

    Raises NoFork, or MalformedProof, unless they and `proof` show it. Signatures are not looked at.
    """

    first: SignedCheckpoint
    second: SignedCheckpoint
    proof: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        first, second = self.first.checkpoint, self.second.checkpoint
        if first.origin != second.origin:
            raise NoFork(f"Expected two checkpoints of {first.origin}, found one of {second.origin}.")
        if first.size < second.size:
            old_root, new_root = consistency_roots(first.size, second.size, self.proof)
            shown = new_root == second.root and old_root != first.root
        else:
            shown = first.size == second.size and first.root != second.root and not self.proof
        if not shown:
            raise NoFork(
                f"Nothing shows that {first.origin} has two versions at {first.size} and {second.size}."
            )

    @property
    def sizes(self) -> tuple[int, int]:
        """The sizes of the two checkpoints."""
        return self.first.checkpoint.size, self.second.checkpoint.size

    @classmethod
    def between(cls, smaller: SignedCheckpoint, larger: SignedCheckpoint, read: ReadTiles) -> Self:
        """The evidence; `read` gives the tiles of the larger checkpoint's tree. Raises NoFork."""
        old, new = smaller.checkpoint.size, larger.checkpoint.size
        proof = consistency_proof(old, new, read)
        return cls(smaller, larger, tuple(complete_proof(old, tree_root(old, read), proof)) if proof else ())

    @staticmethod
    def parse_unverified(data: bytes) -> "Fork":
        """What `encode` wrote and this node stored: no signature is verified."""
        return _fork_in(_parsed(data))

    def encode(self, circle: str, opening: bytes) -> bytes:
        """The file. `opening` is entry 0 of the log and names its key, whose signatures alone are kept."""
        key = read_opening(opening).log_key
        return strict_json.encode_file(
            _File(
                circle=circle,
                first=bare(self.first, key),
                format="tocsin-fork/v1",
                log=self.first.checkpoint.origin,
                opening=opening.decode(),
                proof=tuple(map(encode_base64, self.proof)),
                second=bare(self.second, key),
            )
        )


def verify_fork(data: bytes, circle: Circle) -> Fork:
    """The evidence in a file, verified with the keys of the circle.

    (1) its form: MalformedFork, and the refusals of `strict_json.decode`; (2) it is about a log of this
    circle: ProofElsewhere, UnknownName, DrillAtLive, LiveAtDrill; (3) with its opening: WrongOpening; (4)
    both checkpoints are of that log and signed by it alone: the refusals of `open_checkpoint`, MalformedFork;
    (5) they do not fit: NoFork.
    """
    # (1) form
    file = _parsed(data)
    # (2) log, (3) opening
    file.member(circle)
    # (4) checkpoints
    for note in (file.first, file.second):
        if len(file.checkpoint(note, circle).note.signatures) != 1:
            raise MalformedFork("Expected checkpoints with their log's signature alone, found more.")
    # (5) fork
    return _fork_in(file)


class _File(LogFile, frozen=True):
    first: str
    format: Literal["tocsin-fork/v1"]
    proof: tuple[Root, ...]
    second: str


_DECODER = msgspec.json.Decoder(_File)


def _parsed(data: bytes) -> _File:
    return strict_json.decode_file(data, _DECODER, MalformedFork, MAX_FORK_BYTES)


def _fork_in(file: _File) -> Fork:
    notes = [parse_note(note.encode()) for note in (file.first, file.second)]
    first, second = (SignedCheckpoint(parse_text(note.text), note) for note in notes)
    return Fork(first, second, tuple(decode_base64(part, MalformedFork) for part in file.proof))
