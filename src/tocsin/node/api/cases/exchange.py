"""The routes of the machine API by which cases come in and leave: files of others' formats, other circles.

What comes in of a file is written record by record; what became of each of its elements is said. A file that
is refused leaves nothing behind, and an event that was brought in before is not written again (`brought`).
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Final

import msgspec
from msgspec.structs import replace

from tocsin.cases.formats import (
    Exported,
    Imported,
    Into,
    Outgoing,
    read_aiid,
    read_misp,
    read_stix,
    write_misp,
    write_oecd,
    write_oecd_table,
    write_stix,
)
from tocsin.cases.formats.keeping import carried_in
from tocsin.cases.picture import CaseView
from tocsin.cases.writing import pass_on
from tocsin.circles.line import Line
from tocsin.core.errors import Refusal, quoted
from tocsin.core.records import CaseRecord, Passing, Ref, Report, Tlp, encode_record
from tocsin.core.records.errors import PassingRefused
from tocsin.core.tlog.tree import MAX_SIZE
from tocsin.node.api.cases import exchangetypes as types
from tocsin.node.api.cases.brought import Brought, brought_in
from tocsin.node.api.cases.naming import naming
from tocsin.node.api.cases.saying import check
from tocsin.node.api.hosting import Hosting, casework_of, line_of
from tocsin.node.api.operations import Call, MalformedCall, operation

_AT_ONCE = 16

_READERS: Final[dict[str, Callable[[bytes, Into], tuple[Imported, ...]]]] = {
    "misp": read_misp,
    "stix": read_stix,
    "aiid": read_aiid,
}
_WRITERS: Final[dict[str, Callable[[CaseView, Outgoing], Exported]]] = {
    "misp": write_misp,
    "stix": write_stix,
    "oecd": write_oecd,
    "oecd-table": write_oecd_table,
}


class MalformedGroups(Refusal):
    """This does not say which label a sharing group has."""

    code = "malformed-groups"


class CaseExchange:
    """The operations by which cases come to one node and leave it."""

    _node: Hosting

    @cached_property
    def _importing(self) -> asyncio.Lock:
        """Held while a file is brought in: whoever tries again, tries after that."""
        return asyncio.Lock()

    @operation("POST", "/v1/circles/{circle}/import")
    async def import_cases(self, call: Call[types.ImportQuery, bytes]) -> types.ImportedFile:
        """Take a MISP event, a STIX bundle or incidents of the AI Incident Database into cases.

        Nothing is lost in silence: `placed` says of every element where it went. What this organisation has
        brought in before, by the identifier that the file gives it, is not written again, unless `again`.
        """
        query, line = call.query, line_of(self._node, call.path["circle"])
        casework = casework_of(self._node, line.circle.id)
        ref = naming(casework, self._node.store)
        if query.ask and not query.case:
            raise MalformedCall("Expected the `case` that the `ask` is about, found none.")
        into = Into(
            circle=line.circle.id,
            at_ms=self._node.clock.wall_ms(),
            author=query.author,
            author_kind=query.author_kind,
            answerable=query.answerable,
            handling=line.circle.charter.handling,
            drill=line.circle.drill,
            case=ref(query.case) if query.case else None,
            ask=casework.ref(query.ask) if query.ask else None,
            unlabelled=query.tlp,
            groups=_groups(query.groups),
        )
        found = await asyncio.to_thread(_READERS[query.format], call.body, into)
        for one in found:
            await self._check(line, one.opening)
            for record in one.following(into.case or _longest(line)):
                # Of a new case, what follows names nothing but that.
                if into.case:
                    await self._check(line, record)
                else:
                    encode_record(record)
        async with self._importing:
            known = {} if query.again else await self._known(line, found, query.format)
            return types.ImportedFile(
                cases=tuple([await self._take(line, one, into.case, query, known) for one in found])
            )

    @operation("GET", "/v1/circles/{circle}/cases/{case}/export")
    async def export_case(self, call: Call[types.ExportQuery, None]) -> types.ExportedFile:
        """Give a case in a format of others: MISP, STIX 2.1, or the OECD's reporting framework."""
        query, line = call.query, line_of(self._node, call.path["circle"])
        casework = casework_of(self._node, line.circle.id)
        view = await casework.view(naming(casework, self._node.store)(call.path["case"]))
        out = Outgoing(
            terms=casework.terms,
            own=line.own.member.slug,
            up_to=query.up_to,
            named=frozenset(filter(None, query.named.split(","))),
        )
        exported = await asyncio.to_thread(_WRITERS[query.format], view, out)
        return types.ExportedFile(
            media_type=exported.media_type, data=exported.data, no_place=exported.no_place
        )

    @operation("POST", "/v1/circles/{circle}/cases/{case}/passing")
    async def pass_on(self, call: Call[None, types.PassOn]) -> types.PassedOn:
        """Pass reports of a case on to another circle of ours, as far as their labels allow.

        First it is written here that they were passed on; then there what they say, with the same sources,
        and without a word of the circle that they come from.
        """
        wish, here = call.body, line_of(self._node, call.path["circle"])
        there = line_of(self._node, wish.circle)
        casework = casework_of(self._node, here.circle.id)
        case = naming(casework, self._node.store)(call.path["case"])
        view = await casework.view(case)
        if here is there or here.circle.drill is not there.circle.drill:
            raise PassingRefused(
                "Expected another circle, of drills where this is one and live where not; found none such."
            )
        refs = {casework.ref(name) for name in wish.of}
        told = [entry.ref for entry in view.timeline if entry.ref in refs]
        ref_there = naming(casework_of(self._node, there.circle.id), self._node.store)
        into = ref_there(wish.into) if wish.into else None
        at_ms = self._node.clock.wall_ms()
        reports = [
            pass_on(
                view,
                ref,
                member=here.own.member.slug,
                handling=there.circle.charter.handling,
                circle=wish.circle,
                at_ms=at_ms,
                author=wish.author,
                author_kind=wish.author_kind,
                answerable=wish.answerable,
            )
            # What is not of the case is refused there.
            for ref in dict.fromkeys((*told, *refs))
        ]
        passing = Passing(
            circle=here.circle.id,
            at_ms=at_ms,
            author=wish.author,
            author_kind=wish.author_kind,
            answerable=wish.answerable,
            tlp=here.circle.charter.handling,
            case=case,
            of=tuple(sorted(refs)),
            to=wish.to,
        )
        await self._check(here, passing)
        for nth, report in enumerate(reports):
            await self._check(there, replace(report, case=into))
            if nth:
                encode_record(replace(report, case=into or _longest(there)))
        await self._carry_over(here, there, reports)
        (noted,) = await self._write(here, [passing])
        return types.PassedOn(
            passing=str(noted), records=tuple(map(str, await self._open(there, reports, into)))
        )

    async def _known(self, line: Line, found: Sequence[Imported], name: str) -> dict[str, Brought]:
        wanted = set(filter(None, (_identifier(one, name) for one in found)))
        casework = casework_of(self._node, line.circle.id)
        return await brought_in(wanted, name, line, casework, self._node.store)

    async def _take(
        self,
        line: Line,
        one: Imported,
        into: Ref | None,
        query: types.ImportQuery,
        known: dict[str, Brought],
    ) -> types.ImportedCase:
        """Write what one event or incident becomes, unless it is `known`, which it is after that."""
        identifier = _identifier(one, query.format)
        if brought := known.get(identifier):
            following = one.following(brought.case)
            wanted = 1 + sum(isinstance(record, Report) for record in following)
            return types.ImportedCase(
                title=one.title,
                case=str(brought.case),
                records=tuple(map(str, brought.reports)),
                placed=one.placed,
                already=True,
                lacking=max(0, wanted - len(brought.reports)),
                differs=not brought.says((one.opening, *following)),
            )
        if query.dry:
            return types.ImportedCase(title=one.title, case=None, records=(), placed=one.placed)
        (opening,) = await self._write(line, [one.opening])
        refs, following = [opening], one.following(into or opening)
        for first in range(0, len(following), _AT_ONCE):
            refs += await self._write(line, following[first : first + _AT_ONCE])
        if identifier and not query.again:
            records = zip(refs, (one.opening, *following), strict=True)
            said = {ref: record for ref, record in records if isinstance(record, Report)}
            known[identifier] = Brought(into or opening, tuple(said), tuple(said.values()))
        return types.ImportedCase(
            title=one.title,
            case=str(into or opening),
            records=tuple(map(str, refs)),
            placed=one.placed,
        )

    async def _open(self, line: Line, reports: Sequence[Report], into: Ref | None) -> list[Ref]:
        """Write reports into a case, or into one that the first of them opens."""
        if into is not None:
            return await self._write(line, [replace(report, case=into) for report in reports])
        opened = await self._write(line, reports[:1])
        added = [replace(report, case=opened[0]) for report in reports[1:]]
        return [*opened, *(await self._write(line, added) if added else ())]

    async def _write(self, line: Line, records: Sequence[CaseRecord]) -> list[Ref]:
        written = await line.write([encode_record(record) for record in records])
        store = self._node.store
        return [
            Ref.at(written.log, index, store.entries(written.log, index, index + 1))
            for index in range(written.first, written.size)
        ]

    async def _carry_over(self, here: Line, there: Line, reports: Sequence[Report]) -> None:
        """Keep what the reports have attached, as far as it is here, for the other circle, too."""
        for one in (attached for report in reports for attached in report.attachments or ()):
            await self._node.desk.attachments.carry_over(here.circle.id, there, one)

    async def _check(self, line: Line, record: CaseRecord) -> None:
        """That it can be written, and would count."""
        encode_record(record)
        await check(record, line.own.member.slug, casework_of(self._node, line.circle.id))


def _identifier(one: Imported, name: str) -> str:
    """What the file calls it."""
    carried = carried_in(one.opening.more, name)
    return carried.id if carried else ""


def _longest(line: Line) -> Ref:
    """What stands for a case of our own that is not written yet, as long as its reference can be."""
    return Ref.at(line.own.name, MAX_SIZE - 1, bytes(32))


def _groups(text: str) -> dict[str, Tlp]:
    """From `UUID=TLP:GREEN,…` to labels by group. Raises MalformedGroups."""
    groups: dict[str, Tlp] = {}
    for part in filter(None, text.split(",")):
        group, _, label = part.partition("=")
        try:
            groups[group] = msgspec.convert(label, Tlp)
        except msgspec.ValidationError:
            raise MalformedGroups(f"Expected UUID=TLP:GREEN, found {quoted(part)}.") from None
    return groups
