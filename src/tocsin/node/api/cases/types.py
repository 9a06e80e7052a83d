"""What programs say about cases: as the records have it (docs/protocol.md, section 7.3), in their own words.

- A record is named as people name it, `birch.1.12`: member, epoch and index. The node puts in its place the
  reference that means one version of it.
- What is a set may stand in any order.
"""

from typing import Annotated

from msgspec import Meta, Struct

from tocsin.core.records import (
    Actor,
    Attachment,
    AuthorKind,
    Fingerprint,
    Moment,
    Operator,
    System,
    Tlp,
    Translation,
)
from tocsin.core.records.cases.parts import RECORD_NAME, Economy, Words
from tocsin.core.records.cases.report import Described
from tocsin.core.records.cases.vocabulary import (
    Confidence,
    Count,
    Event,
    Harm,
    LinkKind,
    Obtained,
    OperatorRole,
    Outcome,
    Position,
    Question,
    Reason,
    Relation,
    Seen,
    Severity,
    SourceKind,
    Task,
    Undetermined,
    What,
)
from tocsin.core.records.common import Lang, Sha256Hex, Slug, TimeMs

RecordName = Annotated[str, Meta(pattern=rf"^{RECORD_NAME}\Z")]
_Names = Annotated[tuple[RecordName, ...], Meta(min_length=1, max_length=64)]


class Cited(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A source: what others can look at, or (of kind *record*) what another record says."""

    kind: SourceKind
    locator: str | None = None
    record: RecordName | None = None
    obtained: Obtained | None = None
    obtained_at_ms: TimeMs | None = None
    sha256: Sha256Hex | None = None


class Likely(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How likely one thing is held to be: one of the closed list, or a hypothesis of this case."""

    permille: Annotated[int, Meta(ge=1, le=1_000)]
    what: What | Undetermined | None = None
    hypothesis: RecordName | None = None


class OfCase(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind"
):
    """Who says something about a case, and who answers for it; without `tlp`, as the charter has it."""

    author: Slug
    author_kind: AuthorKind
    answerable: Slug | None = None
    tlp: Tlp | None = None


class SayDescription(OfCase, frozen=True, kw_only=True):
    """What can be said of an incident."""

    event: Event | None = None
    severity: Severity | None = None
    relation: Relation | None = None
    harms: tuple[Harm, ...] | None = None
    tasks: tuple[Task, ...] | None = None
    economies: tuple[Economy, ...] | None = None
    systems: tuple[System, ...] | None = None
    operators: tuple[Operator, ...] | None = None
    fingerprints: tuple[Fingerprint, ...] | None = None
    moments: tuple[Moment, ...] | None = None
    attachments: tuple[Attachment, ...] | None = None
    summary: Words | None = None
    lang: Lang | None = None
    translations: tuple[Translation, ...] | None = None


class SayReport(SayDescription, frozen=True, kw_only=True, tag="report"):
    """What happened, and where that was first seen. Without `case`, it opens one."""

    sources: tuple[Cited, ...]
    case: RecordName | None = None


class SayCorrection(SayDescription, frozen=True, kw_only=True, tag="correction"):
    """What takes the place of what a report of our own said; `cleared` are fields that say nothing more."""

    case: RecordName
    of: RecordName
    sources: tuple[Cited, ...] | None = None
    cleared: tuple[Described, ...] | None = None


class SayInCase(OfCase, frozen=True, kw_only=True):
    """Something about a case, with free text or without."""

    case: RecordName
    text: Words | None = None
    lang: Lang | None = None
    translations: tuple[Translation, ...] | None = None


class SayAsk(SayInCase, frozen=True, kw_only=True, tag="ask"):
    """What is asked, of whom (without `to`, of all), and by when it is wanted."""

    questions: tuple[Question, ...]
    to: tuple[Slug, ...] | None = None
    wanted_by_ms: TimeMs | None = None


class SayAnswer(SayInCase, frozen=True, kw_only=True, tag="answer"):
    """Our answer to an ask; the newest counts."""

    ask: RecordName
    seen: Seen
    count: Count | None = None
    sources: tuple[Cited, ...] | None = None
    fingerprints: tuple[Fingerprint, ...] | None = None


class SayAcknowledgement(SayInCase, frozen=True, kw_only=True, tag="acknowledgement"):
    """An officer of ours is aware of these records."""

    of: _Names


class SayLink(SayInCase, frozen=True, kw_only=True, tag="link"):
    """How this case and another are connected, as we see it."""

    other: RecordName
    link: LinkKind


class SayWithdrawal(SayInCase, frozen=True, kw_only=True, tag="withdrawal"):
    """These records of our own count for nothing any more."""

    of: _Names
    reason: Reason


class SayPosition(SayInCase, frozen=True, kw_only=True, tag="position"):
    """What the operator concerned has said to us."""

    operator: Words
    role: OperatorRole
    position: Position
    sources: tuple[Cited, ...] | None = None


class SayClosing(SayInCase, frozen=True, kw_only=True, tag="closing"):
    """We are done with this case, and how it ended for us; `dissent` are records that see it otherwise."""

    outcome: Outcome
    dissent: _Names | None = None


class SayHypothesis(SayInCase, frozen=True, kw_only=True, tag="hypothesis"):
    """One thing that it may have been, in free text: a narrower one of `under`."""

    under: What


class SayReading(SayInCase, frozen=True, kw_only=True, tag="reading"):
    """What we make of the case; the newest stands. Probabilities make 1,000 permille together.

    `sources` are what that rests on. `who` did it is apart from the rest, and merged by nobody.
    """

    probabilities: tuple[Likely, ...]
    confidence: Confidence
    sources: tuple[Cited, ...] | None = None
    who: tuple[Actor, ...] | None = None


class SayGroundTruth(SayInCase, frozen=True, kw_only=True, tag="ground-truth"):
    """What it was, as we found in the end, having closed the case; by it readings are scored."""

    what: What
    hypothesis: RecordName | None = None
    sources: tuple[Cited, ...] | None = None


class SayHandover(OfCase, frozen=True, kw_only=True, tag="handover"):
    """An officer's shift ends, and that of the officer in the role `to` begins, with these open cases."""

    to: Slug
    cases: Annotated[tuple[RecordName, ...], Meta(min_length=1, max_length=128)] | None = None
    text: Words | None = None
    lang: Lang | None = None
    translations: tuple[Translation, ...] | None = None


class SayTakeover(OfCase, frozen=True, kw_only=True, tag="takeover"):
    """The officer in the role that a handover names has taken the shift over."""

    handover: RecordName


SayOfCase = (
    SayReport
    | SayCorrection
    | SayAsk
    | SayAnswer
    | SayAcknowledgement
    | SayLink
    | SayWithdrawal
    | SayPosition
    | SayClosing
    | SayHypothesis
    | SayReading
    | SayGroundTruth
    | SayHandover
    | SayTakeover
)


class Drafted(Struct, frozen=True, kw_only=True):
    """A record as it would be written, in base64: for an officer to sign."""

    record: bytes
