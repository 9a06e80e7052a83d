"""Scores: how good forecasts were, once it is known what came true.

- `verified`: a forecast and what came true, in floating point; `rules`: Brier and log score; `calibration`:
  whether things happen as often as they are said to; `temperature`: how to make up for it.
- `forecasts`: the same in permille, of a reading or of the common view; `scores`: all of it together.

Everything here takes the forecasts of one forecaster: an organisation, for its own eyes, or the common view.
Nothing takes those of several, so that nothing can compare them. Scores are shown where they are worked out
and enter no record and no common view: that is why they may be floating point. The order of cases changes
nothing: sums are `math.fsum`, which rounds once.
"""

from tocsin.readings.scoring.calibration import Bin, calibration_error, reliability, wilson
from tocsin.readings.scoring.errors import Unscorable
from tocsin.readings.scoring.forecasts import Forecast, recalibrated
from tocsin.readings.scoring.rules import FLOOR, brier, log_score
from tocsin.readings.scoring.scores import Scores, scores
from tocsin.readings.scoring.temperature import fitted_temperature, tempered
from tocsin.readings.scoring.verified import Verified

__all__ = [
    "FLOOR",
    "Bin",
    "Forecast",
    "Scores",
    "Unscorable",
    "Verified",
    "brier",
    "calibration_error",
    "fitted_temperature",
    "log_score",
    "recalibrated",
    "reliability",
    "scores",
    "tempered",
    "wilson",
]
