"""What this organisation has brought in already of files of others' formats.

The identifier that a file gives to an event or incident is kept with its reports (`cases.formats.keeping`).
It is not in the index, which names the reports; those of our own logs are looked through, once for each file.
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from tocsin.cases.formats.keeping import carried_in
from tocsin.cases.picture import case_of
from tocsin.circles.line import Line
from tocsin.core.records import CaseRecord, Ref, Report
from tocsin.log.index import Filter, Place
from tocsin.log.store import Store
from tocsin.node.casework.casework import Casework
from tocsin.node.casework.indexing import Rebuilding
from tocsin.node.casework.noting import json_of

_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Brought:
    """In which case it is, and in which of our reports there: where they are, and what they say."""

    case: Ref
    reports: tuple[Ref, ...]
    said: tuple[Report, ...]

    def says(self, records: Iterable[CaseRecord]) -> bool:
        """Whether they say what these reports would, whoever brings them in, and when."""
        known = list(map(_content, self.said))
        return all(_content(one) in known for one in records if isinstance(one, Report))


class _Peek(Struct):
    more: dict[str, Raw] = {}


class _Carried(Struct):
    id: str


_peek = msgspec.json.Decoder(_Peek).decode
_carried = msgspec.json.Decoder(_Carried).decode


async def brought_in(
    wanted: Collection[str], name: str, line: Line, casework: Casework, store: Store
) -> dict[str, Brought]:
    """Where we brought in what has these identifiers in the format of that name. Raises Rebuilding."""
    if not await casework.indexing.catch_up(casework):
        raise Rebuilding
    found: dict[str, Brought] = {}
    for log, member in line.circle.by_log.items():
        head = store.head(log)
        high = head.size if head and member.slug == line.own.member.slug else None
        while high:
            with casework.indexing.asked() as index:
                places, high = index.find(Filter(log, 0, high, kind="report"), _AT_ONCE)
            for identifier, ref, report in _carrying(places, wanted, name, casework, store):
                case, known = case_of(ref, report), found.get(identifier)
                refs, said = (known.reports, known.said) if known and known.case == case else ((), ())
                found[identifier] = Brought(case, (ref, *refs), (report, *said))
            await asyncio.sleep(0)
    return found


def _content(report: Report) -> Report:
    return replace(
        report, case=None, at_ms=0, author="", author_kind="officer", answerable=None, tlp="TLP:RED"
    )


def _carrying(
    places: Collection[Place], wanted: Collection[str], name: str, casework: Casework, store: Store
) -> Iterator[tuple[str, Ref, Report]]:
    """The reports there that carry any of it."""
    for place in places:
        entry, _, body = store.record(place.log, place.index)
        if body is None or _identifier(body, name) not in wanted:
            continue
        said = casework.said(Ref.at(place.log, place.index, entry))
        if said and isinstance(said.record, Report) and (carried := carried_in(said.record.more, name)):
            yield carried.id, said.ref, said.record


def _identifier(body: bytes, name: str) -> str | None:
    """What a record may carry, from its bytes: most carry nothing, and are not read as records for that."""
    try:
        carried = _peek(json_of(body)).more.get(name)
        return None if carried is None else _carried(carried).id
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
