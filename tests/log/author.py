"""A log's author as a store sees it: the same entries, salts, records and checkpoints each time."""

import hashlib
from collections.abc import Collection

from tests.core.naive_tree import NaiveTree

from tocsin.core.keys import SignatureType, SigningKey
from tocsin.core.note import Signature
from tocsin.core.tlog.checkpoint import Checkpoint, SignedCheckpoint, cosign, sign_checkpoint
from tocsin.core.tlog.chunk import NO_SALT, Chunk
from tocsin.core.tlog.entry import EntryHasher
from tocsin.log.store import Store

LOG = f"tocsin.example/{'c' * 64}/maple/1"
OTHER_LOG = f"tocsin.example/{'c' * 64}/birch/1"


def key(name: str, type: SignatureType = SignatureType.ED25519) -> SigningKey:  # noqa: A002 - the field's name
    """The key of that name."""
    return SigningKey.from_seed(name, type, hashlib.sha256(name.encode()).digest())


class Author:
    """The author of `log`; `said` is all that it has said, as (entry, salt, record).

    With another `version`, it says the same in another version of the log.
    """

    def __init__(self, log: str = LOG, version: bytes = b"salt") -> None:
        self.log = log
        self._version = version
        self.said: list[tuple[bytes, bytes, bytes]] = []
        self._hasher = EntryHasher(log)

    def say(self, count: int, absent: Collection[int] = ()) -> Chunk:
        """The next entries, without the records at the indexes `absent`."""
        first = len(self.said)
        for index in range(first, first + count):
            salt = hashlib.sha256(b"%b %d" % (self._version, index)).digest()
            record = b"record %d " % index * (1 + index % 7)
            self.said.append((self._hasher.entry(salt, record), salt, record))
        return Chunk.make(first, [self.seen(index, absent) for index in range(first, first + count)])

    def seen(self, index: int, absent: Collection[int] = ()) -> tuple[bytes, bytes, bytes | None]:
        """What a store shows at `index` while the records `absent` are missing."""
        entry, salt, record = self.said[index]
        return (entry, NO_SALT, None) if index in absent else (entry, salt, record)

    def tree(self, size: int | None = None) -> NaiveTree:
        """The tree of all entries, or of the first ones."""
        return NaiveTree([entry for entry, _, _ in self.said[:size]])

    def checkpoint(self, size: int) -> SignedCheckpoint:
        """The checkpoint of that size."""
        return sign_checkpoint(Checkpoint(self.log, size, self.tree(size).mth()), key(self.log))

    def note(self, size: int) -> bytes:
        """The note of the checkpoint of that size."""
        return self.checkpoint(size).note.encode()

    def cosignature(self, size: int, by: str, time_s: int) -> Signature:
        """A cosignature on the checkpoint of that size."""
        return cosign(self.checkpoint(size).checkpoint, key(by, SignatureType.COSIGNATURE), time_s)

    def held_by(self, store: Store, *counts: int) -> None:
        """Say so many entries, and have the store hold them: one transaction for each count."""
        for count in counts:
            with store.transaction():
                hold(store, self.log, self.say(count))


def hold(store: Store, log: str, chunk: Chunk) -> None:
    """Append a chunk to a log, which is made if there is none."""
    store.create(log)
    edge = store.edge(log)
    store.extend(log, edge.size, edge.extend(chunk.entries), chunk)
