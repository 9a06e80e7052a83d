"""Keeping one member up to date with our log, by one push at a time (docs/protocol.md, section 9).

There is no outbox: what a member lacks is what lies between its cursor and the end of our log. The cursor
is what the member last said it holds. What is written while a push is in flight goes with the next.

- A member that is down, slow or hostile delays nobody else: each has a sender of its own.
- After a failure the sender waits, longer each time until something is confirmed. A member that was not
  reached is pushed to again as soon as it answers anything (`probing`), or gives a sign of life.
- An answer is a failure, unless it says that what was pushed is there, and that less lacks than before: so no
  answer can make a sender spin.
- To a member that lacks nothing go the newest checkpoints alone, which costs it no confirmation.
- Over a slow line pushes become smaller (`pace`); what is urgent goes before a backlog (`ahead`).
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from tocsin.circles.authoring.ahead import Urgent
from tocsin.circles.authoring.calling import Caller
from tocsin.circles.authoring.entitling import entitled
from tocsin.circles.authoring.own import OwnLog
from tocsin.circles.authoring.pace import Pace
from tocsin.circles.authoring.probing import until_back
from tocsin.circles.authoring.showing import Shown
from tocsin.circles.environment import Environment
from tocsin.circles.errors import ForkFound, LogStopped, Rollback, UnexpectedAnswer, Unreachable
from tocsin.circles.events import Lost, Reached, RefusedThere
from tocsin.circles.following.receipts import Receipts
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.wire.answers import (
    Answer,
    Checkpoints,
    Held,
    Later,
    Missing,
    Refused,
    SizeHeld,
)
from tocsin.circles.wire.messages import MAX_PUSH_BYTES, CheckpointsRequest, Push
from tocsin.circles.wire.protocol import Path
from tocsin.core.errors import Fault, Refusal
from tocsin.core.tlog.checkpoint import SignedCheckpoint
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES, Chunk
from tocsin.core.tlog.tree import MAX_SIZE, consistency_proof

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
LONGEST_LATER_S = 60.0
"""A member that asks for more time than this is asked again all the same."""

_UNTIL_MAY_LEAVE_S = 0.05
_MAX_CHUNK_BYTES = MAX_PUSH_BYTES - 2**18


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the last push was not taken: the code of the refusal, and what it says."""

    code: str
    explanation: str


