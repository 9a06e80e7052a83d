"""The report: what happened, and where that was first seen (docs/protocol.md, section 7.3)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from tocsin.core.records.common import CommonFields, Lang, TimeMs, check_text
from tocsin.core.records.errors import MalformedRecord

MAX_SUMMARY_BYTES = 16_384
MAX_LOCATOR_BYTES = 2048

Precision = Literal["day", "hour", "minute", "second", "unknown"]


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where evidence was first seen, never who passed it on; and when it was obtained there, if known."""

    kind: Literal["document", "person", "post", "sensor", "website", "other"]
    locator: str
    obtained_at_ms: TimeMs | None = None

    def __post_init__(self) -> None:
        check_text("locator", self.locator, MAX_LOCATOR_BYTES)


class Report(CommonFields, frozen=True, kw_only=True, tag="report"):
    """What happened; and when, to a precision, if that is established."""

    summary: Annotated[str, Meta(min_length=1)]
    lang: Lang
    sources: Annotated[tuple[Source, ...], Meta(min_length=1, max_length=32)]
    occurred_at_ms: TimeMs | None = None
    occurred_precision: Precision | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_text("summary", self.summary, MAX_SUMMARY_BYTES)
        if (self.occurred_at_ms is None) is not (self.occurred_precision is None):
            raise MalformedRecord("Expected both `occurred_at_ms` and `occurred_precision`, or neither.")
