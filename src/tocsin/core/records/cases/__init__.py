"""The records of cases: what happened, who is asked, who answers, and how it ends.

- `vocabulary`: the closed lists; `parts`: references, sources, moments, systems and the rest that records are
  made of.
- `report`: report and correction; `asking`: ask, answer, acknowledgement, reminder; `course`: link,
  withdrawal, position, handover, takeover, passing, closing; `reading`: reading, hypothesis, ground truth.
"""

from tocsin.core.records.cases.asking import Acknowledgement, Answer, Ask, Reminder
from tocsin.core.records.cases.course import (
    Closing,
    Handover,
    Link,
    OperatorPosition,
    Passing,
    Takeover,
    Withdrawal,
)
from tocsin.core.records.cases.parts import (
    Attachment,
    Certificate,
    Fingerprint,
    Moment,
    Operator,
    Ref,
    Source,
    System,
    Translation,
)
from tocsin.core.records.cases.reading import Actor, GroundTruth, Hypothesis, Probability, Reading
from tocsin.core.records.cases.report import Correction, Report

__all__ = [
    "Acknowledgement",
    "Actor",
    "Answer",
    "Ask",
    "Attachment",
    "Certificate",
    "Closing",
    "Correction",
    "Fingerprint",
    "GroundTruth",
    "Handover",
    "Hypothesis",
    "Link",
    "Moment",
    "Operator",
    "OperatorPosition",
    "Passing",
    "Probability",
    "Reading",
    "Ref",
    "Reminder",
    "Report",
    "Source",
    "System",
    "Takeover",
    "Translation",
    "Withdrawal",
]
