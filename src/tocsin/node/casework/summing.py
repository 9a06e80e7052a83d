"""The cases of a circle in lists: what is summed up of each is kept in the index until it changes.

A list shows what is true when it is asked for: what changed since is summed up first, and the rest is read
as it is kept. In the background, all are summed up, so that a list of all of them takes no time.

Of a case nothing is kept while it rests on records that are of another, or nowhere: no honest node writes
what makes it so, and it is summed up for each list.
"""

import asyncio
import re
from collections.abc import Callable, Collection, Mapping

import msgspec

from tocsin.cases.picture import CaseSummary
from tocsin.core.errors import Refusal, quoted
from tocsin.core.records import Ref
from tocsin.core.views import Knowledge, Terms
from tocsin.log.index import Subject
from tocsin.log.store import StorageFailed, StorageFull
from tocsin.node.casework.hot import Hot, HotCases
from tocsin.node.casework.indexing import Indexing
from tocsin.node.casework.reading import Reading
from tocsin.node.casework.types import Cases, MalformedPage

_AT_ONCE = 64
_NOTHING = b""
_PAGE = re.compile(r"[0-9]{1,16}\.[0-9a-f]{64}")

_decode = msgspec.json.Decoder(CaseSummary).decode


class Summing:
    """Sums up the cases of a circle."""

    def __init__(
        self,
        circle: str,
        indexing: Indexing,
        reading: Reading,
        hot: HotCases,
        knowledge: Knowledge,
        *,
        terms: Callable[[], Terms],
        ends: Callable[[], Mapping[str, int | None]],
    ) -> None:
        self._circle = circle
        self._indexing = indexing
        self._reading = reading
        self._hot = hot
        self._knowledge = knowledge
        self._terms = terms
        self._ends = ends
        self._summing: dict[bytes, int] = {}
        self._stale: set[bytes] = set()
        self._failed: set[bytes] = set()
        self._unkept: set[bytes] = set()
        self._context = b""

    def changed(self, subjects: Collection[bytes] | None) -> None:
        """These changed, or perhaps any: what is being summed up of them is old already."""
        for left_out in (self._failed, self._unkept):
            left_out.difference_update(left_out.copy() if subjects is None else subjects)
        self._stale.update(self._summing.keys() if subjects is None else self._summing.keys() & subjects)

    def forget(self) -> None:
        """All may be otherwise: the circle is another one."""
        self._context = b""
        self.changed(None)

    async def page(
        self, chosen: Callable[[CaseSummary], bool], after: str | None, limit: int, *, rebuilding: bool
    ) -> Cases:
        """See `Casework.summaries`."""
        self._forget_if_another()
        before = _place(after) if after else None
        ahead = self._reading.ahead()
        found = [] if after else await self._ahead(ahead, chosen)
        while True:
            with self._indexing.asked() as index:
                subjects = index.subjects(self._circle, before, _AT_ONCE)
            for subject in subjects:
                if len(found) >= limit:
                    return Cases(cases=tuple(found), rebuilding=rebuilding, next=_written(before))
                summary = await self._summary(subject, ahead)
                if summary and chosen(summary):
                    found.append(summary)
                before = (subject.newest_ms, subject.key)
            if len(subjects) < _AT_ONCE:
                return Cases(cases=tuple(found), rebuilding=rebuilding)
            await asyncio.sleep(0)

    async def read(self, ref: Ref) -> CaseSummary | None:
        """A case as it is now, read anew where it is not in memory."""
        kept = self._hot.get(ref)
        hot = kept or Hot.new(ref)
        async with hot.lock:
            if hot.over:
                return await self.read(ref)
            await self._reading.read(hot)
            summary = hot.case.summary(self._terms(), self._knowledge) if hot.said else None
            if self._reading.may_change(hot):
                self._unkept.add(hot.subject)
            else:
                self._unkept.discard(hot.subject)
        if kept is None:
            self._reading.forget_seen(hot.spots)
        return summary

    async def sum_up_one(self) -> bool:
        """Sum up one case that changed; whether there was one. Raises StorageFull, Rebuilding."""
        self._forget_if_another()
        ahead = self._reading.ahead()
        left_out = ahead.keys() | self._failed | self._unkept
        with self._indexing.asked() as index:
            keys = index.unsummed(self._circle, 1 + len(left_out))
        key = next((key for key in keys if key not in left_out), None)
        if key is not None:
            await self._tried(key)
        return key is not None

    async def _tried(self, key: bytes) -> CaseSummary | None:
        """Others wrote it: whatever it is, it stops nobody. Raises StorageFull, Rebuilding."""
        try:
            return await self._sum_up(key)
        except (StorageFull, StorageFailed, Refusal):
            raise
        except Exception as error:  # noqa: BLE001 - as above
            self._failed.add(key)
            self._indexing.not_summed(self._circle, error)
            return None

    def _forget_if_another(self) -> None:
        """What was summed up in a circle that was another one then, is to be summed up anew."""
        if self._context:
            return
        context = msgspec.json.encode((self._terms(), self._ends()))
        with self._indexing.asked() as index:
            if index.context(self._circle) != context:
                with index.transaction():
                    index.forget_summaries(self._circle, context)
        self._context = context

    async def _ahead(
        self, ahead: Mapping[bytes, Ref], chosen: Callable[[CaseSummary], bool]
    ) -> list[CaseSummary]:
        """Cases of which nothing is in its place yet."""
        refs = [ref for ref in ahead.values() if not self._reading.is_noted(ref)]
        summaries = [await self.read(ref) for ref in refs]
        return [one for one in summaries if one and chosen(one)]

    async def _summary(self, subject: Subject, ahead: Mapping[bytes, Ref]) -> CaseSummary | None:
        kept = subject.summary
        if subject.key in ahead:
            # What came ahead is in no index, and may never come to its place.
            return await self._summed(subject.key)
        if kept is None and subject.key in self._failed:
            return None
        if kept is None:
            try:
                return await self._tried(subject.key)
            except StorageFull:
                return await self._summed(subject.key)
        return None if kept == _NOTHING else _decode(kept)

    async def _sum_up(self, key: bytes) -> CaseSummary | None:
        self._summing[key] = self._summing.get(key, 0) + 1
        try:
            summary = await self._summed(key)
            # Files are scrubbed, and with them what was summed up, before anybody is told of an erasure.
            may_be_old = self._indexing.lags or key in self._stale | self._unkept
            if not may_be_old and key not in self._reading.ahead():
                kept = _NOTHING if summary is None else msgspec.json.encode(summary)
                with self._indexing.asked() as index, index.transaction():
                    index.sum_up(self._circle, key, kept)
        finally:
            self._summing[key] -= 1
            if not self._summing[key]:
                del self._summing[key]
                self._stale.discard(key)
        return summary

    async def _summed(self, key: bytes) -> CaseSummary | None:
        ref = self._reading.ref_of(key)
        return None if ref is None else await self.read(ref)


def _written(before: tuple[int, bytes] | None) -> str | None:
    return f"{before[0]}.{before[1].hex()}" if before else None


def _place(after: str) -> tuple[int, bytes]:
    newest_ms, _, key = after.partition(".")
    if _PAGE.fullmatch(after) is None:
        raise MalformedPage(f"Expected the start of a page, found {quoted(after)}.")
    return int(newest_ms), bytes.fromhex(key)
