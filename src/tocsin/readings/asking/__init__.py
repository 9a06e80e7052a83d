"""The next question: whom to ask about which source, so that least stays open.

- `predicting`: what the one who is asked is expected to answer; `supposing`: the common view with that;
  `entropy`: how much is open, in bits; `prospects`: what comes of each answer; `searching`: which questions
  are worked out; `questions`: the best first; `wording`: the one that is sent, and what was asked already.

It advises, and is in no record: nothing of the common view depends on it.
"""

from tocsin.readings.asking.questions import Question, next_questions
from tocsin.readings.asking.wording import Wording, asked_already, wording

__all__ = ["Question", "Wording", "asked_already", "next_questions", "wording"]
