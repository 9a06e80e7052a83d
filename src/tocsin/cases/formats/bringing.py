"""From what was found in one event, incident or bundle to the records that say so.

- Every account becomes a report: the first opens the case, or adds to it; the others follow.
- Fingerprints and sources beyond what one report takes, and what is carried, follow in further reports that
  cite the first source again: repeated, it counts once.
- What is too large even so has no place, and is listed. Each record is one that can be written.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from tocsin.cases.formats.account import Account, moments_in
from tocsin.cases.formats.keeping import Carried, Pair, more_of, split
from tocsin.cases.formats.terms import Imported, Into, Placed, unplaced
from tocsin.cases.formats.trees import Json
from tocsin.core.errors import Refusal
from tocsin.core.records import (
    Answer,
    Fingerprint,
    Moment,
    Ref,
    Report,
    Source,
    Tlp,
    Translation,
    encode_record,
)
from tocsin.core.records.cases.parts import MAX_LOCATOR_BYTES, MAX_NAME_BYTES, MAX_SOURCES, MAX_TEXT_BYTES
from tocsin.core.records.cases.vocabulary import Count, Seen
from tocsin.core.tlog.entry import MAX_RECORD_BYTES

MAX_REPORTS = 64
_FIRST_BYTES = 24_000
_LIST_BYTES = 8_000
_SLACK_BYTES = 1_500
"""For the case, and for the names of fields."""
_MAX_FINGERPRINTS = 64

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gist:
    """What one account says, the element of the file that is it, and those in which it says so."""

    sources: Sequence[Source]
    placed: Sequence[Placed]
    element: str
    account: Account | None = None
    summary: str | None = None
    lang: str = "und"
    moments: Sequence[Moment] = ()

    @property
    def translations(self) -> tuple[Translation, ...]:
        """Those of the summary."""
        return self.account.translations if self.account else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighted:
    """What the sightings of a file amount to, if they answer an ask."""

    seen: Seen
    sources: Sequence[Source]
    count: Count | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """All of one event, incident or bundle. `document` is carried whole, under `name` and `identifier`."""

    name: str
    identifier: str
    title: str
    document: Json
    gists: Sequence[Gist]
    path: str = ""
    fingerprints: Sequence[Fingerprint] = ()
    placed: Sequence[Placed] = ()
    sighted: Sighted | None = None


@dataclass(slots=True)
class _Part:
    """One report in the making: what it holds besides what all have."""

    room: int
    fingerprints: list[Fingerprint] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)


def bring(found: Found, label: Tlp, into: Into) -> Imported:
    """The records that say what was found, and where each element went."""
    placed = list(found.placed)
    reports = []
    for gist in found.gists:
        report, said = _report(gist, label, into)
        carried = Carried(id=found.identifier, element=gist.element)
        reports.append(msgspec.structs.replace(report, more=more_of(found.name, carried, ())))
        placed += said
    first, *others = reports
    pieces = list(split(found.document))
    pairs = [piece for piece in pieces if isinstance(piece, Pair)]
    placed += [_under(found.path, piece) for piece in pieces if isinstance(piece, Placed)]
    parts, left = _pack(first, found, pairs)
    reached = {id(pair) for part in parts for pair in part.pairs}
    for pair in pairs:
        where = Placed(found.path + pair.path, "kept", to=f"more.{found.name}")
        if id(pair) not in reached:
            where = unplaced(where.path, "too-large", "more than what these reports carry")
        placed.append(where)
    if left:
        many = f"{left} fingerprints or sources too many"
        placed.append(unplaced(found.path, "too-large", many))
    element = found.gists[0].element
    opening, *further = [
        _whole(first, part, found.name, Carried(id=found.identifier, element=element, part=at))
        for at, part in enumerate(parts)
    ]
    return Imported(
        title=found.title,
        opening=opening,
        following=_following([*others, *further], found.sighted, label, into),
        placed=tuple(placed),
    )


def words(text: object, max_bytes: int) -> str | None:
    """A text that a record's field can hold; None if it is none, empty or too long."""
    return text if isinstance(text, str) and 0 < len(text.encode()) <= max_bytes else None


def name_in(text: object) -> str | None:
    """A name as records hold them; None if it is none."""
    return words(text, MAX_NAME_BYTES)


def locator_in(text: object) -> str | None:
    """Where something is; None if it is nowhere."""
    return words(text, MAX_LOCATOR_BYTES)


def summary_in(text: object) -> str | None:
    """A summary; None if a record cannot hold it."""
    return words(text, MAX_TEXT_BYTES)


def _following(
    reports: Sequence[Report], sighted: Sighted | None, label: Tlp, into: Into
) -> Callable[[Ref], tuple[Report | Answer, ...]]:
    def following(case: Ref) -> tuple[Report | Answer, ...]:
        records: list[Report | Answer] = [msgspec.structs.replace(report, case=case) for report in reports]
        if sighted is not None and into.ask is not None:
            records.append(_answer(sighted, label, into, case, into.ask))
        return tuple(records)

    return following


