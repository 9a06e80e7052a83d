"""What this node accepts of the other members' logs: the receiving side of docs/protocol.md, section 9.

The checks of section 9.2 have their numbers here: 1 to 4 are done where the request comes in, 5 to 13 and
the bodies of 9.3 below. One push of one log is handled at a time; pushes of different logs share commits
and wait for nothing else.

- Nothing is answered before what it says is durable.
- What is refused changes nothing, except that signed checkpoints that do not fit are kept: they are
  evidence.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tocsin.circles import errors
from tocsin.circles.environment import Environment
from tocsin.circles.events import Arrived, BodiesMismatched, TwoVersions
from tocsin.circles.evidence.forks import Fork
from tocsin.circles.following.followed import Followed
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.reading import Readable, Reader, Reading
from tocsin.circles.wire.answers import Answer, Body, Held, Later, Missing, ReceivedAhead, SizeHeld
from tocsin.circles.wire.messages import Ahead, Push
from tocsin.circles.wire.received import Received, sign_received
from tocsin.core.checkpoint import SignedCheckpoint, cosign
from tocsin.core.chunk import Chunk
from tocsin.core.errors import BadSignature, Refusal, UnknownOrigin, UnknownSigner
from tocsin.core.records import Card
from tocsin.core.tree import MAX_SIZE, leaf_hash, verify_consistency, verify_inclusion
from tocsin.log.edge import Extension
from tocsin.log.store import StorageFull

MAX_WAITING = 4
"""Pushes of one log that may wait for one another; further ones are answered *later*."""

_BUSY_MS = 100
_FULL_MS = 2_000
_MAX_MISSING_NAMED = 1_024


@dataclass(frozen=True, slots=True)
class _Accepted:
    """What is to be written: new entries and the edge after them, records that were missing, a checkpoint."""

    signed: SignedCheckpoint | None = None
    new: Chunk | None = None
    growth: Extension | None = None
    late: Sequence[Body] = ()

    def present(self) -> Iterator[tuple[int, bytes]]:
        """Indexes and bytes of the records that came, late ones first."""
        yield from ((body.index, body.record) for body in self.late)
        if self.new:
            yield from ((index, body) for index, _, _, body in self.new.items() if body is not None)


class Following:
    """The logs of all the other members, as far as this node holds them."""

    def __init__(
        self,
        circle: Circle,
        me: MemberKeys,
        environment: Environment,
    ) -> None:
        self._circle = circle
        self._me = me
        self._store = store = environment.store
        self._committer = environment.committer
        self._clock = environment.clock
        self._on_event = environment.on_event
        self._logs = {
            str(member.log): Followed(member, store)
            for member in circle.members
            if str(member.log) != me.log.verifying.name
        }
        self._readers = {name: self._reader(followed) for name, followed in self._logs.items()}
        self._locks = {name: asyncio.Lock() for name in self._logs}
        self._waiting = dict.fromkeys(self._logs, 0)

    def __iter__(self) -> Iterator[Followed]:
        """The followed logs, in the order of the charter."""
        return iter(self._logs.values())

    def log(self, name: str) -> Followed | None:
        """The followed log of that name."""
        return self._logs.get(name)

    async def push(self, push: Push, sender: Member) -> Answer:
        """Checks 5 to 13, bodies, durable commit, answer. Raises the refusals of section 9.2."""
        followed = self._open_log(push.log)
        if not push.checkpoint:
            return SizeHeld(followed.size)
        if self._waiting[push.log] >= MAX_WAITING:
            return Later(_BUSY_MS)
        self._waiting[push.log] += 1
        try:
            async with self._locks[push.log]:
                return await self._accept(followed, push, sender)
        except StorageFull:
            return Later(_FULL_MS)
        finally:
            self._waiting[push.log] -= 1

    async def ahead(self, ahead: Ahead) -> Answer:
        """One record before a backlog (section 9.5). Raises the refusals of section 9.2."""
        followed = self._open_log(ahead.log)
        signed = await self._open_checkpoint(followed, ahead.checkpoint)
        checkpoint = signed.checkpoint
        if checkpoint.size < followed.size:
            raise errors.Rollback(f"Expected at least size {followed.size}.", followed.size)
        if ahead.known_size != followed.size or ahead.index < followed.size:
            return SizeHeld(followed.size)
        root, held = followed.edge.frontier.root(), followed.size
        try:
            verify_consistency(held, root, checkpoint.size, checkpoint.root, ahead.consistency)
            verify_inclusion(
                leaf_hash(ahead.entry), ahead.index, checkpoint.size, ahead.inclusion, checkpoint.root
            )
        except Refusal as error:
            raise errors.WrongRoot(str(error)) from error
        if followed.hasher.entry(ahead.salt, ahead.record) != ahead.entry:
            raise errors.BodyMismatch
        new = ahead.index not in followed.seen_ahead

        def job() -> None:
            self._store.put_ahead(ahead.log, ahead.index, ahead.entry, ahead.salt, ahead.record)
            if signed.checkpoint.size not in followed.known:
                self._store.put_checkpoint(ahead.log, signed)

        try:
            await self._committer.submit(job)
        except StorageFull:
            return Later(_FULL_MS)
        followed.remember(signed)
        if new:
            followed.seen_ahead.add(ahead.index)
            self._on_event(Arrived(ahead.log, self._read(followed, ahead.index, ahead.record), ahead=True))
        received = Received(ahead.log, ahead.index, ahead.entry, self._now_s())
        return ReceivedAhead(sign_received(received, self._me.request))

    async def learn(self, notes: Iterable[bytes]) -> None:
        """Newest checkpoints that a member sent: keep those that fit, and stop the logs of those that do not.

        A note that is no checkpoint of a followed log says nothing about the member that passed it on.
        """
        for note in notes:
            for followed in self._logs.values():
                if not followed.stopped and note.startswith(followed.name.encode() + b"\n"):
                    try:
                        await self._remember(followed, await self._open_checkpoint(followed, note))
                        await self._compare_known(followed)
                    except (Refusal, StorageFull):
                        continue

    def newest(self) -> dict[str, tuple[bytes, ...]]:
        """By log name, the newest checkpoint known; for a stopped log, the two that do not fit."""
        notes: dict[str, tuple[bytes, ...]] = {}
        for name, followed in self._logs.items():
            if followed.stopped and (evidence := self._store.evidence(name)):
                fork = Fork.parse_unverified(evidence)
                notes[name] = (fork.first.note.encode(), fork.second.note.encode())
            elif newest := followed.newest():
                notes[name] = (newest.note.encode(),)
        return notes

    async def fill(self, name: str, bodies: Sequence[Body]) -> int:
        """Take bodies that were missing, from whoever has them. Returns how many fitted."""
        followed = self._open_log(name)
        async with self._locks[name]:
            missing = set(self._store.missing(name, _MAX_MISSING_NAMED))
            fitting = [
                body
                for body in bodies
                if body.index in missing
                and followed.hasher.entry(body.salt, body.record)
                == self._store.entries(name, body.index, body.index + 1)
            ]
            if fitting:
                await self._commit(followed, _Accepted(late=fitting))
        return len(fitting)

    async def _accept(self, followed: Followed, push: Push, sender: Member) -> Answer:
        chunk = push.chunk
        # (6) once more: the log may have been stopped while this push waited for the one before it.
        self._open_log(push.log)
        # (7) the checkpoint: its name and signature, and that it fits what is known
        signed = await self._open_checkpoint(followed, push.checkpoint)
        checkpoint = signed.checkpoint
        # (8) not smaller than the chunk
        if checkpoint.size < chunk.end:
            raise errors.WrongSize(f"Expected a checkpoint of {chunk.end} or more, found {checkpoint.size}.")
        # (9) not smaller than what is held
        if checkpoint.size < followed.size:
            raise errors.Rollback(
                f"Expected a checkpoint of {followed.size} or more, found {checkpoint.size}.", followed.size
            )
        # (10) no gap
        if chunk.first > followed.size:
            return SizeHeld(followed.size)
        # (11) the same entries as those held
        if followed.differs(chunk):
            if fork := followed.rewritten_by(chunk, signed):
                raise await self._stop(followed, fork)
            await self._remember(followed, signed)
            raise errors.WrongRoot(f"Entries below {followed.size} are not those held of {push.log}.")
        # (12) the root
        new = chunk.slice(max(chunk.first, followed.size), chunk.end) if chunk.end > followed.size else None
        edge = followed.edge
        growth = followed.extension(new, checkpoint, push.consistency) if new else None
        late = self._late_bodies(followed, chunk) if followed.incomplete else []
        if growth or late:
            new = self._without_mismatches(followed, new, sender) if new else None
            await self._commit(followed, _Accepted(signed, new, growth, late))
        elif followed.size < checkpoint.size or edge.frontier.root() == checkpoint.root:
            await self._remember(followed, signed)
        # (13) checkpoints known before
        await self._compare_known(followed)
        return self._answer(followed, signed)

    async def _commit(self, followed: Followed, accepted: _Accepted) -> None:
        readings = [self._read(followed, index, body) for index, body in accepted.present()]
        ahead = followed.seen_ahead
        await self._committer.submit(lambda: self._write(followed, accepted, readings))
        if accepted.growth:
            followed.advance(accepted.growth.edge)
        if accepted.signed:
            followed.remember(accepted.signed)
        followed.incomplete = self._store.has_missing(followed.name)
        for reading in readings:
            if reading.index not in ahead:
                self._on_event(Arrived(followed.name, reading))

    def _write(self, followed: Followed, accepted: _Accepted, readings: Iterable[Reading]) -> None:
        name, store = followed.name, self._store
        if accepted.growth and accepted.new:
            if followed.anchor:
                store.drop_checkpoints_below(name, followed.anchor.checkpoint.size)
            store.extend(name, followed.size, accepted.growth, accepted.new)
        if accepted.signed:
            store.put_checkpoint(name, accepted.signed)
        for body in accepted.late:
            store.fill(name, body.index, body.salt, body.record)
        for reading in filter(is_card, readings):
            store.put_card(name, reading.index)

    async def _open_checkpoint(self, followed: Followed, note: bytes) -> SignedCheckpoint:
        """A checkpoint that fits what is known of its log.

        Raises WrongName, BadCheckpointSignature, ForkFound.
        """
        try:
            signed = followed.open(note)
        except UnknownOrigin as error:
            raise errors.WrongName(str(error)) from error
        except (UnknownSigner, BadSignature) as error:
            raise errors.BadCheckpointSignature(str(error)) from error
        if fork := followed.fork_with(signed):
            raise await self._stop(followed, fork)
        return signed

    async def _remember(self, followed: Followed, signed: SignedCheckpoint) -> None:
        if followed.remember(signed):
            await self._committer.submit(lambda: self._store.put_checkpoint(followed.name, signed))

    async def _compare_known(self, followed: Followed) -> None:
        for signed in followed.overtaken():
            if fork := followed.fork_with(signed):
                raise await self._stop(followed, fork)

    async def _stop(self, followed: Followed, fork: Fork) -> errors.ForkFound:
        """Stop the log, durably, with the evidence; returns what to raise."""
        evidence = fork.encode(self._circle.id, followed.member.opening)
        await self._committer.submit(lambda: self._store.stop(followed.name, evidence))
        followed.stopped = True
        self._on_event(TwoVersions(followed.name))
        return errors.ForkFound(
            f"Two versions of {followed.name}: signed at {fork.first.checkpoint.size} and "
            f"{fork.second.checkpoint.size}, and they do not fit."
        )

    def _answer(self, followed: Followed, signed: SignedCheckpoint) -> Answer:
        if followed.incomplete:
            return Missing(followed.size, tuple(self._store.missing(followed.name, _MAX_MISSING_NAMED)))
        if signed.checkpoint.size == followed.size:
            return Held(followed.size, cosign(signed.checkpoint, self._me.holder, self._now_s()))
        return SizeHeld(followed.size)

    def _open_log(self, name: str) -> Followed:
        """(5) a log followed here, (6) that is not stopped."""
        followed = self._logs.get(name)
        if followed is None:
            self._circle.member_of_log(name)
            raise errors.UnknownName(f"{name} is written here, and followed by the others.")
        if followed.stopped:
            raise errors.LogStopped(f"There are two versions of {name}.")
        return followed

    def _late_bodies(self, followed: Followed, chunk: Chunk) -> list[Body]:
        """Of the entries held without a record, those whose record this chunk brings."""
        end = min(chunk.end, followed.size)
        wanted = self._store.missing(followed.name, _MAX_MISSING_NAMED)
        found = [Body(i, chunk.salt(i), chunk.body(i) or b"") for i in wanted if chunk.first <= i < end]
        return [
            body for body in found if followed.hasher.entry(body.salt, body.record) == chunk.entry(body.index)
        ]

    def _without_mismatches(self, followed: Followed, new: Chunk, sender: Member) -> Chunk:
        """The chunk without records that are not those of their entries (9.3)."""
        entry_of = followed.hasher.entry
        wrong = tuple(
            index
            for index, entry, salt, body in new.items()
            if body is not None and entry_of(salt, body) != entry
        )
        if not wrong:
            return new
        self._on_event(BodiesMismatched(sender.slug, followed.name, wrong))
        return new.without(frozenset(wrong))

    def _reader(self, followed: Followed) -> Reader:
        reader = Reader(followed.member)
        index = self._store.card_before(followed.name, MAX_SIZE)
        if index is not None:
            _, _, card = self._store.record(followed.name, index)
            reader.seek(index, card or b"")
        return reader

    def _read(self, followed: Followed, index: int, body: bytes) -> Reading:
        return self._readers[followed.name].read(index, body)

    def _now_s(self) -> int:
        return max(1, self._clock.wall_ms() // 1000)


def is_card(reading: Reading) -> bool:
    """Whether this is a card, which says how its member is reached and who may sign."""
    return isinstance(reading, Readable) and isinstance(reading.record, Card)
