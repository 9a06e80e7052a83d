"""Why a record cannot be read (docs/protocol.md, section 7.4); those of its JSON form are in `strict_json`.

The first three follow from the record's bytes alone; those up to `OfficerSignature` from the log that it
stands in. The others say why a node writes no such record of a case (section 19.7): it could be read.
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


class NotADistribution(MalformedRecord):
    """The probabilities of a reading do not add up to 1000 permille."""

    code = "not-a-distribution"


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


class UnknownCase(Refusal):
    """There is no such case here: no report that can be read, and that opens one."""

    code = "unknown-case"


class UnknownRecord(Refusal):
    """There is no such record here, or it cannot be read, or another stands in its place."""

    code = "unknown-record"


class NotInCase(Refusal):
    """The record names one of another case."""

    code = "not-in-case"


class NotYours(Refusal):
    """Only who wrote it can correct it, withdraw it or take it over."""

    code = "not-yours"


class WrongKind(Refusal):
    """The record names one of another kind than it can be about."""

    code = "wrong-kind"


class SelfCitation(Refusal):
    """The only sources are records of one's own organisation."""

    code = "self-citation"


class UnknownHypothesis(Refusal):
    """There is no such hypothesis in this case."""

    code = "unknown-hypothesis"


class CaseClosed(Refusal):
    """The case is closed: whoever reads it otherwise says so in another record."""

    code = "case-closed"


class CaseOpen(Refusal):
    """What it was in truth is said of a case that one's own organisation has closed."""

    code = "case-open"


class PassingRefused(Refusal):
    """The record's TLP label allows nobody to pass it on, or the other circle does not handle it so."""

    code = "passing-refused"
