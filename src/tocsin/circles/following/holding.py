"""Holding what was accepted of the other members' logs: durably, read, and told.

What may be held is `accepting`'s to say; nothing is checked here. Whoever calls has the log's lock.

- Durable before known: the state of a log (`Followed`) changes after the commit, but for a stop, which waits
  for nothing.
- Cards and orders of erasure are read before the commit and noted in it; everything else after it, since
  whoever sent it waits.
- A checkpoint that is only remembered has no sync of its own: nobody is told that it is kept.
- What could not be read while a record below it was missing, perhaps the card that names the officer who
  signed it, is read and told again once all are here.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from tocsin.circles import errors
from tocsin.circles.environment import Environment
from tocsin.circles.erasing.register import note_orders, orders_among
from tocsin.circles.events import Arrived, Displaced, Known, OrdersCame, TwoVersions
from tocsin.circles.evidence.forks import Fork
from tocsin.circles.exchanging.kept import Kept
from tocsin.circles.following.followed import Followed
from tocsin.circles.reading import NotUnderstood, Reading, is_card, may_matter, reader_at
from tocsin.circles.wire.answers import Body
from tocsin.circles.wire.messages import Ahead
from tocsin.core.records.errors import OfficerUnknown
from tocsin.core.tlog.checkpoint import SignedCheckpoint
from tocsin.core.tlog.chunk import Chunk
from tocsin.core.tlog.tree import MAX_SIZE
from tocsin.log.edge import Extension
from tocsin.log.store import StorageFull

_MAX_PROVISIONAL = 1024


@dataclass(frozen=True, slots=True)
class Accepted:
    """What is to be held: records that were missing, new entries and the edge after them, a checkpoint.

    `records` are the indexes and bytes of the new records that are here, in their order: from the chunk, or
    come ahead of it.
    """

    late: Sequence[Body] = ()
    signed: SignedCheckpoint | None = None
    new: Chunk | None = None
    growth: Extension | None = None
    records: Sequence[tuple[int, bytes]] = ()


class Holding:
    """Writes for the followed logs of one circle, which are `logs` by their names."""

    def __init__(
        self, circle: str, logs: Mapping[str, Followed], environment: Environment, kept: Kept
    ) -> None:
        self._circle = circle
        self._kept = kept
        self._store = environment.store
        self._committer = environment.committer
        self._on_event = environment.on_event
        self._readers = {
            name: reader_at(followed.member, environment.store, MAX_SIZE) for name, followed in logs.items()
        }
        self._provisional: dict[str, set[int]] = {name: set() for name in logs}
        self._show_later = environment.guarded(self._show)

    async def commit(self, followed: Followed, accepted: Accepted) -> None:
        """Hold it. Raises StorageFull."""
        records = [*((body.index, body.record) for body in accepted.late), *accepted.records]
        # Whoever sent them waits for the commit, not for the reading. Cards and orders go into the commit.
        readings = self._read(followed, records) if may_matter(r for _, r in records) else []
        displaced = followed.displaced(accepted.new)
        shown = followed.ahead.keys() - displaced - self._provisional[followed.name]
        try:
            await self._committer.submit(lambda: self._write(followed, accepted, readings))
        except StorageFull:
            # It has seen cards that are not held.
            self._readers[followed.name] = reader_at(followed.member, self._store, MAX_SIZE)
            raise
        if orders := orders_among(readings):
            self._on_event(OrdersCame(followed.name, orders))
        if displaced:
            self._on_event(Displaced(followed.name, displaced))
        if accepted.growth:
            followed.advance(accepted.growth.edge)
        if accepted.signed:
            followed.remember(accepted.signed)
        if followed.incomplete or (accepted.new and accepted.new.absent()):
            followed.incomplete = bool(self.missing(followed, 1))
        asyncio.get_running_loop().call_soon(self._show_later, followed, records, readings, shown)

    async def put_ahead(self, followed: Followed, ahead: Ahead) -> None:
        """Hold a record that comes ahead of others. Raises StorageFull."""
        index, entry = ahead.index, ahead.entry
        await self._committer.submit(
            lambda: self._store.put_ahead(followed.name, index, entry, ahead.salt, ahead.record)
        )
        followed.ahead[index] = entry
        reading = self._readers[followed.name].read(index, ahead.record)
        self._note_provisional(followed, [reading])
        self._on_event(Arrived(followed.name, (reading,), ahead=True))

    async def remember(self, followed: Followed, signed: SignedCheckpoint) -> None:
        """Keep a checkpoint, if it is new. Raises StorageFull."""
        if followed.is_new(signed):
            await self._committer.submit(
                lambda: self._store.put_checkpoint(followed.name, signed), synced=False
            )
            followed.remember(signed)
            self._on_event(Known(followed.name, signed.checkpoint.size))

    async def keep_void(self, followed: Followed, note: bytes) -> None:
        """Keep one checkpoint that was signed beyond the end of its log: it shows that the key was used."""
        if followed.name not in self._kept.void.all:
            await self._kept.void.put({followed.name: note})

    async def stop(self, followed: Followed, fork: Fork) -> errors.ForkFound:
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

    async def keep_evidence(self, followed: Followed) -> None:
        """Write down the evidence for which there was no room when it was found. Raises StorageFull."""
        if followed.fork and self._store.evidence(followed.name) is None:
            await self._put_evidence(followed, followed.fork)

    def missing(self, followed: Followed, limit: int) -> list[int]:
        """The lowest indexes of which the record is missing; void ones never are."""
        return [index for index in self._store.missing(followed.name, limit) if index < followed.size]

    async def _put_evidence(self, followed: Followed, fork: Fork) -> None:
        evidence = fork.encode(self._circle, followed.member.opening)
        await self._committer.submit(lambda: self._store.stop(followed.name, evidence))

    def _write(self, followed: Followed, accepted: Accepted, readings: Iterable[Reading]) -> None:
        name, store = followed.name, self._store
        if accepted.growth and accepted.new:
            if followed.anchor:
                store.drop_checkpoints_below(name, followed.anchor.checkpoint.size)
            store.extend(name, followed.edge.size, accepted.growth, accepted.new)
            if followed.edge.size < followed.entitled_from:
                store.pass_over(name, followed.entitled_from)
        if accepted.signed:
            store.put_checkpoint(name, accepted.signed)
        for body in accepted.late:
            store.fill(name, body.index, body.salt, body.record)
        for reading in filter(is_card, readings):
            store.put_card(name, reading.index)
        note_orders(store, self._circle, name, orders_among(readings))

    def _show(
        self,
        followed: Followed,
        records: Sequence[tuple[int, bytes]],
        readings: Sequence[Reading],
        shown: AbstractSet[int],
    ) -> None:
        """Tell what the records say, but for those that were shown when they came ahead."""
        readings = readings or self._read(followed, records)
        if followed.incomplete or self._provisional[followed.name]:
            readings = self._with_provisional(followed, readings)
        if unseen := tuple(reading for reading in readings if reading.index not in shown):
            self._on_event(Arrived(followed.name, unseen))

    def _with_provisional(self, followed: Followed, readings: Sequence[Reading]) -> Sequence[Reading]:
        """What was read, and once nothing is missing, what is held and could not be read before."""
        provisional = self._provisional[followed.name]
        provisional.difference_update(reading.index for reading in readings)
        if followed.incomplete:
            self._note_provisional(followed, readings)
            return readings
        held = sorted(index for index in provisional if index < followed.size)
        provisional.difference_update(held)
        bodies = ((index, self._store.record(followed.name, index)[2]) for index in held)
        again = self._read(followed, ((index, body) for index, body in bodies if body is not None))
        return [*readings, *again]

    def _note_provisional(self, followed: Followed, readings: Iterable[Reading]) -> None:
        provisional = self._provisional[followed.name]
        waiting = [reading.index for reading in readings if _waits_for_a_card(reading)]
        provisional.update(waiting[: _MAX_PROVISIONAL - len(provisional)])

    def _read(self, followed: Followed, records: Iterable[tuple[int, bytes]]) -> list[Reading]:
        read = self._readers[followed.name].read
        return [read(index, record) for index, record in records]


def _waits_for_a_card(reading: Reading) -> bool:
    return isinstance(reading, NotUnderstood) and reading.code == OfficerUnknown.code
