"""Whether what was said came true as often as that."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.web.charts.made import check

from tocsin.readings.scoring import Forecast, scores
from tocsin.web.charts import reliability_chart
from tocsin.web.languages import LANGUAGES

FORECASTS = st.builds(
    lambda first, came_true: Forecast((first, 1_000 - first, 0, 0, 0), came_true),
    st.integers(0, 1_000),
    st.integers(0, 4),
)


def test_it_says_both_in_words() -> None:
    """What was said on average, and how often it came true."""
    said = [Forecast((800, 200, 0, 0, 0), one) for one in (0, 0, 0, 1)]
    chart = reliability_chart(scores(said), LANGUAGES["en"].say)
    check(chart)
    assert chart.words.replace("\u00a0", " ") == "Cases: 4. Said on average 80 %; came true 75 %."
    assert chart.table is not None
    assert [(row[0], row[1], row[3]) for row in chart.table.rows] == [("80 %", "75 %", "4")]


@given(st.lists(FORECASTS, min_size=1, max_size=30))
@settings(deadline=None)
def test_any_scores_are_drawn(said: list[Forecast]) -> None:
    """A point for each bin, none outside the frame."""
    found = scores(said)
    chart = reliability_chart(found, LANGUAGES["en"].say)
    check(chart)
    assert chart.table is not None
    assert len(chart.table.rows) == len(found.reliability)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_words_of_ours_are_cut(tag: str) -> None:
    """In any language."""
    chart = reliability_chart(scores([Forecast((1_000, 0, 0, 0, 0), 0)]), LANGUAGES[tag].say)
    check(chart)
    texts = [text.text for drawing in chart.drawings for text in drawing.texts()]
    assert [text for text in texts if text.endswith("…")] == []
