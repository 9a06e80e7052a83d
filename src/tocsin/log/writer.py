"""The one writer of a log of one's own.

What waits when its turn comes goes into one commit: entries, chunk, tiles, and the checkpoint that speaks for
them all, signed within the transaction. A checkpoint that was not committed never leaves, so that the log
cannot have two versions by any crash.

- At most 1,000 records and 3 MiB go into one commit: larger ones make author and followers wait for each
  other. What an `append` gives stands together, in order, under one checkpoint.
- The *preface*, what the node itself says before them (a context), goes first in a commit, and in none alone.
- Whether a record may be written, the caller has checked.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from tocsin.core.clock import Chance
from tocsin.core.errors import Refusal
from tocsin.core.keys import SigningKey
from tocsin.core.tlog.checkpoint import Checkpoint, SignedCheckpoint, sign_checkpoint
from tocsin.core.tlog.chunk import Chunk, Triple
from tocsin.core.tlog.entry import SALT_BYTES, EntryHasher
from tocsin.log.committer import Committer
from tocsin.log.store import Store

MAX_COMMIT_RECORDS = 1000
MAX_COMMIT_BYTES = 3 * 2**20


class AppendTooLarge(Refusal):
    """These are too many records, or too large ones, to be appended at once."""

    code = "append-too-large"


@dataclass(frozen=True, slots=True)
class Appended:
    """Durable here: the first record has the index `first`, and the checkpoint covers them all."""

    first: int
    checkpoint: SignedCheckpoint


@dataclass(frozen=True, slots=True)
class _Append:
    records: Sequence[bytes]
    size_bytes: int
    future: asyncio.Future[Appended]


class Writer:
    """Appends to `log`, which the store has, and signs with its `key`.

    Within each commit, `preface` is asked for what goes first, and `placed` is told at which index the commit
    starts and its records, so that what is known of them is stored with them.
    """

    def __init__(
        self,
        log: str,
        key: SigningKey,
        store: Store,
        committer: Committer,
        *,
        chance: Chance,
        preface: Callable[[], Sequence[bytes]],
        placed: Callable[[int, Sequence[bytes]], None],
    ) -> None:
        self._log = log
        self._key = key
        self._store = store
        self._committer = committer
        self._chance = chance
        self._preface = preface
        self._placed = placed
        self._hasher = EntryHasher(log)
        self._waiting: deque[_Append] = deque()
        self._taken: list[_Append] = []

    def append(self, records: Sequence[bytes]) -> asyncio.Future[Appended]:
        """Where the records stand, once they are durable. Raises what `Committer.submit` raises.

        Raises AppendTooLarge at once for more than 1,000 records or 3 MiB. Cancelled before its turn, nothing
        is appended.
        """
        size_bytes = sum(map(len, records))
        if not (1 <= len(records) <= MAX_COMMIT_RECORDS and size_bytes <= MAX_COMMIT_BYTES):
            raise AppendTooLarge(
                f"Expected 1 to {MAX_COMMIT_RECORDS} records of {MAX_COMMIT_BYTES} bytes in all, "
                f"found {len(records)} of {size_bytes}."
            )
        future: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Append(records, size_bytes, future))
        if len(self._waiting) == 1:
            self._submit()
        return future

    def _submit(self) -> None:
        self._committer.submit(self._commit).add_done_callback(self._release)

    def _commit(self) -> list[Appended]:
        """Append of what waits as much as fits; where each append stands."""
        self._taken = self._fitting()
        if not self._taken:
            return []
        preface = self._preface()
        records = [*preface, *(record for append in self._taken for record in append.records)]
        edge = self._store.edge(self._log)
        chunk = Chunk.make(edge.size, self._salted(records))
        extension = edge.extend(chunk.entries)
        checkpoint = sign_checkpoint(Checkpoint(self._log, chunk.end, extension.root), self._key)
        self._store.extend(self._log, edge.size, extension, chunk)
        self._store.put_checkpoint(self._log, checkpoint)
        self._placed(chunk.first, records)
        counts = (len(append.records) for append in self._taken[:-1])
        firsts = accumulate(counts, initial=edge.size + len(preface))
        return [Appended(first, checkpoint) for first in firsts]

    def _fitting(self) -> list[_Append]:
        fitting: list[_Append] = []
        count = size_bytes = 0
        for append in self._waiting:
            if append.future.done():
                continue
            count += len(append.records)
            size_bytes += append.size_bytes
            if count > MAX_COMMIT_RECORDS or size_bytes > MAX_COMMIT_BYTES:
                break
            fitting.append(append)
        return fitting

    def _salted(self, records: Sequence[bytes]) -> Iterator[Triple]:
        salts = self._chance.token(SALT_BYTES * len(records))
        for start, record in zip(range(0, len(salts), SALT_BYTES), records, strict=True):
            salt = salts[start : start + SALT_BYTES]
            yield self._hasher.entry(salt, record), salt, record

    def _release(self, commit: asyncio.Future[list[Appended]]) -> None:
        """Tell those whose records were taken, or all if the storage failed before; and go on."""
        error = commit.exception()
        if error:
            for append in self._taken or self._waiting:
                if not append.future.done():
                    append.future.set_exception(error)
        else:
            for append, appended in zip(self._taken, commit.result(), strict=True):
                if not append.future.done():
                    append.future.set_result(appended)
        self._taken = []
        while self._waiting and self._waiting[0].future.done():
            self._waiting.popleft()
        if self._waiting:
            self._submit()
