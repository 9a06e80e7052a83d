"""Communication checks: whether somebody answers (docs/protocol.md, sections 7.3 and 21).

    check           an officer asks every other desk of the circle to answer
    check-answer    an officer of a desk is there

They belong to no case, and say nothing about one.
"""

from typing import Annotated, Literal

from msgspec import Meta

from tocsin.core.records.cases.parts import Ref, Translations, Words, check_free_text, check_here
from tocsin.core.records.common import CommonFields, Lang
from tocsin.core.records.errors import MalformedRecord
from tocsin.core.strict_json import MAX_INTEGER

MAX_WITHIN_MINUTES = 10_080
"""A week."""


class Check(CommonFields, frozen=True, kw_only=True, tag="check"):
    """An officer asks the desks of all other members to answer within so many minutes on duty."""

    author_kind: Literal["officer"]
    within_minutes: Annotated[int, Meta(ge=1, le=MAX_WITHIN_MINUTES)]
    text: Words | None = None
    lang: Lang | None = None
    translations: Translations | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_free_text("text", self.text, self.lang, self.translations)


class CheckAnswer(CommonFields, frozen=True, kw_only=True, tag="check-answer"):
    """An officer answers a check, which came to the author's node at `received_at_ms`.

    That is by the clock of `at_ms`, and missing where the node does not know it any more.
    """

    author_kind: Literal["officer"]
    check: Ref
    received_at_ms: Annotated[int, Meta(ge=0, le=MAX_INTEGER)] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_here(self.circle, self.check)
        if self.received_at_ms is not None and self.received_at_ms > self.at_ms:
            raise MalformedRecord("Expected `received_at_ms` at most `at_ms`, found it later.")
