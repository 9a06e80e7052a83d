"""Schedules of worlds with cases: what honest and hostile desks do there, among all that may happen to nodes.

A schedule that fails is printed as the Python that runs it again: `run_cases(CaseSchedule(...))`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from hypothesis import strategies as st
from tests.simulation.cases.desk import DEEDS
from tests.simulation.cases.foul import FOUL
from tests.simulation.cases.world import CaseWorld
from tests.simulation.erasing import ORDERS
from tests.simulation.schedule import CHANGES, TROUBLE, WHO, Step, Wait, run_in
from tests.simulation.world import SLUGS, World


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An honest desk opens a case."""

    by: int
    number: int

    def do(self, world: World) -> None:
        """See Step."""
        assert isinstance(world, CaseWorld)
        world.open_case(_one(world.honest, self.by), self.number)


@dataclass(frozen=True, slots=True)
class Say:
    """An honest desk says something of a case: one of `desk.DEEDS`."""

    by: int
    deed: str
    numbers: tuple[int, int]
    urgent: bool = False

    def do(self, world: World) -> None:
        """See Step."""
        assert isinstance(world, CaseWorld)
        world.say(_one(world.honest, self.by), self.deed, self.numbers, urgent=self.urgent)


@dataclass(frozen=True, slots=True)
class BeFoul:
    """A hostile desk writes what it should not: one of `foul.FOUL`."""

    by: int
    name: str
    numbers: tuple[int, int]
    urgent: bool = False

    def do(self, world: World) -> None:
        """See Step."""
        assert isinstance(world, CaseWorld)
        world.foul(_one(sorted(world.hostile), self.by), self.name, self.numbers, urgent=self.urgent)


@dataclass(frozen=True, slots=True)
class Damage:
    """An index's file is overwritten in part."""

    whose: int

    def do(self, world: World) -> None:
        """See Step."""
        assert isinstance(world, CaseWorld)
        world.damage(_one(list(world.nodes), self.whose))


@dataclass(frozen=True, slots=True)
class Look:
    """What nodes show now is compared with what they hold."""

    def do(self, world: World) -> None:
        """See Step."""
        assert isinstance(world, CaseWorld)
        world.look()


@dataclass(frozen=True, slots=True)
class CaseSchedule:
    """One simulation: so many members, which of them are hostile, and what happens."""

    seed: int
    members: int
    hostile: tuple[str, ...]
    steps: tuple[Step, ...]


def run_cases(schedule: CaseSchedule) -> str:
    """Run a schedule, mend everything, and check all that must hold; returns the hash of the trace."""
    world = CaseWorld(schedule.seed, schedule.members, hostile=schedule.hostile)
    return run_in(world, schedule.steps)


_NUMBERS = st.tuples(st.integers(0, 9), st.integers(0, 9))
_URGENT = st.sampled_from([False, False, True])
_RARE = ("flood", "flood of cases")
_SAY = st.builds(Say, WHO, st.sampled_from([*sorted(DEEDS), "link"]), _NUMBERS, _URGENT)
_FOUL = st.builds(BeFoul, WHO, st.sampled_from(sorted(set(FOUL) - set(_RARE))), _NUMBERS, _URGENT)
_STEPS: st.SearchStrategy[Step] = st.sampled_from(
    [
        *[_SAY] * 8,
        *[_FOUL] * 8,
        *[TROUBLE] * 6,
        *[ORDERS] * 2,
        *[st.builds(OpenCase, WHO, st.integers(0, 9))] * 2,
        *[st.builds(Wait, st.sampled_from([10, 200, 1_000]))] * 4,
        st.builds(Look),
        st.builds(Damage, WHO),
        st.builds(BeFoul, WHO, st.sampled_from(_RARE), _NUMBERS, _URGENT),
        CHANGES,
    ]
).flatmap(lambda steps: steps)


@st.composite
def case_schedules(draw: st.DrawFn, most: int = 60) -> CaseSchedule:
    """Any schedule of up to so many steps, in which two cases are open before anything else happens."""
    members = draw(st.integers(4, len(SLUGS)))
    hostile = draw(st.sets(st.sampled_from(SLUGS[:members]), min_size=1, max_size=members // 2))
    few = st.lists(_STEPS, max_size=most // 5)
    begun: list[Step] = [OpenCase(0, 1), OpenCase(1, draw(st.integers(0, 9))), Wait(200)]
    return CaseSchedule(
        seed=draw(st.integers(0, 2**32 - 1)),
        members=members,
        hostile=tuple(sorted(hostile)),
        steps=tuple(chain(begun, chain.from_iterable(draw(st.tuples(*[few] * 5))))),
    )


def _one(slugs: Sequence[str], number: int) -> str:
    return slugs[number % len(slugs)]
