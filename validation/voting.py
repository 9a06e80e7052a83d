"""What many say, made one: by majority vote, and by the EM of Dawid and Skene (1979).

Votes are counts: of each item and worker, how often the worker gave each class. They may be fractions, which
is how a worker counts for less: `shares` gives clones one vote together.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Classes = NDArray[np.intp]

_CONVERGED = 1e-6
_MOST_ITERATIONS = 1_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """What Dawid–Skene finds.

    `posterior`: items × classes, rows sum to 1. `marginals`: how common each class is. `confusion`: workers ×
    true class × given class, rows sum to 1.
    """

    posterior: Floats
    marginals: Floats
    confusion: Floats


class NotConverged(ArithmeticError):
    """What is estimated still moves after very many steps; `last` is where it is by then."""

    def __init__(self, steps: int, last: Estimate) -> None:
        super().__init__(f"Expected to converge in {steps} steps, found that it still moves.")
        self.last = last


def votes(given: Classes, classes: int) -> Floats:
    """Items × workers × classes, of the class that each worker gave each item (items × workers); -1: none."""
    made: Floats = np.eye(classes + 1)[given][:, :, :classes]
    return made


def majority_vote(votes: Floats) -> Floats:
    """Items × classes: the share of its votes that each class has, alike for an item that has none."""
    return _shared_out(votes.sum(axis=1))


def accuracy(posterior: Floats, truth: Classes) -> float:
    """The share of items whose likeliest class is right; of classes alike, it is the first."""
    return float((posterior.argmax(axis=1) == truth).mean())


def dawid_skene(votes: Floats, smoothing: float = 0.0, inverse_temperature: float = 1.0) -> Estimate:
    """Maximum likelihood of each item's class and each worker's confusion matrix, begun at the majority vote.

    `smoothing` is added to each count of a confusion matrix. An `inverse_temperature` below 1 multiplies what
    the workers say, and not the marginals, in each E step. A worker who saw none of a class, and has no
    smoothing, is taken to guess there. It ends when no posterior moves by more than 1e-6. Raises NotConverged
    if that takes more than a thousand steps.
    """
    posterior = majority_vote(votes)
    flat = votes.reshape(len(votes), -1)
    marginals, confusion = _maximise(votes, posterior, smoothing)
    for _ in range(_MOST_ITERATIONS):
        before = posterior
        said = flat @ _ln(confusion).swapaxes(1, 2).reshape(flat.shape[1], -1)
        lns = _ln(marginals) + inverse_temperature * said
        posterior = _shared_out(np.exp(lns - lns.max(axis=1, keepdims=True)))
        marginals, confusion = _maximise(votes, posterior, smoothing)
        if np.abs(posterior - before).max() < _CONVERGED:
            return Estimate(posterior, marginals, confusion)
    raise NotConverged(_MOST_ITERATIONS, Estimate(posterior, marginals, confusion))


def shares(given: Classes, agreement: float) -> Floats:
    """What each worker's vote is worth, if those who agree on at least this share of items have one together.

    Who agrees with one of a group belongs to the whole of it.
    """
    groups = np.arange(given.shape[1])
    for worker in range(given.shape[1]):
        alike = (given[:, [worker]] == given).mean(axis=0) >= agreement
        groups[np.isin(groups, groups[alike])] = groups[worker]
    sizes: Classes = (groups[:, None] == groups).sum(axis=0)
    return 1 / sizes


def _maximise(votes: Floats, posterior: Floats, smoothing: float) -> tuple[Floats, Floats]:
    counts = np.tensordot(votes, posterior, axes=(0, 0)).swapaxes(1, 2) + smoothing
    return posterior.mean(axis=0), _shared_out(counts)


def _shared_out(counts: Floats) -> Floats:
    totals = counts.sum(axis=-1, keepdims=True)
    alike = np.full_like(counts, 1 / counts.shape[-1])
    made: Floats = np.divide(counts, totals, out=alike, where=totals > 0)
    return made


def _ln(probabilities: Floats) -> Floats:
    # Of nothing the logarithm is very low instead of infinite, since nothing times infinity is no number.
    lns: Floats = np.log(np.maximum(probabilities, np.finfo(np.float64).tiny))
    return lns
