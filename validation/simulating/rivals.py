"""The methods that ours is compared with, each as good as it gets.

- *majority vote*: the likeliest kind of a reading is its vote, unless that is two, or *undetermined*; a kind
  has its share of the votes, each kind having one more (Laplace). So seven votes never make 90 %.
- *naive fusion*: the product of all readings as if each were independent (Bordley 1982, a logarithmic
  opinion pool in which each has weight one), the prior counted once. What a reading leaves undetermined is
  spread over the kinds; less than 5 %, to which people round, counts as that: of 0.1, 1, 2.5 and 5 % that
  serves it best on the whole.
- *Dawid–Skene* (1979): the same votes, over all cases of a scenario at once; plain, or one more of each vote
  in each confusion matrix, whichever has the lower Brier score there.
"""

from collections.abc import Sequence
from math import exp, log
from typing import Final

from validation.simulating.parameters import KINDS, MEMBERS, UNDETERMINED, WHOLE_PERMILLE
from validation.simulating.world import Voice
from validation.voting import Classes, Floats, votes

NO_VOTE: Final = -1
SMOOTHINGS: Final = (0.0, 1.0)
"""Of Dawid–Skene."""
_LEAST: Final = 0.05


def vote(permille: Sequence[int]) -> int:
    """The vote of a reading, by its permille of the kinds and *undetermined*: a kind's place, or NO_VOTE."""
    most = max(permille)
    likeliest = [at for at, one in enumerate(permille) if one == most]
    return likeliest[0] if len(likeliest) == 1 and likeliest[0] != UNDETERMINED else NO_VOTE


def votes_of(voices: Sequence[Voice]) -> list[int]:
    """The votes of a case, by member."""
    given = [NO_VOTE] * len(MEMBERS)
    for voice in voices:
        given[voice.member] = vote(voice.permille)
    return given


def naive(voices: Sequence[Voice]) -> list[float]:
    """Naive fusion of the readings of a case."""
    logarithms = [0.0] * len(KINDS)
    for voice in voices:
        *kinds, undetermined = voice.permille
        for at, one in enumerate(kinds):
            logarithms[at] += log(max(_LEAST, (one + undetermined / len(KINDS)) / WHOLE_PERMILLE))
    most = max(logarithms)
    parts = [exp(one - most) for one in logarithms]
    return [part / sum(parts) for part in parts]


def smoothed_majority(given: Classes) -> Floats:
    """Majority vote, cases × kinds, of votes by case and member."""
    of_kinds = votes(given, len(KINDS)).sum(axis=1)
    shares: Floats = (of_kinds + 1) / (of_kinds.sum(axis=1, keepdims=True) + len(KINDS))
    return shares
