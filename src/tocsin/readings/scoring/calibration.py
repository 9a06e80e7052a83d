"""Calibration: whether what is held to be likely by so much comes true that often."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, fsum, sqrt
from typing import Final

from tocsin.readings.scoring.errors import Unscorable
from tocsin.readings.scoring.verified import Verified

_BINS: Final = 10

_NORMAL_975: Final = 1.959963984540054
"""Between this and its negative a standard normal variable is in 95 of 100 cases."""


@dataclass(frozen=True, slots=True)
class Bin:
    """One point of a reliability diagram: forecasts whose top probability is above `lower`, up to `upper`.

    `count` of them; `forecast`: their mean top probability; `observed`: in which share of them what they held
    to be the likeliest came true; `interval`: between which shares that leaves open (Wilson, 95 %).
    """

    lower: float
    upper: float
    count: int
    forecast: float
    observed: float
    interval: tuple[float, float]


def reliability(cases: Iterable[Verified]) -> tuple[Bin, ...]:
    """The reliability diagram: of ten bins of equal width, ascending, those that have forecasts.

    Guo et al., "On calibration of modern neural networks" (2017), section 2.
    """
    binned: list[list[Verified]] = [[] for _ in range(_BINS)]
    for case in cases:
        binned[min(ceil(case.top * _BINS), _BINS) - 1].append(case)
    return tuple(_bin(number, of) for number, of in enumerate(binned) if of)


def _bin(number: int, cases: Sequence[Verified]) -> Bin:
    count = len(cases)
    observed = fsum(case.hit for case in cases) / count
    return Bin(
        lower=number / _BINS,
        upper=(number + 1) / _BINS,
        count=count,
        forecast=fsum(case.top for case in cases) / count,
        observed=observed,
        interval=wilson(observed, count),
    )


def calibration_error(bins: Sequence[Bin]) -> float:
    """The expected calibration error: how far the bins are from the diagonal, each counted by its forecasts.

    From 0 to 1 (Guo et al. 2017, section 2). Raises `Unscorable` where there are no forecasts.
    """
    if not bins:
        raise Unscorable("Expected forecasts, found none.")
    return fsum(one.count * abs(one.observed - one.forecast) for one in bins) / sum(one.count for one in bins)


def wilson(share: float, count: int) -> tuple[float, float]:
    """Which shares may be behind a `share` observed in `count` cases: the score interval of 95 %.

    Wilson, "Probable inference, the law of succession, and statistical inference" (1927), without a
    correction for continuity. Raises `Unscorable` where there are no cases, or it is no share.
    """
    if not (0 <= share <= 1 and count > 0):
        raise Unscorable(f"Expected a share of at least one case, found {share} of {count}.")
    spread = _NORMAL_975**2 / count
    middle = (share + spread / 2) / (1 + spread)
    half = sqrt(spread * (share * (1 - share) + spread / 4)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
