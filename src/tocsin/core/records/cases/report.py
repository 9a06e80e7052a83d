"""The report and its correction: what happened, and where that was first seen.

See docs/protocol.md, section 7.3. A report without `case` opens one.
"""

from collections.abc import Sequence
from typing import Annotated, Literal, get_args

from msgspec import Meta

from tocsin.core.records.cases.parts import (
    Attachment,
    CaseFields,
    Economy,
    Fingerprint,
    Moment,
    Operator,
    Ref,
    Sources,
    System,
    Translations,
    Words,
    check_ascending,
    check_free_text,
    check_here,
    check_sources,
)
from tocsin.core.records.cases.vocabulary import Event, Harm, Relation, Severity, Task
from tocsin.core.records.common import Lang, TimeMs
from tocsin.core.records.errors import MalformedRecord

_Harms = Annotated[tuple[Harm, ...], Meta(min_length=1, max_length=8)]
_Tasks = Annotated[tuple[Task, ...], Meta(min_length=1, max_length=9)]
_Economies = Annotated[tuple[Economy, ...], Meta(min_length=1, max_length=32)]
_Systems = Annotated[tuple[System, ...], Meta(min_length=1, max_length=16)]
_Operators = Annotated[tuple[Operator, ...], Meta(min_length=1, max_length=16)]
_Fingerprints = Annotated[tuple[Fingerprint, ...], Meta(min_length=1, max_length=64)]
_Moments = Annotated[tuple[Moment, ...], Meta(min_length=1, max_length=16)]
_Attachments = Annotated[tuple[Attachment, ...], Meta(min_length=1, max_length=16)]

Described = Literal[
    "attachments",
    "economies",
    "event",
    "fingerprints",
    "harms",
    "moments",
    "operators",
    "relation",
    "severity",
    "summary",
    "systems",
    "tasks",
]
"""What a report says besides its sources: a correction puts another value there, or clears it."""


class Description(CaseFields, frozen=True, kw_only=True):
    """What can be said of an incident without a word of free text, and a summary in one.

    Each field is as the OECD has it where it has one (`vocabulary`). `tasks`: what the AI was doing.
    `economies`: where it happened, as members are told apart. `moments`: every clock that a law may start,
    and who says so; that the organisation is *aware*, an officer alone can say. Systems, operators and
    sources stand in the author's order; everything else is ascending, each once.
    """

    event: Event | None = None
    severity: Severity | None = None
    relation: Relation | None = None
    harms: _Harms | None = None
    tasks: _Tasks | None = None
    economies: _Economies | None = None
    systems: _Systems | None = None
    operators: _Operators | None = None
    fingerprints: _Fingerprints | None = None
    moments: _Moments | None = None
    attachments: _Attachments | None = None
    summary: Words | None = None
    lang: Lang | None = None
    translations: Translations | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_free_text("summary", self.summary, self.lang, self.translations)
        check_ascending("harms", self.harms or ())
        check_ascending("tasks", self.tasks or ())
        check_ascending("economies", self.economies or ())
        check_ascending("fingerprints", self.fingerprints or ())
        if self.attachments is not None:
            check_ascending("attachments", [attachment.sha256 for attachment in self.attachments])
        if self.moments is not None:
            self._check_moments(self.moments)

    def _check_moments(self, moments: Sequence[Moment]) -> None:
        check_ascending("moments", [(one.clock, one.asserted_by, one.name or "") for one in moments])
        if self.author_kind != "officer" and any(one.clock == "aware" for one in moments):
            raise MalformedRecord("Expected an officer to say *aware*, found another author.")


class Report(Description, frozen=True, kw_only=True, tag="report"):
    """What happened, by its sources.

    `case` is the case that it adds to; without it, it opens one. Versions before 0.3.0 wrote a summary,
    sources that do not say how they were obtained, and when it occurred in two fields of its own: such a
    report has nothing else.
    """

    sources: Sources
    case: Ref | None = None
    occurred_at_ms: TimeMs | None = None
    occurred_precision: Literal["day", "hour", "minute", "second", "unknown"] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.occurred_at_ms is None) is not (self.occurred_precision is None):
            raise MalformedRecord("Expected both `occurred_at_ms` and `occurred_precision`, or neither.")
        if self.is_earlier:
            return
        check_sources(self.circle, self.sources)
        self.check_answerable()
        if self.case is not None:
            check_here(self.circle, self.case)
        if self.occurred_at_ms is not None:
            raise MalformedRecord("Expected when it occurred among the `moments`, found `occurred_at_ms`.")

    @property
    def is_earlier(self) -> bool:
        """Whether it is one as the versions before 0.3.0 wrote them: no node writes one any more."""
        return (
            all(source.is_earlier for source in self.sources)
            and self.summary is not None
            and all(getattr(self, field) is None for field in _SINCE_0_3_0)
        )


_SINCE_0_3_0 = ("answerable", "case", "translations", *(f for f in get_args(Described) if f != "summary"))


class Correction(Description, frozen=True, kw_only=True, tag="correction"):
    """Of a report that its author's organisation wrote: what is given here, in place of what was there.

    `cleared` names fields that say nothing any more. A report keeps at least one source.
    """

    case: Ref
    of: Ref
    sources: Sources | None = None
    cleared: Annotated[tuple[Described, ...], Meta(min_length=1, max_length=12)] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_here(self.circle, self.case, self.of)
        check_sources(self.circle, self.sources or ())
        self.check_answerable()
        cleared = self.cleared or ()
        check_ascending("cleared", cleared)
        given = [field for field in get_args(Described) if getattr(self, field) is not None]
        if both := set(given).intersection(cleared):
            raise MalformedRecord(f"Expected `{min(both)}` given or cleared, found both.")
        if not given and not cleared and self.sources is None:
            raise MalformedRecord("Expected a correction that says something, found none of its fields.")
