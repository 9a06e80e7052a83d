"""Which answers a node writes: to a check of another member that is here."""

import pytest
from tests.checks.circle import START_MS, answer, check, common, ref, said

from tocsin.checks import check_answer
from tocsin.core.errors import Refusal
from tocsin.core.records import NoteRecord

HERE = {
    one.ref: one
    for one in (
        said("cedar", 1, check()),
        said("birch", 1, check()),
        said("cedar", 2, NoteRecord(**common(START_MS), text="Smoke.", lang="en")),
    )
}


def test_an_answer_to_a_check_of_another() -> None:
    """It may be written."""
    check_answer(answer(ref("cedar", 1)), "birch", HERE.get)


@pytest.mark.parametrize(
    ("member", "index", "code"),
    [("cedar", 9, "unknown-record"), ("cedar", 2, "wrong-kind"), ("birch", 1, "wrong-kind")],
)
def test_what_would_count_for_nothing_is_not_written(member: str, index: int, code: str) -> None:
    """What is not here, is no check, or is our own."""
    with pytest.raises(Refusal) as refused:
        check_answer(answer(ref(member, index)), "birch", HERE.get)
    assert refused.value.code == code
