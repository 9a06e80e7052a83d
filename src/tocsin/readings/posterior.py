"""From milli-nats to probabilities, by Bayes' rule in its logarithmic form (docs/protocol.md, section 23.2).

Alternatives are alike before anything is known. None is likely that nobody stands for (`support`): then all
is tempered until it is not.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from msgspec import Struct

from tocsin.readings.arithmetic import WHOLE_PERMILLE, permille_of, shares, toward_zero
from tocsin.readings.hypotheses import top
from tocsin.readings.likelihood import LIKELY_PERMILLE
from tocsin.readings.weighing import Millinats

_TEMPERATURES: Final = 1_024


class Among(Struct, frozen=True, gc=False):
    """How likely each of some alternatives is, as shares of 2^48 of the likeliest.

    `held_back`: tempered, so that none is likely.
    """

    shares: tuple[int, ...]
    held_back: bool

    @property
    def permille(self) -> tuple[int, ...]:
        """In permille."""
        return permille_of(self.shares)


def among(evidence: Millinats, stands: Callable[[int], object]) -> Among:
    """What so many milli-nats make of alternatives; `stands` says whether two stand for one."""
    parts = shares(evidence)
    best = top(parts)
    if _is_likely(parts, best) and not stands(best):
        return Among(_held_back(evidence, best), held_back=True)
    return Among(tuple(parts), held_back=False)


@lru_cache(maxsize=4_096)
def _held_back(evidence: Millinats, kind: int) -> tuple[int, ...]:
    """As it is where that one is not likely: the hotter, the less likely it is."""
    cold, hot = 0, _TEMPERATURES
    while hot - cold > 1:
        middle = (cold + hot) // 2
        cold, hot = (cold, middle) if _is_likely(_at(evidence, middle), kind) else (middle, hot)
    return tuple(_at(evidence, cold))


def _at(evidence: Millinats, temperature: int) -> list[int]:
    return shares(toward_zero(evidence, temperature, _TEMPERATURES))


def _is_likely(parts: Sequence[int], kind: int) -> bool:
    """Whether that one has so much: what is left over, which it may have one of, is looked at if need be."""
    permille = parts[kind] * WHOLE_PERMILLE // sum(parts)
    return (permille if permille != LIKELY_PERMILLE - 1 else permille_of(parts)[kind]) >= LIKELY_PERMILLE
