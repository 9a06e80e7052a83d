"""Notice and reply: what is said before a member is removed (docs/protocol.md, sections 7.3 and 8.4)."""

from typing import Annotated

from msgspec import Meta

from tocsin.core.records.common import CommonFields, Lang, Root, Size, Slug, check_text, parse_log
from tocsin.core.strict_json import MAX_INTEGER

MAX_TEXT_BYTES = 16_384

_HOUR_MS = 3_600_000

_Text = Annotated[str, Meta(min_length=1)]


class Notice(CommonFields, frozen=True, kw_only=True, tag="notice"):
    """To `member`: that it may be removed, why, and within how many hours it can reply."""

    member: Slug
    reply_within_hours: Annotated[int, Meta(ge=1, le=MAX_INTEGER)]
    text: _Text
    lang: Lang

    def __post_init__(self) -> None:
        super().__post_init__()
        check_text("text", self.text, MAX_TEXT_BYTES)

    @property
    def reply_until_ms(self) -> int:
        """Until when the member can reply, by its author's clock."""
        return self.at_ms + self.reply_within_hours * _HOUR_MS


class Reply(CommonFields, frozen=True, kw_only=True, tag="reply"):
    """An answer to the notice at that index of a log; `entry` is the base64 of its 32 bytes there."""

    log: str
    notice: Size
    entry: Root
    text: _Text
    lang: Lang

    def __post_init__(self) -> None:
        super().__post_init__()
        parse_log(self.log)
        check_text("text", self.text, MAX_TEXT_BYTES)
