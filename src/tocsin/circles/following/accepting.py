"""What this node accepts of the other members' logs: the receiving side of docs/protocol.md, section 9.

The checks of section 9.2 have their numbers here: 1 to 4 are done where the request comes in, 5 to 13 and
the bodies of 9.3 below.

- When anything is done with a log, `admitting` says: in turn, within its limit, while there is room. What is
  taken, `holding` makes durable, and tells. Different logs share commits, and wait for nothing else.
- Nothing is answered before what it says is durable.
- What is refused changes nothing, except that signed checkpoints that do not fit are kept: they are
  evidence.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from tocsin.circles import errors
from tocsin.circles.environment import Environment
from tocsin.circles.events import BodiesMismatched, Unentitled
from tocsin.circles.evidence.forks import Fork
from tocsin.circles.exchanging.kept import Kept
from tocsin.circles.exchanging.standing import Standing
from tocsin.circles.following.admitting import Admission
from tocsin.circles.following.asides import with_asides
from tocsin.circles.following.followed import Followed
from tocsin.circles.following.holding import Accepted, Holding
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.wire.answers import Answer, Body, Held, Missing, ReceivedAhead, SizeHeld
from tocsin.circles.wire.messages import MAX_BODIES, Ahead, Push
from tocsin.circles.wire.received import Received, sign_received
from tocsin.core.errors import BadSignature, Refusal, UnknownOrigin, UnknownSigner
from tocsin.core.note import parse_note
from tocsin.core.tlog.checkpoint import MAX_CHECKPOINT_BYTES, SignedCheckpoint, cosign, parse_text
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES, Chunk
from tocsin.core.tlog.entry import ENTRY_BYTES
from tocsin.core.tlog.tree import leaf_hash, verify_consistency, verify_inclusion
from tocsin.log.store import StorageFull

MAX_AHEAD = 64
"""Records of one log that may be here ahead of others; further ones are answered *later*."""

_MAX_MISSING_NAMED = 1_024


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
        self._store = store = environment.store
        self._clock = environment.clock
        ours, asides = standing.member, with_asides(store)
        self._logs = {
            str(member.log): Followed(
                member,
                store,
                promised=kept.promise(ours.log, str(member.log)),
                aside=str(member.log) in asides,
                entitled_from=circle.entitled_from(ours.slug, member.log),
            )
            for member in (*circle.members, *circle.past)
            if standing.lost or member.log != ours.log
        }
        self._holding = Holding(circle.id, self._logs, environment, kept)
        # One's own records, which come back from others after a loss, have no limit.
        limited = [name for name, followed in self._logs.items() if followed.member.slug != ours.slug]
        self._admission = Admission(self._logs, limited, circle.charter.limits, environment)
        self._on_event = environment.on_event

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
        return await self._admission.in_turn(followed.name, sender, work, len(push.chunk.data))

    async def ahead(self, ahead: Ahead, sender: Member) -> Answer:
        """One record before a backlog (section 9.5). Raises the refusals of section 9.2."""
        followed = self._open_log(ahead.log)
        work = partial(self._accept_ahead, followed, ahead, sender)
        return await self._admission.in_turn(followed.name, sender, work)

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
                    async with self._admission.locks[followed.name]:
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
        missing = self._holding.missing(self._logs[name], MAX_BODIES)
        indices = [index for index in missing if index < missing[0] + MAX_CHUNK_ENTRIES]
        places = {index: ENTRY_BYTES * (index - indices[0]) for index in indices}
        entries = self._store.entries(name, indices[0], indices[-1] + 1) if indices else b""
        return {index: entries[place : place + ENTRY_BYTES] for index, place in places.items()}

    def may_come(self, name: str) -> bool:
        """Whether records of this log would be taken now. Otherwise there is no use in asking for any."""
        return self._admission.why_later(name) is None

    async def fill(self, name: str, bodies: Sequence[Body]) -> None:
        """Take bodies that are `missing`, from whoever has them. Raises StorageFull."""
        followed = self._logs[name]
        async with self._admission.locks[name]:
            missing, entry_of = self.missing(name), followed.hasher.entry
            fitting = [body for body in bodies if missing.get(body.index) == entry_of(body.salt, body.record)]
            if fitting and followed.filled:
                await self._hold(followed, Accepted(late=fitting))

    async def stop(self, name: str, fork: Fork) -> None:
        """Stop a log by evidence that another member found. Raises LogStopped, StorageFull.

        Its checkpoints have been opened by `Followed.open`.
        """
        async with self._admission.locks[name]:
            await self._holding.stop(self._open_log(name), fork)

    async def keep_evidence(self, name: str) -> None:
        """Write down the evidence for which there was no room when it was found. Raises StorageFull."""
        await self._holding.keep_evidence(self._logs[name])

    async def _hold(self, followed: Followed, accepted: Accepted) -> None:
        """Hold it, and have it count against the limit of its log. Raises StorageFull."""
        await self._holding.commit(followed, accepted)
        entries, size_bytes = (accepted.new.count, len(accepted.new.data)) if accepted.new else (0, 0)
        size_bytes += sum(len(body.record) for body in accepted.late)
        self._admission.charge(followed.name, entries, size_bytes)

    async def _accept(self, followed: Followed, push: Push, sender: Member) -> Answer:
        chunk = push.chunk
        # (6) once more: the log may have been stopped meanwhile
        self._open_log(followed.name)
        # (7) the checkpoint: its name and signature, and that it fits what is known
        signed = await self._open_checkpoint(followed, push.checkpoint)
        checkpoint = signed.checkpoint
        # (8) not smaller than the chunk
        if checkpoint.size < chunk.end:
            raise errors.WrongSize(f"Expected a checkpoint of {chunk.end} or more, found {checkpoint.size}.")
        if followed.aside and followed.end and not followed.is_end(checkpoint) and not followed.reached_end:
            raise errors.WrongRoot(f"Of {followed.name}, only what leads to its end is taken.")
        # (9) not smaller than what is held
        self._check_no_rollback(followed, checkpoint.size)
        # (10) no gap
        if chunk.first > followed.size:
            return SizeHeld(followed.size)
        # within its limit, and there is room (9.7)
        brings = chunk.end > followed.size or followed.incomplete
        if brings and (why := self._admission.why_later(followed.name)):
            await self._holding.remember(followed, signed)
            return self._admission.later(followed.name, sender, why)
        # (11) the same entries as those held, (12) the root
        try:
            new, growth = followed.extension(chunk, checkpoint, push.consistency)
        except errors.WrongRoot:
            if fork := followed.rewritten_by(chunk, signed):
                raise await self._holding.stop(followed, fork) from None
            await self._holding.remember(followed, signed)
            raise
        # the bodies
        late = self._late(followed, chunk, sender) if followed.incomplete else []
        if growth or late:
            new, records = self._fitting(followed, new, sender) if new else (None, [])
            await self._hold(followed, Accepted(late, signed, new, growth, records))
        else:
            await self._holding.remember(followed, signed)
        # (13) checkpoints known before
        await self._compare_known(followed)
        return self._answer(followed, signed)

    async def _accept_ahead(self, followed: Followed, ahead: Ahead, sender: Member) -> Answer:
        # (6) once more
        self._open_log(followed.name)
        # (7) the checkpoint; (8) its size is what the proof of inclusion is checked against
        signed = await self._open_checkpoint(followed, ahead.checkpoint)
        checkpoint, index, held = signed.checkpoint, ahead.index, followed.size
        # (9) not smaller than what is held
        self._check_no_rollback(followed, checkpoint.size)
        if ahead.known_size != held or index < max(held, followed.entitled_from):
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
        await self._holding.remember(followed, signed)
        if index not in followed.ahead:
            # If another entry comes in its place, its checkpoint will show that there are two versions.
            if len(followed.ahead) >= MAX_AHEAD or not followed.has(checkpoint):
                return self._admission.later(followed.name, sender, "busy")
            if not self._admission.has_room():
                return self._admission.later(followed.name, sender, "room")
            await self._holding.put_ahead(followed, ahead)
        if self._me is None:
            return SizeHeld(held)
        received = Received(followed.name, index, ahead.entry, self._now_s())
        return ReceivedAhead(sign_received(received, self._me.request))

    async def _learn(self, followed: Followed, note: bytes) -> None:
        if followed.stopped:
            return
        signed = await self._open_checkpoint(followed, note)
        await self._holding.remember(followed, signed)
        await self._compare_known(followed)

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
            await self._holding.keep_void(followed, note)
            raise
        if fork := followed.fork_with(signed):
            raise await self._holding.stop(followed, fork)
        if followed.strays(signed.checkpoint):
            await self._holding.keep_void(followed, note)
            raise errors.EpochEnded
        return signed

    async def _compare_known(self, followed: Followed) -> None:
        for stray in [signed for signed in followed.known.values() if followed.strays(signed.checkpoint)]:
            await self._holding.keep_void(followed, stray.note.encode())
        if fork := followed.fork_among_known():
            raise await self._holding.stop(followed, fork)

    def _answer(self, followed: Followed, signed: SignedCheckpoint) -> Answer:
        if followed.incomplete:
            return Missing(followed.size, tuple(self._holding.missing(followed, _MAX_MISSING_NAMED)))
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
        """The chunk without records that are not those of their entries (9.3), and the records that are.

        Nor has it those from before we joined, whoever sends them: they are not for us (8.4).
        """
        below = range(new.first, min(new.end, followed.entitled_from))
        if below and (sent := sorted({*below}.difference(new.absent()))):
            self._on_event(Unentitled(sender.slug, followed.name, tuple(sent)))
            new = new.without(frozenset(sent))
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
            came = [
                (index, record)
                for index, entry, _, record in self._store.aheads(followed.name)
                if index in absent and new.entry(index) == entry
            ]
            records = sorted(records + came)
        return new, records

    def _now_s(self) -> int:
        return max(1, self._clock.wall_ms() // 1000)

    @staticmethod
    def _check_no_rollback(followed: Followed, size: int) -> None:
        if size < followed.size:
            raise errors.Rollback(
                f"Expected a checkpoint of {followed.size} or more, found {size}.", followed.size
            )
