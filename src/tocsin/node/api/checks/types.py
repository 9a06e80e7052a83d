"""What programs say about communication checks: as the records have it (docs/protocol.md, section 7.3)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from tocsin.core.records import Tlp, Translation
from tocsin.core.records.cases.parts import Words
from tocsin.core.records.check import MAX_WITHIN_MINUTES
from tocsin.core.records.common import Lang, Slug
from tocsin.node.api.cases.types import RecordName


class OfCheck(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind"
):
    """Which officer says it, and how it may be shared: without `tlp`, as the charter has it."""

    author: Slug
    author_kind: Literal["officer"]
    tlp: Tlp | None = None


class SayCheck(OfCheck, frozen=True, kw_only=True, tag="check"):
    """The others are to answer; without `within_minutes`, in the charter's time to acknowledge a report."""

    within_minutes: Annotated[int, Meta(ge=1, le=MAX_WITHIN_MINUTES)] | None = None
    text: Words | None = None
    lang: Lang | None = None
    translations: tuple[Translation, ...] | None = None


class SayCheckAnswer(OfCheck, frozen=True, kw_only=True, tag="check-answer"):
    """An officer of ours is there. When the check came here, the node adds."""

    check: RecordName


SayOfCheck = SayCheck | SayCheckAnswer
