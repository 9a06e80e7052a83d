"""What is said in the logs of a circle: each record that can be read, where it stands.

What is void, erased, missing or not understood is not said, and nor is the opening of a log, which nobody
refers to. What came ahead of other records is said at its place.
"""

from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable

from tocsin.circles.founding.circle import Circle, Member, void_from
from tocsin.circles.reading import Readable, Reader, reader_at
from tocsin.core.records import Record, Ref
from tocsin.core.views import Said
from tocsin.log.store import Store

_READERS = 256


class Sayings:
    """What is said in a circle, which may change."""

    def __init__(self, circle: Callable[[], Circle], store: Store) -> None:
        self._circle = circle
        self._store = store
        self._readers: OrderedDict[tuple[str, int | None], tuple[Member, Reader]] = OrderedDict()

    def end(self, log: str) -> int:
        """Below which index entries of a log are here and not void; 0 for one that is not of this circle."""
        member = self._circle().by_log.get(log)
        head = self._store.head(log) if member else None
        if member is None or head is None:
            return 0
        void = void_from(member)
        return head.size if void is None else min(head.size, void)

    def at(self, log: str, index: int) -> Said[Record] | None:
        """What is said there."""
        member = self._circle().by_log.get(log)
        void = void_from(member) if member else 0
        if member is None or index < 1 or (void is not None and index >= void):
            return None
        found = self._body(log, index)
        if found is None:
            return None
        entry, body = found
        reading = self._reader(member, index, body).read(index, body)
        if not isinstance(reading, Readable):
            return None
        ref = Ref.at(log, index, entry)
        return Said(ref, member.slug, reading.record, reading.officer)

    def of(self, ref: Ref) -> Said[Record] | None:
        """What is said there, if it is that very record."""
        said = self.at(ref.log, ref.index)
        return said if said and said.ref == ref else None

    def stands(self, ref: Ref) -> bool:
        """Whether that entry stands at that place, whatever became of its record."""
        if ref.index >= self.end(ref.log):
            return False
        entry, _, _ = self._store.record(ref.log, ref.index)
        return b64encode(entry).decode() == ref.entry

    def is_erased(self, ref: Ref) -> bool:
        """Whether that very entry was erased."""
        return self.stands(ref) and bool(self._store.erased(ref.log, ref.index, ref.index + 1))

    def ahead(self, log: str) -> list[int]:
        """The indexes of what came ahead."""
        return [index for index, _, _, _ in self._store.aheads(log)] if self._store.head(log) else []

    def _body(self, log: str, index: int) -> tuple[bytes, bytes] | None:
        head = self._store.head(log)
        if head is None:
            return None
        if index < head.size:
            entry, _, body = self._store.record(log, index)
            return None if body is None else (entry, body)
        aheads = (ahead for ahead in self._store.aheads(log) if ahead[0] == index)
        return next(((entry, body) for _, entry, _, body in aheads), None)

    def _reader(self, member: Member, index: int, body: bytes) -> Reader:
        """One that knows the newest card below; for what nobody signed, none is needed."""
        log, void = str(member.log), void_from(member)
        card = None
        if body.endswith(b"\n"):
            card = self._store.card_before(log, index if void is None else min(index, void))
        key = (log, card)
        known = self._readers.get(key)
        if known is None or known[0] is not member:
            reader = Reader(member) if card is None else reader_at(member, self._store, index)
            known = self._readers[key] = (member, reader)
            if len(self._readers) > _READERS:
                self._readers.popitem(last=False)
        return known[1]
