"""The leaving: a member's end in a circle (docs/protocol.md, section 7.3). An event, no entry of a log."""

from typing import Annotated, Literal

from msgspec import Meta

from tocsin.core.records.common import CommonFields, Lang, Slug, check_text, parse_log
from tocsin.core.records.context import Seen
from tocsin.core.records.errors import MalformedRecord

MAX_REASON_BYTES = 2_048


class Leaving(CommonFields, frozen=True, kw_only=True, tag="leaving"):
    """A member goes, and its log ends at `final`; signed by its organisation key."""

    author: Literal["organisation"]
    member: Slug
    final: Seen
    reason: Annotated[str, Meta(min_length=1)] | None = None
    lang: Lang | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        log = parse_log(self.final.log)
        if (log.circle, log.member) != (self.circle, self.member):
            raise MalformedRecord(f"Expected the end of a log of {self.member} in this circle, found {log}.")
        if (self.reason is None) is not (self.lang is None):
            raise MalformedRecord("Expected `reason` and `lang` together, or neither.")
        if self.reason is not None:
            check_text("reason", self.reason, MAX_REASON_BYTES)
