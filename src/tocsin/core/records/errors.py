"""Why a record cannot be read (docs/protocol.md, section 7.4); those of its JSON form are in `strict_json`.

The first four follow from the record's bytes alone; the others from the log that it stands in.
"""

from tocsin.core.errors import Refusal


class RecordTooLarge(Refusal):
    """The record is larger than 65,536 bytes."""

    code = "record-too-large"


class UnknownKind(Refusal):
    """The record is of a kind that is not known here."""

    code = "unknown-kind"


class MalformedRecord(Refusal):
    """A field of the record is missing, of the wrong type or out of its limits."""

    code = "malformed-record"


class WrongCircle(Refusal):
    """The record is of another circle than its log."""

    code = "wrong-circle"


class MisplacedOpening(Refusal):
    """The first entry of a log is an opening, and no other is one, or a leaving, which is an event."""

    code = "misplaced-opening"


class ErasureTarget(Refusal):
    """The erasure names what its author may not erase: another's record, a later one, a card, an order."""

    code = "erasure-target"


class HandlingExceeded(Refusal):
    """The record's TLP label is above what the charter allows."""

    code = "handling-exceeded"


class OfficerUnknown(Refusal):
    """The record is signed by a key that the log's newest card does not list for its author."""

    code = "officer-unknown"


class OfficerSignature(Refusal):
    """The signature on the record does not verify."""

    code = "officer-signature"
