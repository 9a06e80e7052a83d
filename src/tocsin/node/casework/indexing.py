"""Keeping the index of a node's store up to date, for all its circles, in the background.

- Nobody who sends a record waits for it: it begins a moment after records are durable, and goes on in slices
  of a few milliseconds, between which the loop does everything else.
- Where it stands is in the index itself: whatever ended the process, it goes on there.
- What came late or was erased is noted again, in the order in which the store has it.
- Whoever asks for what is there now has it caught up at once, unless very much is to be noted: then the index
  is being *rebuilt*, and what is found meanwhile is not all.
- The words of records, which take longest, come last; then cases are summed up.
- No room is no failure, and is tried again. A damaged index is thrown away, and made anew.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from structlog.typing import FilteringBoundLogger

from tocsin.core.clock import Clock
from tocsin.core.errors import Refusal
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES, Chunk
from tocsin.log.index import Index, IndexDamaged, Noted, Seen
from tocsin.log.sqlite import SqliteStore
from tocsin.log.sqlite.index import SqliteIndex
from tocsin.log.store import Change, StorageFull, Store
from tocsin.node.casework.noting import VERSION, note_of, words_in

REBUILDING_FROM = 5_000
"""So many entries that are not noted take too long for anybody to wait for."""

_SOON_S = 0.005
_AGAIN_S = 2.0
_SLICE = 128
_BUSY_SLICE = 16
_SLICE_BYTES = 2**18
_READ_BYTES = 2**20
_WORDS_A_RECORD = 32
_CHANGES = 64
_SUMMING_SHARE = 3
_LINES_SHARE = 9
_TOGETHER = 32
_AT_ONCE = 4
_BUSY_S = 0.05


class Rebuilding(Refusal):
    """The index of this node is being made anew: it is not known yet what is there. Next: ask again later."""

    code = "rebuilding"


class Circle(Protocol):
    """A circle whose records are noted, and what it is told."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def logs(self) -> Sequence[str]:
        """The names of its logs."""
        ...

    def noted(self, log: str, noted: Sequence[Noted], *, live: bool) -> None:
        """These are found now; `live` if they have just come."""
        ...

    def changed(self, log: str, index: int) -> None:
        """The record there came late, or has gone."""
        ...

    def lost(self) -> None:
        """All is noted anew."""
        ...

    async def sum_up(self) -> bool:
        """Sum up one case, if there is one that changed since; whether there was."""
        ...


