"""The records of cases: what happened, who is asked, who answers, and how it ends.

- `vocabulary`: the closed lists; `parts`: references, sources, moments, systems and the rest that records are
  made of.
- `report`: report and correction; `asking`: ask, answer, acknowledgement, reminder; `course`: link,
  withdrawal, position, handover, takeover, passing, closing.
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
from tocsin.core.records.cases.report import Correction, Report

__all__ = [
    "Acknowledgement",
    "Answer",
    "Ask",
    "Attachment",
    "Certificate",
    "Closing",
    "Correction",
    "Fingerprint",
    "Handover",
    "Link",
    "Moment",
    "Operator",
    "OperatorPosition",
    "Passing",
    "Ref",
    "Reminder",
    "Report",
    "Source",
    "System",
    "Takeover",
    "Translation",
    "Withdrawal",
]
