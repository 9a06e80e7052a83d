"""The log that this node writes: its records, the contexts before them, and who confirmed what of it.

- Nothing is written that this node could not read itself (docs/protocol.md, section 7.4).
- A context goes into the commit of an authored record, before it, and only then (section 7.3). After a
  start the first one names every log, since what was said before the start is not kept in memory.
- Where others hold more of this log than this node does, or another version of it, its database is not the
  one that wrote the log. Writing then stops for good: anything more would be a second version.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tocsin.circles.environment import Environment
from tocsin.circles.errors import UnexpectedAnswer, WritesHalted
from tocsin.circles.events import Confirmed, Witnessed, WritesStopped, Wrote
from tocsin.circles.following.followed import Followed
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.reading import reader_at
from tocsin.core.keys import encode_base64
from tocsin.core.note import Signature
from tocsin.core.records import Card, Context, Seen, encode_record
from tocsin.core.tlog.checkpoint import Checkpoint, SignedCheckpoint, open_checkpoint, verify_cosignature
from tocsin.core.tlog.tree import MAX_SIZE, tree_root
from tocsin.log.store import StorageFull
from tocsin.log.writer import Appended, Writer

_NEXT = (
    " Next: if the database that wrote last still exists, stop this node and put that one back; "
    "otherwise this log ends here, and goes on in a new epoch."
)


@dataclass(frozen=True, slots=True)
class Written:
    """Durable here: entries `first` to `size` − 1 of our log, under this checkpoint."""

    log: str
    first: int
    size: int
    checkpoint: bytes


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A cosignature on our log: everything below `size`, as of `time_s` by the member's clock."""

    size: int
    time_s: int


class OwnLog:
    """The one log that this node writes in a circle."""

    def __init__(
        self,
        circle: Circle,
        me: MemberKeys,
        environment: Environment,
        followed: Iterable[Followed],
    ) -> None:
        self.name = str(me.log_name)
        self.member = circle.by_log[self.name]
        self._circle = circle
        self._me = me
        self._store = store = environment.store
        self._committer = environment.committer
        self._clock = environment.clock
        self._reader = reader_at(self.member, environment.store, MAX_SIZE)
        self._cards: set[bytes] = set()
        self._followed = sorted(followed, key=lambda log: log.name)
        self._on_event = environment.on_event
        self._writer = Writer(
            self.name,
            me.log,
            store,
            environment.committer,
            chance=environment.chance,
            preface=self._context,
            placed=self._placed,
        )
        note = store.newest_checkpoint(self.name)
        self.checkpoint: SignedCheckpoint | None = self._open(note) if note else None
        self.halted: str | None = None
        self.held: dict[str, Confirmation] = {}
        self.witnessed: dict[str, Confirmation] = {}
        for key_name, (size, time_s, _) in store.newest_cosignatures(self.name).items():
            by = self.held if key_name in circle.holder_keys else self.witnessed
            by[circle.by_key[key_name].slug] = Confirmation(size, time_s)
        self._told: dict[str, int] = {}
        self._telling: dict[str, int] = {}

    @property
    def size(self) -> int:
        """Number of entries, all of them durable here."""
        return self.checkpoint.checkpoint.size if self.checkpoint else 0

    async def write(self, records: Sequence[bytes]) -> Written:
        """Append records, all in one commit.

        (1) this node may write: WritesHalted; (2) each record can be read and is within the charter's
        handling: the refusals of section 7.4; (3) commit: StorageFull if there is no room. All is written,
        or nothing.
        """
        # (1) may write
        if self.halted:
            raise WritesHalted(self.halted)
        # (2) readable, within the handling
        handling = self._circle.signed.charter.handling
        for record in records:
            if isinstance(self._reader.check_writable(record, handling), Card):
                self._cards.add(record)
        # (3) commit
        written = await self._append(records)
        self._cards.difference_update(records)
        return written

    async def open(self) -> None:
        """Write the opening, if the log is empty."""
        if self.size == 0 and not self.halted:
            await self._append([self.member.opening])

    def halt(self, explanation: str) -> None:
        """Never write this log again. `halted` says why, and what to do."""
        if self.halted is None:
            self.halted = explanation + _NEXT
            self._on_event(WritesStopped(self.halted))

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

    async def confirm(self, member: Member, size: int, signature: Signature, *, witness: bool) -> None:
        """Verify and keep a member's cosignature at `size`.

        Raises BadSignature, UnknownSigner, UnexpectedAnswer.

        It is kept without a sync of its own, and not at all on a full disk: it can be asked for again.
        """
        key = member.witness_key if witness else member.holder_key
        time_s = verify_cosignature(self._signed_at(member, size), signature, key)
        confirmed = self.witnessed if witness else self.held
        if member.slug not in confirmed or confirmed[member.slug].size < size:
            confirmed[member.slug] = Confirmation(size, time_s)
            with suppress(StorageFull):
                await self._committer.submit(
                    lambda: self._store.put_cosignature(self.name, size, signature, time_s), synced=False
                )
            event = Witnessed if witness else Confirmed
            self._on_event(event(member.slug, size, time_s))

    def _signed_at(self, member: Member, size: int) -> Checkpoint:
        """Our own checkpoint of that size."""
        if self.checkpoint and self.checkpoint.checkpoint.size == size:
            return self.checkpoint.checkpoint
        note = self._store.checkpoint_at(self.name, size)
        if note is None:
            raise UnexpectedAnswer(f"{member.slug} confirmed {size} records, which this node never signed.")
        return self._open(note).checkpoint

    async def _append(self, records: Sequence[bytes]) -> Written:
        future = self._writer.append(records)
        future.add_done_callback(self._appended)
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
            self.checkpoint = appended.checkpoint
        self._on_event(Wrote(appended.first, self.size))

    def _context(self) -> list[bytes]:
        """The record that says what was held of the other logs, if that changed; never before the opening."""
        changed = [log for log in self._followed if log.size > self._told.get(log.name, 0)]
        if not changed or self.size == 0:
            return []
        self._telling = {log.name: log.size for log in changed}
        seen = tuple(
            Seen(log=log.name, root=encode_base64(log.edge.frontier.root()), size=log.size) for log in changed
        )
        context = Context(
            circle=self._circle.id,
            at_ms=self._clock.wall_ms(),
            author="node",
            author_kind="machine",
            tlp=self._circle.signed.charter.handling,
            seen=seen,
        )
        return [encode_record(context)]

    def _placed(self, first: int, records: Sequence[bytes]) -> None:
        """Within the commit: remember where a card stands, and who may sign from there on."""
        for index, record in enumerate(records if self._cards else (), first):
            if record in self._cards:
                self._reader.read(index, record)
                self._store.put_card(self.name, index)

    def _open(self, note: bytes) -> SignedCheckpoint:
        return open_checkpoint(note, lambda origin: self._me.log.verifying if origin == self.name else None)
