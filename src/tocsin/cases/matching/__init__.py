"""Matching: which of one's own observations fit what others ask, and what may be answered about them.

- `observation`, `asked`: the two sides, in the form that is compared (`canonical`).
- `index`: the observations; found by fingerprints (`lists`, `perceptual`), by systems and operators
  (`names`), by words (`words`, `wording`, `addresses`, `postings`), by meaning (`meaning`, `meanings`,
  `vectors`).
- `answering`: what becomes of it: a proposal to an officer; an answer by machine, where its owner allows it.
- `sensor`: where observations come from.

Nothing here leaves the node, and nothing here decides that something does.
"""

from tocsin.cases.matching.answering import (
    Bucket,
    Grant,
    Policy,
    Probe,
    Proposal,
    Shelves,
    Verdict,
    judge,
    machine_answer,
    propose,
)
from tocsin.cases.matching.asked import Asked, asked, asked_of, said_by
from tocsin.cases.matching.index import Index, Match
from tocsin.cases.matching.meaning import Model, texts_of
from tocsin.cases.matching.observation import (
    MalformedObservation,
    Observation,
    Text,
    read_observation,
    write_observation,
)
from tocsin.cases.matching.sensor import Sensor

__all__ = [
    "Asked",
    "Bucket",
    "Grant",
    "Index",
    "MalformedObservation",
    "Match",
    "Model",
    "Observation",
    "Policy",
    "Probe",
    "Proposal",
    "Sensor",
    "Shelves",
    "Text",
    "Verdict",
    "asked",
    "asked_of",
    "judge",
    "machine_answer",
    "propose",
    "read_observation",
    "said_by",
    "texts_of",
    "write_observation",
]
