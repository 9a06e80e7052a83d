"""Erasure and what stops it (docs/protocol.md, sections 7.3 and 18).

    erasure   its author wants what it once said to be gone: at every member, salt and record
    erased    a node's answer: what it purged, and what it keeps because of a hold
    hold      an organisation keeps what it has to keep: a court or a law says so
    release   and no longer

Entries stay, so that every proof stays valid. Each of these but an answer says who ordered it, and why.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Literal, TypeAlias, TypeVar

from msgspec import Meta, Struct

from tocsin.core.records.common import CommonFields, Lang, Root, check_text, parse_log
from tocsin.core.records.errors import MalformedRecord
from tocsin.core.tlog.tree import MAX_SIZE

_Key = TypeVar("_Key", int, tuple[str, int])

MAX_TARGETS = 256
MAX_REASON_BYTES = 4096
MAX_ORDERED_BY_BYTES = 512

Index = Annotated[int, Meta(ge=0, lt=MAX_SIZE)]
IndexOfRecord = Annotated[int, Meta(ge=1, lt=MAX_SIZE)]
EntryText: TypeAlias = Root
"""The 32 bytes of an entry, written as a root is."""
Indices = Annotated[tuple[IndexOfRecord, ...], Meta(min_length=1, max_length=MAX_TARGETS)]


class Target(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be erased: an index, and the entry that stands there. Never entry 0, the opening."""

    entry: EntryText
    index: IndexOfRecord


class Place(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, order=True):
    """An entry of any log."""

    log: str
    index: Index

    def __post_init__(self) -> None:
        parse_log(self.log)


class Order(CommonFields, frozen=True, kw_only=True):
    """What every order has: why, and by whom it was given (a court, an authority, an officer)."""

    lang: Lang
    reason: Annotated[str, Meta(min_length=1)]
    ordered_by: Annotated[str, Meta(min_length=1)]

    def __post_init__(self) -> None:
        super().__post_init__()
        check_text("reason", self.reason, MAX_REASON_BYTES)
        check_text("ordered_by", self.ordered_by, MAX_ORDERED_BY_BYTES)


class Erasure(Order, frozen=True, kw_only=True, tag="erasure"):
    """These records of `log` are to be gone: this log, or one of the same member's earlier epochs."""

    log: str
    targets: Annotated[tuple[Target, ...], Meta(min_length=1, max_length=MAX_TARGETS)]

    def __post_init__(self) -> None:
        super().__post_init__()
        parse_log(self.log)
        _check_ascending("targets", [target.index for target in self.targets])


class Erased(CommonFields, frozen=True, kw_only=True, tag="erased"):
    """A node's answer to an erasure: of its targets, those that are gone here, and those a hold keeps."""

    author: Literal["node"]
    author_kind: Literal["machine"]
    erasure: Place
    purged: Indices | None = None
    held: Indices | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        purged, held = self.purged or (), self.held or ()
        if not purged and not held:
            raise MalformedRecord("Expected `purged` or `held`, or both.")
        _check_ascending("purged", purged)
        _check_ascending("held", held)
        if both := set(purged).intersection(held):
            raise MalformedRecord(f"Expected each index in one list, found {min(both)} in both.")


class Hold(Order, frozen=True, kw_only=True, tag="hold"):
    """The author's organisation keeps these records, of whatever log, until it releases them."""

    targets: Annotated[tuple[Place, ...], Meta(min_length=1, max_length=MAX_TARGETS)]

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_ascending("targets", [(place.log, place.index) for place in self.targets])


class Release(Order, frozen=True, kw_only=True, tag="release"):
    """The author's organisation ends a hold of its own."""

    hold: Place


def _check_ascending(field: str, found: Sequence[_Key]) -> None:
    if any(one >= next_one for one, next_one in pairwise(found)):
        raise MalformedRecord(f"Expected `{field}` ascending, each once.")
