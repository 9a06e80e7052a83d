"""What others wrote as a time breaks no page."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.strict_json import MAX_INTEGER
from tocsin.web.serving.templates import when

_EARLY_MS = -30_700_000_000_000
# What browsers read as a moment: four digits of a year (ECMA-262, section 21.4.1.32).
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.mark.parametrize("at_ms", [_EARLY_MS, -62_135_596_800_000, 253_402_300_799_999])
def test_every_year_that_is_a_moment_has_four_digits(at_ms: int) -> None:
    """A year before 1000 with fewer is no time to a browser, and would stop the script of the page."""
    assert _MOMENT.search(when(at_ms))


@given(st.integers(-MAX_INTEGER, MAX_INTEGER))
def test_what_is_no_moment_is_a_number(at_ms: int) -> None:
    """Whatever number a record has, there is text for it, and an element only where browsers can read it."""
    shown = when(at_ms)

    assert ("<time" in shown) is bool(_MOMENT.search(shown))
    assert "<time" in shown or shown == str(at_ms)