class Sender:
    """Pushes our log to one member.

    `cursor` is how much of it the member said it holds; None if it never said.
    """

    def __init__(
        self,
        member: Member,
        caller: Caller,
        circle: Circle,
        own: OwnLog,
        *,
        shown: Shown,
        receipts: Receipts,
        may_leave: Callable[[str], bool],
        environment: Environment,
    ) -> None:
        self.member = member
        self.caller = caller
        self.cursor: int | None = None
        self.trouble: Trouble | None = None
        self._own = own
        self._circle = circle
        self._shown = shown
        self._receipts = receipts
        self._may_leave = may_leave
        self._store = environment.store
        self._chance = environment.chance
        self._on_event = environment.on_event
        self._gossip = False
        self._wanted: tuple[int, ...] = ()
        self._lost = False
        self._found = False
        self._pause_s = FIRST_PAUSE_S
        self._clock = environment.clock
        self._work = asyncio.Event()
        self._poked = asyncio.Event()
        self._slowed = False
        self._pace = Pace(_MAX_CHUNK_BYTES)
        self._urgent = Urgent(
            member,
            caller,
            own,
            environment,
            low=circle.entitled_from(member.slug, own.member.log),
            may_leave=may_leave,
            start=self._start,
            end=self._next_end,
        )

    def wake(self, *, gossip: bool = False) -> None:
        """There is something to send; with `gossip`, also checkpoints alone."""
        self._gossip = self._gossip or gossip
        self._work.set()

    def poke(self) -> None:
        """The member gave a sign of life: if it was not reached, do not wait any longer."""
        if self._lost:
            self._poked.set()

    async def run(self) -> None:
        """Send for ever."""
        while True:
            await self._work.wait()
            self._work.clear()
            while self._due():
                if self._is_behind() and not self._may_leave(self._own.name):
                    await self._clock.sleep(_UNTIL_MAY_LEAVE_S)
                    continue
                try:
                    await self._urgent.send()
                    wait_s = await self._push()
                    if self._slowed:
                        await self._urgent.send()
                except Refusal as refusal:
                    # What was to be told goes with the next one.
                    self._gossip = True
                    wait_s = self._failed(refusal)
                if self._lost:
                    await self._until_back(wait_s)
                elif wait_s:
                    await self._clock.sleep(wait_s)

    async def send_ahead(self, index: int) -> None:
        """The record at `index` is urgent: where it would have to wait, send it before all others.

        To a member that is not reached it goes as soon as that one is.
        """
        self._urgent.add(index)
        with suppress(Unreachable):
            await self._urgent.send()

    async def ask(self) -> tuple[bytes, ...]:
        """The newest checkpoints that the member knows; our own log's is compared. Raises Unreachable."""
        answer = await self.caller.call(Path.CHECKPOINTS, CheckpointsRequest().encode())
        notes = answer.notes if isinstance(answer, Checkpoints) else ()
        for note in notes:
            if note.startswith(self._own.name.encode() + b"\n"):
                self._own.compare(note)
        return notes

    def _due(self) -> bool:
        return self._own.size > 0 and (self._is_behind() or (self._gossip and self._has_news()))

    def _is_behind(self) -> bool:
        """Whether it did not confirm all of our records, or lacks some again. What we lost is not sent."""
        confirmed, size = self._own.held.get(self.member.slug), self._own.size
        lacks = self.cursor is not None and self.cursor < size
        return not self._own.lost and (lacks or confirmed is None or confirmed.size < size)

    def _has_news(self) -> bool:
        notes, _ = self._receipts.untold(self.member.slug)
        return bool(notes or self._shown.untold(self.member))

    async def _push(self) -> float:
        """One push; the seconds to wait before the next. Raises Unreachable and what an answer states."""
        newest = self._shown.untold(self.member) if self._gossip else {}
        receipts, told = self._receipts.untold(self.member.slug) if self._gossip else ((), {})
        self._gossip = False
        self._poked.clear()
        head = self._head()
        push = self._next_push(head, (*(note for notes in newest.values() for note in notes), *receipts))
        answer = await self._call(push)
        wait_s = await self._heed(answer, push, head.checkpoint.size)
        self._shown.tell(self.member, newest)
        self._receipts.tell(self.member.slug, told)
        if self.trouble is not None:
            self.trouble, self._lost, self._found = None, False, False
            self._on_event(Reached(self.member.slug))
        return wait_s

    async def _call(self, push: Push) -> Answer:
        """The answer to a push, which says how large the next may be. Raises Unreachable."""
        size_bytes, started_s = len(push.chunk.data), self._clock.monotonic_s()
        try:
            answer = await self.caller.call(Path.PUSH, push.encode())
        except Unreachable:
            self._pace.unanswered(size_bytes, self._clock.monotonic_s() - started_s)
            raise
        self._pace.answered(size_bytes, self._clock.monotonic_s() - started_s)
        self._slowed = isinstance(answer, Later)
        return answer

    async def _heed(self, answer: Answer, push: Push, head_size: int) -> float:
        """Take the answer to a push under the checkpoint of `head_size`."""
        if not push.checkpoint and isinstance(answer, SizeHeld):
            if not self._own.lost:
                await self._set_cursor(answer.size)
            # Otherwise, so much it can give us back.
            return 0.0
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
                self._wanted = self._not_erased(indices)
            case Later(after_ms):
                return max(self._longer_pause(), min(after_ms / 1000, LONGEST_LATER_S))
            case Refused(size_held=size):
                await self._look_into(refusal := answer.error(), size)
                raise refusal
            case _:
                raise UnexpectedAnswer(f"Expected the answer to a push, found {type(answer).__name__}.")
        if size >= push.chunk.end and (size, self._lowest_wanted()) > before:
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

    def _not_erased(self, indices: tuple[int, ...]) -> tuple[int, ...]:
        """What was erased nobody can send: the member stops to miss it when it holds the erasure."""
        erased = set(self._store.erased(self._own.name, indices[0], indices[-1] + 1))
        return tuple(index for index in indices if index not in erased)

    def _lowest_wanted(self) -> int:
        return self._wanted[0] if self._wanted else MAX_SIZE

    def _head(self) -> SignedCheckpoint:
        head = self._own.checkpoint
        if head is None:
            raise Fault(f"{self._own.name} is empty: there is nothing to send.")
        return head

    def _next_push(self, head: SignedCheckpoint, newest: tuple[bytes, ...]) -> Push:
        """The records that the member named as missing; otherwise those from its cursor on.

        To one that is not behind, and where no record may leave, only what we know of other logs.
        """
        name = self._own.name
        if not self._is_behind() or not self._may_leave(name):
            return Push(name, Chunk.make(0, ()), b"", (), newest)
        if self._wanted:
            first, most = self._wanted[0], _run_length(self._wanted)
        else:
            first, most = self._start(), MAX_CHUNK_ENTRIES
        size = head.checkpoint.size
        chunk = self._store.chunk(name, first, min(most, size - first), self._pace.most_bytes)
        chunk = entitled(chunk, self._circle, self.member.slug, self._own.member.log)
        read = self._store.read_tiles(name)
        proof = consistency_proof(chunk.end, size, read) if 0 < chunk.end < size else []
        return Push(name, chunk, head.note.encode(), tuple(proof), newest)

    def _start(self) -> int:
        """From where to push: what the member said last, or else confirmed before this node started."""
        if self.cursor is not None:
            return self.cursor
        confirmed = self._own.held.get(self.member.slug)
        return confirmed.size if confirmed else 0

    def _next_end(self) -> int:
        """Records from here on do not come with the next push."""
        start = self._start()
        if self._slowed:
            return start
        if self._pace.slow:
            return self._store.chunk(self._own.name, start, MAX_CHUNK_ENTRIES, self._pace.most_bytes).end
        return start + MAX_CHUNK_ENTRIES

    def _failed(self, refusal: Refusal) -> float:
        """Report a failure once, and wait."""
        trouble = Trouble(refusal.code, str(refusal))
        self._lost = isinstance(refusal, Unreachable)
        if self.trouble != trouble:
            self.trouble = trouble
            if self._lost:
                self._on_event(Lost(self.member.slug, trouble.explanation))
            else:
                self._on_event(RefusedThere(self.member.slug, trouble.code, trouble.explanation))
        return self._longer_pause()

    def _longer_pause(self) -> float:
        """How long to wait now. Next time twice as long; chance keeps members from knocking in step."""
        pause_s = self._pause_s * self._chance.uniform(0.75, 1.25)
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
        return pause_s

    async def _until_back(self, wait_s: float) -> None:
        """Wait for a sign of life; where there was one, and a push failed all the same, wait first."""
        await self._clock.sleep(wait_s if self._found else FIRST_PAUSE_S)
        await until_back(self.caller.probe, self._poked, self._clock, self._chance)
        if not self._found:
            self._urgent.go_first()
        self._found = True


def _run_length(indices: tuple[int, ...]) -> int:
    """How many of the first indices follow one another."""
    return next((n for n, index in enumerate(indices) if index != indices[0] + n), len(indices))
