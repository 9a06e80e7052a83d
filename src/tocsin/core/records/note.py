"""The note: a text for the other members (docs/protocol.md, section 7.3).

It has nothing to do with the signed notes of `core.note`.
"""

from typing import Annotated

from msgspec import Meta

from tocsin.core.records.common import CommonFields, Lang, check_text

MAX_TEXT_BYTES = 32_768


class NoteRecord(CommonFields, frozen=True, kw_only=True, tag="note"):
    """A text."""

    text: Annotated[str, Meta(min_length=1)]
    lang: Lang

    def __post_init__(self) -> None:
        super().__post_init__()
        check_text("text", self.text, MAX_TEXT_BYTES)
