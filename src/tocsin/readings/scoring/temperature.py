"""Recalibration by one number: a forecaster that is too sure of itself is taken to be less sure.

Temperature scaling (Guo et al., "On calibration of modern neural networks", 2017, section 4.2): probabilities
become p^(1/T), in proportion. Above 1 it softens, below it sharpens; which category is the likeliest stays.
"""

from collections.abc import Callable, Iterable, Sequence
from math import exp, fsum, inf, isfinite, log, sqrt
from typing import Final

from tocsin.readings.scoring.errors import Unscorable
from tocsin.readings.scoring.rules import FLOOR
from tocsin.readings.scoring.verified import Verified

_LOWEST: Final = 1 / 4
_HIGHEST: Final = 16.0

_SOFTENING_CASES: Final = 10
_SHARPENING_CASES: Final = 100
_GOLDEN: Final = (sqrt(5) - 1) / 2
_PRECISION: Final = 1e-5
_DIGITS: Final = 3


def tempered(weights: Sequence[float], temperature: float) -> tuple[float, ...]:
    """Probabilities in proportion to weights to the power of 1 / `temperature`; what is 0 stays 0.

    Raises `Unscorable` where a weight is negative or not finite, or all are 0, or the temperature is not a
    number above 0.
    """
    if not all(isfinite(one) and one >= 0 for one in weights) or not any(weights):
        raise Unscorable("Expected weights of at least 0, one of them above it, found others.")
    if not (isfinite(temperature) and temperature > 0):
        raise Unscorable(f"Expected a temperature above 0, found {temperature}.")
    logarithms = [log(one) if one else -inf for one in weights]
    top = max(logarithms)
    powers = [exp((one - top) / temperature) for one in logarithms]
    whole = fsum(powers)
    return tuple(one / whole for one in powers)


def fitted_temperature(cases: Iterable[Verified]) -> float:
    """The temperature that makes up best for how sure these forecasts were; from 1/4 to 16, in thousandths.

    That is where the log scores of the tempered forecasts and a prior are least together. The prior is
    humble: few cases move it little, and less towards sharper than towards softer.

    - Above 1 ln T is normal around 0 with variance 1/10. What one case of an honest forecaster tells of ln T
      (its Fisher information there, the variance of ln p under p) is at most 1.25 with five categories: so
      the prior weighs as much as ten cases, or eight of those that tell most.
    - Below 1 it is 1/T that is normal, around 1 with variance 1/100: as much as a hundred cases. Who was
      right ten times may have been lucky, and would be believed more than it said itself.

    Below 1 scores and prior are convex in 1/T. Above 1 the prior rises, and the scores fall, convex in ln T,
    to where they alone are best; beyond that both rise. So there is one minimum for a golden-section search.
    """
    surprises = [_logarithms(case) for case in cases]

    def cost(ln_temperature: float) -> float:
        inverse = exp(-ln_temperature)
        scores = fsum(log(fsum(exp(inverse * one) for one in case)) for case in surprises)
        if ln_temperature > 0:
            return scores + _SOFTENING_CASES * ln_temperature**2 / 2
        return scores + _SHARPENING_CASES * (inverse - 1) ** 2 / 2

    return round(exp(_least(cost, log(_LOWEST), log(_HIGHEST))), _DIGITS)


def _logarithms(case: Verified) -> tuple[float, ...]:
    """How much likelier than what came true each category was held to be; 0 is not 0, but the floor."""
    came_true = log(max(case.probabilities[case.came_true], FLOOR))
    return tuple(log(max(one, FLOOR)) - came_true for one in case.probabilities)


def _least(cost: Callable[[float], float], lower: float, upper: float) -> float:
    """Where a function with one minimum is least: golden-section search (Kiefer 1953)."""
    left, right = upper - _GOLDEN * (upper - lower), lower + _GOLDEN * (upper - lower)
    of_left, of_right = cost(left), cost(right)
    while upper - lower > _PRECISION:
        if of_left <= of_right:
            upper, right, of_right = right, left, of_left
            left = upper - _GOLDEN * (upper - lower)
            of_left = cost(left)
        else:
            lower, left, of_left = left, right, of_right
            right = lower + _GOLDEN * (upper - lower)
            of_right = cost(right)
    return (lower + upper) / 2
