"""What a store of logs must do. One store is one database with many logs; one process at a time has it open.

Not a place for judgement: a store keeps what it is told and hashes nothing to find out whether it is true. It
does promise these, and the conformance suite (`tests/log/store_conformance.py`) holds every store to them:

- When `transaction` has ended, it is durable; when an exception left it, it never was. One that is not synced
  survives the end of the process, and is durable with the next that is.
- A log only grows: `extend` compares the size it was told with the size it has, and swaps.
- What was read between two transactions was committed by the first.
- Only what is asked for is read: opening a store costs the same for a log of ten entries and of ten million.

It is synchronous, and belongs to one thread. Methods that write are called within a `transaction`. Sizes and
indexes count entries. A log is known by its name (`core.names.LogName`, as text).
"""

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from tocsin.core.errors import Fault
from tocsin.core.note import Signature
from tocsin.core.tlog.checkpoint import SignedCheckpoint
from tocsin.core.tlog.chunk import Chunk
from tocsin.core.tlog.tree import Frontier, ReadTiles
from tocsin.log.edge import Edge, Extension

ASIDE = "/aside/"
"""Between the name of a log and the number of what was set aside of it, whose entries bear that name."""


class StorageFull(Fault):
    """There is no room to write. Nothing was changed; the same works again when there is room."""

    code = "storage-full"


class StorageFailed(Fault):
    """The storage failed; what it holds of the last transaction is not known until the node starts again."""

    code = "storage-failed"


class LostRace(Fault):
    """A log was not at the size from which it was to grow, or is stopped: it has a second writer."""

    code = "lost-race"


class UnknownLog(Fault):
    """The store has no such log, or the log no such entry."""

    code = "unknown-log"


@dataclass(frozen=True, slots=True)
class Head:
    """Where a log ends. `stopped`: there is evidence of a fork, and nothing more is accepted of it."""

    name: str
    size: int
    root: bytes
    frontier: Frontier
    stopped: bool = False


class LatestCosignature(NamedTuple):
    """The cosignature on a log's largest size by one key. `time_s` is Unix time."""

    size: int
    time_s: int
    signature: Signature


class Witnessed(NamedTuple):
    """What this node's witness last saw of a log; `note` is the checkpoint's."""

    size: int
    root: bytes
    note: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """The record of an entry came after it, or was erased. Numbers ascend."""

    number: int
    log: str
    index: int


class Derived(Protocol):
    """What was made of a store's records, and has copies of them elsewhere."""

    def scrubbed(self) -> bool:
        """Whether nothing is left in its files of what the store has erased. If not, that goes on."""
        ...


