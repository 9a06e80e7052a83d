"""Which records of a case count, and as what.

- `reckoning`: all of them; `correcting`: reports, as their corrections leave them; `assessing`: hypotheses,
  readings, ground truths; `holding`: what of all that who closed the case held.
"""

from tocsin.cases.picture.reckoning.correcting import moments
from tocsin.cases.picture.reckoning.holding import held_for
from tocsin.cases.picture.reckoning.reckoning import MAY_BE_REFUSED, Reckoning

__all__ = ["MAY_BE_REFUSED", "Reckoning", "held_for", "moments"]
