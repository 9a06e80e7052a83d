from dataclasses import replace
from math import fsum, log

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from tests.readings.scoring.made import CATEGORIES, forecasts

from tocsin.readings.scoring import Forecast, Unscorable, scores

lots = st.lists(forecasts, min_size=1, max_size=12)
places = st.permutations(range(CATEGORIES))


@given(lots, st.data())
def test_the_order_of_cases_changes_nothing(some: list[Forecast], data: st.DataObject) -> None:
    """The same cases in another order have the same scores, to the last bit."""
    assert scores(data.draw(st.permutations(some))) == scores(some)


@given(lots, places)
def test_the_order_of_categories_changes_nothing(some: list[Forecast], order: list[int]) -> None:
    """No kind is easier to be scored by than another."""
    moved = [
        replace(one, permille=tuple(one.permille[at] for at in order), came_true=order.index(one.came_true))
        for one in some
    ]
    assert scores(moved) == scores(some)


@given(lots)
def test_scores_have_bounds(some: list[Forecast]) -> None:
    """Each is within what its docstring says, and the diagram tells the same as the numbers beside it."""
    result = scores(some)
    assert result.count == len(some)
    assert 0 <= result.brier <= 2
    assert 0 <= result.log_score <= log(2_000) + 1e-12
    assert 0 <= result.calibration_error <= 1
    assert 1 / 4 <= result.temperature <= 16
    of_bins = [(one.count * one.observed, one.count * one.forecast) for one in result.reliability]
    assert result.hits == pytest.approx(fsum(hits for hits, _ in of_bins) / len(some))
    assert result.sharpness == pytest.approx(fsum(top for _, top in of_bins) / len(some))


@given(st.lists(st.integers(0, CATEGORIES - 1), min_size=1, max_size=9))
def test_who_always_knew_has_nothing_to_lose(came_true: list[int]) -> None:
    """Certainty of what came true costs nothing, and is as sharp and as right as can be."""
    result = scores(
        Forecast(tuple(1_000 * (at == one) for at in range(CATEGORIES)), one) for one in came_true
    )
    assert (result.brier, result.log_score, result.calibration_error) == (0, 0, 0)
    assert (result.hits, result.sharpness) == (1, 1)
    assert 0.99 < result.temperature <= 1


@given(st.lists(st.integers(0, CATEGORIES - 1), min_size=1, max_size=9))
def test_who_always_leaves_it_open_is_calibrated_and_not_sharp(came_true: list[int]) -> None:
    """An even spread costs the same whatever comes true: 0.8, and ln 5; and no temperature changes it."""
    result = scores(Forecast((200,) * CATEGORIES, one) for one in came_true)
    assert result.brier == pytest.approx(0.8)
    assert result.log_score == pytest.approx(log(5))
    assert result.calibration_error == pytest.approx(0)
    assert result.temperature == 1
    assert result.sharpness == pytest.approx(1 / CATEGORIES)


def test_scores_are_means_over_cases() -> None:
    """Twice 80 % for one of two, once right, by hand: (0.08 + 1.28) / 2, and (ln 1.25 + ln 5) / 2."""
    result = scores([Forecast((800, 200), 0), Forecast((800, 200), 1)])
    assert result.brier == pytest.approx(0.68)
    assert result.log_score == pytest.approx(0.916291, abs=1e-6)
    assert result.hits == 0.5
    assert result.sharpness == pytest.approx(0.8)
    assert result.calibration_error == pytest.approx(0.3)
    assert result.temperature > 1


def test_nothing_has_no_scores() -> None:
    """Where no case is closed yet there is nothing to score."""
    with pytest.raises(Unscorable):
        scores([])


@pytest.mark.parametrize(("temperature", "worth"), [(1.0, 900), (2.0, 600), (0.5, 997)])
def test_what_ninety_percent_is_worth(temperature: float, worth: int) -> None:
    """As much as it is tempered: at 2 it is √900 beside four times √25, which is 30 in 50."""
    result = structs.replace(scores([Forecast((200,) * CATEGORIES, 0)]), temperature=temperature)
    assert result.ninety_permille == worth
