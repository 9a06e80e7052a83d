"""The entries of a log by pages, newest first: which of them are shown, and what each is called.

To look for one kind in a long log takes time: so many entries are looked at for one page, and the page says
from where it goes on.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

import msgspec

from tocsin.cases.telling import Language
from tocsin.core.records import Opening, Record, Withdrawal
from tocsin.core.records.form import KINDS
from tocsin.node.api.records import Shelf
from tocsin.node.api.types import ShownRecord

PAGE = 100
MOST_LOOKED_AT = 2_000
STATES = ("not-understood", "erased", "missing", "void")
"""What can be filtered by besides kinds."""

_BATCH = 50
_EXCERPT_CHARACTERS = 160


class Filter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which entries: of a kind or in a state, of some time, in UTC; below an index."""

    kind: str | None = None
    since: Annotated[str, msgspec.Meta(max_length=32)] | None = None
    until: Annotated[str, msgspec.Meta(max_length=32)] | None = None
    below: Annotated[int, msgspec.Meta(ge=0, lt=2**53)] | None = None

    @property
    def since_ms(self) -> int | None:
        """From when on."""
        return _unix_ms(self.since)

    @property
    def until_ms(self) -> int | None:
        """Until when."""
        return _unix_ms(self.until)

    def query(self, below: int) -> str:
        """The same, of what lies below another index, as an address has it."""
        given = {"kind": self.kind, "since": self.since, "until": self.until, "below": below}
        return urlencode({name: value for name, value in given.items() if value is not None})

    def takes(self, entry: ShownRecord) -> bool:
        """Whether it is one of these. What has no time that can be read is of no time."""
        at_ms = entry.record.at_ms if entry.record else None
        since_ms, until_ms = self.since_ms, self.until_ms
        if (since_ms is not None or until_ms is not None) and at_ms is None:
            return False
        if since_ms is not None and at_ms is not None and at_ms < since_ms:
            return False
        if until_ms is not None and at_ms is not None and at_ms > until_ms:
            return False
        if self.kind is None:
            return True
        if self.kind == "void":
            return entry.void
        return self.kind in (entry.state, entry.record.kind if entry.record else None)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The beginning of what somebody wrote, and its language."""

    text: str
    lang: str | None


@dataclass(frozen=True, slots=True)
class Browsed:
    """A page of a log. Older ones, if there are any, begin below `older`; so many were `looked_at`."""

    entries: tuple[ShownRecord, ...]
    ahead: tuple[ShownRecord, ...]
    older: int | None
    looked_at: int
    size: int


async def browse(shelf: Shelf, log: str, wanted: Filter) -> Browsed:
    """A page of entries of that log, newest first; others have their turn meanwhile. Raises UnknownName."""
    size = shelf.size(log)
    at = size if wanted.below is None else min(wanted.below, size)
    top, found = at, list[ShownRecord]()
    while at and len(found) < PAGE and top - at < MOST_LOOKED_AT:
        first = max(0, at - _BATCH)
        for entry in reversed(list(shelf.read(log, first, at - first))):
            at = entry.index
            if wanted.takes(entry):
                found.append(entry)
                if len(found) == PAGE:
                    break
        else:
            at = first
        await asyncio.sleep(0)
    ahead = tuple(shelf.read_ahead(log)) if wanted == Filter() else ()
    return Browsed(tuple(found), ahead, at or None, top - at, size)


def kinds(language: Language) -> Iterator[tuple[str, str]]:
    """Every kind with its word, then every state."""
    yield from ((kind, kind_word(kind, language)) for kind in KINDS if kind != "leaving")
    yield from ((state, language.say(f"logs.state_{state}")) for state in STATES)


def kind_word(kind: str, language: Language) -> str:
    """What a kind of record is called; those of cases as in cases."""
    key = f"logs.kind_{kind}"
    return language.phrases[key] if key in language.phrases else language.word("Kind", kind)


def excerpt(record: Record | None) -> Excerpt | None:
    """What it says in somebody's words, as far as a line has room for it."""
    if record is None or isinstance(record, Opening | Withdrawal):
        return None
    for name in ("text", "summary", "reason"):
        text = getattr(record, name, None)
        if isinstance(text, str):
            line = " ".join(text[: 4 * _EXCERPT_CHARACTERS].split())
            cut = line if len(line) <= _EXCERPT_CHARACTERS else f"{line[:_EXCERPT_CHARACTERS]}…"
            return Excerpt(cut, getattr(record, "lang", None))
    return None


def _unix_ms(text: str | None) -> int | None:
    """A moment as forms have it, in UTC; what is none filters nothing."""
    if text is None:
        return None
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
