"""What can be said: the kinds of records, each in a module of its own, and their bytes.

- `common`: the fields of every record; `opening`, `leaving`, `card`, `context`, `note`, `notice`, `erasure`:
  the kinds; `check`: communication checks; `cases`: those about incidents.
- `form`: from bytes to a record and back; `errors`: why that fails.

The whole of what members say to each other can be read in this folder.
"""

from tocsin.core.records.card import Card, Desk, Officer
from tocsin.core.records.cases import (
    Acknowledgement,
    Actor,
    Answer,
    Ask,
    Attachment,
    Certificate,
    Closing,
    Correction,
    Fingerprint,
    GroundTruth,
    Handover,
    Hypothesis,
    Link,
    Moment,
    Operator,
    OperatorPosition,
    Passing,
    Probability,
    Reading,
    Ref,
    Reminder,
    Report,
    Source,
    System,
    Takeover,
    Translation,
    Withdrawal,
)
from tocsin.core.records.check import Check, CheckAnswer
from tocsin.core.records.common import AuthorKind, Endpoint, Tlp, tlp_at_most
from tocsin.core.records.context import Context, Seen
from tocsin.core.records.erasure import Erased, Erasure, Hold, Order, Place, Release, Target
from tocsin.core.records.form import (
    KINDS,
    CaseRecord,
    OfCases,
    Parsed,
    Record,
    encode_record,
    parse_record,
    sign_record,
)
from tocsin.core.records.leaving import Leaving
from tocsin.core.records.note import NoteRecord
from tocsin.core.records.notice import Notice, Reply
from tocsin.core.records.opening import Opening, Previous, Reason

__all__ = [
    "KINDS",
    "Acknowledgement",
    "Actor",
    "Answer",
    "Ask",
    "Attachment",
    "AuthorKind",
    "Card",
    "CaseRecord",
    "Certificate",
    "Check",
    "CheckAnswer",
    "Closing",
    "Context",
    "Correction",
    "Desk",
    "Endpoint",
    "Erased",
    "Erasure",
    "Fingerprint",
    "GroundTruth",
    "Handover",
    "Hold",
    "Hypothesis",
    "Leaving",
    "Link",
    "Moment",
    "NoteRecord",
    "Notice",
    "OfCases",
    "Officer",
    "Opening",
    "Operator",
    "OperatorPosition",
    "Order",
    "Parsed",
    "Passing",
    "Place",
    "Previous",
    "Probability",
    "Reading",
    "Reason",
    "Record",
    "Ref",
    "Release",
    "Reminder",
    "Reply",
    "Report",
    "Seen",
    "Source",
    "System",
    "Takeover",
    "Target",
    "Tlp",
    "Translation",
    "Withdrawal",
    "encode_record",
    "parse_record",
    "sign_record",
    "tlp_at_most",
]
