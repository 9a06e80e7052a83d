"""What a node's database has of one log, read past the node, and whether it verifies."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.core.naive_tree import NaiveTree

from tocsin.circles.founding.circle import Member
from tocsin.core.note import Signature
from tocsin.core.tlog.checkpoint import Checkpoint, open_checkpoint, verify_cosignature
from tocsin.core.tlog.chunk import Chunk
from tocsin.core.tlog.entry import EntryHasher

_CHUNKS = "SELECT first, data FROM chunk JOIN log ON log.id = log_id WHERE name = ? ORDER BY first"
_NOTES = "SELECT note FROM checkpoint JOIN log ON log.id = log_id WHERE name = ? ORDER BY checkpoint.size"
_COSIGNATURES = """
    SELECT cosignature.size, cosigner.name, key_id, data FROM cosignature
    JOIN cosigner ON cosigner.id = cosigner_id JOIN log ON log.id = cosignature.log_id
    WHERE log.name = ?
"""
_STOPPED = "SELECT name FROM log WHERE evidence IS NOT NULL"


@dataclass(frozen=True)
class Kept:
    """All that is kept of a member's log at one moment. `checkpoints`: by size, their signatures verified."""

    member: Member
    entries: list[bytes]
    salts: list[bytes]
    records: list[bytes | None]
    checkpoints: dict[int, Checkpoint]
    cosignatures: list[tuple[int, Signature]]

    def check(self) -> None:
        """Each entry is made of its salt and record, no record is there twice, and all of it is signed."""
        entry_of = EntryHasher(self.member.log).entry
        made = [entry_of(salt, record or b"") for salt, record in zip(self.salts, self.records, strict=True)]
        assert made == self.entries
        assert len(set(self.records)) == len(self.records)
        newest = self.checkpoints[max(self.checkpoints)]
        assert (newest.size, newest.root) == (len(self.entries), self.tree.mth())

    @cached_property
    def tree(self) -> NaiveTree:
        """The tree of the entries."""
        return NaiveTree(self.entries)

    @property
    def digests(self) -> dict[int, str]:
        """The SHA-256 of each record by its index."""
        return dict(enumerate(hashlib.sha256(record or b"").hexdigest() for record in self.records))

    def confirmed_by(self, holder: Member) -> Iterator[Checkpoint]:
        """The checkpoints with a cosignature by which the member says that it holds them."""
        for size, signature in self.cosignatures:
            if signature.name == holder.holder_key.name:
                verify_cosignature(self.checkpoints[size], signature, holder.holder_key)
                yield self.checkpoints[size]


def kept(database: Path, member: Member) -> Kept:
    """What is kept of this member's log. No log in this database has two versions."""
    log = (str(member.log),)
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("BEGIN")
        assert connection.execute(_STOPPED).fetchall() == []
        chunks = [Chunk.decode(first, data)[0] for first, data in connection.execute(_CHUNKS, log)]
        notes = [note for (note,) in connection.execute(_NOTES, log)]
        cosignatures = [
            (size, Signature(name, key_id, data))
            for size, name, key_id, data in connection.execute(_COSIGNATURES, log)
        ]
    items = [item for chunk in chunks for item in chunk.items()]
    assert [index for index, *_ in items] == list(range(len(items)))
    checkpoints = [open_checkpoint(note, lambda _: member.log_key).checkpoint for note in notes]
    return Kept(
        member,
        [entry for _, entry, _, _ in items],
        [salt for _, _, salt, _ in items],
        [record for _, _, _, record in items],
        {checkpoint.size: checkpoint for checkpoint in checkpoints},
        cosignatures,
    )
