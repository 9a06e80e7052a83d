"""What it may have been, and what one reading says for each (docs/protocol.md, section 23.2).

- The *leaves* are the five kinds of the closed list and, of each kind, those hypotheses of the case which a
  standing reading holds to be possible. They exclude each other.
- Before anything is known the kinds are alike, and so are the leaves of each kind: which hypotheses somebody
  thinks of makes no kind likelier.
- A probability is of a set of leaves: that of a kind is of all its leaves, *undetermined* of all there are.
  Within a set it says nothing (Shafer 1976, as masses; spread by the prior when they are compared).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import lcm
from operator import mul
from typing import Final, get_args

from tocsin.core.records import Probability, Reading, Ref
from tocsin.core.records.cases.vocabulary import Undetermined, What
from tocsin.core.views import Evidence
from tocsin.readings.arithmetic import WHOLE_PERMILLE, ln_millinats, permille_of, toward_zero

KINDS: Final[tuple[What, ...]] = get_args(What)

MOST_OF_A_MEMBER: Final = 4
MOST_HYPOTHESES: Final = 32
"""So many hypotheses of one member are leaves, and so many in all, the first: more are undetermined."""

_WHOLE_MILLINATS = ln_millinats(WHOLE_PERMILLE)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A kind, whichever other one of it; or one hypothesis of that kind."""

    what: What
    hypothesis: Ref | None = None


@dataclass(frozen=True, slots=True)
class Leaves:
    """All that it may have been, kinds first, hypotheses in the order of the evidence.

    `kinds` are the places of their kinds, `siblings` how many leaves the kind of each has.
    """

    leaves: tuple[Leaf, ...]
    kinds: tuple[int, ...]
    siblings: tuple[int, ...]
    prior: tuple[int, ...]
    _weights: tuple[int, ...]
    _places: Mapping[What | Undetermined | Ref | None, int]
    _shared: tuple[tuple[int, tuple[int, ...]], ...]

    @classmethod
    def of(cls, evidence: Evidence) -> "Leaves":
        """Those of a case."""
        possible = {
            one.hypothesis
            for read in evidence.readings
            for one in read.said.record.probabilities
            if one.hypothesis is not None
        }
        told = Counter[str]()
        narrower: list[Leaf] = []
        for said in evidence.hypotheses:
            if said.ref in possible and told[said.member] < MOST_OF_A_MEMBER:
                told[said.member] += 1
                narrower.append(Leaf(said.record.under, said.ref))
        narrower = narrower[:MOST_HYPOTHESES]
        leaves = (*map(Leaf, KINDS), *narrower)
        of_kind = {kind: sum(leaf.what == kind for leaf in leaves) for kind in KINDS}
        siblings = tuple(of_kind[leaf.what] for leaf in leaves)
        whole = lcm(*siblings)
        kinds = tuple(KINDS.index(leaf.what) for leaf in leaves)
        places = [tuple(at for at, of in enumerate(kinds) if of == kind) for kind in range(len(KINDS))]
        return cls(
            leaves=leaves,
            kinds=kinds,
            siblings=siblings,
            prior=tuple(-ln_millinats(len(KINDS) * count) for count in siblings),
            _weights=tuple(whole // count for count in siblings),
            _places={leaf.hypothesis or leaf.what: at for at, leaf in enumerate(leaves)},
            _shared=tuple((kind, some) for kind, some in enumerate(places) if len(some) > 1),
        )

    def says(self, probabilities: Iterable[Probability]) -> tuple[list[int], int]:
        """What a reading says for each leaf, in milli-nats, and how much it leaves undetermined, in permille.

        For a leaf that is the logarithm of how much likelier than before the reading makes it: of a mass m on
        a set with prior probability q, m / q. It is centred, so that 0 throughout says nothing. What names a
        hypothesis that is no leaf is undetermined.
        """
        masses, undetermined = self._masses(probabilities)
        own = [0] * len(KINDS) + masses[len(KINDS) :]
        likelier = [
            undetermined + len(KINDS) * (masses[kind] + count * mass)
            for kind, count, mass in zip(self.kinds, self.siblings, own, strict=True)
        ]
        logarithms = [ln_millinats(one or 1) - _WHOLE_MILLINATS for one in likelier]
        return self.centred(logarithms), undetermined

    def of_reading(self, reading: Reading) -> list[int]:
        """What a reading holds each kind to be, whichever of it, in permille; the rest is undetermined."""
        masses, _ = self._masses(reading.probabilities)
        return self.by_kind(masses)

    def _masses(self, probabilities: Iterable[Probability]) -> tuple[list[int], int]:
        """In permille: of each whole kind, and of each hypothesis alone, by leaf; and of all."""
        masses = [0] * len(self.leaves)
        undetermined = 0
        for one in probabilities:
            at = self._places.get(one.hypothesis or one.what)
            if at is None:
                undetermined += one.permille
            else:
                masses[at] += one.permille
        return masses, undetermined

    def centred(self, millinats: Sequence[int]) -> list[int]:
        """Without what it says for all leaves alike, weighed as before anything is known."""
        whole = sum(map(mul, self._weights, millinats))
        (mean,) = toward_zero([whole], 1, sum(self._weights))
        return [one - mean for one in millinats]

    def kind_of(self, millinats: Sequence[int]) -> int | None:
        """The kind for which these say most, by its place; None if they say nothing, or as much for two."""
        most = max(millinats)
        if most <= 0:
            return None
        kinds = {kind for kind, one in zip(self.kinds, millinats, strict=True) if one == most}
        return kinds.pop() if len(kinds) == 1 else None

    def by_kind(self, parts: Sequence[int]) -> list[int]:
        """What the leaves of each kind have together."""
        together = list(parts[: len(KINDS)])
        for at in range(len(KINDS), len(parts)):
            together[self.kinds[at]] += parts[at]
        return together

    def within(self, kinds: tuple[int, ...], parts: Sequence[int]) -> tuple[int, ...]:
        """The permille of each leaf: those of its kind, in proportion to the parts of that kind's leaves.

        How many leaves a kind has, moves no kind.
        """
        permille = [*kinds, *parts[len(kinds) :]]
        for kind, places in self._shared:
            among = permille_of([parts[at] for at in places], kinds[kind])
            for at, one in zip(places, among, strict=True):
                permille[at] = one
        return tuple(permille)


def top(kinds: Sequence[int]) -> int:
    """The place of the largest; of several, the first."""
    return kinds.index(max(kinds))
