"""The log that this node writes: its records, the contexts before them, and who confirmed what of it.

- Nothing is written that this node could not read itself (docs/protocol.md, section 7.4).
- A context goes into the commit of an authored record, before it, and only then (section 7.3). After a
  start the first one names every log, since what was said before the start is not kept in memory.
- It keeps to the charter's limits, as the others have it do (section 9.7): who writes more waits, and is told
  so where that would take long. What is urgent has an allowance of its own.
- Where others hold more of this log than this node does, or another version of it, its database is not the
  one that wrote the log. Writing then stops for good: anything more would be a second version.
"""

import asyncio
import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import get_args

from tocsin.circles.environment import Environment
from tocsin.circles.erasing.register import note_orders, orders_among
from tocsin.circles.erasing.targets import check_order
from tocsin.circles.erasing.view import About
from tocsin.circles.errors import LimitReached, UnexpectedAnswer, WritesHalted
from tocsin.circles.events import Confirmed, OrdersCame, Witnessed, WritesStopped, Wrote
from tocsin.circles.exchanging.standing import NEXT, Halted, Standing
from tocsin.circles.following.followed import Followed
from tocsin.circles.following.limits import AUTHOR_BURST_S, BYTES_BESIDE_RECORD
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.reading import is_card, reader_at
from tocsin.core.errors import Refusal
from tocsin.core.keys import encode_base64
from tocsin.core.note import Signature
from tocsin.core.records import Card, Context, Seen, encode_record
from tocsin.core.tlog.checkpoint import Checkpoint, SignedCheckpoint, open_checkpoint, verify_cosignature
from tocsin.core.tlog.tree import MAX_SIZE, tree_root
from tocsin.log.store import StorageFull
from tocsin.log.writer import Appended, Writer

LONGEST_WAIT_S = 5.0
"""What would have to wait longer for the charter's limits is not written."""

_READ_AT_ONCE = (Card, *get_args(About))


