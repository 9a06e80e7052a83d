"""What is known of a case: the picture that all who have the same records see, byte for byte.

- Nothing is merged that could disagree: of each field there is what each member says, and who says so.
- Who has received what is not in it: that depends on cosignatures and the clock (`delivery`).
- What does not count is there too, with the reason.

No part of it can be in a circle of references: those of which there are many are not looked through for that
(`gc`). Members are named by their slugs. Times are Unix milliseconds, each by the clock of who wrote it.
"""

from collections.abc import Iterator
from typing import Final, Literal, Self, get_args

from msgspec import Struct

from tocsin.core.records import (
    Attachment,
    CaseRecord,
    Fingerprint,
    Moment,
    Operator,
    Ref,
    Report,
    Source,
    System,
    Tlp,
    Translation,
)
from tocsin.core.records.cases.vocabulary import (
    Count,
    Event,
    Harm,
    LinkKind,
    Outcome,
    Relation,
    Seen,
    Severity,
    Task,
)

FindingCode = Literal[
    "after-closing",
    "circular-citation",
    "dangling",
    "far-off-time",
    "not-asked",
    "not-in-case",
    "not-yours",
    "self-citation",
    "wrong-kind",
]
"""*after-closing*: its author's organisation had closed the case. *circular-citation*: its sources lead back
to itself. *dangling*: what it names is not here, or another version of it. *far-off-time*: by over a day, its
time does not fit between what its author had seen and who had seen it, or a moment it tells of is later than
its own time. *not-asked*: the ask was to others. *not-in-case*: it names a record of another case.
*not-yours*: it corrects or withdraws another organisation's record. *self-citation*: its only sources are its
own organisation's records. *wrong-kind*: it names a record of another kind than it can be about: a correction
of what is no report, an answer to what is no ask, a probability of what is no hypothesis, a ground truth of a
hypothesis which is of another kind than that says, a citation of what is neither report nor answer."""

Standing = Literal["counts", "corrected", "withdrawn", "superseded", "refused"]
"""*superseded*: the same member has answered, closed or read it again, or said again what it was. *refused*:
it counts for nothing, and a finding says why."""

COUNTING: Final = ("counts", "corrected")

_LABELS = get_args(Tlp)

State = Literal["open", "closed", "contested", "unknown"]


class Finding(Struct, frozen=True, kw_only=True, gc=False):
    """Something that is wrong with a record, which stays to be seen all the same."""

    code: FindingCode
    about: Ref | None = None


class Aware(Struct, frozen=True, kw_only=True, gc=False):
    """An officer of a member is aware of a record: its own record `ref` says so. `signed`: with its own key.

    Whether that record was withdrawn since changes nothing: who knew what is not undone.
    """

    member: str
    officer: str
    at_ms: int
    signed: bool
    ref: Ref

    @classmethod
    def by(cls, entry: "TimelineEntry") -> Self:
        """The officer who wrote this one."""
        return cls(
            member=entry.member,
            officer=entry.officer or entry.record.author,
            at_ms=entry.record.at_ms,
            signed=entry.officer is not None,
            ref=entry.ref,
        )


