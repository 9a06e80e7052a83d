"""Whatever lower layers give a reason for by a code, the console has words for."""

from typing import get_args

from tocsin.cases.formats.terms import WhyNot
from tocsin.circles.changing.draft import DoubtCode
from tocsin.circles.exchanging.standing import HaltCode
from tocsin.web.languages import LANGUAGES

ENGLISH = LANGUAGES["en"].phrases


def told(prefix: str) -> set[str]:
    """The codes that there are words for."""
    return {key.removeprefix(prefix) for key in ENGLISH if key.startswith(prefix)}


def test_every_doubt_about_an_amendment_has_words() -> None:
    """Whoever signs is asked in the language of the page."""
    assert told("circles.doubt_") == {*get_args(DoubtCode)}


def test_every_reason_to_write_nothing_has_words() -> None:
    """Besides those that stand above all of them."""
    assert told("circles.halted_") - {"words"} == {*get_args(HaltCode)}


def test_all_that_an_export_does_not_say_has_words() -> None:
    """Why, for each of them."""
    assert told("casebook.lost_") == {*get_args(WhyNot)}
