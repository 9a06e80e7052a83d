"""What it may have been, and what readings hold of that (docs/protocol.md, section 23.2).

- The kinds are the five of the closed list. They exclude each other, and are alike before anything is known.
- The *leaves* are those five and, of each kind, hypotheses of the case which a reading holds to be possible
  that rests on a source of its own. What a reading gives to a hypothesis it gives to its kind: how narrow
  somebody's thoughts are, and how many, moves no kind. How the leaves of one kind stand to each other is
  another question.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, get_args

from tocsin.core.records import Probability, Ref
from tocsin.core.records.cases.vocabulary import What
from tocsin.core.views import Evidence

KINDS: Final[tuple[What, ...]] = get_args(What)

MOST_OF_A_MEMBER: Final = 4
MOST_HYPOTHESES: Final = 32
"""So many hypotheses of one member are leaves, and so many in all, the first: more are only of their kind."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A kind, whichever other one of it; or one hypothesis of that kind."""

    what: What
    hypothesis: Ref | None = None


@dataclass(frozen=True, slots=True)
class Leaves:
    """All that it may have been, kinds first, hypotheses in the order of the evidence.

    `narrower`: of each kind that has hypotheses, by its place, the places of its leaves, its own first.
    """

    leaves: tuple[Leaf, ...]
    narrower: Mapping[int, tuple[int, ...]]
    _kinds: Mapping[What | Ref, int]

    @classmethod
    def of(cls, evidence: Evidence) -> "Leaves":
        """Those of a case."""
        heard = (read.said.record for read in evidence.readings if read.own)
        possible = {one.hypothesis for record in heard for one in record.probabilities}
        told = Counter[str]()
        leaves = [*map(Leaf, KINDS)]
        for said in evidence.hypotheses:
            if said.ref in possible and told[said.member] < MOST_OF_A_MEMBER:
                told[said.member] += 1
                leaves.append(Leaf(said.record.under, said.ref))
        del leaves[len(KINDS) + MOST_HYPOTHESES :]
        places = {
            at: tuple(place for place, leaf in enumerate(leaves) if leaf.what == kind)
            for at, kind in enumerate(KINDS)
        }
        return cls(
            leaves=tuple(leaves),
            narrower={at: some for at, some in places.items() if len(some) > 1},
            _kinds={
                **{kind: at for at, kind in enumerate(KINDS)},
                **{said.ref: KINDS.index(said.record.under) for said in evidence.hypotheses},
            },
        )

    def kinds_of(self, probabilities: Iterable[Probability]) -> list[int]:
        """What a reading holds each kind to be, whichever of it, in permille; the rest is undetermined.

        A hypothesis that is not here, or does not count, is of no kind.
        """
        masses = [0] * len(KINDS)
        for one in probabilities:
            kind = self._kinds.get(one.hypothesis or one.what)  # type: ignore[arg-type]
            if kind is not None:
                masses[kind] += one.permille
        return masses

    def narrower_of(self, kind: int, probabilities: Iterable[Probability]) -> list[int]:
        """What a reading holds each leaf of a kind to be, in permille; whichever other one is never named."""
        permille = {one.hypothesis: one.permille for one in probabilities if one.hypothesis is not None}
        of = (self.leaves[at].hypothesis for at in self.narrower[kind])
        return [permille.get(one, 0) if one is not None else 0 for one in of]


def top(kinds: Sequence[int]) -> int:
    """The place of the largest; of several, the first."""
    return kinds.index(max(kinds))


def most(numbers: Sequence[int]) -> int | None:
    """The place of the one that is larger than 0 and than all others, if there is one."""
    largest = max(numbers)
    return numbers.index(largest) if largest > 0 and numbers.count(largest) == 1 else None
