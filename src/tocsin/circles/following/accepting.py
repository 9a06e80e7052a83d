"""What this node accepts of the other members' logs: the receiving side of docs/protocol.md, section 9.

The checks of section 9.2 have their numbers here: 1 to 4 are done where the request comes in, 5 to 13 and
the bodies of 9.3 below.

- All that is done with one log is done in turn, behind its lock. Different logs share commits and wait for
  nothing else.
- Nothing is answered before what it says is durable.
- What is refused changes nothing, except that signed checkpoints that do not fit are kept: they are
  evidence.
- Large pushes take turns, so that no member's backlog delays another's record by more than one of them.
  Where a log brings more than its limit, or the disk is nearly full, what it brings has to wait (9.7).
"""

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial

from tocsin.circles import errors
from tocsin.circles.environment import Environment
from tocsin.circles.erasing.register import note_orders, orders_among
from tocsin.circles.events import Arrived, BodiesMismatched, Known, OrdersCame, ToldLater, TwoVersions, Why
from tocsin.circles.evidence.forks import Fork
from tocsin.circles.exchanging.kept import Kept
from tocsin.circles.exchanging.standing import Standing
from tocsin.circles.following.followed import Followed
from tocsin.circles.following.limits import Allowance
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.reading import Reading, is_card, may_matter, reader_at
from tocsin.circles.wire.answers import Answer, Body, Held, Later, Missing, ReceivedAhead, SizeHeld
from tocsin.circles.wire.messages import MAX_BODIES, Ahead, Push
from tocsin.circles.wire.received import Received, sign_received
from tocsin.core.errors import BadSignature, Refusal, UnknownOrigin, UnknownSigner
from tocsin.core.note import parse_note
from tocsin.core.tlog.checkpoint import MAX_CHECKPOINT_BYTES, SignedCheckpoint, cosign, parse_text
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES, Chunk
from tocsin.core.tlog.entry import ENTRY_BYTES
from tocsin.core.tlog.tree import MAX_SIZE, leaf_hash, verify_consistency, verify_inclusion
from tocsin.log.edge import Extension
from tocsin.log.store import StorageFull

MAX_WAITING = 4
"""Requests of one member that may wait for their turn; further ones are answered *later*."""

MAX_AHEAD = 64
"""Records of one log that may be here ahead of others; further ones are answered *later*."""

SMALL_BYTES = 2**16
"""What brings more than this takes a turn."""

_BUSY_MS = 100
_LONGEST_MS = 3_600_000
_FULL_MS = 2_000
_MAX_MISSING_NAMED = 1_024


@dataclass(frozen=True, slots=True)
class _Accepted:
    """What is to be written: records that were missing, new entries and the edge after them, a checkpoint.

    `records` are the indexes and bytes of the new records that are here, in their order: from the chunk, or
    come ahead of it.
    """

    late: Sequence[Body] = ()
    signed: SignedCheckpoint | None = None
    new: Chunk | None = None
    growth: Extension | None = None
    records: Sequence[tuple[int, bytes]] = ()


