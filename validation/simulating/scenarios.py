"""What each scenario changes of a world, one thing each."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Final, TypeAlias

from validation.simulating.parameters import KINDS, MEMBERS, WHOLE_PERMILLE, Parameters
from validation.simulating.world import Seen, Voice, World, judged, miss, own, shown, signal

Scenario: TypeAlias = Callable[[World, Random, Parameters], tuple[Voice, ...]]
"""The standing readings of a case; what has no reading that stands is left out."""

_FEED = Seen("feed", "website", verifiable=True)
_FALSE = Seen("false", "website", verifiable=True)


def _independent(world: World, _chance: Random, parameters: Parameters) -> tuple[Voice, ...]:
    return tuple(world.honest(member, parameters) for member in range(len(MEMBERS)))


def _copied(declared: float) -> Scenario:
    """Five take over what a feed says; so many of them say so, the others cite a source of their own."""

    def copied(world: World, chance: Random, parameters: Parameters) -> tuple[Voice, ...]:
        voices = list(_independent(world, chance, parameters))
        kind = shown(chance, world.truth, parameters.feed_hit, parameters)
        feed = judged(kind, signal(chance, 0, kind, parameters), parameters)
        for member in parameters.copiers:
            permille = feed if chance.random() < parameters.exact else _varied(feed, chance, parameters)
            # Drawn whether it is used or not, so that how many declare it is all that differs.
            its_own, declares = own(chance, member, 0, parameters), chance.random() < declared
            voices[member] = Voice(member, permille, (_FEED if declares else its_own,))
        return tuple(voices)

    return copied


def _varied(permille: tuple[int, ...], chance: Random, parameters: Parameters) -> tuple[int, ...]:
    """With one or two steps moved from somewhere to somewhere else."""
    varied = list(permille)
    for _ in range(chance.randint(1, 2)):
        taken = chance.choice([at for at, one in enumerate(varied) if one])
        given = chance.choice([at for at in range(len(varied)) if at != taken])
        varied[taken] -= parameters.step_permille
        varied[given] += parameters.step_permille
    return tuple(varied)


def _framed(world: World, chance: Random, parameters: Parameters) -> tuple[Voice, ...]:
    voices = list(_independent(world, chance, parameters))
    frame = parameters.mistaken_for[world.truth]
    for member, permille, kind in zip(
        parameters.framers, parameters.framing_permille, parameters.framing_sorts, strict=True
    ):
        masses = [permille if at == frame else 0 for at in range(len(KINDS))]
        invented = Seen(f"{MEMBERS[member]}/invented", kind, verifiable=True)
        voices[member] = Voice(member, (*masses, WHOLE_PERMILLE - permille), (invented,))
    return tuple(voices)


def _corrected(world: World, chance: Random, parameters: Parameters) -> tuple[Voice, ...]:
    voices: list[Voice | None] = list(_independent(world, chance, parameters))
    kind = miss(chance, world.truth, parameters)
    for member in parameters.misled:
        does = chance.random()
        if does < parameters.corrects:
            continue
        withdraws = does < parameters.corrects + parameters.withdraws
        stale = Voice(member, judged(kind, world.signals[member], parameters), (_FALSE,))
        voices[member] = None if withdraws else stale
    return tuple(voice for voice in voices if voice)


def _interested(world: World, chance: Random, parameters: Parameters) -> tuple[Voice, ...]:
    voices = list(_independent(world, chance, parameters))
    for member, kind in parameters.suits:
        its = world.signals[member]
        voices[member] = Voice(member, judged(kind, its, parameters), its.sources)
    return tuple(voices)


def _null(*, aware: bool) -> Scenario:
    """What sources show has nothing to do with what it was; the members know that, or do not."""

    def null(world: World, chance: Random, parameters: Parameters) -> tuple[Voice, ...]:
        signals = tuple(
            replace(
                its,
                shown=chance.randrange(len(KINDS)),
                undetermined_steps=chance.choice(parameters.null_undetermined_steps)
                if aware
                else its.undetermined_steps,
            )
            for its in world.signals
        )
        return _independent(World(world.truth, signals), chance, parameters)

    return null


SCENARIOS: Final[Mapping[str, Scenario]] = {
    "independent": _independent,
    "copies, all declared": _copied(1.0),
    "copies, 60 % declared": _copied(0.6),
    "copies, none declared": _copied(0.0),
    "framing, 2 of 7": _framed,
    "late corrections": _corrected,
    "interest, 3 of 7": _interested,
    "null, and known to be": _null(aware=True),
    "null, read as evidence": _null(aware=False),
}

_STREAMS: Final = {name: name.partition(",")[0] for name in SCENARIOS}


def voices(name: str, seed: int, case: int, world: World, parameters: Parameters) -> tuple[Voice, ...]:
    """What is said of a case in that scenario: scenarios of one name before the comma draw the same."""
    return SCENARIOS[name](world, Random(f"{seed}/{case}/{_STREAMS[name]}"), parameters)
