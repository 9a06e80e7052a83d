import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from validation.simulating.parameters import MEMBERS
from validation.simulating.rivals import (
    NO_VOTE,
    dawid_skenes,
    majority_votes,
    naive,
    naive_fusions,
    votes_of,
)
from validation.simulating.running import masses
from validation.simulating.world import Voice, rounded
from validation.voting import Floats

_SILENT = (0, 0, 0, 0, 0, 1_000)

readings = (
    st.lists(st.integers(0, 20), min_size=6, max_size=6)
    .filter(any)
    .map(lambda parts: tuple(50 * one for one in rounded([20 * part / sum(parts) for part in parts], 20)))
)


def said(*permille: tuple[int, ...]) -> Floats:
    """One case in which the first members say this, and the others nothing."""
    return masses([Voice(member, one, ()) for member, one in enumerate(permille)])[None]


@pytest.mark.parametrize(
    ("permille", "expected"),
    [
        ((0, 600, 300, 0, 0, 100), 1),
        ((450, 450, 0, 0, 0, 100), NO_VOTE),
        ((300, 100, 0, 0, 0, 600), NO_VOTE),
        ((450, 0, 0, 0, 100, 450), NO_VOTE),
        (_SILENT, NO_VOTE),
    ],
)
def test_vote_is_the_one_likeliest_kind(permille: tuple[int, ...], expected: int) -> None:
    """A reading's vote is its likeliest kind; it has none if that is two, or undetermined."""
    assert votes_of(said(permille))[0, 0] == expected


def test_votes_stand_where_their_member_does() -> None:
    """Votes are by member, and who has no standing reading has none."""
    of = masses([Voice(2, (0, 900, 0, 0, 0, 100), ())])
    assert votes_of(of[None]).tolist() == [[-1, -1, 1, -1, -1, -1, -1]]


def test_majority_is_a_share_with_some_more_for_each() -> None:
    """Of seven votes that agree the kind has all, or with one more each eight of twelve; of none a fifth."""
    for_one = (0, 0, 0, 900, 0, 100)
    found = majority_votes(np.concatenate([said(*[for_one] * 7), said()]))
    assert found["0 more each"].tolist() == [[0, 0, 0, 1, 0], [0.2] * 5]
    assert found["1 more each"][0].tolist() == pytest.approx([1 / 12, 1 / 12, 1 / 12, 8 / 12, 1 / 12])
    assert all(of[1].tolist() == pytest.approx([0.2] * 5) for of in found.values())


def test_naive_fusion_of_one_is_what_it_says() -> None:
    """Of one reading naive fusion says what that says, what it leaves undetermined being spread."""
    found = naive(said((400, 200, 100, 100, 100, 100)), 0.05)
    assert found[0].tolist() == pytest.approx([0.42, 0.22, 0.12, 0.12, 0.12])


@given(st.lists(readings, max_size=6), st.sampled_from([0.001, 0.05, 0.2]))
def test_naive_fusion_is_a_product(permille: list[tuple[int, ...]], floor: float) -> None:
    """Order changes nothing, nor does a reading that says nothing; the result is a distribution."""
    (found,) = naive(said(*permille), floor).tolist()
    assert sum(found) == pytest.approx(1)
    assert naive(said(*permille[::-1]), floor)[0].tolist() == pytest.approx(found)
    assert naive(said(*permille, _SILENT), floor)[0].tolist() == pytest.approx(found)


def test_naive_fusion_believes_copies() -> None:
    """Two readings that say the same make naive fusion surer than one: that is what is wrong with it."""
    one = (600, 100, 100, 100, 50, 50)
    assert naive(said(one, one), 0.05)[0, 0] > naive(said(one), 0.05)[0, 0]


def test_at_a_floor_of_chance_no_reading_speaks_against_a_kind() -> None:
    """What is less than a fifth counts as that: alike for every kind that a reading does not speak for."""
    found = naive(said((800, 0, 50, 150, 0, 0)), 0.2)[0].tolist()
    assert found == pytest.approx([0.5, 0.125, 0.125, 0.125, 0.125])


@given(st.lists(st.lists(readings, max_size=len(MEMBERS)), min_size=1, max_size=4))
def test_every_configuration_gives_distributions(cases: list[list[tuple[int, ...]]]) -> None:
    """Whoever says whatever, each method gives probabilities of every case, in several configurations."""
    of = np.concatenate([said(*permille) for permille in cases])
    for configurations in (majority_votes(of), naive_fusions(of), dawid_skenes(of)):
        assert len(configurations) > 1
        for found in configurations.values():
            assert found.shape == (len(cases), 5)
            assert (found >= 0).all()
            assert np.allclose(found.sum(axis=1), 1)
