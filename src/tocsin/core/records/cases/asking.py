"""Asking, answering and acknowledging: "are you seeing this too?" (docs/protocol.md, section 7.3)."""

from typing import Annotated, Literal

from msgspec import Meta

from tocsin.core.records.cases.parts import (
    Fingerprint,
    InCase,
    Ref,
    Refs,
    Sources,
    check_ascending,
    check_here,
    check_refs,
    check_sources,
)
from tocsin.core.records.cases.vocabulary import Count, Due, Matched, Question, Seen, Step
from tocsin.core.records.common import Slug, TimeMs
from tocsin.core.records.errors import MalformedRecord

_Members = Annotated[tuple[Slug, ...], Meta(min_length=1, max_length=64)]


class Ask(InCase, frozen=True, kw_only=True, tag="ask"):
    """What is asked about a case, of whom (`to`; without it, of all), and by when it is wanted."""

    questions: Annotated[tuple[Question, ...], Meta(min_length=1, max_length=8)]
    to: _Members | None = None
    wanted_by_ms: TimeMs | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ascending("questions", self.questions)
        check_ascending("to", self.to or ())


class Answer(InCase, frozen=True, kw_only=True, tag="answer"):
    """An organisation's answer to an ask: its newest one counts.

    *Seen* names its sources, and may say how many observations there were, in bands, of what fingerprints,
    and by what a machine found them (`matched`). No other answer says any of that.
    """

    ask: Ref
    seen: Seen
    count: Count | None = None
    sources: Sources | None = None
    fingerprints: Annotated[tuple[Fingerprint, ...], Meta(min_length=1, max_length=64)] | None = None
    matched: Matched | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_here(self.circle, self.ask)
        if self.seen == "seen":
            if self.sources is None:
                raise MalformedRecord("Expected `sources` with the answer *seen*, found none.")
            check_sources(self.circle, self.sources)
            check_ascending("fingerprints", self.fingerprints or ())
        elif self.sources or self.count or self.fingerprints or self.matched:
            raise MalformedRecord("Expected sources, count, fingerprints and match with *seen* alone.")


class Acknowledgement(InCase, frozen=True, kw_only=True, tag="acknowledgement"):
    """An officer is aware of these records. Only an officer can say so; no machine's receipt does."""

    author_kind: Literal["officer"]
    of: Refs

    def __post_init__(self) -> None:
        super().__post_init__()
        check_refs("of", self.circle, self.of)


class Reminder(InCase, frozen=True, kw_only=True, tag="reminder"):
    """To a member: that something of this case is overdue there. To its `deputy`, when nobody answers."""

    of: Ref
    member: Slug
    due: Due
    due_by_ms: TimeMs
    step: Step

    def __post_init__(self) -> None:
        super().__post_init__()
        check_here(self.circle, self.of)