class Indexing:
    """Keeps the index of `store` as the logs of its circles are. `open_index` opens it, or makes one."""

    def __init__(
        self, store: Store, open_index: Callable[[], Index], clock: Clock, log: FilteringBoundLogger
    ) -> None:
        self._store = store
        self._open_index = open_index
        self._clock = clock
        self._log = log
        self._index: Index | None = None
        self._task: asyncio.Task[None] | None = None
        self._damaged = False
        self._slice = _SLICE
        self._read: tuple[tuple[str, int, int], Chunk] | None = None
        self._woken_s = clock.monotonic_s()
        self._circles: dict[str, Circle] = {}
        self._woken = asyncio.Event()
        self._woken.set()
        self._note_sizes()
        self._try_to_open()

    @classmethod
    def of(cls, store: SqliteStore, path: Path, clock: Clock, log: FilteringBoundLogger) -> "Indexing":
        """With an index at `path`, which is scrubbed with the store from now on."""

        def open_index() -> Index:
            index = SqliteIndex(path, store, VERSION)
            index.start_wal_thread()
            return index

        store.derived = indexing = cls(store, open_index, clock, log)
        return indexing

    def _note_sizes(self) -> None:
        """When what is here now came, nobody knows any more."""
        logs = self._store.logs()
        self._before = {log: head.size for log in logs if (head := self._store.head(log))}

    def _try_to_open(self) -> None:
        try:
            self._index = self._open_index()
        except (StorageFull, IndexDamaged) as fault:
            self._log.warning(fault.code, why=str(fault), next="make room; it is tried again")

    def add(self, circle: Circle) -> None:
        """Note the records of this circle too."""
        self._circles[circle.id] = circle
        self.wake()

    def wake(self) -> None:
        """There may be something to do."""
        self._woken_s = self._clock.monotonic_s()
        self._woken.set()

    def start(self, on_fault: Callable[[BaseException], None]) -> None:
        """Begin; `on_fault` is told what it ends with before `stop`."""

        def ended(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and (error := task.exception()):
                on_fault(error)

        self._task = asyncio.get_running_loop().create_task(self._run())
        self._task.add_done_callback(ended)

    async def stop(self) -> None:
        """End, and let go of the index. What is not noted is noted after the next start."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._index:
            self._index.close()
            self._index = None

    def scrubbed(self) -> bool:
        """See `log.store.Derived`."""
        try:
            return self._index is not None and self._index.scrubbed()
        except StorageFull:
            return False
        except IndexDamaged:
            self._found_damaged()
            return False

    @contextmanager
    def asked(self) -> Iterator[Index]:
        """The index, to ask it. Raises Rebuilding if there is none."""
        if self._index is None or self._damaged:
            raise Rebuilding
        try:
            yield self._index
        except IndexDamaged as damaged:
            self._found_damaged()
            raise Rebuilding from damaged

    def _found_damaged(self) -> None:
        self._damaged = True
        self.wake()

    @property
    def lags(self) -> bool:
        """Whether something late or erased is not noted again yet: what is in memory may be old."""
        return self._index is None or self._index.change < self._store.newest_change()

    def behind(self, circle: Circle) -> int:
        """How many entries of a circle are not noted."""
        with self.asked() as index:
            return sum(self._size(log) - index.reached(log).noted for log in circle.logs if self._size(log))

    def worded(self, circle: Circle) -> bool:
        """Whether the words of all that is noted are."""
        with self.asked() as index:
            reached = (index.reached(log) for log in circle.logs if self._size(log))
            return all(one.worded == one.noted for one in reached)

    def note_now(self, circle: Circle) -> None:
        """Note what has just come, if it is little. Raises Rebuilding."""
        with self.asked() as index, suppress(StorageFull):
            for _ in range(_AT_ONCE):
                if not self._note_part(index, [circle]):
                    return

    async def catch_up(self, circle: Circle) -> bool:
        """Note what is there now, if that is not very much; whether all is. Raises Rebuilding."""
        try:
            with self.asked() as index:
                while self.behind(circle) < REBUILDING_FROM:
                    if not self._note_part(index, [circle]):
                        return True
                    await asyncio.sleep(0)
        except StorageFull:
            self.wake()
        return False

    async def _run(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            await self._clock.sleep(_SOON_S)
            try:
                await self._work()
            except StorageFull:
                await self._clock.sleep(_AGAIN_S)
                self.wake()
            except IndexDamaged:
                self._found_damaged()
                await self._clock.sleep(_AGAIN_S)
                self.wake()

    async def _work(self) -> None:
        """All that there is to do. Raises StorageFull, IndexDamaged."""
        index = self._working()
        circles = list(self._circles.values())
        while True:
            some = await self._note_together(index, circles) or await self._tidy(index)
            if not some and not await self._sum_up(circles):
                # There may be records in it that are erased later.
                self._read = None
                return
            if self._index is not index or self._damaged:
                self.wake()
                return

    async def _note_together(self, index: Index, circles: Sequence[Circle]) -> bool:
        """Some slices in one transaction, for they change the same pages again and again."""
        since_s = self._clock.monotonic_s()
        some = self._note_part(index, circles) or self._note_words(index, circles)
        since_s = await self._give_way(since_s)
        if not some:
            return False
        with index.transaction():
            for _ in range(_TOGETHER):
                if not (self._note_part(index, circles) or self._note_words(index, circles)):
                    break
                since_s = await self._give_way(since_s)
                if self._index is not index or self._damaged:
                    break
        await self._give_way(since_s)
        return True

    async def _tidy(self, index: Index) -> bool:
        since_s = self._clock.monotonic_s()
        some = index.tidy()
        await self._give_way(since_s)
        return some

    async def _give_way(self, since_s: float) -> float:
        """Let the lines go first: as long as anything happens there, nine tenths of the time are theirs.

        `since_s` is when the work began; what this returns is when it goes on.
        """
        now_s = self._clock.monotonic_s()
        busy = now_s - self._woken_s < _BUSY_S
        self._slice = _BUSY_SLICE if busy else _SLICE
        await self._clock.sleep(_LINES_SHARE * (now_s - since_s) if busy else 0)
        return self._clock.monotonic_s()

    async def _sum_up(self, circles: Sequence[Circle]) -> bool:
        """Nobody waits for it: most of the time is left to others."""
        start_s, some = self._clock.monotonic_s(), False
        for circle in circles:
            with suppress(Rebuilding):
                some = await circle.sum_up() or some
        await self._clock.sleep(_SUMMING_SHARE * (self._clock.monotonic_s() - start_s))
        return some

    def not_summed(self, circle: str, error: Exception) -> None:
        """A case could not be summed up: it is in no list, until it changes."""
        self._log.error("case-not-summed-up", circle=circle, exc_info=error, next="report this")

    def _working(self) -> Index:
        if self._index is None:
            self._index = self._open_index()
        elif self._damaged:
            self._log.error("index-damaged", next="nothing: it is made anew")
            self._index.begin_anew()
            self._damaged = False
            self._note_sizes()
            for circle in self._circles.values():
                circle.lost()
        return self._index

    def _note_part(self, index: Index, circles: Sequence[Circle]) -> bool:
        """A slice of what is most urgent; whether there was anything."""
        if index.change < self._store.newest_change():
            self._note_changes(index)
            return True
        for circle in circles:
            for log in circle.logs:
                if index.reached(log).noted < self._size(log):
                    self._note_slice(index, circle, log)
                    return True
        return False

    def _note_slice(self, index: Index, circle: Circle, log: str) -> None:
        first, size, before = index.reached(log).noted, self._size(log), self._before.get(log, 0)
        live = first >= before
        count = min((size if live else before) - first, self._slice)
        chunk = self._chunk(log, first, count)
        prefix = log.rpartition("/")[0].rpartition("/")[0] + "/"
        noted: list[Noted] = []
        seen: list[Seen] = []
        for at, entry, _, body in chunk.items():
            one = None if body is None else note_of(at, entry, body, prefix)
            if isinstance(one, Noted):
                noted.append(one)
            elif one:
                seen.append(one)
        received_ms = self._clock.wall_ms() if live else None
        with index.transaction():
            index.note(log, circle.id, chunk.end, noted=noted, seen=seen, received_ms=received_ms)
        circle.noted(log, noted, live=live)

    def _chunk(self, log: str, first: int, count: int) -> Chunk:
        """A slice of what was read last, if that is still so: a slice each would read a thousand each."""
        of = (log, self._store.identity(log), self._store.newest_change())
        if self._read is None or self._read[0] != of or not self._read[1].first <= first < self._read[1].end:
            self._read = of, self._store.chunk(log, first, MAX_CHUNK_ENTRIES, _READ_BYTES)
        read = self._read[1]
        chunk = read.slice(first, min(first + count, read.end))
        return chunk.slice(first, max(chunk.fitting(_SLICE_BYTES), first + 1))

    def _note_changes(self, index: Index) -> None:
        changes = self._store.changes(index.change, _CHANGES)
        with index.transaction():
            for change in changes:
                self._note_again(index, change)
            index.changed(changes[-1].number)
        for change in changes:
            if circle := self._circle_of(change.log):
                circle.changed(change.log, change.index)

    def _note_again(self, index: Index, change: Change) -> None:
        log, at = change.log, change.index
        circle = self._circle_of(log)
        if circle is None:
            # Of a log that was set aside, or of a circle without a line: its words go, and nothing comes.
            return
        entry, _, body = self._store.record(log, at)
        prefix = log.rpartition("/")[0].rpartition("/")[0] + "/"
        one = None if body is None else note_of(at, entry, body, prefix)
        noted, seen = (one, None) if isinstance(one, Noted) else (None, one)
        words = words_in(body) if body else ()
        index.note_again(log, circle.id, at, noted=noted, seen=seen, words=words)

    def _note_words(self, index: Index, circles: Sequence[Circle]) -> bool:
        for circle in circles:
            for log in circle.logs:
                reached = index.reached(log)
                if reached.worded < reached.noted:
                    self._note_words_of(index, log, reached.worded, reached.noted)
                    return True
        return False

    def _note_words_of(self, index: Index, log: str, first: int, end: int) -> None:
        chunk = self._chunk(log, first, min(end - first, self._slice))
        words: list[tuple[int, Sequence[str]]] = []
        size = 0
        for at, _, _, body in chunk.items():
            some = words_in(body) if body else ()
            if some:
                words.append((at, some))
            first = at + 1
            size += sum(map(len, some))
            if size >= _WORDS_A_RECORD * self._slice:
                break
        with index.transaction():
            index.note_words(log, first, words)

    def _circle_of(self, log: str) -> Circle | None:
        circle = self._circles.get(log.split("/")[1])
        return circle if circle and log in circle.logs else None

    def _size(self, log: str) -> int:
        head = self._store.head(log)
        return head.size if head else 0
