"""A forecast and what came true: what every score is of."""

from dataclasses import dataclass
from math import fsum, isclose
from typing import Final

from tocsin.readings.scoring.errors import Unscorable

_TOLERANCE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Verified:
    """Probabilities of categories that exclude each other, 1 in all, and the place of the one that came true.

    Raises `Unscorable` where it is anything else.
    """

    probabilities: tuple[float, ...]
    came_true: int

    def __post_init__(self) -> None:
        # Also not-a-number fails the comparison, as it does every one.
        if not all(0 <= one <= 1 + _TOLERANCE for one in self.probabilities):
            raise Unscorable("Expected probabilities from 0 to 1, found another number.")
        if not isclose(whole := fsum(self.probabilities), 1, rel_tol=0, abs_tol=_TOLERANCE):
            raise Unscorable(f"Expected probabilities of 1 together, found {whole}.")
        if self.came_true not in range(len(self.probabilities)):
            raise Unscorable(
                f"Expected one of {len(self.probabilities)} categories to have come true, found number "
                f"{self.came_true}."
            )

    @property
    def top(self) -> float:
        """The probability of what was held to be the likeliest."""
        return max(self.probabilities)

    @property
    def hit(self) -> float:
        """1 if what was held to be the likeliest came true, else 0; of several alike each has its part.

        So who holds five categories to be equally likely is right a fifth of the time, whichever comes first.
        """
        top = self.top
        return (self.probabilities[self.came_true] == top) / self.probabilities.count(top)
