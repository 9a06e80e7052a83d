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


@given(numbers, numbers)
@example(0.5625, 0.28125)
@example(0.578125, 0.28125)
@example(-1.0, 0.296875)
def test_a_bound_is_kept_by_what_is_not_beyond_it(first: float, second: float) -> None:
    """What is less is within, however much less; what is no number is not."""
    row = replace(ROW, result=(first, second), is_bound=True)
    assert row.verdict == ("within" if first <= 0.5625 and second <= 0.28125 else "beyond")


@pytest.mark.parametrize(
    ("row", "missed"),
    [
        (ROW, False),
        (replace(ROW, result=(0.5, 0.25)), False),
        (replace(ROW, result=(0.5, 9.0)), True),
        (replace(ROW, result=(0.0, 0.0), is_bound=True), False),
        (replace(ROW, result=(0.5, 9.0), is_bound=True), True),
    ],
)
def test_what_has_a_result_can_be_missed(row: Row, missed: bool) -> None:
    """A row is missed that is not reproduced, or beyond its bound; one without data is not."""
    assert row.is_missed is missed


def test_a_bound_is_shown_as_one() -> None:
    """In the table a bound says *at most*, and in JSON it is one."""
    bound = replace(ROW, result=(0.5, 0.25), is_bound=True)
    assert "at most 0.5 0.2" in table([bound])
    assert "at most" not in table([replace(bound, is_bound=False)])
    assert [one["is_bound"] for one in json.loads(as_json([bound, ROW]))] == [True, False]


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
    assert "1 reproduced, 1 not reproduced, 2 no data, 0 within, 0 beyond" in text
    assert text.count("get it.") == 1
    assert "0.50 9.00" in text


def test_json_has_every_number_unrounded() -> None:
    """Results are given in full, and as null where there are none."""
    found = json.loads(as_json([replace(ROW, result=(0.123456789, 0.25)), replace(ROW, next_step="get it.")]))
    assert [one["result"] for one in found] == [[0.123456789, 0.25], None]
    assert [one["verdict"] for one in found] == ["not reproduced", "no data"]
    assert [one["next"] for one in found] == [None, "get it."]
