"""Schedules: what happens to a world, step by step; as values, so that Hypothesis can make and shrink them.

A schedule that fails is printed as the Python that runs it again: `run(Schedule(...))`.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Literal, Protocol

from hypothesis import strategies as st
from tests.simulation.clock import SeededChance
from tests.simulation.hostile import ATTACKS, LIES
from tests.simulation.wire import Weather
from tests.simulation.world import World

REAL_SIGNATURES_ONE_IN = 20


class Step(Protocol):
    """Something that happens to a world. Members are numbers, taken modulo how many there are."""

    def do(self, world: World) -> None:
        """Make it happen."""
        ...


@dataclass(frozen=True, slots=True)
class Write:
    """A member writes records, all at once."""

    by: int
    records: int = 1
    size_bytes: int = 900

    def do(self, world: World) -> None:
        """See Step."""
        world.write(_slug(world, self.by), self.records, self.size_bytes)


@dataclass(frozen=True, slots=True)
class IntroduceOfficer:
    """A member names an officer, who signs some of its notes from then on."""

    whose: int

    def do(self, world: World) -> None:
        """See Step."""
        world.introduce_officer(_slug(world, self.whose))


@dataclass(frozen=True, slots=True)
class Wait:
    """Time passes."""

    ms: int

    def do(self, world: World) -> None:
        """See Step."""
        world.run_for(self.ms / 1000)


@dataclass(frozen=True, slots=True)
class Kill:
    """A process ends, or the power of its machine fails."""

    whose: int
    power: bool

    def do(self, world: World) -> None:
        """See Step."""
        (world.cut_power if self.power else world.kill)(_slug(world, self.whose))


@dataclass(frozen=True, slots=True)
class KillAtCommit:
    """The power fails at the end of a coming transaction, just before or after it is durable."""

    whose: int
    commits: int
    moment: Literal["before", "after"]

    def do(self, world: World) -> None:
        """See Step."""
        world.cut_power_at_commit(_slug(world, self.whose), self.commits, self.moment)


@dataclass(frozen=True, slots=True)
class Restart:
    """A node that is down starts again."""

    whose: int

    def do(self, world: World) -> None:
        """See Step."""
        world.restart(_slug(world, self.whose))


@dataclass(frozen=True, slots=True)
class Cut:
    """What one member sends no longer reaches another."""

    sender: int
    receiver: int

    def do(self, world: World) -> None:
        """See Step."""
        world.cut(_slug(world, self.sender), _slug(world, self.receiver))


@dataclass(frozen=True, slots=True)
class Part:
    """The first so many members and the others cannot reach each other."""

    first: int

    def do(self, world: World) -> None:
        """See Step."""
        slugs = [*world.nodes, *(["rogue"] if world.rogue else [])]
        world.part(slugs[: self.first], slugs[self.first :])


@dataclass(frozen=True, slots=True)
class Heal:
    """Every cut is mended."""

    def do(self, world: World) -> None:
        """See Step."""
        world.heal()


@dataclass(frozen=True, slots=True)
class Storm:
    """From now on, messages fare like this."""

    weather: Weather

    def do(self, world: World) -> None:
        """See Step."""
        world.set_weather(self.weather)


@dataclass(frozen=True, slots=True)
class FillDisk:
    """A member's disk has only so much room left; None for enough."""

    whose: int
    room_bytes: int | None

    def do(self, world: World) -> None:
        """See Step."""
        world.leave_room(_slug(world, self.whose), self.room_bytes)


@dataclass(frozen=True, slots=True)
class Attack:
    """The rogue begins an attack of `hostile.ATTACKS`."""

    name: str

    def do(self, world: World) -> None:
        """See Step."""
        world.rogue_attacks(self.name)


@dataclass(frozen=True, slots=True)
class Lie:
    """From now on, the rogue answers with any of these of `hostile.LIES`."""

    names: tuple[str, ...]

    def do(self, world: World) -> None:
        """See Step."""
        world.rogue_lies(*self.names)


@dataclass(frozen=True, slots=True)
class Rotate:
    """A member begins a new epoch."""

    whose: int

    def do(self, world: World) -> None:
        """See Step."""
        world.offices.rotate(_slug(world, self.whose))


@dataclass(frozen=True, slots=True)
class Burn:
    """A disk burns, and the node comes back on a new one."""

    whose: int

    def do(self, world: World) -> None:
        """See Step."""
        world.offices.burn(_slug(world, self.whose))


@dataclass(frozen=True, slots=True)
class Amend:
    """All members sign another charter, which one of them brings to its node."""

    by: int
    purpose: str

    def do(self, world: World) -> None:
        """See Step."""
        world.offices.amend(_slug(world, self.by), self.purpose)


@dataclass(frozen=True, slots=True)
class Join:
    """Somebody new joins, for whom a member vouches, perhaps as an observer."""

    sponsor: int
    observer: bool

    def do(self, world: World) -> None:
        """See Step."""
        world.offices.join(_slug(world, self.sponsor), observer=self.observer)


@dataclass(frozen=True, slots=True)
class Promote:
    """All sign that whoever observes is a member from now on; one of them brings it to its node."""

    by: int

    def do(self, world: World) -> None:
        """See Step."""
        world.offices.promote(_slug(world, self.by))


@dataclass(frozen=True, slots=True)
class Leave:
    """A member leaves."""

    whose: int

    def do(self, world: World) -> None:
        """See Step."""
        world.offices.leave(_slug(world, self.whose))