class Corrected(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What a report says as its corrections leave it; the fields are named as there."""

    sources: tuple[Source, ...]
    event: Event | None = None
    severity: Severity | None = None
    relation: Relation | None = None
    harms: tuple[Harm, ...] | None = None
    tasks: tuple[Task, ...] | None = None
    economies: tuple[str, ...] | None = None
    systems: tuple[System, ...] | None = None
    operators: tuple[Operator, ...] | None = None
    fingerprints: tuple[Fingerprint, ...] | None = None
    moments: tuple[Moment, ...] | None = None
    attachments: tuple[Attachment, ...] | None = None
    summary: str | None = None
    lang: str | None = None
    translations: tuple[Translation, ...] | None = None


class TimelineEntry(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One record of the case, in causal order: after all that its author had seen.

    `seen` are the members of whose records in this case the author's node held all that come before this one
    in the timeline; `unseen` those of whose it held fewer, or none. `since_closing`: it is one of those that
    the case counts as such.
    """

    ref: Ref
    member: str
    record: CaseRecord
    standing: Standing
    officer: str | None = None
    findings: tuple[Finding, ...] = ()
    seen: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    acknowledged: tuple[Aware, ...] = ()
    corrected: Corrected | None = None
    corrected_by: tuple[Ref, ...] = ()
    withdrawn_by: Ref | None = None
    since_closing: bool = False


class Asserted(Struct, frozen=True, kw_only=True, gc=False):
    """A value that some members say, and all records that do. Of a fingerprint it begins with its kind."""

    value: str
    by: tuple[str, ...]
    refs: tuple[Ref, ...]


class AssertedMoment(Struct, frozen=True, kw_only=True, gc=False):
    """A moment that a member writes down, and where."""

    moment: Moment
    member: str
    ref: Ref


class Description(Struct, frozen=True, kw_only=True):
    """What is said of the incident by what counts, each value with who says it, the most often said first."""

    event: tuple[Asserted, ...] = ()
    severity: tuple[Asserted, ...] = ()
    relation: tuple[Asserted, ...] = ()
    harms: tuple[Asserted, ...] = ()
    tasks: tuple[Asserted, ...] = ()
    economies: tuple[Asserted, ...] = ()
    systems: tuple[System, ...] = ()
    operators: tuple[Operator, ...] = ()
    fingerprints: tuple[Asserted, ...] = ()
    moments: tuple[AssertedMoment, ...] = ()
    attachments: tuple[Attachment, ...] = ()


class SourceView(Struct, frozen=True, kw_only=True, gc=False):
    """One source, however often and in however many ways it is cited.

    `citations` are all that were found to be the same, the first cited first, `refs` the records that write
    them down, `members` all on whose word it rests: also those that cite such a record. `repeaters` are the
    members that first cited it when their node held another's citation, or cite records alone; `first` is the
    one record whose author does not repeat, if it is one alone. `verifiable`: others can look at it; if not,
    it stands on the word of `members`.
    """

    citations: tuple[Source, ...]
    members: tuple[str, ...]
    refs: tuple[Ref, ...]
    repeaters: tuple[str, ...]
    verifiable: bool
    first: Ref | None = None


class Corroboration(Struct, frozen=True, kw_only=True):
    """How many independent sources say that it was seen, and on whose word that rests.

    `replies` is how many members have an answer that counts, whatever it is. `organisations` and `economies`
    are the fewest on whose word all sources can rest, or as many as that takes at least (`corroboration`):
    whoever repeats what is counted changes none of these numbers for the better. `corroborated` is what the
    charter asks for.
    """

    replies: int
    independent_sources: int
    organisations: int
    economies: int
    corroborated: bool
    sources: tuple[SourceView, ...]


class AnswerView(Struct, frozen=True, kw_only=True, gc=False):
    """What a member answered last, or that it said nothing yet."""

    member: str
    seen: Seen | None = None
    count: Count | None = None
    ref: Ref | None = None
    at_ms: int | None = None
    by_machine: bool = False


class AskView(Struct, frozen=True, kw_only=True, gc=False):
    """An ask that counts, and the answers of who was asked, and of who answered besides.

    `asked` are the members now who are named, or, if none is, all but observers; without the asker. It is
    open until all of them have answered, so never where there is none: then nobody of the circle was asked.
    `strangers` are named, and no members now.
    """

    ref: Ref
    member: str
    at_ms: int
    wanted_by_ms: int | None
    asked: tuple[str, ...]
    strangers: tuple[str, ...]
    open: bool
    answers: tuple[AnswerView, ...]


class LinkView(Struct, frozen=True, kw_only=True, gc=False):
    """A link that counts, and who says so."""

    other: Ref
    link: LinkKind
    by: tuple[str, ...]


class ClosingView(Struct, frozen=True, kw_only=True):
    """How the case ended for a member, by its newest closing that counts."""

    member: str
    outcome: Outcome
    at_ms: int
    ref: Ref


class CaseView(Struct, frozen=True, kw_only=True):
    """A case.

    `case` is the report that opened it; *unknown* if that is not here, or no report that opens one. *closed*:
    the member that opened it closed it; *contested*: and another's outcome differs. `summary` is that of the
    opening report, if it counts. `since_closing`: how many reports, asks, answers *seen* and corrections
    count that this member did not hold when it closed it, by its contexts: there is something to look at.
    """

    case: Ref
    opened_by: str
    opened_at_ms: int | None
    state: State
    outcome: Outcome | None
    summary: str | None
    lang: str | None
    description: Description
    corroboration: Corroboration
    timeline: tuple[TimelineEntry, ...]
    asks: tuple[AskView, ...]
    links: tuple[LinkView, ...]
    closings: tuple[ClosingView, ...]
    since_closing: int = 0

    @property
    def tlp(self) -> Tlp | None:
        """The strictest label of its records; None if none is here."""
        return max({entry.record.tlp for entry in self.timeline}, key=_LABELS.index, default=None)


class CaseSummary(Struct, frozen=True, kw_only=True):
    """A case in a list: what can be said without its timeline.

    `event` and `severity` are the gravest that counts; `summary` and its `translations` are cut at 120
    characters, with a “…”. `last_at_ms` is the latest time that any of its `records` gives, 0 if there are
    none. `awaited` are the members whose answer to one of its `open_asks` is missing. `since_closing` is the
    case's.
    """

    ref: Ref
    opened_by: str
    opened_at_ms: int | None
    last_at_ms: int
    state: State
    outcome: Outcome | None
    event: Event | None
    severity: Severity | None
    summary: str | None
    lang: str | None
    records: int
    open_asks: int
    independent_sources: int
    corroborated: bool
    awaited: tuple[str, ...] = ()
    since_closing: int = 0
    translations: tuple[Translation, ...] = ()


def reports(view: CaseView) -> Iterator[tuple[TimelineEntry, Report | Corrected]]:
    """The reports that count, in the order of the timeline, each as its corrections leave it."""
    for entry in view.timeline:
        if isinstance(entry.record, Report) and entry.standing in COUNTING:
            yield entry, entry.corrected or entry.record
