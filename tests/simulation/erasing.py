"""A world in which members order erasures and holds, and what must be so there once all is mended.

- Answered: every member answers every erasure, and all know the same orders and answers.
- Gone: what an honest member ordered to be erased is in no file of any honest member that does not hold it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from hypothesis import strategies as st
from tests.simulation.invariants import Violation
from tests.simulation.schedule import WHO, Schedule, Step, run_in, schedules
from tests.simulation.world import Node, World

from tocsin.circles.founding.charter import Limits
from tocsin.circles.founding.draft import DEFAULT_LIMITS
from tocsin.circles.line import Line
from tocsin.core.errors import Refusal
from tocsin.core.keys import encode_base64
from tocsin.core.names import LogName
from tocsin.core.records import Erasure, Hold, NoteRecord, Place, Release, Target, encode_record, parse_record
from tocsin.log.store import StorageFailed, StorageFull

LIMIT_S = 60.0

_LOOK_EVERY_S = 0.25


class ErasingWorld(World):
    """A world that knows what was ordered to be erased. Members are numbers, modulo how many there are."""

    def __init__(
        self, seed: int, members: int, *, rogue: bool = False, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        super().__init__(seed, members, rogue=rogue, limits=limits)
        self._bodies: dict[Place, bytes] = {}

    def erase(self, by: int, which: int, count: int = 1) -> None:
        """A member orders that some records of its log be erased, which are there."""
        node = self.node(by)

        def order(line: Line) -> Erasure | None:
            log, store = line.own.name, node.store
            bodies = {index: store.record(log, index)[2] for index in range(1, line.own.size)}
            some = [index for index, body in bodies.items() if body is not None and self.is_erasable(body)]
            chosen = some[which % len(some) :][:count] if some else []
            if not chosen:
                return None
            self._bodies |= {Place(log=log, index=index): bodies[index] or b"" for index in chosen}
            entries = [(index, encode_base64(store.entries(log, index, index + 1))) for index in chosen]
            targets = tuple(Target(entry=entry, index=index) for index, entry in entries)
            return Erasure(**self._why(node), log=log, targets=targets)  # type: ignore[arg-type]

        self._order(node, order)

    def is_erasable(self, body: bytes) -> bool:
        """Whether a record is one that is erased here: a note."""
        return isinstance(parse_record(body).record, NoteRecord)

    def hold(self, by: int, whose: int, index: int) -> None:
        """A member holds an entry of any member's log."""
        node = self.node(by)
        log = LogName(self.circle.domain, self.circle.id, self.node(whose).slug, 1)
        targets = (Place(log=str(log), index=index),)
        self._order(node, lambda _: Hold(**self._why(node), targets=targets))  # type: ignore[arg-type]

    def release(self, by: int) -> None:
        """A member ends its first hold."""
        node = self.node(by)

        def order(line: Line) -> Release | None:
            first = next(iter(line.erasures.holds), None)
            return Release(**self._why(node), hold=first) if first else None  # type: ignore[arg-type]

        self._order(node, order)

    def settle(self) -> None:
        """See World; and wait until every erasure is answered by all, and check that it is carried out."""
        # What was ordered last gets its turn.
        self.run_for(_LOOK_EVERY_S)
        super().settle()
        end_s = self.loop.time() + LIMIT_S
        while unanswered := self._unanswered():
            if self.loop.time() > end_s:
                raise Violation(f"After {LIMIT_S} s without any trouble, {unanswered}.")
            self.run_for(_LOOK_EVERY_S)
        super().settle()
        for slug, line in self.lines.items():
            self._check_gone(slug, line)

    def node(self, number: int) -> Node:
        """The member of that number."""
        nodes = list(self.nodes.values())
        return nodes[number % len(nodes)]

    def _unanswered(self) -> str:
        """What is not answered yet, in words; nothing if all is."""
        # Who has left, or may not write, answers nothing.
        lines = {
            slug: line
            for slug, line in self.lines.items()
            if slug in line.circle.by_slug and not line.own.halted
        }
        known: set[Place] = set()
        for line in lines.values():
            known.update(line.erasures.ordered)
        for slug, line in lines.items():
            for place in known:
                ordered = line.erasures.ordered.get(place)
                if not self._may_know(slug, place):
                    continue
                if ordered is None:
                    return f"{slug} does not know of the erasure at {place}"
                # Who joined may have no record of what the others answered before.
                for other in lines if self._founded(slug) else [slug]:
                    if not self._may_know(other, place):
                        continue
                    answer = ordered.answer(other)
                    if answer.purged | answer.held != ordered.targets:
                        return f"{slug} knows of {other} only {answer} of {ordered.targets}"
        return ""

    def _may_know(self, slug: str, place: Place) -> bool:
        return place.index >= self.circle_now.entitled_from(slug, LogName.parse(place.log))

    def _founded(self, slug: str) -> bool:
        return any(member.slug == slug for member in self.circle.members)

    def _check_gone(self, slug: str, line: Line) -> None:
        store, remains = self.nodes[slug].store, self.nodes[slug].store.remains()
        for place in line.erasures.first:
            apart = store.set_apart(place.log, place.index)
            if apart and place not in line.erasures.held:
                raise Violation(f"{slug} keeps {place}, and no hold of its own says so.")
            if not apart and self._bodies.get(place, remains + b"?") in remains:
                raise Violation(f"{slug} still has {place}, which was erased.")

    def _order(self, node: Node, order: Callable[[Line], Erasure | Hold | Release | None]) -> None:
        line, outlet = node.line, node.outlet
        if line is None or outlet is None:
            return

        async def write() -> None:
            try:
                if record := order(line):
                    body = encode_record(record)
                    self.truth.acknowledged(node.slug, await line.write([body]), body)
            except (Refusal, StorageFull):
                return
            except StorageFailed:
                if outlet.plugged:
                    raise

        self.loop.spawn(outlet, write())

    def _why(self, node: Node) -> dict[str, object]:
        return {
            "circle": self.circle.id,
            "at_ms": node.clock.wall_ms(),
            "author": "duty",
            "author_kind": "officer",
            "tlp": "TLP:GREEN",
            "lang": "en",
            "reason": "It names a person.",
            "ordered_by": "The duty officer",
        }


