from math import nan

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.readings.scoring.made import WHOLE, forecasts, verified

from tocsin.readings.scoring import Forecast, Unscorable, Verified, calibration_error, reliability, wilson

RIGHT, WRONG = 0, 1


def said(permille: int, came_true: int) -> Verified:
    """A forecast of two categories, the first so likely."""
    return verified((permille, WHOLE - permille), came_true)


def test_the_error_is_how_far_the_bins_are_from_the_diagonal() -> None:
    """Twice 90 %, once right, and once 65 %, right, by hand: (2 * 0.4 + 1 * 0.35) / 3."""
    bins = reliability([said(900, RIGHT), said(650, RIGHT), said(900, WRONG)])
    assert [(one.lower, one.upper, one.count, one.observed) for one in bins] == [
        (0.6, 0.7, 1, 1.0),
        (0.8, 0.9, 2, 0.5),
    ]
    assert [one.forecast for one in bins] == pytest.approx([0.65, 0.9])
    assert calibration_error(bins) == pytest.approx(1.15 / 3)


@given(st.integers(501, WHOLE))
def test_what_happens_as_often_as_it_is_said_to_has_no_error(permille: int) -> None:
    """Of a thousand forecasts of so many permille, so many came true."""
    right, wrong = [said(permille, RIGHT)] * permille, [said(permille, WRONG)] * (WHOLE - permille)
    assert calibration_error(reliability([*right, *wrong])) == pytest.approx(0, abs=1e-12)


def test_a_bin_has_its_upper_edge_and_not_its_lower() -> None:
    """Every permille is in the bin above whose lower edge it is, and which it does not exceed."""
    for permille in range(500, WHOLE + 1):
        (one,) = reliability([said(permille, RIGHT)])
        assert one.lower * WHOLE < permille <= one.upper * WHOLE


def test_what_is_held_to_be_alike_is_right_in_part() -> None:
    """Who leaves all open hits in a fifth, whatever came true, and is calibrated."""
    for came_true in range(5):
        case = verified((200,) * 5, came_true)
        assert case.hit == 1 / 5
        assert calibration_error(reliability([case])) == 0
    assert [verified((400, 400, 200), came_true).hit for came_true in range(3)] == [0.5, 0.5, 0]


@given(st.lists(forecasts, min_size=1, max_size=20))
@example([Forecast((1000, 0, 0, 0, 0), 1)])
def test_every_forecast_is_in_one_bin(some: list[Forecast]) -> None:
    """Bins ascend, hold all forecasts, their mean and their share; the error is from 0 to 1."""
    bins = reliability([forecast.verified for forecast in some])
    assert sum(one.count for one in bins) == len(some)
    assert [one.upper for one in bins] == sorted({one.upper for one in bins})
    for one in bins:
        assert one.lower < one.forecast <= one.upper + 1e-12
        assert 0 <= one.interval[0] <= one.observed <= one.interval[1] <= 1
    assert 0 <= calibration_error(bins) <= 1


@pytest.mark.parametrize(
    ("hits", "count", "lower", "upper"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_that_of_the_tables(hits: int, count: int, lower: float, upper: float) -> None:
    """Newcombe, "Two-sided confidence intervals for the single proportion" (1998): the score method."""
    assert wilson(hits / count, count) == pytest.approx((lower, upper), abs=5e-5)


@given(st.floats(0, 1), st.integers(1, 10_000))
def test_an_interval_ends_where_the_share_would_be_surprising(share: float, count: int) -> None:
    """At both ends the share observed is 1.96 standard errors away (Wilson 1927), or they are 0 or 1."""
    for end in wilson(share, count):
        error = 1.959964**2 * end * (1 - end) / count
        assert (share - end) ** 2 == pytest.approx(error, abs=1e-6)


@pytest.mark.parametrize(("share", "count"), [(0.5, 0), (0.5, -1), (1.1, 5), (-0.1, 5), (nan, 5)])
def test_a_share_of_nothing_has_no_interval(share: float, count: int) -> None:
    """What is no share, or of no cases, is Unscorable."""
    with pytest.raises(Unscorable):
        wilson(share, count)


def test_no_forecasts_have_no_error() -> None:
    """Of none there are no bins, and their error is Unscorable."""
    assert reliability([]) == ()
    with pytest.raises(Unscorable):
        calibration_error(())


def test_the_order_within_a_bin_changes_nothing() -> None:
    """Thirds of hits add up to the same, to the last bit, before whole ones and after them."""
    thirds = [verified((300, 300, 300, 100), 0)] * 5
    whole = [verified((300, 250, 250, 200), 0)] * 5
    assert reliability([*thirds, *whole]) == reliability([*whole, *thirds])
