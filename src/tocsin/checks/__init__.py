"""Communication checks: does an officer answer at every duty desk of a circle, and how soon?

- `view`: what a node shows of them; `fold`: from records to that; `times`: how soon desks answer;
  `writing`: which answers are written.

A capability, as cases are: it folds over what was said in one circle. Nothing here reads a clock, a file or
the network.
"""

from tocsin.checks.fold import HOUR_MS, fold
from tocsin.checks.times import Duty
from tocsin.checks.view import KEPT, ChecksView, CheckView
from tocsin.checks.writing import check_answer

__all__ = ["HOUR_MS", "KEPT", "CheckView", "ChecksView", "Duty", "check_answer", "fold"]
