"""Scores as people read them: each beside what somebody has who knows nothing."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import structs

from tocsin.node.casework.assessing.learning import Baseline, Scored
from tocsin.readings.scoring import Scores, Verified, brier, log_score
from tocsin.web.assessing.scores import told
from tocsin.web.languages import LANGUAGES

ENGLISH = LANGUAGES["en"]
BASELINE: Baseline = Scored(cases=0, learning=False, own=None, merged=None).baseline


def scored(brier: float, log_score: float, hits: float) -> Scores:
    """Scores of ten cases."""
    return Scores(
        count=10,
        brier=brier,
        log_score=log_score,
        hits=hits,
        sharpness=0.6,
        calibration_error=0.1,
        reliability=(),
        temperature=1.0,
    )


@given(st.floats(0, 2) | st.floats(0.79, 0.81), st.floats(0, 7.6) | st.floats(1.59, 1.63), st.floats(0, 1))
@example(0.8, 1.6049, 0.2)
def test_a_score_stands_beside_that_of_who_knows_nothing(brier: float, log_score: float, hits: float) -> None:
    """With two decimals, as the terminal has it, and a word for which is better that agrees with them."""
    rows = {one.name: one for one in told(scored(brier, log_score, hits), BASELINE, ENGLISH).scores}
    for name, value, baseline in (
        ("Brier score", brier, "0.80"),
        ("Log score", log_score, "1.61"),
    ):
        row = rows[name]
        assert (row.value, row.baseline) == (f"{value:.2f}", baseline)
        if float(row.value) < float(baseline):
            assert row.beside == "better than knowing nothing"
        elif float(row.value) > float(baseline):
            assert row.beside == "worse than knowing nothing"
        else:
            assert row.beside == "no better than knowing nothing"
    row = rows["The likeliest came true"]
    assert row.baseline == "20 %"
    assert (row.beside.startswith("better"), row.beside.startswith("worse")) == (
        round(100 * hits) > 20,
        round(100 * hits) < 20,
    )


@pytest.mark.parametrize("tag", LANGUAGES)
def test_who_always_says_the_same_of_each_kind_is_no_better(tag: str) -> None:
    """By each score that has something to be beside."""
    alike = Verified((0.2,) * 5, 0)
    scores = structs.replace(scored(brier(alike), log_score(alike), alike.hit), sharpness=0.2)
    beside = {one.beside for one in told(scores, BASELINE, LANGUAGES[tag]).scores}
    assert beside == {"", LANGUAGES[tag].phrases["assessing.scores_alike"]}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_what_was_said_is_told_as_what_it_is_worth(tag: str) -> None:
    """Who was so much too sure says 90 % of what is to be taken for 60 %."""
    scores = structs.replace(scored(0.8, 1.6, 0.2), temperature=2.0)
    (row,) = [one for one in told(scores, BASELINE, LANGUAGES[tag]).scores if "60 %" in one.means]
    assert row.value == "2.00"
    assert "90 %" in row.means
