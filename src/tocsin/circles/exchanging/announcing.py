"""Bringing the events that change the circle to every member, and theirs here (docs/protocol.md, section 16).

Each member is told by itself: at the start, after a change, when it refuses us as strangers, and otherwise
one member a minute in turn, until it has answered. A member that does not know the call (version 0.1.0) is
left alone.

What a member was sent once is not sent again before the next change of the circle; it says itself what it
has that we do not.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from tocsin.circles.authoring.calling import Caller
from tocsin.circles.changing.fold import event_id
from tocsin.circles.errors import NonMember, UnexpectedAnswer, UnknownPath
from tocsin.circles.wire.answers import Events, Refused
from tocsin.circles.wire.fields import MAX_EVENT_IDS, MAX_EVENTS
from tocsin.circles.wire.messages import EventsRequest
from tocsin.circles.wire.protocol import Path
from tocsin.core.clock import Chance
from tocsin.core.errors import Refusal

EVERY_S = 60.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0

_FIRST_BYTES = 40_000
_MOST_BYTES = 900_000
_MOST_CALLS = 64


class Announcer:
    """Keeps every member's events and ours the same. `takes_part`: others still answer us."""

    def __init__(
        self,
        callers: Mapping[str, Caller],
        events: Callable[[], Sequence[bytes]],
        take: Callable[[Sequence[bytes]], Awaitable[None]],
        chance: Chance,
        *,
        takes_part: bool,
    ) -> None:
        self._callers = callers
        self._events = events
        self._take = take
        self._chance = chance
        self._takes_part = takes_part
        self._told: dict[str, set[bytes]] = {slug: set() for slug in callers}
        self._wakes = {slug: asyncio.Event() for slug in callers}

    async def run(self) -> None:
        """Tell for ever."""
        await asyncio.gather(*map(self._keep_told, self._callers))

    def wake(self) -> None:
        """There are events that did not change the circle: they may, with others."""
        for wake in self._wakes.values():
            wake.set()

    def poke(self, slug: str) -> None:
        """This member does not know us, or our log: tell it all, from the start."""
        if slug in self._told:
            self._told[slug].clear()
            self._wakes[slug].set()

    async def _keep_told(self, slug: str) -> None:
        pause_s, wake = FIRST_PAUSE_S, self._wakes[slug]
        while True:
            wake.clear()
            try:
                await self._tell(slug)
                pause_s, wait_s = FIRST_PAUSE_S, EVERY_S * len(self._callers)
            except UnknownPath:
                return
            except NonMember:
                if not self._takes_part:
                    # It has taken that we left.
                    return
                wait_s, pause_s = pause_s, min(2 * pause_s, LONGEST_PAUSE_S)
            except Refusal:
                wait_s, pause_s = pause_s, min(2 * pause_s, LONGEST_PAUSE_S)
            try:
                async with asyncio.timeout(wait_s * self._chance.uniform(0.75, 1.25)):
                    await wake.wait()
            except TimeoutError:
                continue

    async def _tell(self, slug: str) -> None:
        """Call until the member has all of ours, and we have all of its. Raises what an answer states."""
        caller, told, seen = self._callers[slug], self._told[slug], set[bytes]()
        for _ in range(_MOST_CALLS):
            events = self._events()
            known = tuple(sorted(map(event_id, events))[:MAX_EVENT_IDS])
            some = batch([e for e in events if event_id(e) not in told], large=caller.has_nonce)
            answer = await caller.call(Path.EVENTS, EventsRequest(known, some).encode())
            if isinstance(answer, Refused):
                raise answer.error()
            if not isinstance(answer, Events):
                raise UnexpectedAnswer(f"Expected events, found {type(answer).__name__}.")
            told.update(map(event_id, some))
            fresh = [event for event in answer.events if event_id(event) not in seen.union(known)]
            if fresh:
                seen.update(map(event_id, fresh))
                told.update(map(event_id, fresh))
                await self._take(fresh)
            elif told.issuperset(map(event_id, self._events())):
                return
        raise UnexpectedAnswer("Expected a member that soon has all events, and gives all of its own.")


def batch(events: Sequence[bytes], *, large: bool) -> tuple[bytes, ...]:
    """As many as may go at once, the small ones first: of a stranger, a large body is not read."""
    room_bytes, some = _MOST_BYTES if large else _FIRST_BYTES, list[bytes]()
    for event in sorted(events, key=lambda event: (len(event), event))[:MAX_EVENTS]:
        room_bytes -= len(event)
        if room_bytes < 0:
            break
        some.append(event)
    return tuple(some)
