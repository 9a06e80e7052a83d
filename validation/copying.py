"""C8: seven reporters of whom some only repeat another, simulated, and three ways to fuse what they say.

A case is so with 0.2; a reporter says so with 0.8 when it is, and with 0.1 when it is not; the first three or
five all say what the first does. Fused are log-odds. What the description of the targets leaves open:

- *Naive* counts each reporter. *Provenance* gives those who declare one origin one voice together. *n_eff*
  divides all evidence by the design effect 1 + (n - 1)ρ (Kish 1965; Jacobs 1995), without knowing who copies:
  ρ is the mean correlation of two reporters' errors in the same cases, 0.48 with five copies. The target
  would allow 0.45 or 1 as well.
- "60 % declared": in each case each of the five, on its own, declares the common origin with 0.6. If the
  first always did, and each of four copies with 0.6, the Brier score would be 0.077.
- The Brier score here is of the one probability: half of the sum over both classes. What is confident and
  wrong is here only what was false and held for so likely, and not what was so and held for as unlikely.

A tolerance is three standard errors of the mean of our 20,000 cases. That the target is such a mean too would
allow √2 times as much.
"""

from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from tocsin.readings.scoring import Verified, brier, log_score
from validation.rows import Row
from validation.simulating.scoring import CONFIDENT
from validation.voting import Classes, Floats

REPORTERS = 7
PRIOR = 0.2
TRUE_POSITIVE = 0.8
FALSE_POSITIVE = 0.1

_CASES = 20_000
_PRIOR_LOG_ODDS = log(PRIOR / (1 - PRIOR))
_SAID = log(TRUE_POSITIVE / FALSE_POSITIVE)
_NOT_SAID = log((1 - TRUE_POSITIVE) / (1 - FALSE_POSITIVE))
_DECLARED = 0.6
# Nothing here is held for as unlikely: the log loss of the targets has no floor.
_FLOOR = 1e-12
_STANDARD_ERRORS = 3

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cases:
    """Resolved cases: whether each was so, and (cases × reporters) who said so, and from which origin."""

    so: Bools
    said: Bools
    origins: Classes


def simulate(chance: np.random.Generator, cases: int, copies: int, declared: float) -> Cases:
    """So many cases. The first `copies` reporters say the same; each declares that with this probability."""
    so = chance.random(cases) < PRIOR
    rates = np.where(so, TRUE_POSITIVE, FALSE_POSITIVE)
    said = chance.random((cases, REPORTERS)) < rates[:, None]
    said[:, :copies] = said[:, :1]
    origins = np.tile(np.arange(REPORTERS), (cases, 1))
    # No reporter has this number: who declares nothing has an origin of its own.
    origins[:, :copies][chance.random((cases, copies)) < declared] = REPORTERS
    return Cases(so, said, origins)


def naive(cases: Cases) -> Floats:
    """Log-odds, as if all were independent."""
    return _log_odds(_evidence(cases))


def by_provenance(cases: Cases) -> Floats:
    """Log-odds, where reporters of one origin share one voice."""
    sharing = (cases.origins[:, :, None] == cases.origins[:, None, :]).sum(axis=2)
    return _log_odds(_evidence(cases) / sharing)


def by_n_eff(cases: Cases, correlation: float) -> Floats:
    """Log-odds, where n reporters count as n / (1 + (n - 1)ρ)."""
    return _log_odds(_evidence(cases) / (1 + (cases.said.shape[1] - 1) * correlation))


def error_correlation(cases: Cases) -> float:
    """The mean correlation of two reporters' errors."""
    matrix = np.corrcoef(cases.said != cases.so[:, None], rowvar=False)
    return float(matrix[~np.eye(len(matrix), dtype=bool)].mean())


def scores(log_odds: Floats, so: Bools) -> Floats:
    """Each case's Brier score, log loss, and whether it was false and held for more than 90 % likely."""
    probability = 1 / (1 + np.exp(-log_odds))
    verified = [
        Verified((1 - likely, likely), int(was))
        for likely, was in zip(probability.tolist(), so.tolist(), strict=True)
    ]
    briers = [brier(case) / 2 for case in verified]
    surprises = [log_score(case, _FLOOR) for case in verified]
    return np.column_stack([briers, surprises, ~so & (probability > CONFIDENT)])


def rows() -> list[Row]:
    """Each way to fuse, of reporters who are independent, and of three and five copies."""
    chance = np.random.default_rng(0)
    alone = simulate(chance, _CASES, 1, 1.0)
    three = simulate(chance, _CASES, 3, 1.0)
    five = simulate(chance, _CASES, 5, 1.0)
    partly = simulate(chance, _CASES, 5, _DECLARED)
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


def _row(stable: str, what: str, target: tuple[float, ...], log_odds: Floats, cases: Cases) -> Row:
    each = scores(log_odds, cases.so)[:, : len(target)]
    errors = each.std(axis=0) / sqrt(len(each))
    scored = ("Brier score", "log loss", "P(false and > 0.9)")[: len(target)]
    return Row(
        stable,
        f"{what}: {', '.join(scored)}",
        target,
        tuple(float(_STANDARD_ERRORS * error) for error in errors),
        4,
        "simulated, seed 0",
        tuple(float(mean) for mean in each.mean(axis=0)),
    )


def _evidence(cases: Cases) -> Floats:
    return np.where(cases.said, _SAID, _NOT_SAID)


def _log_odds(evidence: Floats) -> Floats:
    total: Floats = evidence.sum(axis=1)
    return total + _PRIOR_LOG_ODDS
