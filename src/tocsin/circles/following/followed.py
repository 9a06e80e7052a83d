"""One followed log: what is held of it, which of its checkpoints are known, and whether a new one fits.

Nothing here waits, writes or sends: `following` does, and changes this state only after a commit.

- *Held* is a prefix of the log: `edge` has its size and root. `anchor` is its newest checkpoint that is
  held.
- *Known* checkpoints are beyond the anchor, shown by the log's member or by others. Each is compared as
  soon as an anchor passes it (docs/protocol.md, section 9.2, step 13): only then can evidence be made of
  it.
"""

from tocsin.circles.errors import WrongRoot
from tocsin.circles.evidence.forks import Fork
from tocsin.circles.evidence.rewritten import rewritten_tiles
from tocsin.circles.founding.circle import Member
from tocsin.core.checkpoint import Checkpoint, SignedCheckpoint, open_checkpoint
from tocsin.core.chunk import Chunk
from tocsin.core.entry import EntryHasher
from tocsin.core.errors import ProofMismatch
from tocsin.core.tree import frontier_at, leaf_hash, tree_root, verify_consistency
from tocsin.log.edge import Edge, Extension
from tocsin.log.store import Store

MAX_KNOWN = 64
_MAX_ROOTS = 1024


class Followed:
    """The state of one followed log, as the store has it."""

    def __init__(self, member: Member, store: Store) -> None:
        self.member = member
        self.name = str(member.log)
        self.hasher = EntryHasher(self.name)
        self._store = store
        head = store.head(self.name)
        self.stopped = head is not None and head.stopped
        self.edge = store.edge(self.name)
        self.incomplete = store.has_missing(self.name)
        self.seen_ahead = {index for index, *_ in store.aheads(self.name)}
        self.anchor: SignedCheckpoint | None = None
        self.known: dict[int, SignedCheckpoint] = {}
        self._roots: dict[int, bytes] = {}
        for note in store.checkpoints_above(self.name, -1):
            self.remember(self.open(note))

    @property
    def size(self) -> int:
        """Number of entries held."""
        return self.edge.size

    def open(self, note: bytes) -> SignedCheckpoint:
        """A checkpoint of this log, its signature verified. Raises the refusals of `open_checkpoint`."""
        return open_checkpoint(note, lambda origin: self.member.log_key if origin == self.name else None)

    def newest(self) -> SignedCheckpoint | None:
        """The largest checkpoint known, held or not."""
        return self.known[max(self.known)] if self.known else self.anchor

    def root_at(self, size: int) -> bytes:
        """The root that the held log had at `size`, which is at most the size held."""
        if size == self.size:
            return self.edge.frontier.root()
        root = self._roots.get(size)
        if root is None:
            root = tree_root(size, self._store.read_tiles(self.name))
            self._keep_root(size, root)
        return root

    def fork_with(self, signed: SignedCheckpoint) -> Fork | None:
        """The evidence, if `signed` and a checkpoint known before are not of one log that only grew."""
        checkpoint = signed.checkpoint
        for other in (self.anchor, self.known.get(checkpoint.size)):
            if other is not None and other.checkpoint.size == checkpoint.size:
                return None if other.checkpoint.root == checkpoint.root else Fork(signed, other)
        if self.anchor is None or checkpoint.size > self.anchor.checkpoint.size:
            return None
        if self.root_at(checkpoint.size) == checkpoint.root:
            return None
        return Fork.between(signed, self.anchor, self._store.read_tiles(self.name))

    def rewritten_by(self, chunk: Chunk, signed: SignedCheckpoint) -> Fork | None:
        """The evidence, if a chunk that differs from what is held ends in the root that the log's key signed.

        Then the key signed a history that is not the one held. Otherwise, None: the chunk is garbage.
        """
        size, held = signed.checkpoint.size, self._store.read_tiles(self.name)
        leaves = [leaf_hash(entry) for _, entry, _, _ in chunk.items()]
        root = frontier_at(chunk.first, held).append(leaves).root()
        if self.anchor is None or chunk.end != size or root != signed.checkpoint.root:
            return None
        return Fork.between(self.anchor, signed, rewritten_tiles(held, chunk.first, leaves))

    def differs(self, chunk: Chunk) -> bool:
        """Whether entries of the chunk below the size held are others than those held."""
        end = min(chunk.end, self.size)
        if chunk.first >= end:
            return False
        held = self._store.entries(self.name, chunk.first, end)
        return held != chunk.entries[: len(held)]

    def extension(self, new: Chunk, checkpoint: Checkpoint, proof: tuple[bytes, ...]) -> Extension:
        """The right edge after `new`, whose root is or leads to the checkpoint's. Raises WrongRoot."""
        extension = self.edge.extend(new.entries)
        root = extension.edge.frontier.root()
        try:
            verify_consistency(new.end, root, checkpoint.size, checkpoint.root, proof)
        except ProofMismatch as error:
            raise WrongRoot(
                f"The entries below {new.end} do not lead to the root signed at {checkpoint.size}. {error}"
            ) from error
        return extension

    def advance(self, edge: Edge) -> None:
        """After the commit: what is held now ends at `edge`."""
        self._keep_root(self.size, self.edge.frontier.root())
        self.edge = edge
        self.seen_ahead = {index for index in self.seen_ahead if index >= edge.size}

    def remember(self, signed: SignedCheckpoint) -> bool:
        """Keep a checkpoint whose signature is verified.

        False if it is not new, or too many are known ahead.
        """
        size = signed.checkpoint.size
        anchored = self.anchor.checkpoint.size if self.anchor else -1
        if size <= anchored or size in self.known:
            return False
        if size <= self.size and self.root_at(size) == signed.checkpoint.root:
            self.anchor = signed
        elif len(self.known) < MAX_KNOWN:
            self.known[size] = signed
        else:
            return False
        return True

    def overtaken(self) -> list[SignedCheckpoint]:
        """Checkpoints that the anchor has passed, to be compared with it; they are no longer known ahead."""
        anchored = self.anchor.checkpoint.size if self.anchor else -1
        return [self.known.pop(size) for size in sorted(self.known) if size <= anchored]

    def _keep_root(self, size: int, root: bytes) -> None:
        if len(self._roots) >= _MAX_ROOTS:
            del self._roots[next(iter(self._roots))]
        self._roots[size] = root
