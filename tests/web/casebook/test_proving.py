"""Checking a record again: as strict as `tocsin verify`, and no error where it fails."""

import pytest
from tests.cases.story import told

from tocsin.core.records import Ref
from tocsin.web.casebook.proving import Checked, NotChecked, check


@pytest.fixture(scope="module")
def proven() -> tuple[str, Ref, bytes, bytes]:
    """A circle's id, a record of it, its proof file, and its bytes."""
    story, case = told()
    return story.circle.id, case, story.proof(case), story.bodies["birch"][case.index]


def test_what_holds_says_who_wrote_it_and_who_has_it(proven: tuple[str, Ref, bytes, bytes]) -> None:
    """With the checkpoint that was signed."""
    circle, case, data, body = proven

    found = check(data, circle, body, at_ms=7)

    assert isinstance(found, Checked)
    assert (found.facts.author.slug, found.facts.index, found.same, found.at_ms) == (
        "birch",
        case.index,
        True,
        7,
    )
    assert {one.member.slug for one in found.facts.holders} == {"ash", "cedar", "dune"}
    assert found.checkpoint.startswith(case.log)


def test_a_record_that_is_kept_otherwise_is_not_the_one_that_was_proven(
    proven: tuple[str, Ref, bytes, bytes],
) -> None:
    """Though the proof itself holds."""
    circle, _, data, body = proven

    found = check(data, circle, body + b" ", at_ms=0)

    assert isinstance(found, Checked)
    assert not found.same


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9, 0.999])
def test_a_proof_with_one_letter_changed_proves_nothing(
    proven: tuple[str, Ref, bytes, bytes], at: float
) -> None:
    """It says why, and raises nothing."""
    circle, _, data, body = proven
    place = int(len(data) * at)
    changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]

    found = check(changed, circle, body, at_ms=0)

    assert isinstance(found, NotChecked)
    assert found.code
    assert found.why


def test_a_proof_of_another_circle_proves_nothing_here(proven: tuple[str, Ref, bytes, bytes]) -> None:
    """The id is what one has from elsewhere."""
    _, _, data, body = proven

    found = check(data, "0" * 64, body, at_ms=0)

    assert isinstance(found, NotChecked)
    assert found.code == "proof-elsewhere"
