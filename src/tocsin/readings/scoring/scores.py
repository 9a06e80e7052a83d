"""All scores of one forecaster together."""

from collections.abc import Iterable
from math import fsum
from typing import Final

from msgspec import Struct

from tocsin.readings.scoring.calibration import Bin, calibration_error, reliability
from tocsin.readings.scoring.errors import Unscorable
from tocsin.readings.scoring.forecasts import Forecast, recalibrated
from tocsin.readings.scoring.rules import brier, log_score
from tocsin.readings.scoring.temperature import fitted_temperature

_NINETY: Final = Forecast((900, 25, 25, 25, 25), 0)


class Scores(Struct, frozen=True, kw_only=True, gc=False):
    """How good the forecasts of `count` cases were.

    `brier`: the mean of squared differences, from 0 to 2. `log_score`: the mean surprise, in nats, from 0 to
    7.6. `hits`: in which share what was held to be the likeliest came true. `sharpness`: the mean probability
    of that; who is sharper than it hits is too sure. `calibration_error` is of the bins of `reliability`.
    `temperature`: what its next forecasts are to be tempered with; above 1, it was too sure.
    """

    count: int
    brier: float
    log_score: float
    hits: float
    sharpness: float
    calibration_error: float
    reliability: tuple[Bin, ...]
    temperature: float

    @property
    def ninety_permille(self) -> int:
        """What 90 % for one kind, the others alike, is worth by the temperature: in permille."""
        return max(recalibrated(_NINETY, self.temperature).permille)


def scores(forecasts: Iterable[Forecast]) -> Scores:
    """The scores of one forecaster, in whichever order its forecasts come.

    Raises `Unscorable` where there are none.
    """
    cases = [forecast.verified for forecast in forecasts]
    if not cases:
        raise Unscorable("Expected forecasts of cases whose ground truth is known, found none.")
    bins = reliability(cases)
    return Scores(
        count=len(cases),
        brier=fsum(map(brier, cases)) / len(cases),
        log_score=fsum(map(log_score, cases)) / len(cases),
        hits=fsum(case.hit for case in cases) / len(cases),
        sharpness=fsum(case.top for case in cases) / len(cases),
        calibration_error=calibration_error(bins),
        reliability=bins,
        temperature=fitted_temperature(cases),
    )