@dataclass(frozen=True, slots=True)
class Suspend:
    """A member does not speak with another for a while, or speaks with it again."""

    by: int
    whom: int
    ends: bool

    def do(self, world: World) -> None:
        """See Step."""
        world.offices.suspend(_slug(world, self.by), _slug(world, self.whom), ends=self.ends)


@dataclass(frozen=True, slots=True)
class Steal:
    """The rogue writes with a member's keys, to those whose bits are set.

    They are cut off from that member, which has written so many records that they do not know.
    """

    whose: int
    unknown: int
    records: int
    victims: int

    def do(self, world: World) -> None:
        """See Step."""
        whose = _slug(world, self.whose)
        victims = [slug for number, slug in enumerate(world.nodes) if self.victims >> number & 1]
        if world.rogue:
            world.part([slug for slug in world.nodes if slug not in victims], victims)
            world.write(whose, self.unknown)
            world.run_for(0.2)
            world.rogue_steals(whose, self.unknown, self.records, victims)
            world.run_for(0.2)


@dataclass(frozen=True, slots=True)
class Compromised:
    """A member whose keys may be stolen begins a new epoch, and says where its log ended."""

    whose: int

    def do(self, world: World) -> None:
        """See Step."""
        world.offices.rotate(_slug(world, self.whose), "compromised")


@dataclass(frozen=True, slots=True)
class Schedule:
    """One simulation: so many honest members, perhaps a rogue, and what happens."""

    seed: int
    members: int
    rogue: bool
    steps: tuple[Step, ...]


def run(schedule: Schedule, *, memoised: bool | None = None) -> str:
    """Run a schedule, mend everything, and check all that must hold; returns the hash of the trace.

    Raises Violation. One in twenty seeds verifies every signature for real.
    """
    if memoised is None:
        memoised = hashlib.sha256(str(schedule.seed).encode()).digest()[0] % REAL_SIGNATURES_ONE_IN != 0
    world = World(schedule.seed, schedule.members, rogue=schedule.rogue, memoised=memoised)
    return run_in(world, schedule.steps)


def run_in(world: World, steps: Iterable[Step]) -> str:
    """As `run`, in any world that is new."""
    with world:
        world.start()
        for step in steps:
            step.do(world)
        world.settle()
        return world.trace.hexdigest()


WHO = st.integers(0, 7)
TROUBLE = st.one_of(
    st.builds(Write, WHO, st.integers(1, 12), st.sampled_from([250, 900, 30_000])),
    st.builds(IntroduceOfficer, WHO),
    st.builds(Wait, st.sampled_from([1, 10, 50, 200, 1_000, 3_000, 8_000])),
    st.builds(Kill, WHO, st.booleans()),
    st.builds(KillAtCommit, WHO, st.integers(0, 6), st.sampled_from(["before", "after"])),
    st.builds(Restart, WHO),
    st.builds(Cut, WHO, WHO),
    st.builds(Part, st.integers(1, 4)),
    st.builds(Heal),
    st.builds(
        Storm, st.builds(Weather, st.just(0.001), st.sampled_from([0.02, 0.5, 6]), st.just(20), st.just(20))
    ),
    st.builds(FillDisk, WHO, st.none() | st.integers(0, 20_000)),
)
CHANGES = st.one_of(
    st.builds(Rotate, WHO),
    st.builds(Burn, WHO),
    st.builds(Amend, WHO, st.sampled_from(["To warn.", "To help.", "To learn."])),
    st.builds(Join, WHO, st.booleans()),
    st.builds(Promote, WHO),
    st.builds(Leave, WHO),
    st.builds(Suspend, WHO, WHO, st.booleans()),
)
_HOSTILE_STEPS = st.one_of(
    st.builds(Attack, st.sampled_from(sorted(ATTACKS))),
    st.builds(Lie, st.lists(st.sampled_from(sorted(LIES)), min_size=1, max_size=4).map(tuple)),
    st.builds(Steal, WHO, st.integers(0, 3), st.integers(1, 4), st.integers(0, 31)),
    st.builds(Compromised, WHO),
)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Any schedule of up to fifty steps: several short lists, since Hypothesis makes few long ones."""
    rogue = draw(st.booleans())
    steps = (TROUBLE, CHANGES, _HOSTILE_STEPS) if rogue else (TROUBLE, CHANGES)
    few = st.lists(st.one_of(*steps), max_size=10)
    return Schedule(
        seed=draw(st.integers(0, 2**32 - 1)),
        members=draw(st.integers(2, 5)),
        rogue=rogue,
        steps=tuple(chain.from_iterable(draw(st.tuples(*[few] * 5)))),
    )


def run_one(seed: int, records: int = 200, nodes: int = 5) -> str:
    """The simulation that `make bench` counts: a partition and a crash while all members write.

    The records come in bursts of ten at random moments of four seconds, from random members.
    """
    chance = SeededChance(seed, "the bench")
    bursts = sorted((chance.uniform(0, 4), int(chance.uniform(0, nodes))) for _ in range(records // 10))
    happenings: list[tuple[float, Step]] = [(at_s, Write(by, 10)) for at_s, by in bursts]
    happenings += [
        (1.0, Part(nodes // 2)),
        (2.0, KillAtCommit(0, 2, "before")),
        (3.0, Restart(0)),
        (3.5, Heal()),
    ]
    steps: list[Step] = []
    now_s = 0.0
    for at_s, step in sorted(happenings, key=lambda happening: happening[0]):
        steps += [Wait(int((at_s - now_s) * 1000)), step]
        now_s = at_s
    return run(Schedule(seed, nodes, rogue=False, steps=tuple(steps)))


def _slug(world: World, number: int) -> str:
    slugs = list(world.nodes)
    return slugs[number % len(slugs)]
