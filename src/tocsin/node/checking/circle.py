"""The communication checks of one circle at this node.

    view = await checks.view()              # with every record that is durable here
    came_ms = checks.came_ms(check)         # for the answer to it

- They are read in the logs whenever somebody asks: of each log the newest that the index finds, however long
  it is and whatever else stands in it.
- What was read is kept until a record came late or was erased, or the circle is another: what only grew reads
  as before. A log that was set aside is another one in the store, too (`Store.identity`).
- While the index is made anew, Rebuilding is raised.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from tocsin.cases.delivery import Hours
from tocsin.checks import KEPT, ChecksView, fold
from tocsin.circles.line import Line
from tocsin.core.clock import Clock
from tocsin.core.records import Check, CheckAnswer, Record, Ref
from tocsin.core.views import Said, Terms
from tocsin.log.index import Place
from tocsin.log.store import Store
from tocsin.node.alerting.desks import Desks
from tocsin.node.casework.casework import Casework
from tocsin.node.casework.holdings import holdings_of
from tocsin.node.casework.indexing import Rebuilding
from tocsin.node.casework.noting import KEY_OF
from tocsin.node.casework.sayings import Sayings

_READ_AT_ONCE = 32

_Read: TypeAlias = dict[tuple[int, int], Said[Record] | None]
"""By the log's identity and the index, what stands there, if it can be read."""


class CircleChecks:
    """The checks of a circle, of which `casework` has the cases."""

    def __init__(self, line: Line, casework: Casework, store: Store, clock: Clock) -> None:
        self._line = line
        self._casework = casework
        self._store = store
        self._desks = Desks(store)
        self._clock = clock
        self._sayings = Sayings(lambda: line.circle, store)
        self._kept: _Read = {}
        self._kept_of = (line.circle, store.newest_change())

    @property
    def terms(self) -> Terms:
        """What the charter says."""
        return self._casework.terms

    def hours(self) -> Mapping[str, Hours]:
        """When the members' desks are on duty, by their newest cards."""
        return self._desks.hours(self._line.circle)

    async def view(self) -> ChecksView:
        """What is known now. Raises Rebuilding."""
        if not await self._casework.indexing.catch_up(self._casework):
            raise Rebuilding
        places = [place for log in self._casework.logs for place in self._newest(log)]
        said = await self._said(places)
        me = self._line.own.member.slug
        own = [one.ref for one in said if one.member == me and isinstance(one.record, Check)]
        came = {(place.log, place.index): place.received_ms for place in places}
        arrived = {one.ref: ms for one in said if (ms := came.get((one.ref.log, one.ref.index))) is not None}
        return fold(
            said,
            await holdings_of(self._line, self._store, own, arrived),
            self.terms,
            hours=self.hours(),
            now_ms=self._clock.wall_ms(),
        )

    def came_ms(self, check: Ref) -> int | None:
        """When a check came here, if that is known; by a clock that was set since, that may be after now."""
        try:
            self._casework.indexing.note_now(self._casework)
            found = (place for place in self._newest(check.log) if place.index == check.index)
            return next((place.received_ms for place in found), None)
        except Rebuilding:
            return None

    def _newest(self, log: str) -> Iterator[Place]:
        if self._store.head(log):
            with self._casework.indexing.asked() as index:
                for kind, key in KEY_OF.items():
                    yield from (place for place in index.newest(log, key, KEPT) if place.kind == kind)

    async def _said(self, places: Sequence[Place]) -> list[Said[Record]]:
        """What stands at these places, and the checks that it answers."""
        of = (self._line.circle, self._store.newest_change())
        before, now = self._kept if of == self._kept_of else {}, _Read()
        said = await self._at([(place.log, place.index) for place in places], before, now)
        answered = {one.record.check for one in said if isinstance(one.record, CheckAnswer)}
        elsewhere = answered.difference(one.ref for one in said)
        said += await self._at([(ref.log, ref.index) for ref in elsewhere], before, now)
        self._kept, self._kept_of = now, of
        return said

    async def _at(self, spots: Iterable[tuple[str, int]], before: _Read, now: _Read) -> list[Said[Record]]:
        """What is said there, as it was read before or read now, with room for others in between."""
        found, read = [], 0
        for log, index in spots:
            head = self._store.head(log)
            # What came ahead of others is not read for good.
            spot = (self._store.identity(log), index) if head and index < head.size else None
            if spot and spot in before:
                said = before[spot]
            else:
                said, read = self._sayings.at(log, index), read + 1
                if read % _READ_AT_ONCE == 0:
                    await asyncio.sleep(0)
            if spot:
                now[spot] = said
            if said:
                found.append(said)
        return found
