"""Words for probabilities: ICD 203, "Analytic Standards" (2015), section D.6.e.2.a, its first row of terms.

A word stands beside its number, never instead of it, and never in one sentence with a confidence.
"""

from typing import Final, Literal, get_args

Likelihood = Literal[
    "almost-no-chance",
    "very-unlikely",
    "unlikely",
    "roughly-even-chance",
    "likely",
    "very-likely",
    "almost-certain",
]

LIKELY_PERMILLE: Final = 550

_FROM_PERMILLE: Final = (0, 50, 200, 450, LIKELY_PERMILLE, 800, 950)


def likelihood(permille: int) -> Likelihood:
    """The word: of a number between two bands, the upper one's."""
    words: tuple[Likelihood, ...] = get_args(Likelihood)
    return words[sum(permille >= least for least in _FROM_PERMILLE) - 1]
