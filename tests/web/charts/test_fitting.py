"""Texts that fit where they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.web.charts.made import HOSTILE

from tocsin.core.legible import in_one_line
from tocsin.web.charts.drawing.fitting import clusters, fitted, in_two, is_from_right, width

FAMILY = "👨\u200d👩\u200d👧"
TEXTS = st.one_of(
    st.text(max_size=60), st.sampled_from(HOSTILE), st.text("aЖ國م👩\u200d\u0301\ufdfa ", max_size=40)
)


@given(TEXTS, st.integers(40, 400), st.booleans())
def test_what_is_fitted_fits(text: str, most_px: int, bold: bool) -> None:
    """Whatever somebody wrote takes no more room than there is, by our own measure."""
    cut = fitted(text, most_px, 14, bold=bold)

    assert width(cut, 14, bold=bold) <= most_px
    assert cut == in_one_line(cut)


@given(TEXTS)
def test_what_has_room_is_whole(text: str) -> None:
    """Nothing is cut without need, but more marks on a letter than any language has."""
    line = in_one_line(text)

    assert fitted(text, 1e6, 14) == "".join(clusters(line))


@pytest.mark.parametrize(
    "cluster", ["e\u0301", FAMILY, "🇰🇷", "👍🏽", "กำ", "\u1112\u1161\u11ab", "क्", "ҷ", "각", "が"]
)
def test_what_readers_see_as_one_is_not_cut(cluster: str) -> None:
    """A letter with its marks, a syllable, a picture of several, a flag."""
    assert list(clusters(cluster * 3)) == [cluster] * 3


def test_marks_without_end_are_not_shown_without_end() -> None:
    """A letter with hundreds of marks would cover the lines above."""
    assert list(clusters("a" + "\u0335" * 300 + "b")) == ["a\u0335\u0335\u0335", "b"]


def test_wide_characters_are_wide() -> None:
    """A Han or Hangul character takes its full size; so do others that do."""
    assert width("國家", 14) == width("각인", 14) == 28
    assert width("한국 AI 연구소", 14) > width("ab cd efg", 14)
    assert width("\ufdfa", 14) > 100


@pytest.mark.parametrize(
    ("text", "turned"), [("abc", False), ("12 مرحبا", True), ("שלום a", True), ("a שלום", False)]
)
def test_a_text_runs_as_its_first_letter_does(text: str, turned: bool) -> None:
    """From right to left if the first character with a direction does."""
    assert is_from_right(text) is turned


def test_a_name_is_parted_between_words() -> None:
    """In two lines at most; the second is cut where it must be."""
    assert in_two("Alder", 120, 14) == ("Alder",)
    assert in_two("Alder Safety Institute", 110, 14) == ("Alder Safety", "Institute")
    assert len(in_two("Alder Safety Institute of the Northern Economies", 110, 14)) == 2
    assert in_two("まだ受け取っていない", 118, 14) == ("まだ受け取ってい", "ない")
    assert in_two("W" * 90, 110, 14)[1].endswith("…")
