"""One followed log: what is held of it, which of its checkpoints are known, and whether a new one fits.

Nothing here waits, writes or sends: `accepting` does, and changes this state only after a commit (but for
`stop`, which waits for nothing).

- *Held* is a prefix of the log: `edge` has its size and root. `anchor` is its newest checkpoint that is
  held.
- *Known* checkpoints are beyond the anchor, shown by the log's member or by others. Each is compared as
  soon as an anchor passes it (docs/protocol.md, section 9.2, step 13): only then can evidence be made of
  it.
- *Promised* are size and root up to which this node spoke of the log before it lost records, if it did: it
  confirms nothing that does not continue them.
- *Ahead* are entries whose records came before a backlog, and were acknowledged. They give way to nothing but
  the end of the log, which its organisation signed, where the log's key had signed them.
- A checkpoint is kept with its log's signature alone: with what else it carries, a member could make the
  notes that others pass on as large as it likes.
"""

from contextlib import suppress

from tocsin.circles.errors import EpochEnded, WrongRoot, WrongSize
from tocsin.circles.evidence.forks import Fork
from tocsin.circles.evidence.rewritten import rewritten_tiles
from tocsin.circles.founding.circle import End, Member
from tocsin.core.errors import BadSignature, Refusal, UnknownSigner
from tocsin.core.note import Note, parse_note
from tocsin.core.tlog.checkpoint import (
    MAX_CHECKPOINT_BYTES,
    Checkpoint,
    SignedCheckpoint,
    open_checkpoint,
)
from tocsin.core.tlog.chunk import Chunk
from tocsin.core.tlog.entry import EntryHasher
from tocsin.core.tlog.tree import frontier_at, leaf_hash, tree_root, verify_consistency
from tocsin.log.edge import Edge, Extension
from tocsin.log.store import Store

MAX_KNOWN = 64
_MAX_ROOTS = 1024


