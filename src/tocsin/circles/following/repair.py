"""Filling gaps from whoever can: bodies that an author did not send, and entries that it could not send us.

Authenticity does not come from the sender (docs/protocol.md, section 10.2). A log's author pushes it, and
is given time to; what is still missing after that is asked of the other members in turn.
"""

from collections.abc import Mapping, Sequence

from tocsin.circles.authoring.calling import Caller
from tocsin.circles.following.accepting import Following
from tocsin.circles.following.followed import Followed
from tocsin.circles.founding.circle import Member
from tocsin.circles.wire.answers import Bodies, Pushed
from tocsin.circles.wire.messages import MAX_BODIES, BodiesRequest, Pull
from tocsin.circles.wire.protocol import Path
from tocsin.core.chunk import MAX_CHUNK_ENTRIES
from tocsin.core.clock import Clock
from tocsin.core.errors import Refusal
from tocsin.log.store import Store

EVERY_S = 2.0


class Repair:
    """Looks every two seconds for logs that did not get further since the last look."""

    def __init__(
        self,
        following: Following,
        members: Sequence[Member],
        callers: Mapping[str, Caller],
        store: Store,
        clock: Clock,
    ) -> None:
        self._following = following
        self._members = members
        self._callers = callers
        self._store = store
        self._clock = clock
        self._turn = 0
        self._lagging: dict[str, int] = {}

    async def run(self) -> None:
        """Repair for ever."""
        while True:
            await self._clock.sleep(EVERY_S)
            await self.look()

    async def look(self) -> None:
        """One look at every followed log; a member that does not help is passed over."""
        for followed in self._following:
            if followed.stopped:
                continue
            member = self._next_member()
            newest = followed.newest()
            lags = newest is not None and newest.checkpoint.size > followed.size
            try:
                if followed.incomplete:
                    await self._ask_bodies(followed, member)
                if lags and self._lagging.get(followed.name) == followed.size:
                    await self._pull(followed, member)
            except Refusal:
                continue
            finally:
                self._lagging[followed.name] = followed.size

    async def _ask_bodies(self, followed: Followed, member: Member) -> None:
        missing = tuple(self._store.missing(followed.name, MAX_BODIES))
        request = BodiesRequest(followed.name, missing)
        answer = await self._callers[member.slug].call(Path.BODIES, request.encode())
        if isinstance(answer, Bodies):
            await self._following.fill(followed.name, answer.bodies)

    async def _pull(self, followed: Followed, member: Member) -> None:
        progress = -1
        while progress < followed.size:
            progress = followed.size
            request = Pull(followed.name, followed.size, MAX_CHUNK_ENTRIES)
            answer = await self._callers[member.slug].call(Path.PULL, request.encode())
            if isinstance(answer, Pushed) and answer.push.log == followed.name:
                await self._following.push(answer.push, member)

    def _next_member(self) -> Member:
        """The next in turn; a log's own author has its turn like the others."""
        self._turn = (self._turn + 1) % len(self._members)
        return self._members[self._turn]
