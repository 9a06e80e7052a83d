"""Scoring rules: what one forecast costs, given what came true. Less is better, and being honest is best."""

from math import fsum, log
from typing import Final

from tocsin.readings.scoring.errors import Unscorable
from tocsin.readings.scoring.verified import Verified

FLOOR: Final = 0.0005
"""Half a permille: what a probability of 0 permille may have been before it was rounded."""


def brier(case: Verified) -> float:
    """The Brier score: squared differences, summed over all categories; from 0 to 2.

    As Brier has it ("Verification of forecasts expressed in terms of probability", 1950). Of two categories
    it is twice what is often called so today, which counts one of them.
    """
    return fsum(
        (probability - (place == case.came_true)) ** 2 for place, probability in enumerate(case.probabilities)
    )


def log_score(case: Verified, floor: float = FLOOR) -> float:
    """The logarithmic score: how surprising what came true was, in nats (Good, "Rational decisions", 1952).

    A smaller probability than `floor` counts as that, so that one 0 does not outweigh all else: with half a
    permille no forecast costs more than ln 2000, which is 7.6. That has a price: who says less than the
    floor of z categories may gain on the honest, in the long run, up to ln(1 + z * floor) nats a case.

    Raises `Unscorable` where the floor is no probability above 0.
    """
    if not 0 < floor <= 1:
        raise Unscorable(f"Expected a floor above 0 and up to 1, found {floor}.")
    return log(1 / min(1, max(case.probabilities[case.came_true], floor)))
