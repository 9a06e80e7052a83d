"""Where the records about erasure stand, so that a start finds them without reading whole logs.

Each is noted in the commit that made its entry durable: there is no moment at which an order is here and not
known. A database that was written by a version which did not know these records is looked through once.
"""

import asyncio
from collections.abc import Iterable, Sequence

from tocsin.circles.erasing.view import About, Erasures
from tocsin.circles.founding.circle import Circle, void_from
from tocsin.circles.reading import NotUnderstood, Readable, Reading, may_matter, reader_at
from tocsin.core.records import Place
from tocsin.core.records.errors import OfficerUnknown
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES
from tocsin.log.committer import Committer
from tocsin.log.store import Store

_LOOKED_THROUGH = "erasing"
_CHUNK_BYTES = 2**20


def orders_among(readings: Iterable[Reading]) -> tuple[int, ...]:
    """Indexes of those that are about erasure, or may turn out to be: their officer is not known yet."""
    return tuple(
        reading.index
        for reading in readings
        if (isinstance(reading, Readable) and isinstance(reading.record, About))
        or (isinstance(reading, NotUnderstood) and reading.code == OfficerUnknown.code)
    )


def note_orders(store: Store, circle: str, log: str, indices: Iterable[int]) -> None:
    """Remember that there may be records about erasure. Within the commit of their entries."""
    for index in indices:
        store.put_document(_space(circle), f"{log}/{index}", b"")


class Register:
    """The records about erasure in the logs of a circle, and what they come to for the member `slug`.

    `unread` cannot be read as long as records below them are missing, a card perhaps: each with the lowest
    index that is missing.
    """

    def __init__(self, circle: Circle, slug: str, store: Store) -> None:
        self.view = Erasures(slug)
        self.unread: dict[Place, int] = {}
        self._circle = circle
        self._store = store
        for key in store.documents(_space(circle.id)):
            log, _, index = key.rpartition("/")
            self.read(log, int(index))

    def read(self, log: str, index: int) -> About | None:
        """Take the record that stands there, if it is about erasure. A void one says nothing."""
        member, place = self._circle.by_log.get(log), Place(log=log, index=index)
        body = self._body(log, index)
        void = void_from(member) if member else 0
        self.unread.pop(place, None)
        if member is None or body is None or (void is not None and index >= void):
            return None
        reading = reader_at(member, self._store, index).read(index, body)
        if isinstance(reading, NotUnderstood):
            lowest = self._lowest_missing(log)
            if lowest is not None and lowest < index:
                self.unread[place] = lowest
            return None
        if not isinstance(reading.record, About):
            return None
        self.view.add(place, reading.record)
        return reading.record

    def read_again(self) -> list[Place]:
        """Those of the `unread` that can be read now that something has come."""
        lowest = {log: self._lowest_missing(log) for log in {place.log for place in self.unread}}
        changed = [place for place, missing in self.unread.items() if lowest[place.log] != missing]
        return [place for place in sorted(changed) if self.read(place.log, place.index)]

    async def look_through(self, committer: Committer) -> None:
        """Find what a version that knew nothing of erasure has left unread; once for a database."""
        circle, store = self._circle, self._store
        if store.document(_LOOKED_THROUGH, circle.id) is None:
            for log in circle.by_log:
                await self._look_through(log, committer)
            await committer.submit(lambda: store.put_document(_LOOKED_THROUGH, circle.id, b""), synced=False)

    async def _look_through(self, log: str, committer: Committer) -> None:
        head = self._store.head(log)
        first, end = 0, head.size if head else 0
        while first < end:
            chunk = self._store.chunk(log, first, MAX_CHUNK_ENTRIES, _CHUNK_BYTES)
            bodies = [(index, body) for index, _, _, body in chunk.items() if body is not None]
            if may_matter(body for _, body in bodies):
                reader = reader_at(self._circle.by_log[log], self._store, first)
                await self._note(log, orders_among(reader.read(*body) for body in bodies), committer)
            first = chunk.end
            await asyncio.sleep(0)

    def _body(self, log: str, index: int) -> bytes | None:
        """The record, if it is here; its log may have been set aside for a true one, and be short again."""
        head = self._store.head(log)
        return self._store.record(log, index)[2] if head and index < head.size else None

    def _lowest_missing(self, log: str) -> int | None:
        return next(iter(self._store.missing(log, 1)), None)

    async def _note(self, log: str, indices: Sequence[int], committer: Committer) -> None:
        if indices:
            await committer.submit(lambda: note_orders(self._store, self._circle.id, log, indices))
        for index in indices:
            self.read(log, index)


def _space(circle: str) -> str:
    return f"erasing/{circle}"