class Followed:
    """The state of one followed log, as the store has it."""

    def __init__(
        self,
        member: Member,
        store: Store,
        *,
        promised: tuple[int, bytes] | None = None,
        aside: bool = False,
        entitled_from: int = 0,
    ) -> None:
        self.member = member
        self.name = str(member.log)
        self.hasher = EntryHasher(self.name)
        self._store = store
        evidence = store.evidence(self.name)
        self.fork = Fork.parse_unverified(evidence) if evidence else None
        self.stopped = self.fork is not None
        self.edge = store.edge(self.name)
        self.end = member.end
        self.aside = aside
        self.entitled_from = entitled_from
        self._promised = promised
        self.incomplete = any(index < self.size for index in store.missing(self.name, 1))
        self.ahead = {index: entry for index, entry, _, _ in store.aheads(self.name)}
        self.anchor: SignedCheckpoint | None = None
        self.known: dict[int, SignedCheckpoint] = {}
        self._roots: dict[int, bytes] = {}
        self._opened: tuple[bytes, SignedCheckpoint] | None = None
        for note in store.checkpoints_above(self.name, -1):
            # What it signed beyond its end is void; what another key signed, whose opening counted once, too.
            with suppress(Refusal):
                self.remember(self.open(note))

    @property
    def size(self) -> int:
        """Number of entries held, without void ones."""
        return min(self.edge.size, self.end.size) if self.end and self.end.exact else self.edge.size

    @property
    def reached_end(self) -> bool:
        """Whether the log is ended, and what is held of it goes up to there."""
        return self.end is not None and self._held_at_end == self.end.root

    @property
    def complete(self) -> bool:
        """Whether nothing more of this log can come, but records that are missing."""
        return self.end is not None and self.end.exact and self.reached_end

    @property
    def went_astray(self) -> bool:
        """Whether the log is ended, and what is held of it is another version."""
        return self.end is not None and self._held_at_end not in (None, self.end.root)

    @property
    def _held_at_end(self) -> bytes | None:
        if self.end is None or self.edge.size < self.end.size:
            return None
        return self.root_at(self.end.size)

    @property
    def voided(self) -> range | None:
        """The entries here that lie beyond the end, if there are any."""
        if self.end and self.end.exact and self.edge.size > self.end.size:
            return range(self.end.size, self.edge.size)
        return None

    @property
    def closed(self) -> str | None:
        """Why nothing more is accepted of this log, if so."""
        if self.member.disputed:
            return f"There are two openings of the epoch after {self.name}."
        if self.stopped or self.went_astray:
            return f"There are two versions of {self.name}."
        return None

    @property
    def filled(self) -> bool:
        """Whether records of what is held are taken; of two versions, if it is the one up to the end."""
        return self.closed is None or (self.reached_end and not self.member.disputed)

    @property
    def lags(self) -> bool:
        """Whether there is more of this log than is held."""
        if self.end and not self.reached_end:
            return True
        newest = self.newest()
        return not self.complete and newest is not None and newest.checkpoint.size > self.size

    @property
    def may_be_confirmed(self) -> bool:
        """Whether our holder may sign what is held: no other branch was held here, or may have been."""
        if self._promised is None:
            return not self.aside
        size, root = self._promised
        return not self.aside and self.size >= size and self.root_at(size) == root

    def open(self, note: bytes) -> SignedCheckpoint:
        """A checkpoint of this log, verified, with the log's signature alone.

        The same bytes as last time cost no signature: a push that comes twice, the next part of a backlog.
        Raises the refusals of `open_checkpoint`, and WrongSize: no log signs that it is empty.
        """
        if self._opened and self._opened[0] == note:
            return self._opened[1]
        key = self.member.log_key
        try:
            signed = open_checkpoint(note, lambda origin: key if origin == self.name else None)
        except (UnknownSigner, BadSignature):
            if end := self._end_in(note):
                return end
            raise
        if signed.checkpoint.size == 0:
            raise WrongSize(f"Expected a checkpoint of 1 or more, found one of 0 of {self.name}.")
        self._check_within(signed.checkpoint)
        own = [s for s in signed.note.signatures if (s.name, s.key_id) == (key.name, key.key_id)]
        opened = SignedCheckpoint(signed.checkpoint, Note(signed.note.text, tuple(own)))
        self._opened = note, opened
        return opened

    def _end_in(self, note: bytes) -> SignedCheckpoint | None:
        """The checkpoint of this log's end, whoever signed it: the organisation did, where it stated it."""
        if self.end is None:
            return None
        end = Checkpoint(self.name, self.end.size, self.end.root)
        parsed = parse_note(note, max_bytes=MAX_CHECKPOINT_BYTES)
        others = tuple(signature for signature in parsed.signatures if signature.name != self.name)
        return (
            SignedCheckpoint(end, Note(parsed.text, others)) if others and parsed.text == end.text() else None
        )

    def _check_within(self, checkpoint: Checkpoint) -> None:
        """Raises EpochEnded for a checkpoint beyond the log's end, or beside it."""
        end = self.end
        if end is None or checkpoint.size < end.size or (checkpoint.size > end.size and not end.exact):
            return
        if (checkpoint.size, checkpoint.root) != (end.size, end.root):
            raise EpochEnded(
                f"{self.name} ended with {end.size} entries; a checkpoint of {checkpoint.size} is void."
            )

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

    @property
    def known_size(self) -> int:
        """How many entries it is known to have."""
        newest = self.newest()
        return max(self.size, self.end.size if self.end else 0, newest.checkpoint.size if newest else 0)

    def entry(self, index: int) -> bytes:
        """The held entry at `index`."""
        return self._store.entries(self.name, index, index + 1)

    def has(self, checkpoint: Checkpoint) -> bool:
        """Whether this is held or known already: then it says nothing new, whoever signed it."""
        if self.is_end(checkpoint):
            return True
        if known := self.known.get(checkpoint.size):
            return known.checkpoint.root == checkpoint.root
        return self.passed(checkpoint.size) and self.root_at(checkpoint.size) == checkpoint.root

    def is_end(self, checkpoint: Checkpoint) -> bool:
        """Whether it is what the organisation stated as the log's end."""
        end = self.end
        return end is not None and (checkpoint.size, checkpoint.root) == (end.size, end.root)

    def passed(self, size: int) -> bool:
        """Whether a signed checkpoint of this size or a larger one is held."""
        return self.anchor is not None and size <= self.anchor.checkpoint.size

    def root_at(self, size: int) -> bytes:
        """The root that the held log had at `size`; it held as many, void entries among them."""
        if size == self.edge.size:
            return self.edge.frontier.root()
        root = self._roots.get(size)
        if root is None:
            root = tree_root(size, self._store.read_tiles(self.name))
            self._keep_root(size, root)
        return root

    def strays(self, checkpoint: Checkpoint) -> bool:
        """Whether it is of another version of a log whose end is exact, and held: then it is void."""
        size = checkpoint.size
        return self.complete and size <= self.size and self.root_at(size) != checkpoint.root

    def fork_with(self, signed: SignedCheckpoint) -> Fork | None:
        """The evidence, if `signed` and a checkpoint known before are not of one log that only grew."""
        size, root, anchor = signed.checkpoint.size, signed.checkpoint.root, self.anchor
        if self.end and not (self.reached_end and not self.end.exact):
            # Which version is the true one, the end says.
            return None
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
        if self.end or anchor is None or chunk.end != size or chunk.first >= anchor.checkpoint.size:
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
        if self.end and self.size < self.end.size <= chunk.end:
            return self._extension_to_end(chunk, self.end)
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
        if new and not self.is_end(checkpoint):
            self._check_ahead(new)
        return new, growth

    def _extension_to_end(self, chunk: Chunk, end: End) -> tuple[Chunk, Extension]:
        """What of a chunk is new, up to the log's end, whose root the organisation signed."""
        new = chunk.slice(self.size, end.size)
        growth = self.edge.extend(new.entries)
        if growth.root != end.root:
            raise WrongRoot(
                f"The entries below {end.size} do not lead to the root that {self.name} ended with."
            )
        return new, growth

    def _check_ahead(self, new: Chunk) -> None:
        if displaced := self.displaced(new):
            raise WrongRoot(f"Entry {displaced[0]} is not the one that came ahead.")

    def displaced(self, new: Chunk | None) -> tuple[int, ...]:
        """Where these new entries are others than came ahead."""
        if new is None:
            return ()
        passed = [index for index in sorted(self.ahead) if index < new.end]
        return tuple(index for index in passed if new.entry(index) != self.ahead[index])

    def leads_to_end(self, chunk: Chunk, proof: tuple[bytes, ...]) -> bool:
        """Whether the held entries below `chunk.first`, and then this chunk, lead to the log's end."""
        if self.end is None or not chunk.first < chunk.end <= self.end.size:
            return False
        leaves = [leaf_hash(entry) for _, entry, _, _ in chunk.items()]
        root = frontier_at(chunk.first, self._store.read_tiles(self.name)).append(leaves).root()
        try:
            verify_consistency(chunk.end, root, self.end.size, self.end.root, proof)
        except Refusal:
            return False
        return True

    def advance(self, edge: Edge) -> None:
        """After the commit: what is held now ends at `edge`."""
        self._keep_root(self.edge.size, self.edge.frontier.root())
        self.edge = edge
        self.ahead = {index: entry for index, entry in self.ahead.items() if index >= edge.size}

    def is_new(self, signed: SignedCheckpoint) -> bool:
        """Whether `remember` would keep it: not if it says nothing new, or too many are known ahead."""
        size = signed.checkpoint.size
        if self.passed(size) or not any(own.name == self.name for own in signed.note.signatures):
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
