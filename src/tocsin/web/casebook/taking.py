"""What one may take along of a case: the brief, the evidence archive, proofs, and files for other programs.

- Each is what the machine API gives. What takes a while is begun by a form, and says how far it is.
- Files are handed out as files, never shown: whatever they are called, nothing of them runs here.
"""

from collections.abc import Mapping
from typing import Literal, get_args

from markupsafe import Markup
from msgspec import Struct
from starlette.responses import Response

from tocsin.cases.telling import brief
from tocsin.core.records import Tlp
from tocsin.core.records.common import Slug
from tocsin.node.api.cases.exchangetypes import ExportedFile, ExportFormat, ExportQuery
from tocsin.node.api.cases.found import ArchiveQuery
from tocsin.node.api.operations import Call
from tocsin.node.node import Node
from tocsin.web.casebook.opening import while_unread
from tocsin.web.casebook.reading import Reading
from tocsin.web.casebook.shown.naming import Namer
from tocsin.web.casebook.working import Works
from tocsin.web.languages import LANGUAGES
from tocsin.web.serving.errors import NoSuchPage
from tocsin.web.serving.files import as_file
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

_MOST_ARCHIVES = 2
_ENDINGS = {"misp": "misp.json", "stix": "stix.json", "oecd": "oecd.json", "oecd-table": "oecd.md"}


class BriefLook(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """In which language, and in which form a file of it."""

    lang: str | None = None
    form: Literal["markdown", "plain"] = "markdown"


class ExportLook(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be made: see `ExportQuery`."""

    format: ExportFormat | None = None
    up_to: Tlp = "TLP:GREEN"
    named: tuple[Slug, ...] = ()


class Taking:
    """The pages from which one takes something along."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._reading = Reading(node)
        self._calls = self._reading.calls
        self._archives: Works[bytes] = Works(node.clock, _MOST_ARCHIVES)

    async def stop(self) -> None:
        """End what is being made."""
        await self._archives.stop()

    @page("GET", "/briefs/{circle}/{case}", Role.READER)
    async def brief(self, visit: Visit) -> Response:
        """The brief, in whichever language."""
        look = visit.query(BriefLook)
        if opening := await while_unread(visit, self._reading, visit.path):
            return opening
        case = await self._reading.case(visit.path, received=True)
        told = LANGUAGES.get(look.lang or visit.language.tag, visit.language)
        told_page = brief(case.view, case.terms, told, case.now_ms, case.delivery)
        return visit.render(
            "casebook/take/brief.html",
            case=case,
            told=told,
            # A page escapes whatever members wrote, in all its forms (`cases.telling.page`).
            text=Markup(told_page.html()),  # noqa: S704
            drill=case.terms.drill,
        )

    @page("GET", "/briefs/{circle}/{case}/file", Role.READER)
    async def brief_file(self, visit: Visit) -> Response:
        """The brief as a file."""
        look = visit.query(BriefLook)
        case = await self._reading.case(visit.path, received=True)
        told = LANGUAGES.get(look.lang or visit.language.tag, visit.language)
        told_page = brief(case.view, case.terms, told, case.now_ms, case.delivery)
        plain = look.form == "plain"
        text = told_page.plain() if plain else told_page.markdown()
        return as_file(f"{case.ref}.{told.tag}.{'txt' if plain else 'md'}", text.encode())

    @page("POST", "/archives/{circle}/{case}", Role.READER)
    async def make_archive(self, visit: Visit) -> Response:
        """Begin to make the evidence archive."""
        path = {"circle": visit.path["circle"], "case": visit.path["case"]}
        await self._reading.case(path)
        query = ArchiveQuery(lang=visit.language.tag)

        async def make() -> bytes:
            return bytes((await self._calls.case_evidence(Call(path, query, None))).body)

        self._archives.begin(_archive(path, visit.language.tag), make)
        return await self.archive(visit) if visit.partial else visit.go(visit.url_path)

    @page("GET", "/archives/{circle}/{case}", Role.READER, noted=False)
    async def archive(self, visit: Visit) -> Response:
        """How far the archive is. Raises what made it fail."""
        work = self._archives.get(_archive(visit.path, visit.language.tag))
        if work is None:
            return visit.go(f"/cases/{visit.path['circle']}/{visit.path['case']}")
        size = len(work.task.result()) if work.done else None
        template = "casebook/take/archive.html" if visit.partial else "casebook/take/archive_page.html"
        circle, case = visit.path["circle"], visit.path["case"]
        waited_s = (self._node.clock.wall_ms() - work.began_ms) // 1000
        drill = self._reading.casework(circle).terms.drill
        return visit.render(template, circle=circle, case=case, size=size, waited_s=waited_s, drill=drill)

    @page("GET", "/archives/{circle}/{case}/file", Role.READER)
    async def archive_file(self, visit: Visit) -> Response:
        """The archive, once it is made."""
        work = self._archives.get(_archive(visit.path, visit.language.tag))
        if work is None or not work.done:
            raise NoSuchPage
        return as_file(f"{visit.path['case']}.zip", work.task.result())

    @page("GET", "/exports/{circle}/{case}", Role.OFFICER)
    async def export(self, visit: Visit) -> Response:
        """What others' formats are there, and of the one that is chosen, what it does not say."""
        look = visit.query(ExportLook)
        if opening := await while_unread(visit, self._reading, visit.path):
            return opening
        case = await self._reading.case(visit.path)
        exported = await self._exported(visit, look) if look.format else None
        return visit.render(
            "casebook/take/export.html",
            case=case,
            namer=Namer(visit.language, case.terms),
            look=look,
            exported=exported,
            formats=get_args(ExportFormat),
            labels=get_args(Tlp),
            drill=case.terms.drill,
        )

    @page("GET", "/exports/{circle}/{case}/file", Role.OFFICER)
    async def export_file(self, visit: Visit) -> Response:
        """The case in a format of others."""
        look = visit.query(ExportLook)
        if look.format is None:
            raise NoSuchPage
        exported = await self._exported(visit, look)
        return as_file(f"{visit.path['case']}.{_ENDINGS[look.format]}", exported.data)

    @page("GET", "/proofs/{circle}/{record}", Role.READER)
    async def proof_file(self, visit: Visit) -> Response:
        """The proof file of a record."""
        circle = visit.path["circle"]
        ref = self._reading.casework(circle).ref(visit.path["record"])
        return as_file(f"{ref}.tlog-proof", await self._reading.proof(circle, ref))

    async def _exported(self, visit: Visit, look: ExportLook) -> ExportedFile:
        query = ExportQuery(format=look.format or "misp", up_to=look.up_to, named=",".join(look.named))
        return await self._calls.export_case(Call(dict(visit.path), query, None))


def _archive(path: Mapping[str, str], lang: str) -> str:
    return f"{path['circle']}/{path['case']}/{lang}"
