"""Reading cases: which of a circle's entries are of one, and what they say."""

import asyncio
from base64 import b64decode
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from itertools import islice
from typing import TypeGuard

from tocsin.cases.picture import case_of
from tocsin.core import records
from tocsin.core.records import CaseRecord, Record, Ref
from tocsin.core.views import Said
from tocsin.log.index import Place
from tocsin.node.casework.hot import Hot, Spot
from tocsin.node.casework.indexing import Indexing
from tocsin.node.casework.knowledge import NotedKnowledge
from tocsin.node.casework.noting import IN_CASES
from tocsin.node.casework.sayings import Sayings

_READ_AT_ONCE = 32
_LOOKED_AT = 16
_MOST_REFS = 20_000


def is_of_a_case(said: Said[Record]) -> TypeGuard[Said[CaseRecord]]:
    """Whether it is a record of a case."""
    return said.record.kind in IN_CASES


class Reading:
    """Reads the cases of a circle, a few records at a time."""

    def __init__(self, circle: str, sayings: Sayings, indexing: Indexing, knowledge: NotedKnowledge) -> None:
        self._circle = circle
        self._sayings = sayings
        self._indexing = indexing
        self._knowledge = knowledge
        self._refs: dict[bytes, Ref] = {}
        self.with_aheads: set[str] = set()

    def forget(self) -> None:
        """What was found out may be otherwise."""
        self._refs.clear()

    def forget_seen(self, spots: Iterable[Spot]) -> None:
        """What the authors of these had seen is not asked for again soon."""
        self._knowledge.forget(spots)

    def ref_of(self, subject: bytes) -> Ref | None:
        """The case whose report has these 32 bytes. None if there are no records of it that can be read.

        From the first of them in each log, for a report is the first of its case in its own: whatever place
        others give for it, and however often. Of one that is not here, the least that is named is taken.
        """
        if subject not in self._refs:
            with self._indexing.asked() as index:
                places = index.places(self._circle, subject)
            named = [ref for ref in self._named_first(places) if b64decode(ref.entry) == subject]
            here = next(filter(self._sayings.stands, named), None)
            if here is None:
                return min(named, default=None)
            if len(self._refs) >= _MOST_REFS:
                self._refs.clear()
            self._refs[subject] = here
        return self._refs[subject]

    def _named_first(self, places: Iterable[Place]) -> Iterator[Ref]:
        """The case that each log names first, of these entries."""
        by_log: defaultdict[str, list[int]] = defaultdict(list)
        for place in places:
            by_log[place.log].append(place.index)
        for log, indices in by_log.items():
            said = (self._sayings.at(log, index) for index in indices[:_LOOKED_AT])
            yield from islice((case_of(one.ref, one.record) for one in said if one and is_of_a_case(one)), 1)

    def may_change(self, hot: Hot) -> bool:
        """Whether its picture may be another without a record of its own: as others come, or go.

        What was erased does neither.
        """
        return not all(map(self._sayings.is_erased, hot.case.rests_on))

    async def read(self, hot: Hot) -> None:
        """Add to a case all that is there of it. Raises Rebuilding."""
        aheads = self._locate(hot)
        while hot.fresh:
            await self._read_fresh(hot, len(hot.fresh))
        await self._look_for(hot, aheads)

    async def read_some(self, hot: Hot, most: int) -> None:
        """Add to a case so many entries of it at most. Raises Rebuilding."""
        self._locate(hot)
        await self._read_fresh(hot, most)

    def _locate(self, hot: Hot) -> set[Spot]:
        """Find out what there is to read of a case; what came ahead, of whichever case."""
        if not hot.located:
            with self._indexing.asked() as index:
                places = index.places(self._circle, hot.subject)
            hot.fresh.update((place.log, place.index) for place in places)
            hot.located = True
        aheads = set(self._aheads())
        hot.fresh |= aheads - hot.spots
        return aheads

    async def _read_fresh(self, hot: Hot, most: int) -> None:
        """One log after the other: what stands together is read together, which takes the disk less."""
        spots = sorted(hot.fresh)[:most]
        for start in range(0, len(spots), _READ_AT_ONCE):
            some = spots[start : start + _READ_AT_ONCE]
            hot.fresh.difference_update(some)
            self._add(hot, some)
            if hot.fresh:
                await asyncio.sleep(0)

    def ahead(self) -> dict[bytes, Ref]:
        """The cases of which something came ahead, by the 32 bytes of their reports."""
        said = (self._sayings.at(*spot) for spot in self._aheads())
        refs = (case_of(one.ref, one.record) for one in said if one and is_of_a_case(one))
        return {b64decode(ref.entry): ref for ref in refs}

    def is_noted(self, ref: Ref) -> bool:
        """Whether anything of that case is in its place."""
        with self._indexing.asked() as index:
            return bool(index.places(self._circle, b64decode(ref.entry)))

    def _aheads(self) -> Iterable[Spot]:
        for log in sorted(self.with_aheads):
            aheads = self._sayings.ahead(log)
            if not aheads:
                self.with_aheads.discard(log)
            yield from ((log, index) for index in aheads)

    def _add(self, hot: Hot, spots: list[Spot]) -> None:
        hot.spots.update(spots)
        found: defaultdict[str, list[int]] = defaultdict(list)
        for spot in spots:
            said = self._sayings.at(*spot)
            if said and is_of_a_case(said) and case_of(said.ref, said.record) == hot.ref:
                hot.case.add(said)
                hot.said += 1
                hot.is_judged |= isinstance(said.record, records.Reading)
                found[said.ref.log].append(said.ref.index)
        for log, indices in found.items():
            self._knowledge.look_up(log, indices)
            hot.view = None

    async def _look_for(self, hot: Hot, aheads: Container[Spot]) -> None:
        """Of what its records name and it has not, that which is here, though of another case."""
        for number, ref in enumerate(hot.case.wanted - hot.looked_for):
            ahead = (ref.log, ref.index) in aheads
            if ahead or ref.index < self._sayings.end(ref.log):
                said = self._sayings.of(ref)
                if said and is_of_a_case(said):
                    # It may be of this case, and came since that was located.
                    hot.spots.add((ref.log, ref.index))
                    hot.case.add(said)
                    hot.is_judged |= isinstance(said.record, records.Reading)
                    hot.view = None
                if not ahead:
                    hot.looked_for.add(ref)
            if number % _READ_AT_ONCE == _READ_AT_ONCE - 1:
                await asyncio.sleep(0)
