"""What each answer to a question would make of the common view.

By the very rules of the common view (`supposing`), with the answer (`predicting.answer`) in place of what the
member who gives it has read before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from operator import mul

from msgspec import Struct

from tocsin.core.records import Probability
from tocsin.core.records.cases.vocabulary import Undetermined, What
from tocsin.core.views import Evidence
from tocsin.readings.arithmetic import permille_of
from tocsin.readings.asking.entropy import entropy_microbits
from tocsin.readings.asking.predicting import answer, says
from tocsin.readings.asking.supposing import Supposing
from tocsin.readings.fusion import likely
from tocsin.readings.hypotheses import KINDS


class Prospect(Struct, frozen=True, kw_only=True):
    """One answer: that the source shows that kind, and, once it is fused, what the common view is.

    `chance_permille`: how likely it is that the one who can tell answers so. `permille`: of the five kinds;
    `what`: the one that is likely then, or *undetermined*.
    """

    answer: What
    chance_permille: int
    what: What | Undetermined
    permille: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What comes of each answer, and by how much less is expected to be open if there is one.

    `gain` is in 10^-12 bits: nothing is rounded before questions are compared.
    """

    prospects: tuple[Prospect, ...]
    gain: int


class Prospects:
    """What comes of asking members of a case about its sources."""

    def __init__(self, evidence: Evidence) -> None:
        self._under = {said.ref: said.record.under for said in evidence.hypotheses}
        self.supposing = Supposing(evidence)
        self._readings = {read.said.member: read for read in evidence.readings}
        now = self.supposing.now().permille
        self.now_microbits = entropy_microbits(now)
        self._chances = says(now)
        self._answers = cache(self._answered)

    def of(self, member: str, source: int) -> Answers:
        """What comes of asking a member about a source."""
        answers = self._answers(member if member in self._readings else None)
        found = [self.supposing.then(member, source, said).permille for said in answers]
        gains = (self.now_microbits - entropy_microbits(permille) for permille in found)
        return Answers(
            prospects=tuple(
                Prospect(answer=kind, chance_permille=chance, what=likely(permille), permille=permille)
                for kind, chance, permille in zip(KINDS, permille_of(self._chances), found, strict=True)
            ),
            gain=sum(map(mul, self._chances, gains)),
        )

    def _answered(self, member: str | None) -> Sequence[Sequence[Probability]]:
        """What each answer says: the same whatever it is about, and of all that have no reading."""
        older = self._readings[member].said.record if member else None
        return [answer(older, kind, self._under) for kind in KINDS]
