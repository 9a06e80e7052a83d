"""What can be said: the kinds of records, each in a module of its own, and their bytes.

- `common`: the fields of every record; `opening`, `leaving`, `card`, `context`, `note`, `notice`,
  `report`, `erasure`: the kinds.
- `form`: from bytes to a record and back; `errors`: why that fails.

The whole of what members say to each other can be read in this folder.
"""

from tocsin.core.records.card import Card, Desk, Officer
from tocsin.core.records.common import AuthorKind, Endpoint, Tlp, tlp_at_most
from tocsin.core.records.context import Context, Seen
from tocsin.core.records.erasure import Erased, Erasure, Hold, Order, Place, Release, Target
from tocsin.core.records.form import KINDS, Parsed, Record, encode_record, parse_record, sign_record
from tocsin.core.records.leaving import Leaving
from tocsin.core.records.note import NoteRecord
from tocsin.core.records.notice import Notice, Reply
from tocsin.core.records.opening import Opening, Previous, Reason
from tocsin.core.records.report import Report, Source

__all__ = [
    "KINDS",
    "AuthorKind",
    "Card",
    "Context",
    "Desk",
    "Endpoint",
    "Erased",
    "Erasure",
    "Hold",
    "Leaving",
    "NoteRecord",
    "Notice",
    "Officer",
    "Opening",
    "Order",
    "Parsed",
    "Place",
    "Previous",
    "Reason",
    "Record",
    "Release",
    "Reply",
    "Report",
    "Seen",
    "Source",
    "Target",
    "Tlp",
    "encode_record",
    "parse_record",
    "sign_record",
    "tlp_at_most",
]