@dataclass(frozen=True, slots=True)
class Erase:
    """A member orders that some of its notes be erased."""

    by: int
    which: int
    count: int = 1

    def do(self, world: World) -> None:
        """See Step."""
        assert isinstance(world, ErasingWorld)
        world.erase(self.by, self.which, self.count)


@dataclass(frozen=True, slots=True)
class KeepByHold:
    """A member holds an entry of any member's log."""

    by: int
    whose: int
    index: int

    def do(self, world: World) -> None:
        """See Step."""
        assert isinstance(world, ErasingWorld)
        world.hold(self.by, self.whose, self.index)


@dataclass(frozen=True, slots=True)
class ReleaseHold:
    """A member ends its first hold."""

    by: int

    def do(self, world: World) -> None:
        """See Step."""
        assert isinstance(world, ErasingWorld)
        world.release(self.by)


ORDERS = st.one_of(
    st.builds(Erase, WHO, st.integers(0, 30), st.sampled_from([1, 1, 3, 40])),
    st.builds(Erase, WHO, st.integers(0, 3)),
    st.builds(KeepByHold, WHO, WHO, st.integers(1, 12)),
    st.builds(ReleaseHold, WHO),
)


@st.composite
def erasing_schedules(draw: st.DrawFn) -> Schedule:
    """Any schedule, with orders among its steps."""
    schedule = draw(schedules())
    orders = draw(st.lists(ORDERS, min_size=1, max_size=12))
    return Schedule(schedule.seed, schedule.members, schedule.rogue, tuple(_mixed(schedule.steps, orders)))


def run_erasing(schedule: Schedule) -> str:
    """Run a schedule as `schedule.run` does, in a world of erasures; returns the hash of the trace."""
    world = ErasingWorld(schedule.seed, schedule.members, rogue=schedule.rogue)
    return run_in(world, schedule.steps)


def _mixed(steps: Sequence[Step], orders: Sequence[Step]) -> Iterable[Step]:
    """An order after each few steps."""
    every = max(1, len(steps) // len(orders))
    groups = [steps[start : start + every] for start in range(0, len(steps), every)]
    for group, order in zip_longest(groups, orders):
        yield from chain(group or (), [order] if order else ())