class Store(Protocol):
    """One database of logs."""

    @property
    def database_id(self) -> str:
        """32 hex digits, made at random with the database; a copy has the same."""
        ...

    def transaction(self, *, synced: bool = True) -> AbstractContextManager[set[str]]:
        """All writes within become durable together when it ends, or none does when an exception leaves it.

        Not `synced`, they survive the process at once, and a power loss with the next transaction that is.

        Within another it is a part: an exception undoes the part alone, and nothing is durable before the
        whole is. The value is the set of names of the logs that the whole has extended, complete at its end.

        Raises StorageFull or StorageFailed, from within or at its end; after StorageFailed, always that.
        """
        ...

    def close(self) -> None:
        """Let go of the database. Not within a transaction."""
        ...

    # Logs

    def logs(self) -> list[str]:
        """The names of all logs, sorted."""
        ...

    def create(self, log: str) -> Head:
        """Add an empty log; where it exists, nothing changes."""
        ...

    def head(self, log: str) -> Head | None:
        """Where the log ends; None if there is no such log."""
        ...

    def edge(self, log: str) -> Edge:
        """The right edge of its tree. Raises UnknownLog."""
        ...

    def extend(self, log: str, old_size: int, extension: Extension, chunk: Chunk) -> None:
        """Append the chunk's entries, 1 at least; `extension` is `edge(log).extend(chunk.entries)`.

        Records absent from the chunk are missing from then on, except those that came ahead for the same
        entry. What came ahead and is passed now is dropped. Raises LostRace if the size is not `old_size`
        or the log is stopped.
        """
        ...

    def rename(self, log: str, name: str) -> None:
        """Call a log by another name, which no log has; from then on there is none of the old name.

        Both count as extended by the transaction. Raises UnknownLog.
        """
        ...

    def stop(self, log: str, evidence: bytes) -> None:
        """Keep evidence of a fork; the log is stopped from then on. The first evidence stays."""
        ...

    def evidence(self, log: str) -> bytes | None:
        """What `stop` was given."""
        ...

    # Entries and tiles

    def chunk(self, log: str, first: int, max_entries: int, max_bytes: int) -> Chunk:
        """Entries from `first` on with all records that are here; never more than 1,024.

        It ends with the log, at `max_entries`, or where one entry more would bring the encoded chunk over
        `max_bytes`. It has at least one entry, or none if `first` is the log's size; beyond: UnknownLog.
        """
        ...

    def record(self, log: str, index: int) -> tuple[bytes, bytes, bytes | None]:
        """Entry, salt and record at `index`; without the record, the salt says nothing. Raises UnknownLog."""
        ...

    def entries(self, log: str, low: int, high: int) -> bytes:
        """The entries from `low` on and below `high`, 32 bytes each. Raises UnknownLog."""
        ...

    def read_tiles(self, log: str) -> ReadTiles:
        """Reads the tiles of any size that the log has had. Raises UnknownLog, also when called."""
        ...

    # Records that came late or ahead

    def missing(self, log: str, limit: int) -> list[int]:
        """Indexes of entries whose records are missing, lowest first, at most `limit`."""
        ...

    def has_missing(self, log: str) -> bool:
        """Whether the record of any entry is missing."""
        ...

    def pass_over(self, log: str, below: int) -> None:
        """Records below that index are not missing any more, although they are not here."""
        ...

    def fill(self, log: str, index: int, salt: bytes, body: bytes) -> None:
        """Keep a missing record; where none is missing, nothing changes. The caller has checked the entry."""
        ...

    def put_ahead(self, log: str, index: int, entry: bytes, salt: bytes, body: bytes) -> None:
        """Keep a record of an entry beyond the log's end. For a place that has one, nothing changes."""
        ...

    def aheads(self, log: str) -> list[tuple[int, bytes, bytes, bytes]]:
        """Index, entry, salt and record of what came ahead and is not passed, lowest index first."""
        ...

    def drop_aheads(self, log: str) -> None:
        """Forget what came ahead, as thoroughly as what is erased (`scrubbed`)."""
        ...

    # Erased entries

    def erase(self, log: str, indices: Collection[int], *, keeping: Collection[int] = ()) -> set[int]:
        """Take salt and record from these entries for good; those in `keeping` are set apart instead.

        They are absent from then on, not missing, and never filled again. To erase one again that was set
        apart lets go of it, unless it is in `keeping`. Returns those of which this is done: where it would
        take long it is a part, the lowest, and the caller goes on in another transaction. Raises UnknownLog
        beyond the log's end.
        """
        ...

    def erased(self, log: str, low: int, high: int) -> list[int]:
        """Indexes of the erased entries from `low` on and below `high`, set apart or not."""
        ...

    def set_apart(self, log: str, index: int) -> tuple[bytes, bytes] | None:
        """Salt and record of an erased entry that are kept all the same."""
        ...

    def scrubbed(self) -> bool:
        """Whether nothing that was erased is left in any file of the database. If not, that is begun.

        Not within a transaction, and asked again until it is so: another process may still read what was
        there before.
        """
        ...

    # Changes

    def changes(self, after: int, limit: int) -> list[Change]:
        """The changes with larger numbers than `after`, smallest first, at most `limit`."""
        ...

    def newest_change(self) -> int:
        """The number of the last change; 0 if there is none."""
        ...

    def identity(self, log: str) -> int:
        """A number that a log keeps when it is renamed, and that no other ever has. Raises UnknownLog."""
        ...

    # Checkpoints and cosignatures

    def put_checkpoint(self, log: str, checkpoint: SignedCheckpoint) -> None:
        """Keep a checkpoint, in place of another of its size."""
        ...

    def newest_checkpoint(self, log: str) -> bytes | None:
        """The note of the largest checkpoint at or below the log's size."""
        ...

    def checkpoint_at(self, log: str, size: int) -> bytes | None:
        """The note of the checkpoint of this size."""
        ...

    def checkpoints_above(self, log: str, size: int) -> list[bytes]:
        """The notes of all larger checkpoints, smallest first."""
        ...

    def drop_checkpoints_below(self, log: str, size: int) -> None:
        """Forget all smaller checkpoints. Never done to one's own log."""
        ...

    def put_cosignature(self, log: str, size: int, signature: Signature, time_s: int) -> None:
        """Keep a cosignature on the log's checkpoint of this size, in place of one by the same key name."""
        ...

    def cosignatures(self, log: str, size: int) -> list[tuple[Signature, int]]:
        """Each cosignature on this size with its time in seconds, sorted by key name."""
        ...

    def newest_cosignatures(self, log: str) -> dict[str, LatestCosignature]:
        """For each key name, its cosignature on the largest size."""
        ...

    def cosigned_sizes(self, log: str, at_least: int, limit: int) -> list[tuple[int, int]]:
        """Sizes with cosignatures, `at_least` or larger, and how many; largest first, at most `limit`."""
        ...

    def first_cosignatures(self, log: str, at_least: int, limit: int) -> list[tuple[str, int, int]]:
        """Of each key name, the first size that it cosigned of those `at_least` as large, and when.

        Among the next `limit` cosignatures from there on.
        """
        ...

    def witnessed(self, log: str) -> Witnessed | None:
        """What this node's witness last saw of the log, which need not be one of `logs`."""
        ...

    def put_witnessed(self, log: str, old_size: int, size: int, root: bytes, note: bytes) -> None:
        """Keep what the witness saw; `old_size` is 0 for what it never saw. Raises LostRace for another."""
        ...

    # What upper layers keep

    def put_card(self, log: str, index: int) -> None:
        """Remember that the record at `index` is a card."""
        ...

    def card_before(self, log: str, index: int) -> int | None:
        """The index of the last card below `index`."""
        ...

    def put_document(self, space: str, key: str, data: bytes) -> None:
        """Keep a small private document, in place of the one before it."""
        ...

    def document(self, space: str, key: str) -> bytes | None:
        """The document of that key."""
        ...

    def documents(self, space: str) -> dict[str, bytes]:
        """All documents of a space, sorted by key."""
        ...

    def next_documents(self, space: str, after: str, limit: int) -> dict[str, bytes]:
        """Those whose keys are larger than `after`, sorted by key, at most `limit`."""
        ...

    def drop_document(self, space: str, key: str) -> None:
        """Forget a document, as thoroughly as what is erased (`scrubbed`)."""
        ...
