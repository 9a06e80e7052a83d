"""From milli-nats to probabilities, by Bayes' rule in its logarithmic form (docs/protocol.md, section 23.2).

No kind is likely that nobody stands for (`support`): then all is tempered until it is not. What was found
once is not reckoned again: most of what is asked, in ranges and of answers, is asked several times.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from operator import add
from typing import Final

from msgspec import Struct

from tocsin.core.records.cases.vocabulary import Undetermined, What
from tocsin.readings.arithmetic import WHOLE_PERMILLE, permille_of, shares, toward_zero
from tocsin.readings.hypotheses import KINDS, Leaves, top
from tocsin.readings.likelihood import LIKELY_PERMILLE
from tocsin.readings.weighing import Millinats

_TEMPERATURES: Final = 1_024


class Found(Struct, frozen=True, gc=False):
    """Permille of the leaves, and of the kinds; `held_back`: tempered, so that no kind is likely."""

    parts: tuple[int, ...]
    kinds: tuple[int, ...]
    held_back: bool

    @property
    def what(self) -> What | Undetermined:
        """The kind that is likely, if one is."""
        best = top(self.kinds)
        return KINDS[best] if self.kinds[best] >= LIKELY_PERMILLE else "undetermined"


class Posterior:
    """What so many milli-nats make of the leaves."""

    def __init__(self, leaves: Leaves) -> None:
        self._untempered = cache(partial(_probable, leaves))
        self._held_back = cache(partial(_least_tempered, leaves))

    def found(self, evidence: Millinats, two: Callable[[int], tuple[int, int] | None]) -> Found:
        """What these make of them; `two` gives sources that stand for a kind, if any do."""
        whole = self._untempered(evidence)
        if max(whole.kinds) < LIKELY_PERMILLE or two(kind := top(whole.kinds)):
            return whole
        return self._held_back(evidence, kind)


def _least_tempered(leaves: Leaves, evidence: Millinats, kind: int) -> Found:
    """As it is where that kind is not likely: the hotter, the less likely it is."""
    cold, hot = 0, _TEMPERATURES
    while hot - cold > 1:
        middle = (cold + hot) // 2
        is_likely = _is_likely(leaves, toward_zero(evidence, middle, _TEMPERATURES), kind)
        cold, hot = (cold, middle) if is_likely else (middle, hot)
    found = _probable(leaves, toward_zero(evidence, cold, _TEMPERATURES))
    return Found(found.parts, found.kinds, held_back=True)


def _probable(leaves: Leaves, evidence: Sequence[int]) -> Found:
    parts = shares(list(map(add, leaves.prior, evidence)))
    kinds = permille_of(leaves.by_kind(parts))
    return Found(leaves.within(kinds, parts), kinds, held_back=False)


def _is_likely(leaves: Leaves, evidence: Sequence[int], kind: int) -> bool:
    """Whether that kind has so much: what is left over, which it may have one of, is looked at if need be."""
    kinds = leaves.by_kind(shares(list(map(add, leaves.prior, evidence))))
    permille = kinds[kind] * WHOLE_PERMILLE // sum(kinds)
    return (permille if permille != LIKELY_PERMILLE - 1 else permille_of(kinds)[kind]) >= LIKELY_PERMILLE
