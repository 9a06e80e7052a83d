"""The methods that ours is compared with, each in several configurations.

Of these the one counts that has the lowest Brier score in a scenario: that takes the truth to know, so it
favours the rival, and ours has one configuration for all.

- *majority vote*: the likeliest kind of a reading is its vote, unless that is two, or *undetermined*; a kind
  has its share of the votes, plain, or each kind having some more (Laplace).
- *naive fusion*: the product of all readings as if each were independent (Bordley 1982, a logarithmic
  opinion pool in which each has weight one), the prior counted once. What a reading leaves undetermined is
  spread over the kinds; what is less than some floor counts as that: from next to nothing up to 20 %, where
  no reading speaks against anything.
- *Dawid–Skene* (1979): the same votes, over all cases of a scenario at once; plain, or one more of each vote
  in each confusion matrix; tempered by 1 (not at all), 0.5 or 0.2 (`validation.bluebirds`).

Readings come as masses: cases × members × the permille of the five kinds and *undetermined*, in this order. A
member without a standing reading has all of it undetermined: that changes no product and is no vote.
"""

from collections.abc import Mapping
from itertools import product
from typing import Final

import numpy as np

from validation.simulating.parameters import KINDS, MEMBERS, UNDETERMINED, WHOLE_PERMILLE
from validation.voting import Classes, Floats, NotConverged, dawid_skene, majority_vote, votes

NO_VOTE: Final = -1
_MORE: Final = (0.0, 0.1, 1.0, 10.0)
_FLOORS: Final = (0.001, 0.01, 0.05, 0.1, 0.2)
_SMOOTHINGS: Final = (0.0, 1.0)
_INVERSE_TEMPERATURES: Final = (1.0, 0.5, 0.2)


def majority_votes(masses: Floats) -> Mapping[str, Floats]:
    """Cases × kinds, by configuration."""
    said = votes(votes_of(masses), len(KINDS))
    return {f"{more:g} more each": majority_vote(said + more / len(MEMBERS)) for more in _MORE}


def naive_fusions(masses: Floats) -> Mapping[str, Floats]:
    """Cases × kinds, by configuration."""
    return {f"at least {floor:.1%}": naive(masses, floor) for floor in _FLOORS}


def dawid_skenes(masses: Floats) -> Mapping[str, Floats]:
    """Cases × kinds, by configuration."""
    said = votes(votes_of(masses), len(KINDS))
    return {
        f"{smoothing:g} more, tempered by {inverse:g}": _dawid_skene(said, smoothing, inverse)
        for smoothing, inverse in product(_SMOOTHINGS, _INVERSE_TEMPERATURES)
    }


def votes_of(masses: Floats) -> Classes:
    """The votes, cases × members: a kind's place, or NO_VOTE."""
    likeliest = masses == masses.max(axis=2, keepdims=True)
    is_vote = (likeliest.sum(axis=2) == 1) & ~likeliest[:, :, UNDETERMINED]
    return np.where(is_vote, likeliest.argmax(axis=2), NO_VOTE)


def naive(masses: Floats, floor: float) -> Floats:
    """Naive fusion, cases × kinds."""
    spread = masses[:, :, :UNDETERMINED] + masses[:, :, UNDETERMINED:] / len(KINDS)
    logarithms = np.log(np.maximum(floor, spread / WHOLE_PERMILLE)).sum(axis=1)
    parts = np.exp(logarithms - logarithms.max(axis=1, keepdims=True))
    found: Floats = parts / parts.sum(axis=1, keepdims=True)
    return found


def _dawid_skene(said: Floats, smoothing: float, inverse_temperature: float) -> Floats:
    """What it finds, or where it is after its last step: what tells nothing apart moves for very long."""
    try:
        return dawid_skene(said, smoothing, inverse_temperature).posterior
    except NotConverged as stopped:
        return stopped.last.posterior
