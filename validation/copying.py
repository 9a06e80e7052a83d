"""C8: seven reporters of whom some only repeat another, and three ways to fuse what they say.

A case is so with 0.2; a reporter says so with 0.8 when it is, and with 0.1 when it is not; the first three or
five all say what the first does. Fused are log-odds. The targets are means of 20,000 simulated cases; here
all that can happen is gone through, and a tolerance is three standard errors of such a mean. What the
description of the targets leaves open:

- *Naive* counts each reporter. *Provenance* gives those who declare one origin one voice together. *n_eff*
  divides all evidence by the design effect 1 + (n - 1)ρ (Kish 1965; Jacobs 1995), without knowing who copies:
  ρ is the mean correlation of two reporters' errors, 0.48 with five copies. The target would allow 0.45 or
  1 as well.
- "60 % declared": in each case each of the five, on its own, declares the common origin with 0.6. If the
  first always did, and each of four copies with 0.6, the Brier score would be 0.077.
- The Brier score here is of the one probability: half of the sum over both classes. What is confident and
  wrong is here only what was false and held for so likely, and not what was so and held for as unlikely.
"""

from dataclasses import dataclass
from itertools import product
from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.readings.scoring import Verified, brier, log_score
from validation.rows import Row
from validation.simulating.scoring import CONFIDENT
from validation.voting import Classes, Floats

REPORTERS: Final = 7
PRIOR: Final = 0.2
TRUE_POSITIVE: Final = 0.8
FALSE_POSITIVE: Final = 0.1
DECLARED: Final = 0.6
SCORES: Final = ("Brier score", "log loss", "P(false and > 0.9)")

_CASES = 20_000
_PRIOR_LOG_ODDS = log(PRIOR / (1 - PRIOR))
_SAID = log(TRUE_POSITIVE / FALSE_POSITIVE)
_NOT_SAID = log((1 - TRUE_POSITIVE) / (1 - FALSE_POSITIVE))
# Nothing here is held for as unlikely: the log loss of the targets has no floor.
_FLOOR = 1e-12
_STANDARD_ERRORS = 3

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Worlds:
    """All that can happen, and how likely each is: whether it is so, and who says so, from which origin.

    `said` and `origins` are worlds × reporters.
    """

    likely: Floats
    so: Bools
    said: Bools
    origins: Classes


def worlds(copies: int, declared: float) -> Worlds:
    """The first `copies` reporters say the same; each declares that with this probability."""
    voices = REPORTERS - copies + 1
    every = np.array(list(product((True, False), repeat=1 + voices + copies)))
    so, said, declares = every[:, 0], every[:, 1 : 1 + voices], every[:, 1 + voices :]
    rates = np.where(so, TRUE_POSITIVE, FALSE_POSITIVE)[:, None]
    # No reporter has this number: who declares nothing has an origin of its own.
    origins = np.tile(np.arange(REPORTERS), (len(every), 1))
    origins[:, :copies][declares] = REPORTERS
    return Worlds(
        likely=np.hstack(
            [_chance(every[:, :1], PRIOR), _chance(said, rates), _chance(declares, declared)]
        ).prod(axis=1),
        so=so,
        said=np.hstack([said[:, :1].repeat(copies, axis=1), said[:, 1:]]),
        origins=origins,
    )


def naive(of: Worlds) -> Floats:
    """Log-odds, as if all were independent."""
    return _log_odds(_evidence(of))


def by_provenance(of: Worlds) -> Floats:
    """Log-odds, where reporters of one origin share one voice."""
    sharing = (of.origins[:, :, None] == of.origins[:, None, :]).sum(axis=2)
    return _log_odds(_evidence(of) / sharing)


def by_n_eff(of: Worlds, correlation: float) -> Floats:
    """Log-odds, where n reporters count as n / (1 + (n - 1)ρ)."""
    return _log_odds(_evidence(of) / (1 + (REPORTERS - 1) * correlation))


def error_correlation(of: Worlds) -> float:
    """The mean correlation of two reporters' errors."""
    covariance = np.cov(of.said != of.so[:, None], rowvar=False, aweights=of.likely)
    deviations = np.sqrt(covariance.diagonal())
    correlations = covariance / np.outer(deviations, deviations)
    return float(correlations[~np.eye(REPORTERS, dtype=bool)].mean())


def probabilities(log_odds: Floats) -> Floats:
    """That it is so, by these log-odds."""
    made: Floats = 1 / (1 + np.exp(-log_odds))
    return made


def scores(probability: Floats, so: Bools) -> Floats:
    """Of each world `SCORES`, where it is held for so likely."""
    verified = [
        Verified((1 - likely, likely), int(was))
        for likely, was in zip(probability.tolist(), so.tolist(), strict=True)
    ]
    briers = [brier(case) / 2 for case in verified]
    surprises = [log_score(case, _FLOOR) for case in verified]
    return np.column_stack([briers, surprises, ~so & (probability > CONFIDENT)])


def rows() -> list[Row]:
    """Each way to fuse, of reporters who are independent, and of three and five copies."""
    alone, three, five, partly = worlds(1, 1), worlds(3, 1), worlds(5, 1), worlds(5, DECLARED)
    return [
        _row("C8.independent", "independent", (0.0072, 0.027, 0.002), naive(alone), alone),
        _row("C8.3.naive", "3 copies, naive", (0.0459, 0.172, 0.030), naive(three), three),
        _row("C8.3.provenance", "3 copies, provenance", (0.0160, 0.061, 0.0003), by_provenance(three), three),
        _row("C8.5.naive", "5 copies, naive", (0.1205, 0.793, 0.081), naive(five), five),
        _row("C8.5.provenance", "5 copies, provenance", (0.0369, 0.133, 0.0008), by_provenance(five), five),
        _row("C8.5.n-eff", "5 copies, n_eff", (0.0749,), by_n_eff(five, error_correlation(five)), five),
        _row("C8.partly.provenance", "60 % declared, provenance", (0.0884,), by_provenance(partly), partly),
        _row(
            "C8.partly.n-eff",
            "60 % declared, n_eff",
            (0.0755,),
            by_n_eff(partly, error_correlation(partly)),
            partly,
        ),
    ]


def _row(stable: str, what: str, target: tuple[float, ...], log_odds: Floats, of: Worlds) -> Row:
    each = scores(probabilities(log_odds), of.so)[:, : len(target)]
    means = of.likely @ each
    errors = np.sqrt(of.likely @ (each - means) ** 2 / _CASES)
    return Row(
        stable,
        f"{what}: {', '.join(SCORES[: len(target)])}",
        target,
        tuple(float(_STANDARD_ERRORS * error) for error in errors),
        4,
        "20,000 simulated cases",
        tuple(map(float, means)),
    )


def _chance(happens: Bools, probability: Floats | float) -> Floats:
    return np.where(happens, probability, 1 - probability)


def _evidence(of: Worlds) -> Floats:
    return np.where(of.said, _SAID, _NOT_SAID)


def _log_odds(evidence: Floats) -> Floats:
    total: Floats = evidence.sum(axis=1)
    return total + _PRIOR_LOG_ODDS
