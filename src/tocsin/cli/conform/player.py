"""One member that the runner plays: its keys, its log, and what it can say of it, true or not."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Self

from tocsin.circles.changing.leaving import make_leaving
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.founding.opening import make_opening
from tocsin.circles.wire.messages import Ahead, Push
from tocsin.core.clock import Chance
from tocsin.core.errors import Fault
from tocsin.core.keys import SigningKey, encode_base64
from tocsin.core.records import (
    Attachment,
    Endpoint,
    Erasure,
    NoteRecord,
    Record,
    Report,
    Source,
    Target,
    encode_record,
)
from tocsin.core.records.opening import Previous, Reason
from tocsin.core.tlog.checkpoint import Checkpoint, SignedCheckpoint, sign_checkpoint
from tocsin.core.tlog.chunk import NO_SALT, Chunk
from tocsin.core.tlog.entry import SALT_BYTES, EntryHasher
from tocsin.core.tlog.tiles import HASH_BYTES, HASHES_PER_TILE, Tile
from tocsin.core.tlog.tree import Frontier, consistency_proof, inclusion_proof, leaf_hash

NOBODY_LISTENS = "https://127.0.0.1:9"


class Player:
    """A member of the drill. `said` is its log: entry, salt and record of each place, the opening first."""

    def __init__(self, keys: MemberKeys, organisation: SigningKey, opening: bytes, chance: Chance) -> None:
        self.keys = keys
        self.organisation = organisation
        self.opening = opening
        self.name = str(keys.log_name)
        self.chance = chance
        self.said: list[tuple[bytes, bytes, bytes]] = []
        self._hasher = EntryHasher(self.name)
        self.append(opening)

    def append(self, record: bytes) -> None:
        """Say this. A log that is played has one tile at most."""
        if len(self.said) == HASHES_PER_TILE - 1:
            raise Fault(f"Expected fewer than {HASHES_PER_TILE} entries in a log that is played.")
        salt = self.chance.token(SALT_BYTES)
        self.said.append((self._hasher.entry(salt, record), salt, record))

    def say(self, count: int) -> Self:
        """Say so many notes."""
        for _ in range(count):
            self._say(NoteRecord, lang="en", text=f"This is a drill: {self.chance.token(8).hex()}.")
        return self

    def report(self, *attachments: Attachment) -> Self:
        """Say that something was seen, with these attachments."""
        source = Source(kind="person", locator="The runner", obtained="first-hand")
        return self._say(Report, sources=(source,), attachments=attachments)

    def erase(self, *indices: int, entry: bytes = b"") -> Self:
        """Have what was said there erased; with `entry`, as if that stood there."""
        targets = [Target(entry=encode_base64(entry or self.said[at][0]), index=at) for at in indices]
        return self._say(
            Erasure,
            lang="en",
            log=self.name,
            targets=tuple(targets),
            reason="This is a drill.",
            ordered_by="The runner",
        )

    def _say(self, kind: Callable[..., Record], **fields: object) -> Self:
        said = kind(
            circle=self.keys.log_name.circle,
            at_ms=0,
            author="duty",
            author_kind="officer",
            tlp="TLP:GREEN",
            **fields,
        )
        self.append(encode_record(said))
        return self

    def parting(self, size: int, end: int) -> "Player":
        """The same member with another version of its log: other entries from `size` on, up to `end`."""
        other = Player(self.keys, self.organisation, self.opening, self.chance)
        other.said = self.said[:size]
        return other.say(end - size)

    def next_epoch(self, size: int, reason: Reason) -> "Player":
        """The same member in its next epoch, whose opening ends this one at that size."""
        log = self.keys.log_name
        keys = MemberKeys.generate(replace(log, epoch=log.epoch + 1), self.chance)
        opening = make_opening(
            keys,
            self.organisation,
            Endpoint(url=NOBODY_LISTENS, tls_spki_sha256=self.chance.token(32).hex()),
            at_ms=0,
            tlp="TLP:GREEN",
            previous=Previous(root=encode_base64(self.root(size)), size=size),
            reason=reason,
        )
        return Player(keys, self.organisation, opening, self.chance)

    def leaving(self, size: int) -> bytes:
        """The event by which this member leaves, its log ending at that size."""
        return make_leaving(
            self.keys.log_name, size, self.root(size), self.organisation, at_ms=0, tlp="TLP:GREEN"
        )

    def root(self, size: int) -> bytes:
        """The root of the first entries."""
        return Frontier.EMPTY.append(self._leaves(size)).root()

    def checkpoint(self, size: int, root: bytes | None = None) -> SignedCheckpoint:
        """The checkpoint of that size, or what is signed as one."""
        return sign_checkpoint(Checkpoint(self.name, size, root or self.root(size)), self.keys.log)

    def note(self, size: int, root: bytes | None = None) -> bytes:
        """The checkpoint of that size as it travels."""
        return self.checkpoint(size, root).note.encode()

    def chunk(self, first: int, end: int, absent: Sequence[int] = ()) -> Chunk:
        """Entries from `first` on, without the records at the places `absent`."""
        return Chunk.make(
            first,
            [
                (entry, NO_SALT, None) if index in absent else (entry, salt, record)
                for index, (entry, salt, record) in enumerate(self.said[first:end], first)
            ],
        )

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """The proof from one size to another; empty where none is needed."""
        return tuple(consistency_proof(old, new, self._read)) if 0 < old < new else ()

    def push(self, first: int, end: int, size: int = 0, absent: Sequence[int] = ()) -> Push:
        """Entries with the checkpoint of `size`, or of `end`."""
        size = size or end
        proof = self.consistency(end, size)
        return Push(self.name, self.chunk(first, end, absent), self.note(size), proof, ())

    def newest(self, *notes: bytes) -> Push:
        """A push of newest checkpoints alone."""
        return Push(self.name, Chunk.make(0, ()), b"", (), notes)

    def ahead(self, index: int, known_size: int) -> Ahead:
        """One record before a backlog, with the checkpoint of all that was said."""
        entry, salt, record = self.said[index]
        size = len(self.said)
        return Ahead(
            log=self.name,
            index=index,
            entry=entry,
            salt=salt,
            record=record,
            checkpoint=self.note(size),
            known_size=known_size,
            inclusion=tuple(inclusion_proof(index, size, self._read)),
            consistency=self.consistency(known_size, size),
        )

    def changed(self, chunk: Chunk, index: int, *, entry: bytes = b"", record: bytes = b"") -> Chunk:
        """A chunk with another entry or another record at one place."""
        return Chunk.make(
            chunk.first,
            [
                (entry or old, salt, record or body) if at == index else (old, salt, body)
                for at, old, salt, body in chunk.items()
            ],
        )

    def _leaves(self, size: int) -> list[bytes]:
        return [leaf_hash(entry) for entry, _, _ in self.said[:size]]

    def _read(self, tiles: Sequence[Tile]) -> list[bytes]:
        return [b"".join(self._leaves(tile.width))[: tile.width * HASH_BYTES] for tile in tiles]
