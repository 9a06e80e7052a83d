"""Verifying what is here of a log, on this node, step by step so that nothing else has to wait.

(1) The newest checkpoint has the log's signature; (2) each entry is that of its record; (3) the entries lead
to the checkpoint's root: of a whole log by computing it anew, of a part by the proof of each; (4) each
cosignature on the checkpoint is of the key that it names. What records say plays no part, but that it can be
read is counted.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.reading import NotUnderstood, Reading, reader_at
from tocsin.core.errors import Refusal
from tocsin.core.keys import SignatureType
from tocsin.core.tlog.checkpoint import SignedCheckpoint, open_checkpoint, verify_cosignature
from tocsin.core.tlog.chunk import Chunk
from tocsin.core.tlog.entry import ENTRY_BYTES, EntryHasher
from tocsin.core.tlog.tree import Frontier, inclusion_proof, leaf_hash, verify_inclusion
from tocsin.log.store import StorageFailed, Store, UnknownLog

_BATCH = 128
_MAX_BYTES = 2**20
_MOST_NAMED = 20

State: TypeAlias = Literal["running", "holds", "fails", "nothing"]
"""*nothing*: there is no checkpoint here to verify against."""


@dataclass
class Verification:
    """One verification, while it runs and afterwards. `first` and `end` are entries; `done` so many of them.

    `wrong` are entries that are not those of their records, or not under the root; `unread` cannot be
    understood here. `cosigners` were verified, `miscosigned` are names of keys whose signature is none.
    """

    circle: Circle
    member: Member
    first: int
    end: int
    whole: bool
    state: State = "running"
    why: Refusal | UnknownLog | StorageFailed | None = None
    checkpoint: SignedCheckpoint | None = None
    done: int = 0
    records: int = 0
    erased: int = 0
    missing: int = 0
    signed: int = 0
    unread: list[int] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)
    wrong_count: int = 0
    unread_count: int = 0
    root_fits: bool | None = None
    cosigners: list[str] = field(default_factory=list)
    miscosigned: list[str] = field(default_factory=list)

    @property
    def log(self) -> str:
        """Which log."""
        return str(self.member.log)

    @property
    def permille(self) -> int:
        """How far it is."""
        return 1000 if self.end <= self.first else self.done * 1000 // (self.end - self.first)

    async def run(self, store: Store) -> None:
        """All of it. Never raises a refusal: what does not hold is what it finds, a damaged database too."""
        try:
            # (1) checkpoint
            self.checkpoint = self._newest(store)
            if self.checkpoint is None:
                self.state = "nothing"
                return
            size = self.checkpoint.checkpoint.size
            self.end = min(self.end, size)
            self.whole = self.first == 0 and self.end == size
            await self._entries(store, size)
            # (4) cosignatures
            self._check_cosignatures(store, size)
        except (Refusal, UnknownLog, StorageFailed) as error:
            self.why = error
            self.state = "fails"
            return
        self.state = "fails" if self.wrong_count or self.root_fits is False or self.miscosigned else "holds"

    def _newest(self, store: Store) -> SignedCheckpoint | None:
        note = store.newest_checkpoint(self.log)
        return open_checkpoint(note, self.circle.log_keys.get) if note else None

    async def _entries(self, store: Store, size: int) -> None:
        """(2) and (3)."""
        assert self.checkpoint is not None  # noqa: S101 - `run` has seen to it
        hasher = EntryHasher(self.log)
        reader = reader_at(self.member, store, self.first)
        root, frontier, at = self.checkpoint.checkpoint.root, Frontier.EMPTY, self.first
        while at < self.end:
            chunk = store.chunk(self.log, at, min(_BATCH, self.end - at), _MAX_BYTES)
            for index, entry, salt, body in chunk.items():
                if body is None:
                    self._absent(store, index)
                else:
                    self.records += 1
                    # (2) entry
                    if hasher.entry(salt, body) != entry:
                        self._is_wrong(index)
                    reading = reader.read(index, body)
                    self._was_read(index, reading)
                if not self.whole:
                    # (3) under the root
                    self._check_included(store, index, entry, size, root)
            if self.whole:
                frontier = frontier.append(_leaves(chunk))
            at = chunk.end
            self.done = at - self.first
            # Others have their turn.
            await asyncio.sleep(0)
        if self.whole:
            self.root_fits = frontier.root() == root

    def _absent(self, store: Store, index: int) -> None:
        if store.erased(self.log, index, index + 1):
            self.erased += 1
        else:
            self.missing += 1

    def _was_read(self, index: int, reading: Reading) -> None:
        if isinstance(reading, NotUnderstood):
            self.unread_count += 1
            if len(self.unread) < _MOST_NAMED:
                self.unread.append(index)
        elif reading.officer:
            self.signed += 1

    def _is_wrong(self, index: int) -> None:
        if index in self.wrong:
            return
        self.wrong_count += 1
        if len(self.wrong) < _MOST_NAMED:
            self.wrong.append(index)

    def _check_included(self, store: Store, index: int, entry: bytes, size: int, root: bytes) -> None:
        proof = inclusion_proof(index, size, store.read_tiles(self.log))
        try:
            verify_inclusion(leaf_hash(entry), index, size, proof, root)
        except Refusal:
            self._is_wrong(index)

    def _check_cosignatures(self, store: Store, size: int) -> None:
        assert self.checkpoint is not None  # noqa: S101 - `run` has seen to it
        for signature, _ in store.cosignatures(self.log, size):
            member = self.circle.by_key.get(signature.name)
            keys = {one.name: one for one in member.online_keys()} if member else {}
            key = keys.get(signature.name)
            if member is None or key is None or key.type is not SignatureType.COSIGNATURE:
                continue
            try:
                verify_cosignature(self.checkpoint.checkpoint, signature, key)
            except Refusal:
                self.miscosigned.append(signature.name)
            else:
                self.cosigners.append(member.slug)


def _leaves(chunk: Chunk) -> list[bytes]:
    entries = chunk.entries
    return [leaf_hash(entries[at : at + ENTRY_BYTES]) for at in range(0, len(entries), ENTRY_BYTES)]
