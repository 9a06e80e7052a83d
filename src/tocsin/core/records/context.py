"""The context: what an author's node held of other logs when it wrote (docs/protocol.md, section 7.3)."""

from itertools import pairwise
from typing import Annotated, Literal

from msgspec import Meta, Struct

from tocsin.core.records.common import CommonFields, Root, Size, parse_log
from tocsin.core.records.errors import MalformedRecord


class Seen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The size and root that were held of a log."""

    log: str
    root: Root
    size: Size

    def __post_init__(self) -> None:
        parse_log(self.log)


class Context(CommonFields, frozen=True, kw_only=True, tag="context"):
    """What was held of the logs that changed since the author's last context.

    It stands in the commit of the records that it is the context of, before them.
    """

    author: Literal["node"]
    author_kind: Literal["machine"]
    seen: Annotated[tuple[Seen, ...], Meta(min_length=1, max_length=64)]

    def __post_init__(self) -> None:
        super().__post_init__()
        for earlier, later in pairwise(self.seen):
            if earlier.log >= later.log:
                raise MalformedRecord("Expected `seen` sorted by log, each once.")