def _answer(sighted: Sighted, label: Tlp, into: Into, case: Ref, ask: Ref) -> Answer:
    seen = sighted.seen == "seen"
    return Answer(
        **_common(label, into),
        case=case,
        ask=ask,
        seen=sighted.seen,
        count=sighted.count if seen else None,
        sources=tuple(sighted.sources[:MAX_SOURCES]) if seen else None,
    )


def _common(label: Tlp, into: Into) -> dict[str, Any]:
    return {
        "circle": into.circle,
        "at_ms": into.at_ms,
        "author": into.author,
        "author_kind": into.author_kind,
        "answerable": into.answerable,
        "tlp": label,
    }


def _report(gist: Gist, label: Tlp, into: Into) -> tuple[Report, Iterable[Placed]]:
    """The report of an account; a bare one where a record cannot say all of it, which is carried then."""
    said = said_by(gist, officer=into.author_kind == "officer")
    summary: dict[str, Any] = {}
    if gist.summary is not None:
        translations = gist.translations or None
        summary = {"summary": gist.summary, "lang": gist.lang, "translations": translations}
    bare = Report(**_common(label, into), case=into.case, sources=tuple(gist.sources[:1]))
    for fields in (said | summary, said, summary):
        report = msgspec.structs.replace(bare, **fields)
        if _fits(report):
            return report, gist.placed if fields == said | summary else ()
    return bare, ()


def said_by(gist: Gist, *, officer: bool) -> dict[str, Any]:
    """The fields of a report that an account fills; *aware* only if an officer writes it down."""
    account = gist.account or Account()
    names = ("harms", "tasks", "economies", "systems", "operators", "fingerprints", "attachments")
    said: dict[str, Any] = {name: getattr(account, name) or None for name in names}
    said |= {name: getattr(account, name) for name in ("event", "severity", "relation")}
    said["moments"] = (moments_in(account, officer=officer) or tuple(gist.moments)) or None
    return said


def _fits(report: Report) -> bool:
    try:
        return len(encode_record(report)) <= _FIRST_BYTES
    except Refusal:
        return False


def _pack(first: Report, found: Found, pairs: Sequence[Pair]) -> tuple[list[_Part], int]:
    """What goes into which report, the first of which says the rest besides; and how much does not fit."""
    given = set(first.fingerprints or ())
    fingerprints = [one for one in dict.fromkeys(found.fingerprints) if one not in given]
    sources = list(found.gists[0].sources[1:])
    parts: list[_Part] = []

    def part(at: int) -> _Part | None:
        if at == len(parts) and at < MAX_REPORTS:
            bare = first if at == 0 else _bare(first)
            parts.append(_Part(_room(bare)))
            parts[at].fingerprints += (first.fingerprints or ()) if at == 0 else ()
        return parts[at] if at < len(parts) else None

    part(0)
    left = _deal(part, sources, lambda one: one.sources, MAX_SOURCES - 1)
    left += _deal(part, fingerprints, lambda one: one.fingerprints, _MAX_FINGERPRINTS)
    at, most = 0, _room(_bare(first))
    for pair in pairs:
        if pair.weight > most:
            continue
        while (here := part(at)) is not None and here.room < pair.weight:
            at += 1
        if here is None:
            break
        here.pairs.append(pair)
        here.room -= pair.weight
    return parts, left


def _deal(
    part: Callable[[int], _Part | None], items: Sequence[_T], shelf: Callable[[_Part], list[_T]], most: int
) -> int:
    """Puts items on the shelves of one part after the other; how many found no room."""
    at, used = 0, 0
    for done, item in enumerate(items):
        size = len(msgspec.json.encode(item)) + 1
        while (here := part(at)) is not None and (
            len(shelf(here)) >= most or size > here.room or (used and used + size > _LIST_BYTES)
        ):
            at, used = at + 1, 0
        if here is None:
            return len(items) - done
        shelf(here).append(item)
        here.room -= size
        used += size
    return 0


def _bare(first: Report) -> Report:
    return Report(
        circle=first.circle,
        at_ms=first.at_ms,
        author=first.author,
        author_kind=first.author_kind,
        answerable=first.answerable,
        tlp=first.tlp,
        sources=first.sources[:1],
        case=first.case,
    )


def _room(report: Report) -> int:
    return MAX_RECORD_BYTES - _SLACK_BYTES - len(encode_record(report))


def _whole(first: Report, part: _Part, name: str, carried: Carried) -> Report:
    base = _bare(first) if carried.part else first
    return msgspec.structs.replace(
        base,
        sources=(*base.sources[:1], *part.sources),
        fingerprints=tuple(sorted(part.fingerprints)) or None,
        more=more_of(name, carried, part.pairs),
    )


def _under(path: str, placed: Placed) -> Placed:
    return msgspec.structs.replace(placed, path=path + placed.path)
