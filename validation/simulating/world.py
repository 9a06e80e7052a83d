"""A case in which nobody copies, frames or errs by anything but honest chance.

Every case has its own seed, and all scenarios of one case begin with this same world: so what differs
between two scenarios is what the scenario changes, and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from tocsin.core.records.cases.vocabulary import SourceKind
from validation.simulating.parameters import KINDS, MEMBERS, UNDETERMINED, WHOLE_PERMILLE, Parameters


class Seen(NamedTuple):
    """A source: two of the same `name` are one. Others can look at it if it is `verifiable`."""

    name: str
    kind: SourceKind
    verifiable: bool


class Voice(NamedTuple):
    """A member's standing reading: permille of the five kinds and undetermined, and what it cites."""

    member: int
    permille: tuple[int, ...]
    sources: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class Signal:
    """What a member's own sources show, and how it takes that."""

    shown: int
    believed: float
    undetermined_steps: int
    sources: tuple[Seen, ...]
    silent: bool


@dataclass(frozen=True, slots=True)
class World:
    """What it was in truth, and what each of the seven sees of it."""

    truth: int
    signals: tuple[Signal, ...]

    def honest(self, member: int, parameters: Parameters) -> Voice:
        """What a member says that goes by what it sees."""
        signal = self.signals[member]
        if signal.silent:
            return Voice(member, (0,) * UNDETERMINED + (WHOLE_PERMILLE,), ())
        return Voice(member, judged(signal.shown, signal, parameters), signal.sources)


def draw(seed: int, case: int, parameters: Parameters) -> World:
    """One case."""
    chance = Random(f"{seed}/{case}")
    truth = chance.randrange(len(KINDS))
    signals = tuple(
        signal(chance, member, shown(chance, truth, parameters.hits[member], parameters), parameters)
        for member in range(len(MEMBERS))
    )
    return World(truth, signals)


def shown(chance: Random, truth: int, hit: float, parameters: Parameters) -> int:
    """What a source shows that is right so often."""
    return truth if chance.random() < hit else miss(chance, truth, parameters)


def miss(chance: Random, truth: int, parameters: Parameters) -> int:
    """What a source shows that is wrong."""
    likely = parameters.mistaken_for[truth]
    if chance.random() < parameters.mistaken:
        return likely
    return chance.choice([kind for kind in range(len(KINDS)) if kind not in (truth, likely)])


def signal(chance: Random, member: int, kind: int, parameters: Parameters) -> Signal:
    """What a member sees, if that shows `kind`."""
    count = 2 if chance.random() < parameters.second_source else 1
    return Signal(
        shown=kind,
        believed=chance.uniform(*parameters.believed),
        undetermined_steps=chance.choice(parameters.undetermined_steps),
        sources=tuple(own(chance, member, nth, parameters) for nth in range(count)),
        silent=chance.random() < parameters.silent,
    )


def own(chance: Random, member: int, nth: int, parameters: Parameters) -> Seen:
    """A source that one member alone has."""
    weights = [sort.percent for sort in parameters.sorts]
    sort = chance.choices(parameters.sorts, weights)[0]
    verifiable = chance.randrange(100) < sort.verifiable_percent
    return Seen(f"{MEMBERS[member]}/{nth}", sort.kind, verifiable)


def judged(kind: int, signal: Signal, parameters: Parameters) -> tuple[int, ...]:
    """What is made of a source that shows `kind`: Bayes' rule under the member's own belief, rounded.

    It knows what is mistaken for what, and misjudges how often. All kinds are alike to it before.
    """
    miss = 1 - signal.believed
    others = len(KINDS) - 2
    likelihoods = [
        signal.believed
        if true == kind
        else miss
        * (parameters.mistaken if parameters.mistaken_for[true] == kind else _rest(parameters) / others)
        for true in range(len(KINDS))
    ]
    whole = sum(likelihoods)
    kept = signal.undetermined_steps
    told = WHOLE_PERMILLE // parameters.step_permille - kept
    steps = rounded([told * one / whole for one in likelihoods], told)
    return tuple(one * parameters.step_permille for one in (*steps, kept))


def rounded(parts: Sequence[float], whole: int) -> list[int]:
    """To whole numbers with that sum: what is left over goes to the largest remainders (Hamilton)."""
    floors = [int(part) for part in parts]
    order = sorted(range(len(parts)), key=lambda at: (floors[at] - parts[at], at))
    for at in order[: whole - sum(floors)]:
        floors[at] += 1
    return floors


def _rest(parameters: Parameters) -> float:
    return 1 - parameters.mistaken