@dataclass(frozen=True, slots=True)
class Written:
    """Durable here: entries `first` to `size` − 1 of our log, under this checkpoint."""

    log: str
    first: int
    size: int
    checkpoint: bytes


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A cosignature on our log: everything below `size`, as of `time_s` by the member's clock.

    `by_way`: who brought it since this node started, if not the member itself.
    """

    size: int
    time_s: int
    by_way: str | None = None


class OwnLog:
    """The one log that this node writes in a circle."""

    def __init__(
        self,
        circle: Circle,
        standing: Standing,
        environment: Environment,
        followed: Iterable[Followed],
        on_lost: Callable[[str], None],
    ) -> None:
        self.member = standing.member
        self.name = str(self.member.log)
        self.lost = standing.lost
        self._circle = circle
        self._on_lost = on_lost
        self._store = store = environment.store
        self._committer = environment.committer
        self._clock = environment.clock
        self._reader = reader_at(self.member, environment.store, MAX_SIZE)
        self._read_at_once: set[bytes] = set()
        self._orders: list[int] = []
        self._followed = sorted(followed, key=lambda log: log.name)
        self._recovered = next((log for log in self._followed if log.name == self.name), None)
        self._on_event = environment.on_event
        self._writer = self._writer_with(standing.me, environment) if standing.me else None
        self._checkpoint: SignedCheckpoint | None = None
        if note := store.newest_checkpoint(self.name):
            # Got back from others as an ended log, it may have its end's, which another key states.
            with suppress(Refusal):
                self._checkpoint = self._open(note)
        self.halted: Halted | None = standing.halted
        self.held: dict[str, Confirmation] = {}
        self.witnessed: dict[str, Confirmation] = {}
        newest = store.newest_cosignatures(self.name)
        for member in circle.members:
            # A member's earlier epochs held it too; what it holds now, its present keys say.
            for by, key in ((self.held, member.holder_key), (self.witnessed, member.witness_key)):
                if latest := newest.get(key.name):
                    by[member.slug] = Confirmation(latest.size, latest.time_s)
        self._on_appended = environment.guarded(self._appended)
        self._allowance = environment.allowance(self.name, circle.charter.limits, AUTHOR_BURST_S)
        self._told: dict[str, int] = {}
        self._telling: dict[str, int] = {}

    def _writer_with(self, me: MemberKeys, environment: Environment) -> Writer:
        return Writer(
            self.name,
            me.log,
            environment.store,
            environment.committer,
            chance=environment.chance,
            preface=self._context,
            placed=self._placed,
        )

    @property
    def checkpoint(self) -> SignedCheckpoint | None:
        """The newest checkpoint: what we signed last, or got back from others."""
        return self._recovered.anchor if self._recovered else self._checkpoint

    @property
    def size(self) -> int:
        """Number of entries, all of them durable here."""
        return self.checkpoint.checkpoint.size if self.checkpoint else 0

    async def write(self, records: Sequence[bytes], *, urgent: bool = False) -> Written:
        """Append records, all in one commit.

        All is written, or nothing. Raises what `admit` and `append` raise.
        """
        await self.admit(records, urgent=urgent)
        return await self.append(records)

    async def admit(self, records: Sequence[bytes], *, urgent: bool = False) -> None:
        """Wait until these may be appended.

        (1) this node may write: WritesHalted; (2) each record can be read and is within the charter's
        handling: the refusals of section 7.4; (3) within the charter's limits, which is waited for:
        LimitReached.
        """
        self._check(records)
        # (3) within the limits; while it waited, everything may have changed
        if wait_s := self._reserve(records, urgent=urgent):
            await self._clock.sleep(wait_s)
            self._check(records)

    async def append(self, records: Sequence[bytes]) -> Written:
        """Append what was admitted. Raises WritesHalted, and StorageFull if there is no room."""
        if self.halted:
            raise WritesHalted(self.halted.explanation)
        written = await self._append(records)
        self._read_at_once.difference_update(records)
        return written

    def _check(self, records: Sequence[bytes]) -> None:
        # (1) may write
        if self.halted:
            raise WritesHalted(self.halted.explanation)
        # (2) readable, within the handling
        handling = self._circle.charter.handling
        for record in records:
            said = self._reader.check_writable(record, handling)
            if isinstance(said, _READ_AT_ONCE):
                if not isinstance(said, Card):
                    check_order(said, self.name, self._store)
                self._read_at_once.add(record)

    def _reserve(self, records: Sequence[bytes], *, urgent: bool) -> float:
        """How many seconds to wait before these are written. Raises LimitReached.

        They count at once, so that those who wait are let through one after the other.
        """
        wait_s = self._allowance.urgent_wait_s() if urgent else self._allowance.wait_s()
        if wait_s > LONGEST_WAIT_S:
            limits = self._circle.charter.limits
            hint = "." if urgent else "; what is urgent can be written now."
            raise LimitReached(
                f"Expected at most {limits.records_per_second:,} records a second and "
                f"{limits.bytes_per_day:,} bytes a day, as the charter says, found more. "
                f"Next: try again in {math.ceil(wait_s):,} s{hint}"
            )
        self._allowance.take(len(records), sum(map(len, records)) + BYTES_BESIDE_RECORD * len(records))
        return wait_s

    async def open(self) -> None:
        """Write the opening, if the log is empty."""
        if self.size == 0 and not self.halted:
            await self._append([self.member.opening])

    def halt(self, explanation: str) -> None:
        """Never write this log again: records may be missing here. `halted` says why, and what to do."""
        if self.halted is None:
            self.halted = Halted("lost", explanation + NEXT)
            self.lost = True
            self._on_event(WritesStopped(self.halted.explanation))
            self._on_lost(explanation)

    def compare(self, note: bytes) -> None:
        """Halt if others know a checkpoint of this log that this node does not.

        Raises the refusals of a bad one.
        """
        checkpoint = self._open(note).checkpoint
        if checkpoint.size > self.size:
            self.halt(
                f"Others hold {checkpoint.size} records of our own log, this database has {self.size}: it "
                "was restored from an older copy, or another node writes with the same keys."
            )
        elif tree_root(checkpoint.size, self._store.read_tiles(self.name)) != checkpoint.root:
            self.halt(
                f"Others hold another version of our own log at {checkpoint.size} records: another node "
                "writes with the same keys."
            )

    async def confirm(
        self, member: Member, size: int, signature: Signature, *, witness: bool, by_way: str | None = None
    ) -> None:
        """Verify and keep a member's cosignature at `size`.

        Raises BadSignature, UnknownSigner, UnexpectedAnswer.

        It is kept without a sync of its own, and not at all on a full disk: it can be asked for again.
        """
        key = member.witness_key if witness else member.holder_key
        time_s = verify_cosignature(self._signed_at(member, size), signature, key)
        confirmed = self.witnessed if witness else self.held
        if member.slug not in confirmed or confirmed[member.slug].size < size:
            confirmed[member.slug] = Confirmation(size, time_s, by_way)
            with suppress(StorageFull):
                await self._committer.submit(
                    lambda: self._store.put_cosignature(self.name, size, signature, time_s), synced=False
                )
            if witness:
                self._on_event(Witnessed(member.slug, size, time_s))
            else:
                self._on_event(Confirmed(member.slug, size, time_s, by_way))

    def _signed_at(self, member: Member, size: int) -> Checkpoint:
        """Our own checkpoint of that size."""
        if self.checkpoint and self.checkpoint.checkpoint.size == size:
            return self.checkpoint.checkpoint
        note = self._store.checkpoint_at(self.name, size)
        if note is None:
            raise UnexpectedAnswer(f"{member.slug} confirmed {size} records, which this node never signed.")
        return self._open(note).checkpoint

    async def _append(self, records: Sequence[bytes]) -> Written:
        if self._writer is None:
            raise WritesHalted(self.halted.explanation if self.halted else "")
        future = self._writer.append(records)
        future.add_done_callback(self._on_appended)
        # Whoever wanted it written may go away; what is written is sent to the others all the same.
        appended = await asyncio.shield(future)
        signed = appended.checkpoint
        return Written(self.name, appended.first, appended.first + len(records), signed.note.encode())

    def _appended(self, future: asyncio.Future[Appended]) -> None:
        if future.cancelled() or (error := future.exception()):
            if isinstance(error, StorageFull):
                # It may have seen a card that was not written.
                self._reader = reader_at(self.member, self._store, MAX_SIZE)
            return
        appended = future.result()
        self._told |= self._telling
        if appended.checkpoint.checkpoint.size > self.size:
            self._checkpoint = appended.checkpoint
        if self._orders:
            orders, self._orders = tuple(self._orders), []
            self._on_event(OrdersCame(self.name, orders))
        self._on_event(Wrote(appended.first, self.size))

    def _context(self) -> list[bytes]:
        """The record that says what was held of the other logs, if that changed; never before the opening."""
        changed = [log for log in self._followed if log.size > self._told.get(log.name, 0) and not log.closed]
        if not changed or self.size == 0:
            return []
        self._telling = {log.name: log.size for log in changed}
        seen = tuple(
            Seen(log=log.name, root=encode_base64(log.root_at(log.size)), size=log.size) for log in changed
        )
        context = Context(
            circle=self._circle.id,
            at_ms=self._clock.wall_ms(),
            author="node",
            author_kind="machine",
            tlp=self._circle.charter.handling,
            seen=seen,
        )
        record = encode_record(context)
        self._allowance.take(1, len(record) + BYTES_BESIDE_RECORD)
        return [record]

    def _placed(self, first: int, records: Sequence[bytes]) -> None:
        """Within the commit: remember where a card stands, and who may sign from there on; and orders."""
        marked = self._read_at_once
        places = enumerate(records if marked else (), first)
        readings = [self._reader.read(index, record) for index, record in places if record in marked]
        for reading in filter(is_card, readings):
            self._store.put_card(self.name, reading.index)
        self._orders = list(orders_among(readings))
        note_orders(self._store, self._circle.id, self.name, self._orders)

    def _open(self, note: bytes) -> SignedCheckpoint:
        return open_checkpoint(note, lambda origin: self.member.log_key if origin == self.name else None)
