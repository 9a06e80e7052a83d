"""Majority vote and Dawid–Skene."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from validation.voting import Classes, NotConverged, accuracy, dawid_skene, majority_vote, shares, votes

CLASSES = 3

any_given = arrays.arrays(
    np.intp, st.tuples(st.integers(1, 8), st.integers(1, 5)), elements=st.integers(-1, CLASSES - 1)
)
smoothings = st.sampled_from([0.0, 0.01, 0.5])


@given(any_given)
def test_who_gave_no_class_has_no_vote(classes: Classes) -> None:
    """A worker has one vote on each item it gave a class, for that class, and none on another."""
    made = votes(classes, CLASSES)
    assert (made.sum(axis=2) == (classes >= 0)).all()
    assert (made.argmax(axis=2)[classes >= 0] == classes[classes >= 0]).all()


@given(any_given, smoothings, st.sampled_from([0.2, 1.0]))
def test_whatever_is_voted_probabilities_come_of_it(
    classes: Classes, smoothing: float, inverse_temperature: float
) -> None:
    """Posteriors, marginals and rows of confusion are probabilities, also where nobody voted at all."""
    given = votes(classes, CLASSES)
    found = [majority_vote(given)]
    try:
        estimate = dawid_skene(given, smoothing, inverse_temperature)
    except NotConverged as stopped:
        estimate = stopped.last
    found += [estimate.posterior, estimate.marginals, estimate.confusion]
    for made in found:
        assert (made >= 0).all()
        assert np.allclose(made.sum(axis=-1), 1)


def test_what_still_moves_is_no_estimate() -> None:
    """Tempered, a vote of one worker on four items moves for tens of thousands of steps: that is said."""
    with pytest.raises(NotConverged):
        dawid_skene(votes(np.array([[1], [1], [2], [0]]), CLASSES), 0.01, 0.2)


@given(any_given, smoothings)
def test_at_inverse_temperature_0_only_the_marginals_are_left(classes: Classes, smoothing: float) -> None:
    """What workers say counts by the inverse temperature: at 0 each item is as likely of a class as any."""
    found = dawid_skene(votes(classes, CLASSES), smoothing, 0.0)
    assert np.allclose(found.posterior, found.marginals)


def test_dawid_skene_learns_that_a_worker_says_the_opposite() -> None:
    """One who always gives the other class is as good a witness as one who is always right."""
    truth = np.array([0, 0, 0, 1, 1])
    opposite = 1 - truth
    found = dawid_skene(votes(np.column_stack([truth, truth, opposite]), 2))
    assert np.allclose(found.posterior, np.eye(2)[truth])
    assert np.allclose(found.marginals, [0.6, 0.4])
    assert np.allclose(found.confusion[2], [[0, 1], [1, 0]])


def test_dawid_skene_is_right_where_the_vote_is_not() -> None:
    """Two good witnesses outweigh three who guess, once their errors are known."""
    truth = np.array([0, 1] * 6)
    guesses = np.array([[0] * 12, [1] * 4 + [0] * 8, [0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1]]).T
    said = votes(np.column_stack([truth, truth, guesses]), 2)
    assert accuracy(majority_vote(said), truth) < 1
    assert accuracy(dawid_skene(said, 0.01).posterior, truth) == 1


def test_a_vote_of_half_the_weight_is_half_a_vote() -> None:
    """Two clones whose votes weigh a half each change an estimate as much as one who counts fully."""
    one = votes(
        np.array([[0, 0, 1], [0, 1, 1], [0, 0, 0], [0, 0, 0], [1, 1, 1], [1, 0, 1], [1, 1, 1], [1, 1, 0]]), 2
    )
    first, others = one[:, :1], one[:, 1:]
    halves = np.concatenate([first / 2, first / 2, others], axis=1)
    wholes = np.concatenate([first, first, others], axis=1)
    assert np.allclose(majority_vote(halves), majority_vote(one))
    estimate = dawid_skene(one).posterior
    assert np.allclose(dawid_skene(halves).posterior, estimate)
    assert not np.allclose(dawid_skene(wholes).posterior, estimate, atol=0.1)


def test_of_classes_alike_the_first_counts() -> None:
    """A tie of the vote is the lower class, right or wrong."""
    said = votes(np.array([[0, 1], [1, 0]]), 2)
    assert majority_vote(said).tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert accuracy(majority_vote(said), np.array([0, 1])) == 0.5


@given(st.lists(st.integers(1, 4), min_size=1, max_size=5))
def test_clones_share_one_vote(sizes: list[int]) -> None:
    """Workers who agree on everything have one vote together, however many they are."""
    distinct = np.tri(len(sizes), dtype=np.intp)
    made = shares(np.repeat(distinct, sizes, axis=1), agreement=1.0)
    assert np.allclose(made, [1 / size for size in sizes for _ in range(size)])


@given(st.permutations(range(6)))
def test_who_agrees_with_one_of_a_group_is_of_the_group(order: list[int]) -> None:
    """A chain of workers, of whom only neighbours agree, is one group in whichever order they stand."""
    chain = np.tri(6, 5, -1, dtype=np.intp).T
    assert np.allclose(shares(chain[:, order], agreement=0.8), 1 / 6)
    assert np.allclose(shares(chain[:, order], agreement=0.9), 1)
