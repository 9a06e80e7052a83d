"""Keeping one member up to date with our log, by one push at a time (docs/protocol.md, section 9).

There is no outbox: what a member lacks is what lies between its cursor and the end of our log. The cursor
is what the member last said it holds. What is written while a push is in flight goes with the next.

- A member that is down, slow or hostile delays nobody else: each has a sender of its own.
- After a failure the sender waits, longer each time until something is confirmed. A sign of life from a
  member that was not reached ends the wait.
- An answer is a failure, unless it says that what was pushed is there, and that less lacks than before: so no
  answer can make a sender spin.
"""

import asyncio
from collections.abc import Callable, Mapping

from tocsin.circles.authoring.calling import Caller
from tocsin.circles.authoring.own import OwnLog
from tocsin.circles.environment import Environment
from tocsin.circles.errors import ForkFound, LogStopped, Rollback, UnexpectedAnswer, Unreachable
from tocsin.circles.events import ConfirmedAhead, Lost, Reached, RefusedThere
from tocsin.circles.founding.circle import Member
from tocsin.circles.wire.answers import (
    Answer,
    Checkpoints,
    Held,
    Later,
    Missing,
    ReceivedAhead,
    Refused,
    SizeHeld,
)
from tocsin.circles.wire.messages import MAX_PUSH_BYTES, Ahead, CheckpointsRequest, Push
from tocsin.circles.wire.protocol import Path
from tocsin.circles.wire.received import open_received
from tocsin.core.errors import Fault, Refusal
from tocsin.core.tlog.checkpoint import SignedCheckpoint
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES
from tocsin.core.tlog.tree import MAX_SIZE, consistency_proof, inclusion_proof

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
_MAX_NEWEST = 32
_MAX_CHUNK_BYTES = MAX_PUSH_BYTES - 2**18
_AHEAD_TRIES = 3

Newest = Callable[[], Mapping[str, tuple[bytes, ...]]]
"""By log name, the checkpoints that this node shows to others."""


