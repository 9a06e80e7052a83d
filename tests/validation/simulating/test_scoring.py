import numpy as np
import pytest
from validation.simulating.running import Scores
from validation.simulating.scoring import Mean, Score, least_brier, score
from validation.simulating.table import table
from validation.simulating.targets import targets


def figures(confident_and_wrong: int, brier: float = 0.5) -> Score:
    """Of 10,000 cases."""
    return Score(10_000, Mean(0.8, 0.01), Mean(brier, 0.02), confident_and_wrong)


def scored(naive: int, ours: int) -> Scores:
    """A scenario in which naive fusion and ours were confident and wrong so often."""
    return Scores(figures(0), figures(naive), figures(0), figures(ours))


@pytest.mark.parametrize(("permille", "counted"), [(900, 0), (901, 1)])
def test_confident_is_more_than_ninety_per_cent(permille: int, counted: int) -> None:
    """A false kind counts from 901 permille on."""
    probabilities = np.array([[permille, 1_000 - permille, 0, 0, 0]]) / 1_000
    assert score(probabilities, np.array([1])).confident_and_wrong == counted


def test_confident_and_right_is_not_wrong() -> None:
    """Who gives the true kind all is neither wrong nor has a Brier score."""
    found = score(np.eye(5)[[2]], np.array([2]))
    assert (found.accuracy.value, found.brier.value, found.confident_and_wrong) == (1, 0, 0)


def test_who_holds_all_alike_is_right_by_chance() -> None:
    """Who holds all five kinds alike is right a fifth of the time, whichever it was."""
    found = score(np.full((2, 5), 0.2), np.array([0, 4]))
    assert (found.accuracy.value, found.brier.value) == pytest.approx((0.2, 0.8))


def test_best_configuration_has_the_least_brier() -> None:
    """A rival is taken as it scores best, and says how that was."""
    truths = np.array([0, 1])
    unsure, sure, wrong = np.full((2, 5), 0.2), np.eye(5)[[0, 1]], np.eye(5)[[2, 2]]
    found = least_brier({"unsure": unsure, "sure": sure, "wrong": wrong}, truths)
    assert found == score(sure, truths, configuration="sure")


def test_error_is_that_of_a_mean() -> None:
    """Of a hundred cases of which a fifth are right, the share may be 1.96 standard errors off."""
    found = score(np.eye(5)[[0] * 100], np.array([0] * 20 + [1] * 80))
    assert found.accuracy.error == pytest.approx(1.96 * (0.2 * 0.8 / 100) ** 0.5)
    assert found.brier.error == pytest.approx(2 * found.accuracy.error)


def test_targets_can_be_missed() -> None:
    """One more than 0.1 % where copies are declared misses a target, as one more than naive fusion does."""
    met = {"copies, all declared": scored(20, 10), "framing": scored(5, 5)}
    assert all(one.met for one in targets(met))
    declared = {**met, "copies, all declared": scored(20, 11)}
    assert [one.met for one in targets(declared)] == [False, True, True]
    framed = {**met, "framing": scored(5, 6)}
    assert [one.met for one in targets(framed)] == [True, True, False]


def test_table_has_a_line_for_every_method() -> None:
    """A scenario has a line for each of four methods, with errors and intervals; what is missed says so."""
    of = {"copies, all declared": scored(20, 11)}
    text = table(of, targets(of))
    assert [text.count(one) for one in ("majority vote", "Dawid–Skene", "MISSED")] == [1, 1, 1]
    assert "0.800 ± 0.010  0.500 ± 0.020  0.110%            0.061% to 0.197%" in text
