"""What happens to a case: linked, taken back, handed over, passed on, closed.

See docs/protocol.md, section 7.3.
"""

from typing import Annotated, Literal

from msgspec import Meta

from tocsin.core.records.cases.parts import (
    MAX_NAME_BYTES,
    InCase,
    Ref,
    Refs,
    Sources,
    Translations,
    Words,
    check_free_text,
    check_here,
    check_refs,
    check_sources,
)
from tocsin.core.records.cases.vocabulary import LinkKind, OperatorRole, Outcome, Position, Reason
from tocsin.core.records.common import CommonFields, Lang, Slug, check_text
from tocsin.core.records.errors import MalformedRecord

_Cases = Annotated[tuple[Ref, ...], Meta(min_length=1, max_length=128)]


class Link(InCase, frozen=True, kw_only=True, tag="link"):
    """How this case and another are connected, as its author's organisation sees it.

    *same-case*: both are about one incident; *caused-by*: this one by the other.
    """

    other: Ref
    link: LinkKind

    def __post_init__(self) -> None:
        super().__post_init__()
        check_here(self.circle, self.other)
        if self.other == self.case:
            raise MalformedRecord("Expected a link to another case, found one to its own.")


class Withdrawal(InCase, frozen=True, kw_only=True, tag="withdrawal"):
    """The author's organisation takes back records of its own: they count for nothing, and stay to be seen.

    That they are purged as well, an erasure says.
    """

    of: Refs
    reason: Reason

    def __post_init__(self) -> None:
        super().__post_init__()
        check_refs("of", self.circle, self.of)


class OperatorPosition(InCase, frozen=True, kw_only=True, tag="position"):
    """What the operator concerned says, to the member that writes it down."""

    operator: Words
    role: OperatorRole
    position: Position
    sources: Sources | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_text("operator", self.operator, MAX_NAME_BYTES)
        check_sources(self.circle, self.sources or ())


class Handover(CommonFields, frozen=True, kw_only=True, tag="handover"):
    """One officer's shift ends, and that of the officer in the role `to` begins, with these open cases.

    It is complete with a takeover; both are signed. It belongs to no case.
    """

    author_kind: Literal["officer"]
    to: Slug
    cases: _Cases | None = None
    text: Words | None = None
    lang: Lang | None = None
    translations: Translations | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_refs("cases", self.circle, self.cases or ())
        check_free_text("text", self.text, self.lang, self.translations)
        if self.to == self.author:
            raise MalformedRecord("Expected a handover to another role, found one to its author.")


class Takeover(CommonFields, frozen=True, kw_only=True, tag="takeover"):
    """The other signature of a handover: the officer in the role that it names has taken the shift over."""

    author_kind: Literal["officer"]
    handover: Ref

    def __post_init__(self) -> None:
        super().__post_init__()
        check_here(self.circle, self.handover)


class Passing(InCase, frozen=True, kw_only=True, tag="passing"):
    """What was passed on to others, outside this circle; `to` says to whom, if that can be said here."""

    of: Refs
    to: Words | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_refs("of", self.circle, self.of)
        check_text("to", self.to or "", MAX_NAME_BYTES)


class Closing(InCase, frozen=True, kw_only=True, tag="closing"):
    """An organisation is done with a case, and how it ended for it.

    The case is closed when the organisation that opened it says so; where others' outcomes differ, it is
    contested. `dissent` names the records that see it otherwise.
    """

    outcome: Outcome
    dissent: Refs | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_refs("dissent", self.circle, self.dissent or ())
