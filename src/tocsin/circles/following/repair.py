"""Filling gaps from whoever can: bodies that an author did not send, and entries that it could not send us.

Authenticity does not come from the sender (docs/protocol.md, section 10.2). A log's author pushes it, and
is given time to; what is still missing after that is asked of the other members in turn.

Where no entries come, there may be two versions of the log: one is held here, and the newest checkpoint is of
the other. Whoever holds that one, or has seen both, has the evidence, and gives it for the asking.

Of an ended log, the end says which version is the true one. What is held beside it is set aside.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tocsin.circles.authoring.calling import Caller
from tocsin.circles.environment import Environment
from tocsin.circles.events import Recovered
from tocsin.circles.evidence.forks import Fork
from tocsin.circles.following.accepting import Following
from tocsin.circles.following.bisecting import common_with_end
from tocsin.circles.following.followed import Followed
from tocsin.circles.following.receipts import Receipts
from tocsin.circles.founding.circle import Member
from tocsin.circles.wire.answers import Bodies, Checkpoints, Hashes, Pushed
from tocsin.circles.wire.messages import BodiesRequest, CheckpointsRequest, ProofRequest, Pull
from tocsin.circles.wire.protocol import Path
from tocsin.core.errors import Refusal
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES
from tocsin.log.store import StorageFull

EVERY_S = 2.0
ENDED_AT_ONCE = 4


@dataclass(slots=True)
class _Watched:
    """A log that may lack something: whom to ask next, and what was held of it at the last look.

    `by_others`: something came that our holder has not confirmed.
    """

    log: Followed
    turn: int
    size: int = -1
    by_others: bool = False

    @property
    def done(self) -> bool:
        """Whether nothing more can come."""
        return self.log.complete and not self.log.incomplete and not self.by_others


class Repair:
    """Looks every two seconds at each log, and asks another member each time, its author like the others.

    Of one member's ended logs, which may be a thousand, it looks at four at a time.
    """

    def __init__(
        self,
        following: Following,
        receipts: Receipts,
        members: Sequence[Member],
        callers: Mapping[str, Caller],
        *,
        environment: Environment,
        ours: str,
        astray: Callable[[str, int], None],
    ) -> None:
        self._following = following
        self._receipts = receipts
        self._members = members
        self._callers = callers
        self._clock = environment.clock
        self._on_event = environment.on_event
        self._ours = ours
        self._astray = astray

    async def run(self) -> None:
        """Repair for ever."""
        if not self._members:
            return
        current: list[deque[_Watched]] = []
        ended: dict[str, deque[_Watched]] = {}
        for turn, log in enumerate(self._following):
            watched = _Watched(log, turn)
            if log.end is None:
                current.append(deque([watched]))
            elif not watched.done:
                ended.setdefault(log.member.slug, deque()).append(watched)
        waiting = [logs for logs in ended.values() for _ in range(min(len(logs), ENDED_AT_ONCE))]
        await asyncio.gather(*map(self._watch, (*current, *waiting)))

    async def _watch(self, waiting: deque[_Watched]) -> None:
        """Look at one after the other, in turn; at once where the one before was helped."""
        helped = False
        while waiting:
            watched = waiting.popleft()
            if watched.done:
                continue
            if not helped or watched.log.end is None:
                await self._clock.sleep(EVERY_S)
            helped = await self._look(watched)
            waiting.append(watched)

    async def _look(self, watched: _Watched) -> bool:
        """Ask one member for what a log lacks; whether anything came."""
        log = watched.log
        # Nobody pushes what is ended, nor what is our own.
        unpushed = log.end is not None or log.name.startswith(self._ours)
        still, watched.size = log.size == watched.size or unpushed, log.size
        member = self._members[watched.turn % len(self._members)]
        watched.turn += 1
        before = log.size, log.incomplete
        # One that does not help is passed over; where there is no room, there may be some next time.
        with suppress(Refusal, StorageFull):
            await self._repair(log, member, pull=still and log.lags)
        # What came is confirmed, also where the call after it failed.
        helped = (log.size, log.incomplete) != before
        watched.by_others = watched.by_others or helped
        if watched.by_others:
            with suppress(StorageFull):
                watched.by_others = not await self._receipts.make_out(log)
        return helped

    async def _repair(self, followed: Followed, member: Member, *, pull: bool) -> None:
        caller, size = self._callers[member.slug], followed.size
        if followed.closed:
            await self._following.keep_evidence(followed.name)
            if followed.end and not followed.reached_end and not followed.member.disputed:
                await self._settle(followed, caller)
        if followed.incomplete and followed.filled and self._following.may_come(followed.name):
            await self._ask_bodies(followed, caller)
        if pull and not followed.closed:
            await self._pull(followed, caller, member)
            if followed.size == size:
                await (self._settle if followed.end else self._ask_evidence)(followed, caller)

    async def _settle(self, followed: Followed, caller: Caller) -> None:
        """If what is held of an ended log is not all of the true one, find what is, and say so."""
        common = await common_with_end(followed, caller)
        if common is not None and (common < followed.size or followed.closed):
            self._astray(followed.name, common)

    async def _ask_bodies(self, followed: Followed, caller: Caller) -> None:
        missing = tuple(self._following.missing(followed.name))
        answer = await caller.call(Path.BODIES, BodiesRequest(followed.name, missing).encode())
        if isinstance(answer, Bodies):
            await self._following.fill(followed.name, answer.bodies)

    async def _pull(self, followed: Followed, caller: Caller, member: Member) -> None:
        progress = -1
        while progress < followed.size and self._following.may_come(followed.name):
            progress = followed.size
            request = Pull(followed.name, followed.size, MAX_CHUNK_ENTRIES)
            answer = await caller.call(Path.PULL, request.encode())
            if isinstance(answer, Pushed):
                with suppress(Refusal):
                    await self._following.push(answer.push, member)
            if progress < followed.size and followed.name.startswith(self._ours):
                self._on_event(Recovered(followed.name, followed.size, followed.known_size))

    async def _ask_evidence(self, followed: Followed, caller: Caller) -> None:
        """Ask a member for two checkpoints that do not fit, and for the proof of it."""
        answer = await caller.call(Path.CHECKPOINTS, CheckpointsRequest().encode())
        if not isinstance(answer, Checkpoints):
            return
        await self._following.learn(answer.notes)
        name = followed.name
        shown = [followed.open(note) for note in answer.notes if note.startswith(name.encode() + b"\n")]
        if len(shown) == 2 and not followed.stopped:
            first, second = sorted(shown, key=lambda signed: signed.checkpoint.size)
            request = ProofRequest(name, first.checkpoint.size, second.checkpoint.size)
            proof = await caller.call(Path.PROOF, request.encode())
            if isinstance(proof, Hashes):
                await self._following.stop(name, Fork(first, second, proof.hashes))
