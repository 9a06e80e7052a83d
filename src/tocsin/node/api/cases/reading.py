"""The routes of the machine API by which cases are looked at (docs/api.md)."""

import asyncio
from collections.abc import AsyncIterator, Mapping

from msgspec.structs import replace
from starlette.responses import Response

from tocsin.cases.archive import make_archive
from tocsin.cases.delivery import Delivery
from tocsin.cases.picture import CaseView, case_of
from tocsin.cases.search import Query
from tocsin.cases.telling import brief, language
from tocsin.circles.changing.bundle import Bundle
from tocsin.circles.founding.joining import decode_circle, encode_circle
from tocsin.circles.line import Line
from tocsin.core.errors import Refusal
from tocsin.core.records import CaseRecord, Record, Ref
from tocsin.core.views import Said
from tocsin.node.alerting.desks import Desks
from tocsin.node.api.cases import found
from tocsin.node.api.cases.naming import naming
from tocsin.node.api.hosting import Hosting, casework_of, line_of
from tocsin.node.api.operations import Call, operation
from tocsin.node.api.proofs import Prover
from tocsin.node.casework.casework import Casework
from tocsin.node.casework.indexing import Rebuilding
from tocsin.node.casework.knowledge import LookedUp

_MAX_CONTENT_BYTES = 256 * 2**20


class Brief(Response):
    """A page about a case."""

    media_type = "text/plain; charset=utf-8"


class Archive(Response):
    """A case with all that shows it, in one file."""

    media_type = "application/zip"


