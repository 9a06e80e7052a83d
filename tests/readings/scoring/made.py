"""Forecasts for the tests of scores."""

from itertools import pairwise
from random import Random

from hypothesis import strategies as st

from tocsin.readings.scoring import Forecast, Verified, tempered

WHOLE = 1_000
CATEGORIES = 5


def between(cuts: list[int]) -> tuple[int, ...]:
    """What lies between these places, from 0 to the whole."""
    places = [0, *sorted(cuts), WHOLE]
    return tuple(upper - lower for lower, upper in pairwise(places))


ALIKE = ((200, 200, 200, 200, 200), (240, 240, 240, 240, 40), (300, 300, 300, 100, 0), (450, 450, 100, 0, 0))
permilles = st.lists(st.integers(0, WHOLE), min_size=CATEGORIES - 1, max_size=CATEGORIES - 1).map(
    between
) | st.sampled_from(ALIKE)
forecasts = st.builds(Forecast, permilles, st.integers(0, CATEGORIES - 1))
temperatures = st.floats(0.25, 16)


def verified(permille: tuple[int, ...], came_true: int) -> Verified:
    """A forecast of these permille."""
    return Forecast(permille, came_true).verified


def honest(chance: Random) -> Verified:
    """Of a forecaster that knows how likely everything is, which is 6 % at least; and what then came true."""
    parts = [chance.gammavariate(0.4, 1) for _ in range(CATEGORIES)]
    probabilities = tuple(0.06 + 0.7 * part / sum(parts) for part in parts)
    return Verified(probabilities, chance.choices(range(CATEGORIES), probabilities)[0])


def too_sure(chance: Random, temperature: float) -> Verified:
    """Of a forecaster that would be honest if its forecasts were tempered so."""
    case = honest(chance)
    return Verified(tempered(case.probabilities, 1 / temperature), case.came_true)
