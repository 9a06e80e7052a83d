"""One followed log: what is held of it, which of its checkpoints are known, and whether a new one fits.

Nothing here waits, writes or sends: `accepting` does, and changes this state only after a commit (but for
`stop`, which waits for nothing).

- *Held* is a prefix of the log: `edge` has its size and root. `anchor` is its newest checkpoint that is
  held.
- *Known* checkpoints are beyond the anchor, shown by the log's member or by others. Each is compared as
  soon as an anchor passes it (docs/protocol.md, section 9.2, step 13): only then can evidence be made of
  it.
- *Promised* is the size that this node's holder signed before it lost records, if it did: until it holds
  that much again, it signs nothing.
- *Ahead* are entries whose records came before a backlog, and were acknowledged.
- A checkpoint is kept with its log's signature alone: with what else it carries, a member could make the
  notes that others pass on as large as it likes.
"""

from tocsin.circles.errors import WrongRoot, WrongSize
from tocsin.circles.evidence.forks import Fork
from tocsin.circles.evidence.rewritten import rewritten_tiles
from tocsin.circles.founding.circle import Member
from tocsin.core.errors import Refusal
from tocsin.core.note import Note
from tocsin.core.tlog.checkpoint import Checkpoint, SignedCheckpoint, open_checkpoint
from tocsin.core.tlog.chunk import Chunk
from tocsin.core.tlog.entry import EntryHasher
from tocsin.core.tlog.tree import frontier_at, leaf_hash, tree_root, verify_consistency
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
        evidence = store.evidence(self.name)
        self.fork = Fork.parse_unverified(evidence) if evidence else None
        self.stopped = self.fork is not None
        self.edge = store.edge(self.name)
        self.promised = 0
        self.incomplete = store.has_missing(self.name)
        self.ahead = {index: entry for index, entry, _, _ in store.aheads(self.name)}
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
        """A checkpoint of this log, verified, with the log's signature alone.

        Raises the refusals of `open_checkpoint`, and WrongSize: no log signs that it is empty.
        """
        key = self.member.log_key
        signed = open_checkpoint(note, lambda origin: key if origin == self.name else None)
        if signed.checkpoint.size == 0:
            raise WrongSize(f"Expected a checkpoint of 1 or more, found one of 0 of {self.name}.")
        own = [s for s in signed.note.signatures if (s.name, s.key_id) == (key.name, key.key_id)]
        return SignedCheckpoint(signed.checkpoint, Note(signed.note.text, tuple(own)))

    def newest(self) -> SignedCheckpoint | None:
        """The largest checkpoint known, held or not."""
        known = self.known[max(self.known)] if self.known else None
        return known if known and not self.passed(known.checkpoint.size) else self.anchor

    def shown(self) -> tuple[bytes, ...]:
        """The notes that others are shown: of a stopped log the two that do not fit.

        Of any other, the anchor and, where it is larger, the newest one. The newest alone would not do: its
        member could show everybody the same one, so large that nobody ever holds it, and so keep the anchors
        from being compared.
        """
        if self.fork:
            return self.fork.first.note.encode(), self.fork.second.note.encode()
        shown = [self.anchor] if self.anchor else []
        if (newest := self.newest()) is not None and newest is not self.anchor:
            shown.append(newest)
        return tuple(signed.note.encode() for signed in shown)

    def has(self, checkpoint: Checkpoint) -> bool:
        """Whether this is held or known already: then it says nothing new, whoever signed it."""
        if known := self.known.get(checkpoint.size):
            return known.checkpoint.root == checkpoint.root
        return self.passed(checkpoint.size) and self.root_at(checkpoint.size) == checkpoint.root

    def passed(self, size: int) -> bool:
        """Whether a signed checkpoint of this size or a larger one is held."""
        return self.anchor is not None and size <= self.anchor.checkpoint.size

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
        size, root, anchor = signed.checkpoint.size, signed.checkpoint.root, self.anchor
        for other in (anchor, self.known.get(size)):
            if other and other.checkpoint.size == size and other.checkpoint.root != root:
                return Fork(signed, other)
        if anchor is None or size >= anchor.checkpoint.size or self.root_at(size) == root:
            return None
        return Fork.between(signed, anchor, self._store.read_tiles(self.name))

    def fork_among_known(self) -> Fork | None:
        """The evidence, if a known checkpoint that the anchor has passed does not fit.

        Those that fit are no longer known ahead.
        """
        for size in sorted(self.known):
            if not self.passed(size):
                break
            if fork := self.fork_with(self.known[size]):
                return fork
            del self.known[size]
        return None

    def rewritten_by(self, chunk: Chunk, signed: SignedCheckpoint) -> Fork | None:
        """The evidence, if a chunk that differs from what is held ends in the root that the log's key signed.

        Then the key signed a history that is not the one held. Otherwise, None: the chunk is garbage, or
        differs only beyond the anchor.
        """
        size, anchor = signed.checkpoint.size, self.anchor
        if anchor is None or chunk.end != size or chunk.first >= anchor.checkpoint.size:
            return None
        held = self._store.read_tiles(self.name)
        leaves = [leaf_hash(entry) for _, entry, _, _ in chunk.items()]
        if frontier_at(chunk.first, held).append(leaves).root() != signed.checkpoint.root:
            return None
        try:
            return Fork.between(anchor, signed, rewritten_tiles(held, chunk.first, leaves))
        except Refusal:
            return None

    def extension(
        self, chunk: Chunk, checkpoint: Checkpoint, proof: tuple[bytes, ...]
    ) -> tuple[Chunk | None, Extension | None]:
        """What of a chunk, which starts at or below the size held, is new, and the right edge after it.

        Raises WrongRoot unless (11) the rest are the entries held, and (12) the root after the chunk is the
        checkpoint's or leads to it by the proof, and fits what is held and what came ahead.
        """
        if self._differs(chunk):
            raise WrongRoot(f"Entries below {self.size} are not those held of {self.name}.")
        new = chunk.slice(max(chunk.first, self.size), chunk.end) if chunk.end > self.size else None
        growth = self.edge.extend(new.entries) if new else None
        try:
            root = growth.root if growth else self.root_at(chunk.end)
            verify_consistency(chunk.end, root, checkpoint.size, checkpoint.root, proof)
        except Refusal as error:
            raise WrongRoot(
                f"The entries below {chunk.end} do not lead to the root signed at {checkpoint.size}. {error}"
            ) from error
        if checkpoint.size == self.size and checkpoint.root != self.root_at(self.size):
            raise WrongRoot(f"The root signed at {self.size} is not that of the entries held.")
        if new:
            for index, entry in self.ahead.items():
                if index < new.end and new.entry(index) != entry:
                    raise WrongRoot(f"Entry {index} is not the one that came ahead.")
        return new, growth

    def advance(self, edge: Edge) -> None:
        """After the commit: what is held now ends at `edge`."""
        self._keep_root(self.size, self.edge.frontier.root())
        self.edge = edge
        self.ahead = {index: entry for index, entry in self.ahead.items() if index >= edge.size}

    def is_new(self, signed: SignedCheckpoint) -> bool:
        """Whether `remember` would keep it: not if it says nothing new, or too many are known ahead."""
        size = signed.checkpoint.size
        if self.passed(size):
            return False
        return self._is_held(signed) or (size not in self.known and len(self.known) < MAX_KNOWN)

    def remember(self, signed: SignedCheckpoint) -> None:
        """Keep a verified checkpoint, if it is new."""
        if self.is_new(signed):
            if self._is_held(signed):
                self.anchor = signed
            else:
                self.known[signed.checkpoint.size] = signed

    def stop(self, fork: Fork) -> None:
        """Accept nothing more."""
        self.fork = fork
        self.stopped = True

    def _differs(self, chunk: Chunk) -> bool:
        """Whether entries of the chunk below the size held are others than those held."""
        end = min(chunk.end, self.size)
        if chunk.first >= end:
            return False
        held = self._store.entries(self.name, chunk.first, end)
        return held != chunk.entries[: len(held)]

    def _is_held(self, signed: SignedCheckpoint) -> bool:
        size = signed.checkpoint.size
        return size <= self.size and self.root_at(size) == signed.checkpoint.root

    def _keep_root(self, size: int, root: bytes) -> None:
        if len(self._roots) >= _MAX_ROOTS:
            del self._roots[next(iter(self._roots))]
        self._roots[size] = root
