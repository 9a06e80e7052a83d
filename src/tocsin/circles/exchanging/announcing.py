"""Bringing the events that change the circle to every member, and theirs here (docs/protocol.md, section 16).

Each member is told by itself: after a start, after a change, when it refuses us as strangers, and otherwise
one member a minute in turn, until it has answered. A member that does not know the call (version 0.1.0) is
left alone.

What a member was sent once is not sent again before the charter has another version: it may wait for that. A
member says itself what it has that we do not, and where more is known than one call names, call by call.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from heapq import nsmallest

from tocsin.circles.authoring.calling import Caller
from tocsin.circles.changing.fold import event_id
from tocsin.circles.errors import NonMember, UnexpectedAnswer, UnknownPath
from tocsin.circles.wire.answers import Events, Refused
from tocsin.circles.wire.fields import HASH_BYTES, MAX_EVENT_IDS, MAX_EVENTS
from tocsin.circles.wire.messages import EventsRequest
from tocsin.circles.wire.protocol import Path
from tocsin.core.clock import Chance
from tocsin.core.errors import Refusal

EVERY_S = 60.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0

_UNEXPECTED_BYTES = 65_000
_MOST_BYTES = 900_000
_MOST_CALLS = 64
_FIRST_ID = bytes(32)
_LAST_ID = b"\xff" * 32


class Announcer:
    """Keeps every member's events and ours the same. `takes_part`: others still answer us.

    `told` are by slug the ids of the events that a member was sent, since it first answered.
    """

    def __init__(
        self,
        callers: Mapping[str, Caller],
        events: Callable[[], Mapping[bytes, bytes]],
        take: Callable[[Sequence[bytes]], Awaitable[None]],
        chance: Chance,
        *,
        told: dict[str, set[bytes]],
        takes_part: bool,
    ) -> None:
        self._callers = callers
        self._events = events
        self._take = take
        self._chance = chance
        self._takes_part = takes_part
        self._told = told
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
        if wake := self._wakes.get(slug):
            self._told.pop(slug, None)
            wake.set()

    async def _keep_told(self, slug: str) -> None:
        pause_s, wait_s, wake = FIRST_PAUSE_S, EVERY_S * len(self._callers), self._wakes[slug]
        due = self._has_news(slug)
        while True:
            wake.clear()
            try:
                if due:
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
            due = True
            try:
                async with asyncio.timeout(wait_s * self._chance.uniform(0.75, 1.25)):
                    await wake.wait()
            except TimeoutError:
                continue

    def _has_news(self, slug: str) -> bool:
        """Whether the member never answered, or was not sent all that is known."""
        told = self._told.get(slug)
        return told is None or not self._events().keys() <= told

    async def _tell(self, slug: str) -> None:
        """Call until the member has all of ours, and we have all of its. Raises what an answer states."""
        caller, given, low = self._callers[slug], set[bytes](), _FIRST_ID
        for _ in range(_MOST_CALLS + 2 * len(self._events()) // MAX_EVENTS):
            events, told = self._events(), self._told.get(slug, set())
            # What it gave and we may not keep is named, too: it need not give that again.
            ours = given.union(events)
            known = named(sorted(ours), low)
            untold = {event: id_ for id_, event in events.items() if id_ not in told}
            room_bytes = _MOST_BYTES if caller.has_nonce else _UNEXPECTED_BYTES - HASH_BYTES * len(known)
            some = batch(untold, room_bytes)
            answer = await caller.call(Path.EVENTS, EventsRequest(known, some).encode())
            if isinstance(answer, Refused):
                raise answer.error()
            if not isinstance(answer, Events):
                raise UnexpectedAnswer(f"Expected events, found {type(answer).__name__}.")
            fresh = {id_: event for event in answer.events if (id_ := event_id(event)) not in ours}
            told = self._told.setdefault(slug, set())
            told.update(map(untold.__getitem__, some), fresh)
            if fresh:
                given.update(fresh)
                await self._take(tuple(fresh.values()))
            elif len(known) == MAX_EVENT_IDS and known[-1] != _LAST_ID:
                low = known[-1]
            elif not self._has_news(slug):
                return
        raise UnexpectedAnswer("Expected a member that soon has all events, and gives all of its own.")


def named(ids: Sequence[bytes], low: bytes) -> tuple[bytes, ...]:
    """Of our ids, ascending, those that one call names: all, or as many as it has room for, from `low` on.

    A full list says what we have between its ends, and nothing of what lies beside (section 16.3).
    """
    if len(ids) < MAX_EVENT_IDS:
        return tuple(ids)
    ends = [_FIRST_ID, *ids, _LAST_ID]
    at = min(bisect_left(ends, low), len(ends) - MAX_EVENT_IDS)
    return tuple(ends[at : at + MAX_EVENT_IDS])


def lacking(events: Mapping[bytes, bytes], known: Sequence[bytes], brought: Iterable[bytes]) -> list[bytes]:
    """The events that a caller lacks that named and brought these, as far as it says what it has."""
    low, high = (known[0], known[-1]) if len(known) == MAX_EVENT_IDS else (_FIRST_ID, _LAST_ID)
    theirs = {*known, *map(event_id, brought)}
    return [event for id_, event in events.items() if low <= id_ <= high and id_ not in theirs]


def batch(events: Collection[bytes], room_bytes: int = _MOST_BYTES) -> tuple[bytes, ...]:
    """As many as may go at once, the small ones first: of a stranger, a large body is not read."""
    some: list[bytes] = []
    for event in nsmallest(MAX_EVENTS, events, key=lambda event: (len(event), event)):
        room_bytes -= len(event)
        if room_bytes < 0:
            break
        some.append(event)
    return tuple(some)