class Sender:
    """Pushes our log to one member.

    `cursor` is how much of it the member said it holds; None if it never said.
    """

    def __init__(
        self,
        member: Member,
        caller: Caller,
        own: OwnLog,
        newest: Newest,
        environment: Environment,
    ) -> None:
        self.member = member
        self.caller = caller
        self.cursor: int | None = None
        self.trouble: str | None = None
        self._own = own
        self._newest = newest
        self._store = environment.store
        self._chance = environment.chance
        self._on_event = environment.on_event
        self._told: dict[str, tuple[bytes, ...]] = {}
        self._gossip = False
        self._wanted: tuple[int, ...] = ()
        self._lost = False
        self._pause_s = FIRST_PAUSE_S
        self._clock = environment.clock
        self._work = asyncio.Event()
        self._poked = asyncio.Event()

    @property
    def backlog(self) -> int:
        """Number of our entries that the member did not say it holds."""
        return self._own.size - self._start()

    def wake(self, *, gossip: bool = False) -> None:
        """There is something to send; with `gossip`, also checkpoints alone."""
        self._gossip = self._gossip or gossip
        self._work.set()

    def poke(self) -> None:
        """The member gave a sign of life: if it was not reached, do not wait any longer."""
        if self._lost:
            self._pause_s = FIRST_PAUSE_S
            self._poked.set()

    async def run(self) -> None:
        """Send for ever."""
        while True:
            await self._work.wait()
            self._work.clear()
            while self._due():
                try:
                    wait_s = await self._push()
                except Refusal as refusal:
                    # What was to be told goes with the next one.
                    self._gossip = True
                    wait_s = self._failed(refusal)
                if wait_s:
                    await self._pause(wait_s)

    async def send_ahead(self, index: int) -> None:
        """Send one record before the backlog (section 9.5). A refusal is reported and not tried again."""
        for _ in range(_AHEAD_TRIES):
            try:
                answer = await self.caller.call(Path.AHEAD, self._ahead(index).encode())
                if isinstance(answer, ReceivedAhead):
                    self._check_received(index, answer)
                    self._on_event(ConfirmedAhead(self.member.slug, index))
                    return
            except Refusal as refusal:
                self._on_event(RefusedThere(self.member.slug, refusal.code, str(refusal)))
                return
            if not isinstance(answer, SizeHeld) or index < answer.size:
                return
            self.cursor = answer.size

    async def ask(self) -> tuple[bytes, ...]:
        """The newest checkpoints that the member knows; our own log's is compared. Raises Unreachable."""
        answer = await self.caller.call(Path.CHECKPOINTS, CheckpointsRequest().encode())
        notes = answer.notes if isinstance(answer, Checkpoints) else ()
        for note in notes:
            if note.startswith(self._own.name.encode() + b"\n"):
                self._own.compare(note)
        return notes

    def _due(self) -> bool:
        confirmed = self._own.held.get(self.member.slug)
        behind = confirmed is None or confirmed.size < self._own.size
        return self._own.size > 0 and (behind or (self._gossip and bool(self._untold())))

    async def _push(self) -> float:
        """One push; the seconds to wait before the next. Raises Unreachable and what an answer states."""
        newest = self._untold() if self._gossip else {}
        self._gossip = False
        self._poked.clear()
        head = self._head()
        push = self._next_push(head, tuple(note for notes in newest.values() for note in notes))
        answer = await self.caller.call(Path.PUSH, push.encode())
        wait_s = await self._heed(answer, push.chunk.end, head.checkpoint.size)
        self._told |= newest
        if self.trouble is not None:
            self.trouble, self._lost = None, False
            self._on_event(Reached(self.member.slug))
        return wait_s

    async def _heed(self, answer: Answer, end: int, head_size: int) -> float:
        """Take the answer to a push of entries below `end` under the checkpoint of `head_size`."""
        before, self._wanted = (self._start(), self._lowest_wanted()), ()
        match answer:
            case Held(size, cosignature):
                if size != head_size:
                    raise UnexpectedAnswer(f"Expected a confirmation of {head_size}, found one of {size}.")
                await self._own.confirm(self.member, size, cosignature, witness=False)
                self.cursor = size
                self._pause_s = FIRST_PAUSE_S
                return 0.0
            case SizeHeld(size):
                await self._set_cursor(size)
            case Missing(size, indices):
                await self._set_cursor(size)
                self._wanted = indices
            case Later(after_ms):
                return max(self._longer_pause(), min(after_ms / 1000, LONGEST_PAUSE_S))
            case Refused(size_held=size):
                await self._look_into(refusal := answer.error(), size)
                raise refusal
            case _:
                raise UnexpectedAnswer(f"Expected the answer to a push, found {type(answer).__name__}.")
        if size >= end and (size, self._lowest_wanted()) > before:
            return 0.0
        return self._longer_pause()

    async def _look_into(self, refusal: Refusal, size_held: int) -> None:
        """If the member holds more of our log than we pushed, or another version, have it shown."""
        if isinstance(refusal, Rollback):
            await self._set_cursor(size_held)
        elif isinstance(refusal, ForkFound | LogStopped):
            await self.ask()

    async def _set_cursor(self, size: int) -> None:
        """The member says how much it holds. More than we wrote, it has to show with our own signature."""
        if size > self._own.size:
            await self.ask()
            raise UnexpectedAnswer(
                f"{self.member.slug} says it holds {size} of our {self._own.size} records."
            )
        self.cursor = size

    def _lowest_wanted(self) -> int:
        return self._wanted[0] if self._wanted else MAX_SIZE

    def _head(self) -> SignedCheckpoint:
        head = self._own.checkpoint
        if head is None:
            raise Fault(f"{self._own.name} is empty: there is nothing to send.")
        return head

    def _next_push(self, head: SignedCheckpoint, newest: tuple[bytes, ...]) -> Push:
        """The records that the member named as missing; otherwise those from its cursor on."""
        name = self._own.name
        if self._wanted:
            first, most = self._wanted[0], _run_length(self._wanted)
        else:
            first, most = self._start(), MAX_CHUNK_ENTRIES
        size = head.checkpoint.size
        chunk = self._store.chunk(name, first, min(most, size - first), _MAX_CHUNK_BYTES)
        read = self._store.read_tiles(name)
        proof = consistency_proof(chunk.end, size, read) if 0 < chunk.end < size else []
        return Push(name, chunk, head.note.encode(), tuple(proof), newest)

    def _start(self) -> int:
        """From where to push: what the member said last, or else confirmed before this node started."""
        if self.cursor is not None:
            return self.cursor
        confirmed = self._own.held.get(self.member.slug)
        return confirmed.size if confirmed else 0

    def _untold(self) -> dict[str, tuple[bytes, ...]]:
        """The checkpoints of the others' logs that this member was not shown yet; not of its own."""
        newest = self._newest()
        untold = [
            (name, notes)
            for name, notes in newest.items()
            if name != str(self.member.log) and self._told.get(name) != notes
        ]
        return dict(untold[:_MAX_NEWEST])

    def _ahead(self, index: int) -> Ahead:
        name, head, known = self._own.name, self._head(), self._start()
        size, read = head.checkpoint.size, self._store.read_tiles(name)
        entry, salt, record = self._store.record(name, index)
        return Ahead(
            log=name,
            index=index,
            entry=entry,
            salt=salt,
            record=record or b"",
            checkpoint=head.note.encode(),
            known_size=known,
            inclusion=tuple(inclusion_proof(index, size, read)),
            consistency=tuple(consistency_proof(known, size, read)),
        )

    def _check_received(self, index: int, answer: ReceivedAhead) -> None:
        received = open_received(answer.note, self.member.request_key)
        entry = self._store.entries(self._own.name, index, index + 1)
        if (received.log, received.index, received.entry) != (self._own.name, index, entry):
            raise UnexpectedAnswer(f"Expected a receipt for record {index}, found another.")

    def _failed(self, refusal: Refusal) -> float:
        """Report a failure once, and wait."""
        explanation = str(refusal)
        self._lost = isinstance(refusal, Unreachable)
        if self.trouble != explanation:
            self.trouble = explanation
            if self._lost:
                self._on_event(Lost(self.member.slug, explanation))
            else:
                self._on_event(RefusedThere(self.member.slug, refusal.code, explanation))
        return self._longer_pause()

    def _longer_pause(self) -> float:
        """How long to wait now. Next time twice as long; chance keeps members from knocking in step."""
        pause_s = self._pause_s * self._chance.uniform(0.75, 1.25)
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
        return pause_s

    async def _pause(self, wait_s: float) -> None:
        """Wait; a sign of life ends it, but not the shortest pause."""
        try:
            async with asyncio.timeout(wait_s):
                await self._clock.sleep(FIRST_PAUSE_S)
                await self._poked.wait()
        except TimeoutError:
            pass


def _run_length(indices: tuple[int, ...]) -> int:
    """How many of the first indices follow one another."""
    return next((n for n, index in enumerate(indices) if index != indices[0] + n), len(indices))
