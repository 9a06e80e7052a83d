"""How good the probabilities of one method were in one scenario."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from tocsin.readings.scoring import Verified, brier, wilson
from validation.voting import Classes, Floats

CONFIDENT: Final = 0.9


@dataclass(frozen=True, slots=True)
class Score:
    """Its figures, of so many `cases`.

    - `accuracy`: how often the likeliest kind was the true one; of several alike each has its part.
    - `brier`: the mean of Brier's score, from 0 to 2.
    - `confident_and_wrong`: of how many cases it gave a false kind more than 90 %.
    - `undetermined`: how often it said that it does not know; None of a method that never does.
    """

    cases: int
    accuracy: float
    brier: float
    confident_and_wrong: int
    undetermined: float | None = None

    @property
    def rate(self) -> float:
        """In which share of cases it was confident and wrong."""
        return self.confident_and_wrong / self.cases

    @property
    def interval(self) -> tuple[float, float]:
        """Which rates may be behind that, of 95 %."""
        return wilson(self.rate, self.cases)


def score(probabilities: Floats, truths: Classes, undetermined: float | None = None) -> Score:
    """The figures of probabilities, cases × kinds, where it was these kinds in truth."""
    verified = [
        Verified(tuple(of_case), truth)
        for of_case, truth in zip(probabilities.tolist(), truths.tolist(), strict=True)
    ]
    return Score(
        cases=len(verified),
        accuracy=fmean(case.hit for case in verified),
        brier=fmean(map(brier, verified)),
        confident_and_wrong=sum(map(_is_confident_and_wrong, verified)),
        undetermined=undetermined,
    )


def _is_confident_and_wrong(case: Verified) -> bool:
    # Only one kind can have more than 90 %.
    return case.top > CONFIDENT and case.probabilities[case.came_true] != case.top


def least_brier(scores: Sequence[Score]) -> Score:
    """The best of several configurations of one method."""
    return min(scores, key=lambda one: one.brier)
