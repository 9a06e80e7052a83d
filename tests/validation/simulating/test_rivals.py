import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from validation.simulating.rivals import NO_VOTE, naive, smoothed_majority, vote, votes_of
from validation.simulating.world import Voice, rounded

_SILENT = (0, 0, 0, 0, 0, 1_000)

masses = (
    st.lists(st.integers(0, 20), min_size=6, max_size=6)
    .filter(any)
    .map(lambda parts: tuple(50 * one for one in rounded([20 * part / sum(parts) for part in parts], 20)))
)


@pytest.mark.parametrize(
    ("permille", "expected"),
    [
        ((0, 600, 300, 0, 0, 100), 1),
        ((450, 450, 0, 0, 0, 100), NO_VOTE),
        ((300, 100, 0, 0, 0, 600), NO_VOTE),
        (_SILENT, NO_VOTE),
    ],
)
def test_vote_is_the_one_likeliest_kind(permille: tuple[int, ...], expected: int) -> None:
    """A reading's vote is its likeliest kind; it has none if that is two, or undetermined."""
    assert vote(permille) == expected


def test_votes_stand_where_their_member_does() -> None:
    """Votes are by member, and who has no standing reading has none."""
    assert votes_of((Voice(2, (0, 900, 0, 0, 0, 100), ()),)) == [-1, -1, 1, -1, -1, -1, -1]


def test_majority_is_a_share_with_one_more_for_each() -> None:
    """Of seven votes that agree the kind has eight of twelve, of none each has a fifth."""
    (agreed, none) = smoothed_majority(np.array([[3] * 7, [NO_VOTE] * 7]))
    assert agreed.tolist() == pytest.approx([1 / 12, 1 / 12, 1 / 12, 8 / 12, 1 / 12])
    assert none.tolist() == pytest.approx([0.2] * 5)


def test_naive_fusion_of_one_is_what_it_says() -> None:
    """Of one reading naive fusion says what that says, what it leaves undetermined being spread."""
    assert naive([Voice(0, (400, 200, 100, 100, 100, 100), ())]) == pytest.approx(
        [0.42, 0.22, 0.12, 0.12, 0.12]
    )


@given(st.lists(masses, max_size=7))
def test_naive_fusion_is_a_product(said: list[tuple[int, ...]]) -> None:
    """Order changes nothing, nor does a reading that says nothing; the result is a distribution."""
    voices = [Voice(member, permille, ()) for member, permille in enumerate(said)]
    found = naive(voices)
    assert sum(found) == pytest.approx(1)
    assert naive(voices[::-1]) == pytest.approx(found)
    assert naive([*voices, Voice(6, _SILENT, ())]) == pytest.approx(found)


def test_naive_fusion_believes_copies() -> None:
    """Two readings that say the same make naive fusion surer than one: that is what is wrong with it."""
    said = Voice(0, (600, 100, 100, 100, 50, 50), ())
    assert naive([said, said])[0] > naive([said])[0]
