"""Readings: what it was, how sure, and which question to ask next (docs/protocol.md, section 23).

- `arithmetic`: logarithms and shares in integers; `hypotheses`: what it may have been; `weighing`: what one
  reading says, by each source that its organisation saw; `pool`: what each source says, and all together;
  `posterior`: from there to probabilities; `support`: on whose word "likely" stands; `fusion`: all of it;
  `common`, `view`: the common view; `lacking`: why a result is held back; `likelihood`: words for numbers.
- `overlay`: what a node makes of it by what it learned of others; `asking`: the next question; `scoring`: how
  good readings were, once it is known what it was.

A capability: it folds over the evidence that it is shown. No clock, no chance and no model of anybody is in
the common view, so that all who have the same records see the same, byte for byte. *Who did it* is not in it.
"""

from tocsin.readings.common import fuse
from tocsin.readings.view import CommonView

__all__ = ["CommonView", "fuse"]
