"""Rows, their verdicts, and how they are shown."""

import json
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from validation.rows import Row, as_json, table, to_the_digit

# Numbers that floating point has exactly, so that the bounds of a tolerance are exact, too.
ROW = Row("one", "a share", (0.5, 0.25), (0.0625, 0.03125), 1, "here")

numbers = st.integers(8, 40).map(lambda count: count / 64) | st.floats()


@given(numbers, numbers)
@example(0.5625, 0.21875)
@example(0.5625, 0.203125)
@example(0.578125, 0.21875)
def test_a_row_is_reproduced_if_all_its_numbers_are(first: float, second: float) -> None:
    """Each number must be within its own tolerance; what is no number is not."""
    verdict = replace(ROW, result=(first, second)).verdict
    expected = 0.4375 <= first <= 0.5625 and 0.21875 <= second <= 0.28125
    assert verdict == ("reproduced" if expected else "not reproduced")


def test_a_row_without_data_is_not_met() -> None:
    """Without a result the verdict is that there is no data."""
    assert ROW.verdict == "no data"


@pytest.mark.parametrize("result", [(), (0.5,), (0.5, 0.25, 0.0)])
def test_a_row_has_as_many_results_as_targets(result: tuple[float, ...]) -> None:
    """Too few or too many numbers are an error, not a verdict."""
    with pytest.raises(ValueError, match="as many"):
        replace(ROW, result=result)


def test_the_tolerance_is_half_a_unit_of_the_last_digit() -> None:
    """Of 0.40 that is 0.005."""
    assert to_the_digit(2, 2) == (0.005, 0.005)


def test_the_table_counts_verdicts_and_says_what_is_next_once() -> None:
    """A step that several rows need is said once, and rows without data are not counted as reproduced."""
    waiting = replace(ROW, next_step="get it.")
    text = table([waiting, waiting, replace(ROW, result=(0.5, 0.25)), replace(ROW, result=(0.5, 9.0))])
    assert "1 reproduced, 1 not reproduced, 2 no data" in text
    assert text.count("get it.") == 1
    assert "0.50 9.00" in text


def test_json_has_every_number_unrounded() -> None:
    """Results are given in full, and as null where there are none."""
    found = json.loads(as_json([replace(ROW, result=(0.123456789, 0.25)), replace(ROW, next_step="get it.")]))
    assert [one["result"] for one in found] == [[0.123456789, 0.25], None]
    assert [one["verdict"] for one in found] == ["not reproduced", "no data"]
    assert [one["next"] for one in found] == [None, "get it."]
