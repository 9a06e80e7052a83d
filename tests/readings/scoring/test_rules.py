from collections.abc import Callable
from math import fsum, inf, isclose, log, nan

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from tests.readings.scoring.made import CATEGORIES, WHOLE, forecasts, permilles, verified

from tocsin.readings.scoring import FLOOR, Forecast, Unscorable, Verified, brier, log_score

Permille = tuple[int, ...]


def expected(rule: Callable[[Verified], float], said: Permille, held: Permille) -> float:
    """What saying the one costs in the long run if the other is how likely everything is."""
    return fsum(held[came] / WHOLE * rule(verified(said, came)) for came in range(CATEGORIES))


@given(permilles, permilles)
def test_who_says_something_else_loses_the_square_of_it(said: Permille, held: Permille) -> None:
    """The Brier score expects more of whoever is not honest, by the squared distance from what is held."""
    lost = expected(brier, said, held) - expected(brier, held, held)
    distance = sum((one - other) ** 2 for one, other in zip(said, held, strict=True))
    assert isclose(lost, distance / WHOLE**2, abs_tol=1e-12)


@given(permilles, permilles)
@example((501, 499, 0, 0, 0), (500, 500, 0, 0, 0))
@example((200, 200, 200, 200, 200), (199, 201, 200, 200, 200))
def test_who_says_no_zero_gains_nothing_by_another_word(said: Permille, held: Permille) -> None:
    """The log score expects more of whoever is not honest, if what is said to be impossible never happens."""
    assume(all(one for one, other in zip(said, held, strict=True) if other) and said != held)
    assert expected(log_score, said, held) > expected(log_score, held, held)


@given(permilles, permilles)
@example((1000, 0, 0, 0, 0), (996, 1, 1, 1, 1))
def test_the_floor_costs_honesty_little(said: Permille, held: Permille) -> None:
    """Whoever says 0 of z categories gains on the honest no more than ln(1 + z * floor)."""
    gained = expected(log_score, held, held) - expected(log_score, said, held)
    assert gained <= log(1 + said.count(0) * FLOOR) + 1e-12


@given(forecasts)
@example(Forecast((0, 1000, 0, 0, 0), 0))
def test_scores_have_bounds(forecast: Forecast) -> None:
    """The Brier score is from 0 to 2, the log score from 0 to that of half a permille."""
    assert 0 <= brier(forecast.verified) <= 2
    assert 0 <= log_score(forecast.verified) <= log(2_000) + 1e-12


def test_only_certainty_of_what_came_true_costs_nothing() -> None:
    """Both scores are 0 for it, and the largest for certainty of anything else."""
    sure = (1000, 0, 0, 0, 0)
    assert (brier(verified(sure, 0)), log_score(verified(sure, 0))) == (0, 0)
    assert brier(verified(sure, 1)) == 2
    assert log_score(verified(sure, 1)) == pytest.approx(log(2_000))


def test_brier_counts_every_category() -> None:
    """Rain at 70 %, and it stays dry: 0.49 for the rain, and 0.49 for the dryness (Brier 1950)."""
    assert brier(Verified((0.7, 0.3), 1)) == pytest.approx(0.98)
    assert brier(verified((500, 200, 100, 100, 100), 1)) == pytest.approx(0.25 + 0.64 + 0.03)


def test_the_log_score_is_in_nats() -> None:
    """What was held to be as likely as not costs the natural logarithm of 2."""
    assert log_score(Verified((0.5, 0.5), 0)) == pytest.approx(0.693147, abs=1e-6)
    assert log_score(Verified((1.0, 0.0), 1), floor=0.25) == pytest.approx(log(4))


@pytest.mark.parametrize("floor", [0.0, -0.1, 1.1, nan])
def test_a_floor_is_a_probability(floor: float) -> None:
    """A floor at which a score could be infinite, or that is none, is refused."""
    with pytest.raises(Unscorable):
        log_score(Verified((0.5, 0.5), 0), floor)


@pytest.mark.parametrize(
    ("probabilities", "came_true"),
    [
        ((), 0),
        ((0.5, 0.4), 0),
        ((0.5, 0.6), 0),
        ((1.5, -0.5), 0),
        ((0.6, 0.6, -0.2), 0),
        ((nan, 1.0), 1),
        ((inf, 0.0), 1),
        ((nan,), 0),
        ((0.5, 0.5), 2),
        ((0.5, 0.5), -1),
    ],
)
def test_what_is_no_forecast_is_refused(probabilities: tuple[float, ...], came_true: int) -> None:
    """Probabilities that are none, or not 1 together, and a category that there is not, are Unscorable."""
    with pytest.raises(Unscorable):
        Verified(probabilities, came_true)


@given(st.lists(st.floats() | st.sampled_from([0.0, 0.5, 1.0]), max_size=4), st.integers(-2, 5))
def test_anything_is_scored_or_refused(probabilities: list[float], came_true: int) -> None:
    """Whatever stands where a forecast should has bounded scores, or is Unscorable."""
    try:
        case = Verified(tuple(probabilities), came_true)
    except Unscorable:
        return
    assert 0 <= brier(case) <= 2.00001
    assert 0 <= log_score(case) <= log(2_000) + 1e-12
