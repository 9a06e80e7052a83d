"""Carrying out erasures: purge, make sure that nothing is left, and only then say so.

(1) Its order is durable here, and readable. (2) What it names and no hold of ours keeps leaves the log's
chunks; what a hold keeps is set apart, and travels no more. (3) When that is durable, the files are scrubbed.
(4) An *erased* in our own log answers, also our own erasures. Stopped anywhere, a start begins again, and
each step does what is not done yet.

- What the store has decides what is to be done, never an answer given before: an older copy of the database
  has the records again.
- Where entries are still to come, the erasure is looked at again when its log has grown.
- A node that may not write its log, or has no room, tries again every two seconds.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from tocsin.circles.environment import Environment
from tocsin.circles.erasing.register import Register
from tocsin.circles.erasing.targets import may_go, stands
from tocsin.circles.erasing.view import Erasures, Ordered
from tocsin.circles.events import OrdersCame, Purged
from tocsin.circles.founding.circle import Circle
from tocsin.circles.wire.messages import MAX_PUSH_BYTES
from tocsin.core.errors import Refusal
from tocsin.core.names import LogName
from tocsin.core.records import Erased, Erasure, Hold, Place, Release, encode_record
from tocsin.log.store import StorageFull

AGAIN_S = 2.0
_SCRUBBED_EVERY_S = 0.05
_ANSWERS_A_SECOND = 32


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done of an erasure: `standing` are those of its targets that are here and may go.

    Of these, `todo` is not done yet. `size` is that of the log that they are in.
    """

    ordered: Ordered
    standing: frozenset[int]
    todo: frozenset[int]
    size: int


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What has become of an erasure's targets here."""

    ordered: Ordered
    purged: frozenset[int]
    held: frozenset[int]


