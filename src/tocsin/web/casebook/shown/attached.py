"""The content that records of a case name by its hash: what it is, and whether it is here.

What anybody names as illegal is said to be there by its hash alone: no name, no way to have it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tocsin.cases.telling.teller import cut
from tocsin.cases.telling.teller import size as size_of
from tocsin.core.records import Attachment

MAX_SHOWN = 24


@dataclass(frozen=True, slots=True)
class Attached:
    """Content. `name` and `media_type` are what its author says they are."""

    sha256: str
    size: str
    name: str | None = None
    media_type: str | None = None
    illegal: bool = False
    here: bool = False


def attached(named: Sequence[Attachment], is_here: Callable[[str], bool]) -> tuple[tuple[Attached, ...], int]:
    """Each content once, and how many more there are. `is_here` says whether it is, by its hash."""
    illegal = {one.sha256 for one in named if one.illegal}
    by_hash = {one.sha256: one for one in reversed(named)}
    shown = list(reversed(by_hash.values()))[:MAX_SHOWN]
    told = tuple(_illegal(one) if one.sha256 in illegal else _attached(one, is_here) for one in shown)
    return told, len(by_hash) - len(shown)


def _illegal(one: Attachment) -> Attached:
    return Attached(one.sha256, size_of(one.size_bytes), illegal=True)


def _attached(one: Attachment, is_here: Callable[[str], bool]) -> Attached:
    name = cut(one.name) if one.name else None
    return Attached(one.sha256, size_of(one.size_bytes), name, one.media_type, here=is_here(one.sha256))