class Following:
    """The logs of all the other members, as far as this node holds them."""

    def __init__(
        self,
        circle: Circle,
        standing: Standing,
        environment: Environment,
        kept: Kept,
    ) -> None:
        self._circle = circle
        self._me = standing.me if standing.takes_part else None
        self._kept = kept
        self._store = store = environment.store
        self._committer = environment.committer
        self._clock = environment.clock
        self._on_event = environment.on_event
        ours = standing.member
        self._logs = {
            str(member.log): Followed(
                member,
                store,
                promised=kept.promise(ours.log, str(member.log)),
                aside=str(member.log) in kept.aside.all,
                entitled_from=circle.entitled_from(ours.slug, member.log),
            )
            for member in (*circle.members, *circle.past)
            if standing.lost or member.log != ours.log
        }
        self._readers = {
            name: reader_at(followed.member, store, MAX_SIZE) for name, followed in self._logs.items()
        }
        self._locks = {name: asyncio.Lock() for name in self._logs}
        # One's own records, which come back from others after a loss, have no limit.
        self._allowances = {
            name: Allowance(circle.charter.limits, environment.clock)
            for name, followed in self._logs.items()
            if followed.member.slug != ours.slug
        }
        self._has_room = environment.has_room
        self._show_later = environment.guarded(self._show)
        self._turns = environment.turns
        self._waiting: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Followed]:
        """The followed logs: first those of the members, in the order of the charter."""
        return iter(self._logs.values())

    def log(self, name: str) -> Followed | None:
        """The followed log of that name."""
        return self._logs.get(name)

    def newest(self) -> dict[str, tuple[bytes, ...]]:
        """By log name, the checkpoints that others are shown."""
        return {name: shown for name, followed in self._logs.items() if (shown := followed.shown())}

    async def push(self, push: Push, sender: Member) -> Answer:
        """Checks 5 to 13, bodies, durable commit, answer. Raises the refusals of section 9.2."""
        followed = self._open_log(push.log)
        if not push.checkpoint:
            return SizeHeld(followed.size)
        work = partial(self._accept, followed, push, sender)
        return await self._in_turn(followed, sender, work, len(push.chunk.data))

    async def ahead(self, ahead: Ahead, sender: Member) -> Answer:
        """One record before a backlog (section 9.5). Raises the refusals of section 9.2."""
        followed = self._open_log(ahead.log)
        return await self._in_turn(followed, sender, partial(self._accept_ahead, followed, ahead, sender))

    async def learn(self, notes: Iterable[bytes]) -> None:
        """Newest checkpoints that a member sent: keep those that fit, and stop the logs of those that do not.

        A note that is no checkpoint of a followed log says nothing about the member that passed it on. What
        says nothing new costs no signature.
        """
        for note in notes:
            followed = self._logs.get(note.partition(b"\n")[0].decode("latin-1"))
            if followed is None:
                continue
            try:
                if not followed.has(parse_text(parse_note(note, max_bytes=MAX_CHECKPOINT_BYTES).text)):
                    async with self._locks[followed.name]:
                        await self._learn(followed, note)
            except (Refusal, StorageFull):
                continue

    def confirmation(self, followed: Followed) -> Held | None:
        """That this node holds all of a log up to its newest checkpoint here, if it does."""
        signed = None if followed.stopped else followed.anchor
        answer = self._answer(followed, signed) if signed else None
        return answer if isinstance(answer, Held) else None

    def refresh(self, name: str) -> None:
        """Records of this log may not be missing any more: they were erased."""
        if followed := self._logs.get(name):
            followed.incomplete = self._store.has_missing(name)

    def missing(self, name: str) -> dict[int, bytes]:
        """By index, the lowest entries whose records are missing: as many as can be asked for, and near."""
        missing = self._missing(self._logs[name], MAX_BODIES)
        indices = [index for index in missing if index < missing[0] + MAX_CHUNK_ENTRIES]
        places = {index: ENTRY_BYTES * (index - indices[0]) for index in indices}
        entries = self._store.entries(name, indices[0], indices[-1] + 1) if indices else b""
        return {index: entries[place : place + ENTRY_BYTES] for index, place in places.items()}

    def may_come(self, name: str) -> bool:
        """Whether records of this log would be taken now. Otherwise there is no use in asking for any."""
        return self._why_later(name) is None

    async def fill(self, name: str, bodies: Sequence[Body]) -> None:
        """Take bodies that are `missing`, from whoever has them. Raises StorageFull."""
        followed = self._open_log(name)
        async with self._locks[name]:
            missing, entry_of = self.missing(name), followed.hasher.entry
            fitting = [body for body in bodies if missing.get(body.index) == entry_of(body.salt, body.record)]
            if fitting:
                await self._commit(followed, _Accepted(late=fitting))

    async def stop(self, name: str, fork: Fork) -> None:
        """Stop a log by evidence that another member found. Raises LogStopped, StorageFull.

        Its checkpoints have been opened by `Followed.open`.
        """
        async with self._locks[name]:
            await self._stop(self._open_log(name), fork)

    async def keep_evidence(self, name: str) -> None:
        """Write down the evidence for which there was no room when it was found. Raises StorageFull."""
        followed = self._logs[name]
        if followed.fork and self._store.evidence(name) is None:
            await self._put_evidence(followed, followed.fork)

    async def _in_turn(
        self, followed: Followed, sender: Member, work: Callable[[], Awaitable[Answer]], size_bytes: int = 0
    ) -> Answer:
        """Do it when nothing else is done with this log, unless the sender keeps too much waiting."""
        if self._waiting[sender.slug] >= MAX_WAITING:
            return self._later(followed, sender, "busy")
        self._waiting[sender.slug] += 1
        try:
            if size_bytes <= SMALL_BYTES:
                return await self._locked(followed, work)
            # The turn first: else whoever pushes another's log would keep its author waiting at the lock.
            async with self._turns.turn(str(sender.log), size_bytes):
                return await self._locked(followed, work)
        except StorageFull:
            return self._later(followed, sender, "room")
        finally:
            self._waiting[sender.slug] -= 1

    async def _locked(self, followed: Followed, work: Callable[[], Awaitable[Answer]]) -> Answer:
        async with self._locks[followed.name]:
            # (6) once more: the log may have been stopped meanwhile.
            self._open_log(followed.name)
            return await work()

    def _why_later(self, name: str) -> Why | None:
        """Why nothing that this log brings may be taken now, if so (section 9.7)."""
        if not self._has_room():
            return "room"
        allowance = self._allowances.get(name)
        return "limit" if allowance and allowance.wait_s() > 0 else None

    def _later(self, followed: Followed, sender: Member, why: Why) -> Later:
        self._on_event(ToldLater(sender.slug, followed.name, why))
        if why == "limit":
            wait_ms = math.ceil(self._allowances[followed.name].wait_s() * 1000)
            return Later(min(wait_ms, _LONGEST_MS))
        return Later(_BUSY_MS if why == "busy" else _FULL_MS)

    def _charge(self, followed: Followed, accepted: _Accepted) -> None:
        """What came counts against the limit of its log, whoever brought it."""
        if allowance := self._allowances.get(followed.name):
            entries, size_bytes = (accepted.new.count, len(accepted.new.data)) if accepted.new else (0, 0)
            allowance.take(entries, size_bytes + sum(len(body.record) for body in accepted.late))

    async def _accept(self, followed: Followed, push: Push, sender: Member) -> Answer:
        chunk = push.chunk
        # (7) the checkpoint: its name and signature, and that it fits what is known
        signed = await self._open_checkpoint(followed, push.checkpoint)
        checkpoint = signed.checkpoint
        # (8) not smaller than the chunk
        if checkpoint.size < chunk.end:
            raise errors.WrongSize(f"Expected a checkpoint of {chunk.end} or more, found {checkpoint.size}.")
        if followed.aside and not followed.is_end(checkpoint) and not followed.reached_end:
            raise errors.WrongRoot(f"Of {followed.name}, only what leads to its end is taken.")
        # (9) not smaller than what is held
        self._check_no_rollback(followed, checkpoint.size)
        # (10) no gap
        if chunk.first > followed.size:
            return SizeHeld(followed.size)
        # within its limit, and there is room (9.7)
        brings = chunk.end > followed.size or followed.incomplete
        if brings and (why := self._why_later(followed.name)):
            await self._remember(followed, signed)
            return self._later(followed, sender, why)
        # (11) the same entries as those held, (12) the root
        try:
            new, growth = followed.extension(chunk, checkpoint, push.consistency)
        except errors.WrongRoot:
            if fork := followed.rewritten_by(chunk, signed):
                raise await self._stop(followed, fork) from None
            await self._remember(followed, signed)
            raise
        # the bodies
        late = self._late(followed, chunk, sender) if followed.incomplete else []
        if growth or late:
            new, records = self._fitting(followed, new, sender) if new else (None, [])
            await self._commit(followed, _Accepted(late, signed, new, growth, records))
        else:
            await self._remember(followed, signed)
        # (13) checkpoints known before
        await self._compare_known(followed)
        return self._answer(followed, signed)

    async def _accept_ahead(self, followed: Followed, ahead: Ahead, sender: Member) -> Answer:
        # (7) the checkpoint; (8) its size is what the proof of inclusion is checked against
        signed = await self._open_checkpoint(followed, ahead.checkpoint)
        checkpoint, index, held = signed.checkpoint, ahead.index, followed.size
        # (9) not smaller than what is held
        self._check_no_rollback(followed, checkpoint.size)
        if ahead.known_size != held or index < held:
            return SizeHeld(held)
        # both proofs, and that the place is not taken
        try:
            root = followed.edge.frontier.root()
            verify_consistency(held, root, checkpoint.size, checkpoint.root, ahead.consistency)
            leaf = leaf_hash(ahead.entry)
            verify_inclusion(leaf, index, checkpoint.size, ahead.inclusion, checkpoint.root)
        except Refusal as error:
            raise errors.WrongRoot(str(error)) from error
        if followed.ahead.get(index, ahead.entry) != ahead.entry:
            raise errors.WrongRoot(f"Another entry {index} came ahead before.")
        # the body
        if followed.hasher.entry(ahead.salt, ahead.record) != ahead.entry:
            raise errors.BodyMismatch
        await self._remember(followed, signed)
        if index not in followed.ahead:
            # If another entry comes in its place, its checkpoint will show that there are two versions.
            if len(followed.ahead) >= MAX_AHEAD or not followed.has(checkpoint):
                return self._later(followed, sender, "busy")
            if not self._has_room():
                return self._later(followed, sender, "room")
            await self._committer.submit(
                lambda: self._store.put_ahead(followed.name, index, ahead.entry, ahead.salt, ahead.record)
            )
            followed.ahead[index] = ahead.entry
            reading = self._readers[followed.name].read(index, ahead.record)
            self._on_event(Arrived(followed.name, (reading,), ahead=True))
        if self._me is None:
            return SizeHeld(held)
        received = Received(followed.name, index, ahead.entry, self._now_s())
        return ReceivedAhead(sign_received(received, self._me.request))

    async def _learn(self, followed: Followed, note: bytes) -> None:
        if followed.stopped:
            return
        signed = await self._open_checkpoint(followed, note)
        await self._remember(followed, signed)
        await self._compare_known(followed)

    async def _commit(self, followed: Followed, accepted: _Accepted) -> None:
        records = [*((body.index, body.record) for body in accepted.late), *accepted.records]
        # Whoever sent them waits for the commit, not for the reading. Cards and orders go into the commit.
        readings = self._read(followed, records) if may_matter(r for _, r in records) else []
        shown = set(followed.ahead)
        try:
            await self._committer.submit(lambda: self._write(followed, accepted, readings))
        except StorageFull:
            # It has seen cards that are not held.
            self._readers[followed.name] = reader_at(followed.member, self._store, MAX_SIZE)
            raise
        self._charge(followed, accepted)
        if orders := orders_among(readings):
            self._on_event(OrdersCame(followed.name, orders))
        if accepted.growth:
            followed.advance(accepted.growth.edge)
        if accepted.signed:
            followed.remember(accepted.signed)
        if followed.incomplete or (accepted.new and accepted.new.absent()):
            followed.incomplete = self._is_incomplete(followed)
        asyncio.get_running_loop().call_soon(self._show_later, followed, records, readings, shown)

    def _show(
        self,
        followed: Followed,
        records: Sequence[tuple[int, bytes]],
        readings: Sequence[Reading],
        shown: AbstractSet[int],
    ) -> None:
        """Tell what the records say, but for those that were shown when they came ahead."""
        readings = readings or self._read(followed, records)
        if unseen := tuple(reading for reading in readings if reading.index not in shown):
            self._on_event(Arrived(followed.name, unseen))

    def _read(self, followed: Followed, records: Iterable[tuple[int, bytes]]) -> list[Reading]:
        read = self._readers[followed.name].read
        return [read(index, record) for index, record in records]

    def _write(self, followed: Followed, accepted: _Accepted, readings: Iterable[Reading]) -> None:
        name, store = followed.name, self._store
        if accepted.growth and accepted.new:
            if followed.anchor:
                store.drop_checkpoints_below(name, followed.anchor.checkpoint.size)
            store.extend(name, followed.edge.size, accepted.growth, accepted.new)
            store.pass_over(name, followed.entitled_from)
        if accepted.signed:
            store.put_checkpoint(name, accepted.signed)
        for body in accepted.late:
            store.fill(name, body.index, body.salt, body.record)
        for reading in filter(is_card, readings):
            store.put_card(name, reading.index)
        note_orders(store, self._circle.id, name, orders_among(readings))

    async def _open_checkpoint(self, followed: Followed, note: bytes) -> SignedCheckpoint:
        """A checkpoint that fits what is known of its log.

        Raises WrongName, BadCheckpointSignature, WrongSize, ForkFound.
        """
        try:
            signed = followed.open(note)
        except UnknownOrigin as error:
            raise errors.WrongName(str(error)) from error
        except (UnknownSigner, BadSignature) as error:
            raise errors.BadCheckpointSignature(str(error)) from error
        except errors.EpochEnded:
            await self._keep_void(followed, note)
            raise
        if fork := followed.fork_with(signed):
            raise await self._stop(followed, fork)
        if followed.strays(signed.checkpoint):
            await self._keep_void(followed, note)
            raise errors.EpochEnded
        return signed

    async def _keep_void(self, followed: Followed, note: bytes) -> None:
        """Keep one checkpoint that was signed beyond the end of its log: it shows that the key was used."""
        if followed.name not in self._kept.void.all:
            await self._kept.void.put({followed.name: note})

    async def _remember(self, followed: Followed, signed: SignedCheckpoint) -> None:
        """Keep a checkpoint, without a sync of its own: nobody is told that it is kept."""
        if followed.is_new(signed):
            await self._committer.submit(
                lambda: self._store.put_checkpoint(followed.name, signed), synced=False
            )
            followed.remember(signed)
            self._on_event(Known(followed.name, signed.checkpoint.size))

    async def _compare_known(self, followed: Followed) -> None:
        for stray in [signed for signed in followed.known.values() if followed.strays(signed.checkpoint)]:
            await self._keep_void(followed, stray.note.encode())
        if fork := followed.fork_among_known():
            raise await self._stop(followed, fork)

    async def _stop(self, followed: Followed, fork: Fork) -> errors.ForkFound:
        """Stop the log, and keep the evidence; returns what to raise. Raises StorageFull.

        It is stopped at once, even where there is no room for the evidence.
        """
        followed.stop(fork)
        self._on_event(TwoVersions(followed.name))
        await self._put_evidence(followed, fork)
        return errors.ForkFound(
            f"Two versions of {followed.name}: signed at {fork.first.checkpoint.size} and "
            f"{fork.second.checkpoint.size}, and they do not fit."
        )

    async def _put_evidence(self, followed: Followed, fork: Fork) -> None:
        evidence = fork.encode(self._circle.id, followed.member.opening)
        await self._committer.submit(lambda: self._store.stop(followed.name, evidence))

    def _answer(self, followed: Followed, signed: SignedCheckpoint) -> Answer:
        if followed.incomplete:
            return Missing(followed.size, tuple(self._missing(followed, _MAX_MISSING_NAMED)))
        if self._me and signed.checkpoint.size == followed.size and followed.may_be_confirmed:
            return Held(followed.size, cosign(signed.checkpoint, self._me.holder, self._now_s()))
        return SizeHeld(followed.size)

    def _open_log(self, name: str) -> Followed:
        """(5) a log followed here, (6) that is not stopped."""
        followed = self._logs.get(name)
        if followed is None:
            self._circle.member_of_log(name)
            raise errors.UnknownName(f"{name} is written here, and followed by the others.")
        if closed := followed.closed:
            raise errors.LogStopped(closed)
        return followed

    def _late(self, followed: Followed, chunk: Chunk, sender: Member) -> list[Body]:
        """Of the entries held without a record, those whose record this chunk brings."""
        entry_of = followed.hasher.entry
        end = min(chunk.end, followed.size)
        late, wrong = [], []
        for index in self._store.missing(followed.name, _MAX_MISSING_NAMED):
            if chunk.first <= index < end and (record := chunk.body(index)) is not None:
                if entry_of(salt := chunk.salt(index), record) == chunk.entry(index):
                    late.append(Body(index, salt, record))
                else:
                    wrong.append(index)
        if wrong:
            self._on_event(BodiesMismatched(sender.slug, followed.name, tuple(wrong)))
        return late

    def _fitting(
        self, followed: Followed, new: Chunk, sender: Member
    ) -> tuple[Chunk, list[tuple[int, bytes]]]:
        """The chunk without records that are not those of their entries (9.3), and the records that are."""
        entry_of = followed.hasher.entry
        records, wrong = [], []
        for index, entry, salt, record in new.items():
            if record is not None:
                if entry_of(salt, record) == entry:
                    records.append((index, record))
                else:
                    wrong.append(index)
        if wrong:
            self._on_event(BodiesMismatched(sender.slug, followed.name, tuple(wrong)))
            new = new.without(frozenset(wrong))
        if followed.ahead:
            absent = set(new.absent())
            came = [(index, record) for index, _, _, record in self._store.aheads(followed.name)]
            records = sorted(records + [pair for pair in came if pair[0] in absent])
        return new, records

    def _missing(self, followed: Followed, limit: int) -> list[int]:
        """The lowest indexes of which the record is missing; void ones never are."""
        return [index for index in self._store.missing(followed.name, limit) if index < followed.size]

    def _is_incomplete(self, followed: Followed) -> bool:
        return bool(self._missing(followed, 1))

    def _now_s(self) -> int:
        return max(1, self._clock.wall_ms() // 1000)

    @staticmethod
    def _check_no_rollback(followed: Followed, size: int) -> None:
        if size < followed.size:
            raise errors.Rollback(
                f"Expected a checkpoint of {followed.size} or more, found {size}.", followed.size
            )
