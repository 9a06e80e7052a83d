"""Logs as programs are shown them: read in order, with what cannot be read here and what has not come yet.

A `Follower` keeps its place in each log and is woken when anything changed. Nothing queues up for it: who
reads slowly gets later what is there anyway.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from heapq import merge

from msgspec.structs import replace

from tocsin.circles.errors import UnknownName
from tocsin.circles.founding.circle import void_from
from tocsin.circles.line import Line
from tocsin.circles.reading import Readable, Reading, reader_at
from tocsin.core.errors import quoted
from tocsin.core.records import Context
from tocsin.log.store import Store
from tocsin.node.api.erasures import erasure_of
from tocsin.node.api.types import ShownRecord

_MAX_CHUNK_BYTES = 4 * 2**20
_BATCH = 256
_MAX_MISSING = 1_024


@dataclass(frozen=True, slots=True)
class Shelf:
    """The logs of one circle, as far as they are here."""

    line: Line
    store: Store

    @property
    def logs(self) -> list[str]:
        """The names of all logs: in the order of the charter, then those of epochs and members before."""
        return list(self.line.circle.by_log)

    def size(self, log: str) -> int:
        """How many entries of a log are here. Raises UnknownName."""
        if log not in self.line.circle.by_log:
            raise UnknownName(f"Expected a log of circle {self.line.circle.id}, found {quoted(log)}.")
        head = self.store.head(log)
        return head.size if head else 0

    def read(self, log: str, first: int, limit: int, *, contexts: bool = True) -> Iterator[ShownRecord]:
        """Entries from `first` on, at most `limit`, with contexts or without. Raises UnknownName."""
        for index, reading in self._readings(log, first, limit):
            if contexts or not _is_context(reading):
                yield self._shown(log, index, reading)

    def read_ahead(self, log: str) -> Iterator[ShownRecord]:
        """What came before the entries in front of it."""
        aheads = self.store.aheads(log)
        if aheads:
            reader = reader_at(self.line.circle.by_log[log], self.store, aheads[0][0])
            for index, _, _, body in aheads:
                yield self._shown(log, index, reader.read(index, body), ahead=True)

    def newest(self, limit: int) -> list[ShownRecord]:
        """The newest of all logs, at most `limit`, by their times, and within a log by their places.

        Contexts are left out: they say what the node had seen, and stand beside every record that is said.
        So is what is void.
        """
        if not limit:
            return []
        logs = (self._timed(log, 2 * limit) for log in self.logs)
        return [record for _, record in merge(*logs, key=lambda timed: timed[0])][-limit:]

    def _timed(self, log: str, limit: int) -> Iterator[tuple[int, ShownRecord]]:
        """Each record with the largest time up to it, so that a clock set back changes no order."""
        at_ms = 0
        size = self.size(log)
        end = size if (void := void_from(self.line.circle.by_log[log])) is None else min(size, void)
        for index, reading in self._readings(log, max(0, end - limit), min(limit, end)):
            if isinstance(reading, Readable):
                at_ms = max(at_ms, reading.record.at_ms)
            if not _is_context(reading):
                yield at_ms, self._shown(log, index, reading)

    def _readings(self, log: str, first: int, limit: int) -> Iterator[tuple[int, Reading | None]]:
        end = min(self.size(log), first + limit)
        reader = reader_at(self.line.circle.by_log[log], self.store, first) if first < end else None
        while reader and first < end:
            chunk = self.store.chunk(log, first, end - first, _MAX_CHUNK_BYTES)
            for index, _, _, body in chunk.items():
                found = body or self._set_apart(log, index)
                yield index, None if found is None else reader.read(index, found)
            first = chunk.end

    def _set_apart(self, log: str, index: int) -> bytes | None:
        """What was erased and a hold keeps: its own organisation sees it."""
        kept = self.store.set_apart(log, index)
        return kept[1] if kept else None

    def set_aside(self, log: str, first: int) -> ShownRecord:
        """Says that what was here of a log from `first` on was another version than the true one."""
        member = self.line.circle.by_log[log].slug
        return ShownRecord(circle=self.line.circle.id, log=log, member=member, index=first, state="set-aside")

    def _shown(self, log: str, index: int, reading: Reading | None, *, ahead: bool = False) -> ShownRecord:
        circle = self.line.circle
        member = circle.by_log[log]
        void = void_from(member)
        confirmed_by = None
        if log == self.line.own.name:
            confirmed_by = tuple(slug for slug, held in self.line.own.held.items() if held.size > index)
        shown = ShownRecord(
            circle=circle.id,
            log=log,
            member=member.slug,
            index=index,
            state="missing",
            ahead=ahead,
            void=void is not None and index >= void,
            confirmed_by=confirmed_by,
            erasure=None if ahead else erasure_of(self.line.erasures, log, index, self.store),
        )
        if reading is None:
            return replace(shown, state="erased") if self.store.erased(log, index, index + 1) else shown
        if isinstance(reading, Readable):
            return replace(shown, state="readable", record=reading.record, officer=reading.officer)
        return replace(shown, state="not-understood", code=reading.code, explanation=reading.explanation)


class Follower:
    """One reader's place in every log of a circle; it starts at their ends.

    A log that opens later is read from its start. Contexts are left out, and what is void.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._next = {log: shelf.size(log) for log in shelf.logs}
        self._missing: defaultdict[str, set[int]] = defaultdict(set)
        self._ahead: defaultdict[str, set[int]] = defaultdict(set)
        self._set_aside: dict[str, int] = {}

    def set_aside(self, log: str, first: int) -> None:
        """From `first` on, another version of that log was held than the true one: it is read again."""
        self._set_aside[log] = min(first, self._set_aside.get(log, first))

    def news(self) -> Iterator[ShownRecord]:
        """Records that came since the last time, and that can be shown; and what of them was set aside."""
        for log in self._shelf.logs:
            for record in self._news_of(log):
                if record.void:
                    continue
                if record.state == "missing":
                    self._missing[log].add(record.index)
                else:
                    self._missing[log].discard(record.index)
                    yield record

    def _news_of(self, log: str) -> Iterator[ShownRecord]:
        shelf, ahead = self._shelf, self._ahead[log]
        if (apart := self._set_aside.pop(log, None)) is not None:
            self._next[log] = min(apart, self._next.get(log, 0))
            self._missing[log] = {index for index in self._missing[log] if index < apart}
            ahead.clear()
            yield shelf.set_aside(log, apart)
        late = self._missing[log] and self._missing[log] - set(shelf.store.missing(log, _MAX_MISSING))
        for index in sorted(late):
            yield from shelf.read(log, index, 1, contexts=False)
        while log not in self._set_aside and (
            (first := self._next.setdefault(log, 0)) < (size := shelf.size(log))
        ):
            self._next[log] = min(size, first + _BATCH)
            # Read at once: while the reader takes its time with one of them, the log may be set aside.
            for record in list(shelf.read(log, first, self._next[log] - first, contexts=False)):
                if record.index in ahead:
                    ahead.discard(record.index)
                else:
                    yield record
        for record in shelf.read_ahead(log):
            if record.index not in ahead:
                ahead.add(record.index)
                yield record


class News:
    """Wakes those who follow records. Telling costs next to nothing where nobody does."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Event, Sequence[Follower]] = {}
        self.over = False

    def tell(self) -> None:
        """There is something new."""
        for event in self._waiting:
            event.set()

    def set_aside(self, log: str, first: int) -> None:
        """From `first` on, another version of a log was held than the true one, and was set aside."""
        for followers in self._waiting.values():
            for follower in followers:
                follower.set_aside(log, first)
        self.tell()

    def end(self) -> None:
        """There will be nothing new any more."""
        self.over = True
        self.tell()

    @contextmanager
    def heard(self, followers: Sequence[Follower]) -> Iterator[asyncio.Event]:
        """An event that is set whenever there is something new for them."""
        event = asyncio.Event()
        self._waiting[event] = followers
        try:
            yield event
        finally:
            del self._waiting[event]


def _is_context(reading: Reading | None) -> bool:
    return isinstance(reading, Readable) and isinstance(reading.record, Context)
