"""How good the probabilities of one method were in one scenario."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, pstdev
from typing import Final, NamedTuple

from tocsin.readings.scoring import Verified, brier, wilson
from validation.voting import Classes, Floats

CONFIDENT: Final = 0.9
_NORMAL_975 = 1.96


class Mean(NamedTuple):
    """A mean of cases, and how far from it, up or down, that of all cases may be, of 95 %."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Score:
    """Its figures, of so many `cases`.

    - `accuracy`: how often the likeliest kind was the true one; of several alike each has its part.
    - `brier`: Brier's score, from 0 to 2.
    - `confident_and_wrong`: of how many cases it gave a false kind more than 90 %.
    - `undetermined`: how often it said that it does not know; None of a method that never does.
    - `configuration`: which it was of several; None of a method that has one.
    """

    cases: int
    accuracy: Mean
    brier: Mean
    confident_and_wrong: int
    undetermined: float | None = None
    configuration: str | None = None

    @property
    def rate(self) -> float:
        """In which share of cases it was confident and wrong."""
        return self.confident_and_wrong / self.cases

    @property
    def interval(self) -> tuple[float, float]:
        """Which rates may be behind that, of 95 %."""
        return wilson(self.rate, self.cases)


def score(
    probabilities: Floats,
    truths: Classes,
    *,
    undetermined: float | None = None,
    configuration: str | None = None,
) -> Score:
    """The figures of probabilities, cases × kinds, where it was these kinds in truth."""
    verified = [
        Verified(tuple(of_case), truth)
        for of_case, truth in zip(probabilities.tolist(), truths.tolist(), strict=True)
    ]
    return Score(
        cases=len(verified),
        accuracy=_mean(case.hit for case in verified),
        brier=_mean(map(brier, verified)),
        confident_and_wrong=sum(map(_is_confident_and_wrong, verified)),
        undetermined=undetermined,
        configuration=configuration,
    )


def least_brier(configurations: Mapping[str, Floats], truths: Classes) -> Score:
    """The figures of the best configuration of a method; of several alike, of the first."""
    scores = (score(found, truths, configuration=name) for name, found in configurations.items())
    return min(scores, key=lambda one: one.brier)


def _mean(of_cases: Iterable[float]) -> Mean:
    values = list(of_cases)
    mean = fmean(values)
    return Mean(mean, _NORMAL_975 * pstdev(values, mean) / sqrt(len(values)))


def _is_confident_and_wrong(case: Verified) -> bool:
    # Only one kind can have more than 90 %.
    return case.top > CONFIDENT and case.probabilities[case.came_true] != case.top