class Purging:
    """Carries out the erasures of a circle at one node, whose member is `slug`.

    `write` writes in our own log; `refresh` is told the logs that lack less than before.
    """

    def __init__(
        self,
        circle: Circle,
        slug: str,
        environment: Environment,
        *,
        write: Callable[[Sequence[bytes]], Awaitable[object]],
        refresh: Callable[[str], None],
    ) -> None:
        self._circle = circle
        self._slug = slug
        self._store = environment.store
        self._committer = environment.committer
        self._clock = environment.clock
        self._on_event = environment.on_event
        self._turns = environment.turns
        self._write = write
        self._refresh = refresh
        self._register = Register(circle, slug, environment.store)
        self._open = set(self.view.ordered)
        self._looked_through = False
        self._purging: Place | None = None
        self._unanswered: dict[Place, _Outcome] = {}
        self._awaited: dict[Place, int] = {}
        self._ordered = asyncio.Event()
        self._ordered.set()
        self._purged = asyncio.Event()

    @property
    def view(self) -> Erasures:
        """What was ordered, held and answered."""
        return self._register.view

    def settled(self, log: str) -> bool:
        """Whether every erasure in that log that is known here was carried out, answered or not.

        As far as can be; and not before it is known which there are.
        """
        purging = {self._purging} if self._purging else set()
        ordered = self.view.ordered
        return self._looked_through and all(
            ordered[place].record.log != log for place in self._open | purging
        )

    def heard(self, event: OrdersCame) -> None:
        """There are new records about erasure."""
        for index in event.indices:
            record = self._register.read(event.log, index)
            if isinstance(record, Erasure):
                self._open.add(Place(log=event.log, index=index))
            elif isinstance(record, Hold | Release) and LogName.parse(event.log).member == self._slug:
                self._open.update(self.view.ordered)
        self._ordered.set()

    async def run(self) -> None:
        """Carry out what is ordered, and answer it, for ever: no purge waits for another's answer."""
        await self._look_through()
        await asyncio.gather(self._purge_for_ever(), self._answer_for_ever())

    async def _look_through(self) -> None:
        """What is there from a version that did not know orders; as soon as there is room to note it."""
        while not self._looked_through:
            try:
                await self._register.look_through(self._committer)
            except StorageFull:
                await self._clock.sleep(AGAIN_S)
            else:
                self._open.update(self.view.ordered)
                self._looked_through = True

    async def _purge_for_ever(self) -> None:
        while True:
            waits = self._open or self._awaited or self._register.unread
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_S if waits else None):
                    await self._ordered.wait()
            self._ordered.clear()
            self._look_again()
            # There may be no room: perhaps next time.
            with suppress(StorageFull):
                for place in _fairly(self._open):
                    await self._carry_out(place)

    async def _answer_for_ever(self) -> None:
        """Not so many a second that somebody's flood of orders fills our own log."""
        while True:
            await self._purged.wait()
            while not self._store.scrubbed():
                await self._clock.sleep(_SCRUBBED_EVERY_S)
            outcomes = [self._unanswered[place] for place in _fairly(self._unanswered)]
            # Our log may not be written now: perhaps next time.
            with suppress(Refusal, StorageFull):
                for outcome in outcomes[:_ANSWERS_A_SECOND]:
                    await self._answer(outcome)
                    if self._unanswered[outcome.ordered.place] is outcome:
                        del self._unanswered[outcome.ordered.place]
            if self._unanswered:
                await self._clock.sleep(1.0)
            else:
                self._purged.clear()

    def _look_again(self) -> None:
        """Open what waited for entries that have come, and what can be read now."""
        for place, size in list(self._awaited.items()):
            if self._size(self.view.ordered[place].record.log) > size:
                del self._awaited[place]
                self._open.add(place)
        for place in self._register.read_again():
            self.heard(OrdersCame(place.log, (place.index,)))

    async def _carry_out(self, place: Place) -> None:
        self._open.discard(place)
        self._purging = place
        try:
            plan = self._plan(self.view.ordered[place])
            await self._purge(plan)
        except BaseException:
            self._open.add(place)
            raise
        finally:
            self._purging = None
        log = plan.ordered.record.log
        held = self._set_apart(log, plan.standing)
        self._unanswered[place] = _Outcome(plan.ordered, plan.standing - held, held)
        self._purged.set()
        if max(plan.ordered.targets) >= plan.size:
            self._awaited[place] = plan.size

    def _plan(self, ordered: Ordered) -> _Plan:
        store, log, targets = self._store, ordered.record.log, ordered.targets
        size = self._size(log)
        gone = targets.intersection(store.erased(log, min(targets), max(targets) + 1) if size else ())
        standing = gone.union(
            target.index
            for target in ordered.record.targets
            if target.index not in gone and stands(target, log, store) and may_go(log, target.index, store)
        )
        let_go = self._set_apart(log, gone - self.view.kept(ordered))
        return _Plan(ordered, standing, standing - gone | let_go, size)

    def _set_apart(self, log: str, indices: frozenset[int]) -> frozenset[int]:
        return frozenset(index for index in indices if self._store.set_apart(log, index))

    def _size(self, log: str) -> int:
        head = self._store.head(log)
        return head.size if head else 0

    async def _purge(self, plan: _Plan) -> None:
        log, todo = plan.ordered.record.log, plan.todo
        if not todo:
            await asyncio.sleep(0)
            return
        while todo:
            # It may be as much work as several pushes: others come in between.
            async with self._turns.turn(log, MAX_PUSH_BYTES):
                todo -= await self._committer.submit(partial(self._erase, plan.ordered, todo))
        self._refresh(log)
        held = self._set_apart(log, plan.todo)
        self._on_event(Purged(log, tuple(sorted(plan.todo - held)), tuple(sorted(held))))

    def _erase(self, ordered: Ordered, indices: frozenset[int]) -> set[int]:
        # What is held now: a hold may have come while this waited for its turn.
        return self._store.erase(ordered.record.log, indices, keeping=self.view.kept(ordered))

    async def _answer(self, outcome: _Outcome) -> None:
        """Say in our own log what is gone and what is held, as far as that was not said yet."""
        said = outcome.ordered.answer(self._slug)
        purged, held = outcome.purged - said.purged, outcome.held - said.held - said.purged
        if not purged and not held:
            return
        erased = Erased(
            circle=self._circle.id,
            at_ms=self._clock.wall_ms(),
            author="node",
            author_kind="machine",
            tlp=self._circle.charter.handling,
            erasure=outcome.ordered.place,
            purged=tuple(sorted(purged)) or None,
            held=tuple(sorted(held)) or None,
        )
        await self._write([encode_record(erased)])


def _fairly(places: Iterable[Place]) -> list[Place]:
    """The first of each log, then the second of each, and so on: no flood of one keeps the others waiting."""
    ranks: Counter[str] = Counter()
    ranked: list[tuple[int, Place]] = []
    for place in sorted(places):
        ranked.append((ranks[place.log], place))
        ranks[place.log] += 1
    return [place for _, place in sorted(ranked)]