class CaseReading:
    """The operations that show the cases of one node."""

    _node: Hosting

    @operation("GET", "/v1/circles/{circle}/cases")
    async def cases(self, call: Call[found.CasesQuery, None]) -> found.CaseList:
        """List cases, those that something was last said of first."""
        query = call.query
        listed = await self._casework(call.path).summaries(
            query.state, query.after, query.limit, since_closing=query.since_closing
        )
        return found.CaseList(cases=listed.cases, next=listed.next, rebuilding=listed.rebuilding)

    @operation("GET", "/v1/circles/{circle}/cases/{case}")
    async def case(self, call: Call[None, None]) -> CaseView:
        """Give the picture of a case: what is said, on whose word, and what of it counts."""
        casework = self._casework(call.path)
        return await casework.view(self._ref(call.path))

    @operation("GET", "/v1/circles/{circle}/cases/{case}/delivery")
    async def delivery(self, call: Call[None, None]) -> Delivery:
        """Say who has received what of a case, which officer is aware of it, and what is overdue."""
        casework = self._casework(call.path)
        return await self._delivery(call.path, await casework.view(self._ref(call.path)))

    @operation("GET", "/v1/circles/{circle}/cases/{case}/brief")
    async def brief(self, call: Call[found.BriefQuery, None]) -> Brief:
        """Give one page about a case: known, not known, asked, decided."""
        casework, told = self._casework(call.path), language(call.query.lang)
        view = await casework.view(self._ref(call.path))
        delivered = await self._delivery(call.path, view)
        page = brief(view, casework.terms, told, self._node.clock.wall_ms(), delivered)
        return Brief(page.plain(call.query.columns) if call.query.columns else page.markdown())

    @operation("GET", "/v1/circles/{circle}/cases/{case}/evidence")
    async def case_evidence(self, call: Call[found.ArchiveQuery, None]) -> Archive:
        """Give a case with all that shows it in one file, which verifies itself offline.

        That is a page to read, the records with their proofs, the attachments that are here, and the circle.
        """
        casework, told = self._casework(call.path), language(call.query.lang)
        view = await casework.view(self._ref(call.path))
        delivered = await self._delivery(call.path, view)
        proofs = await self._proofs(call.path, [entry.ref for entry in view.timeline])
        circle_file = _bundle(line_of(self._node, call.path["circle"]))
        archive = await asyncio.to_thread(
            make_archive,
            view,
            casework.terms,
            told,
            self._node.clock.wall_ms(),
            proofs,
            circle_file=circle_file,
            attachments=await asyncio.to_thread(self._contents, call.path["circle"], view),
            delivery=delivered,
        )
        return Archive(archive)

    @operation("GET", "/v1/circles/{circle}/search")
    async def search(self, call: Call[found.SearchQuery, None]) -> found.Hits:
        """Search what was said by words, member, kind, case and time."""
        casework, query = self._casework(call.path), call.query
        hits = await casework.search(
            Query(
                words=query.q,
                member=query.member,
                kind=query.kind,
                case=naming(casework, self._node.store)(query.case) if query.case else None,
                since_ms=query.since_ms,
                until_ms=query.until_ms,
                limit=query.limit,
            )
        )
        records = [await _hit(casework, said) for said in hits.hits]
        return found.Hits(records=tuple(records), more=hits.more, rebuilding=hits.rebuilding)

    async def _delivery(self, path: Mapping[str, str], view: CaseView) -> Delivery:
        casework, line = self._casework(path), line_of(self._node, path["circle"])
        knowledge = casework.knowledge()
        saw = {
            (ref.log, ref.index): knowledge.saw(ref.log, ref.index)
            async for ref in _in_turns([entry.ref for entry in view.timeline])
        }
        # Of a large case it takes long, the first time; what it asks of the index is looked up before.
        return await asyncio.to_thread(
            casework.tracking.delivery,
            view,
            await casework.holdings(view.case),
            LookedUp(saw),
            casework.terms,
            hours=Desks(self._node.store).hours(line.circle),
            now_ms=self._node.clock.wall_ms(),
        )

    async def _proofs(self, path: Mapping[str, str], refs: list[Ref]) -> dict[Ref, bytes | str]:
        """A proof of each record, or why there is none."""
        node, circle = self._node, path["circle"]
        if circle not in node.keys:
            return dict.fromkeys(refs, "keys-missing")
        now_s = max(1, node.clock.wall_ms() // 1000)
        prover = Prover(line_of(node, circle), node.keys[circle].member, node.store, now_s)
        proofs: dict[Ref, bytes | str] = {}
        async for ref in _in_turns(refs):
            try:
                proofs[ref] = prover.prove(ref.log, ref.index)
            except Refusal as refusal:
                proofs[ref] = refusal.code
        return proofs

    def _contents(self, circle: str, view: CaseView) -> dict[str, bytes]:
        """The attachments that are here, by their hashes; never one that is marked as illegal.

        The small ones first, as many as an archive takes.
        """
        named = {one.sha256 for one in view.description.attachments if not one.illegal}
        here = {sha256: self._node.desk.attachments.here(circle, sha256) for sha256 in named}
        found = sorted((path.stat().st_size, sha256, path) for sha256, path in here.items() if path)
        contents: dict[str, bytes] = {}
        room = _MAX_CONTENT_BYTES
        for size_bytes, sha256, path in found:
            room -= size_bytes
            if room < 0:
                break
            contents[sha256] = path.read_bytes()
        return contents

    def _ref(self, path: Mapping[str, str]) -> Ref:
        return naming(self._casework(path), self._node.store)(path["case"])

    def _casework(self, path: Mapping[str, str]) -> Casework:
        return casework_of(self._node, path["circle"])


async def _hit(casework: Casework, said: Said[Record]) -> found.Hit:
    """A record, and what became of it."""
    hit = found.Hit(
        circle=casework.id,
        log=said.ref.log,
        member=said.member,
        index=said.ref.index,
        state="readable",
        record=said.record,
        officer=said.officer,
        name=str(said.ref),
    )
    if not isinstance(said.record, CaseRecord):
        return hit
    try:
        view = await casework.view(case_of(said.ref, said.record))
    except Rebuilding:
        return hit
    entry = next((one for one in view.timeline if one.ref == said.ref), None)
    if entry is None:
        return hit
    now = entry.corrected.summary if entry.corrected else None
    return replace(
        hit,
        standing=entry.standing,
        corrected_by=tuple(map(str, entry.corrected_by)),
        withdrawn_by=str(entry.withdrawn_by) if entry.withdrawn_by else None,
        summary_now=None if now == getattr(said.record, "summary", None) else now,
    )


async def _in_turns(refs: list[Ref]) -> AsyncIterator[Ref]:
    """Each, with room for others in between."""
    for ref in refs:
        await asyncio.sleep(0)
        yield ref


def _bundle(line: Line) -> bytes:
    founded = decode_circle(encode_circle(line.circle))
    return Bundle(founded, line.events, ()).encode()
