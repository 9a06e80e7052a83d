from itertools import pairwise
from math import exp, fsum, inf, log, nan
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.readings.scoring.made import forecasts, honest, temperatures, too_sure

from tocsin.readings.scoring import (
    FLOOR,
    Forecast,
    Unscorable,
    Verified,
    fitted_temperature,
    log_score,
    recalibrated,
    tempered,
)

SURE = Forecast((1000, 0, 0, 0, 0), 1)
WEAK = Forecast((232, 192, 192, 192, 192), 0)
weights = st.lists(st.floats(0, 1e6), min_size=1, max_size=6).filter(any)


def cost(cases: list[Verified], temperature: float) -> float:
    """What the fitted temperature is to make least: log scores and the prior, by the book."""
    floored = [[max(one, FLOOR) for one in case.probabilities] for case in cases]
    scores = fsum(
        log_score(Verified(tempered(one, temperature), case.came_true), 1e-30)
        for one, case in zip(floored, cases, strict=True)
    )
    softer, sharper = log(temperature) ** 2 * 10 / 2, (1 / temperature - 1) ** 2 * 100 / 2
    return scores + (softer if temperature > 1 else sharper)


def test_without_cases_nothing_is_tempered() -> None:
    """The temperature of a forecaster of whom nothing is known yet is 1."""
    assert fitted_temperature([]) == 1


@given(st.lists(forecasts, min_size=1, max_size=6), st.integers(1, 12))
@example([WEAK], 400)
@example([SURE], 1_000)
def test_no_other_temperature_costs_less(some: list[Forecast], times: int) -> None:
    """Of temperatures all over the range none has less of log scores and prior together."""
    cases = [forecast.verified for forecast in some] * times
    fitted = fitted_temperature(cases)
    others = [exp(log(1 / 4) + step / 40 * log(64)) for step in range(41)]
    assert 1 / 4 <= fitted <= 16
    assert cost(cases, fitted) <= min(cost(cases, other) for other in others) + 1e-3


@pytest.mark.parametrize("temperature", [1.0, 1.5, 2.0, 3.0])
def test_it_finds_how_much_too_sure_a_forecaster_is(temperature: float) -> None:
    """Of 3,000 cases it is within a tenth of what makes the forecasts honest."""
    chance = Random(6)
    cases = [too_sure(chance, temperature) for _ in range(3_000)]
    assert fitted_temperature(cases) == pytest.approx(temperature, rel=0.1)


@given(st.lists(forecasts, max_size=9))
@example([Forecast((600, 100, 100, 100, 100), 0)] * 9)
def test_few_cases_hardly_sharpen(some: list[Forecast]) -> None:
    """Less than ten cases, however well they went, never bring the temperature below 0.9."""
    assert fitted_temperature([forecast.verified for forecast in some]) >= 0.9


def test_few_cases_of_the_honest_move_it_little() -> None:
    """In each of 200 lots of nine honest forecasts the temperature stays near 1."""
    chance = Random(6)
    fitted = [fitted_temperature([honest(chance) for _ in range(9)]) for _ in range(200)]
    assert 0.9 < min(fitted) <= max(fitted) < 1.5
    assert sorted(fitted)[100] == pytest.approx(1, abs=0.05)


def test_being_wrong_weighs_more_than_being_right() -> None:
    """As many cases soften a forecaster who was wrong further than they sharpen one who was right."""
    right, wrong = Verified((0.9, 0.1), 0), Verified((0.9, 0.1), 1)
    for count in (1, 10, 100):
        assert log(fitted_temperature([wrong] * count)) > -3 * log(fitted_temperature([right] * count)) > 0


@given(weights, temperatures)
def test_tempering_makes_a_distribution_in_the_same_order(some: list[float], temperature: float) -> None:
    """What was likelier is no less likely, what was 0 is 0, and all is 1 together."""
    result = tempered(some, temperature)
    assert fsum(result) == pytest.approx(1)
    assert [at for at, one in enumerate(some) if one == 0 and result[at] != 0] == []
    pairs = sorted(zip(some, result, strict=True))
    assert all(one[1] <= other[1] for one, other in pairwise(pairs) if one[0] < other[0])


@given(weights, temperatures, temperatures)
def test_tempering_twice_is_tempering_once(some: list[float], one: float, other: float) -> None:
    """Temperatures multiply, and 1 changes nothing but the sum."""
    assert tempered(some, one * other) == pytest.approx(tempered(tempered(some, one), other), abs=1e-9)
    assert tempered(some, 1) == pytest.approx([each / fsum(some) for each in some], abs=1e-9)


def test_tempering_raises_to_a_power() -> None:
    """At 2 it takes the square root, at 1/2 the square, in proportion."""
    assert tempered((0.64, 0.36), 2) == pytest.approx((8 / 14, 6 / 14))
    assert tempered((0.75, 0.25), 0.5) == pytest.approx((0.9, 0.1))


@pytest.mark.parametrize("temperature", [0.0, -1.0, nan, inf])
def test_a_temperature_is_above_zero(temperature: float) -> None:
    """Another one is Unscorable."""
    with pytest.raises(Unscorable):
        tempered((0.5, 0.5), temperature)
    with pytest.raises(Unscorable):
        recalibrated(SURE, temperature)


@pytest.mark.parametrize("some", [(), (0.0, 0.0), (-1.0, 2.0), (nan, 1.0), (inf, 1.0)])
def test_weights_are_numbers_of_which_one_is_above_zero(some: tuple[float, ...]) -> None:
    """Others are Unscorable."""
    with pytest.raises(Unscorable):
        tempered(some, 2)


@given(forecasts, temperatures)
@example(SURE, 16.0)
@example(Forecast((1000, 0, 0, 0, 0), 0), 0.25)
def test_what_is_recalibrated_is_a_forecast_in_the_same_order(forecast: Forecast, temperature: float) -> None:
    """It makes 1,000 permille, of the same outcome; what was likelier is no less likely."""
    result = recalibrated(forecast, temperature)
    assert sum(result.permille) == 1_000
    assert result.came_true == forecast.came_true
    pairs = sorted(zip(forecast.permille, result.permille, strict=True))
    assert all(one[1] <= other[1] for one, other in pairwise(pairs) if one[0] < other[0])
    if temperature > 1:
        assert max(result.permille) <= max(forecast.permille)


@given(forecasts)
def test_a_temperature_of_one_leaves_a_forecast(forecast: Forecast) -> None:
    """Also what is 0 in it."""
    assert recalibrated(forecast, 1) == forecast


def test_certainty_is_softened_too() -> None:
    """A 0 counts as half a permille: at 2 as √0.5 to √1000, 20.5 permille, made whole from the first on."""
    assert recalibrated(SURE, 2).permille == (918, 21, 21, 20, 20)
