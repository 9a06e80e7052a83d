"""Content that records of a case name by its hash: is it here, fetch it, save it.

- It is saved as a file, under a name that is its hash: what members call it is shown, and names nothing.
- What anybody names as illegal is neither fetched nor given (`node.attachments`).
"""

from msgspec import Struct
from starlette.responses import Response

from tocsin.circles.errors import IllegalContent, NoContent
from tocsin.core.errors import quoted
from tocsin.node.api.cases.attaching import Fetched, FetchQuery
from tocsin.node.api.cases.types import RecordName
from tocsin.node.api.operations import Call
from tocsin.node.node import Node
from tocsin.web.casebook.opening import while_unread
from tocsin.web.casebook.reading import Reading
from tocsin.web.casebook.sections import Case
from tocsin.web.casebook.shown.attached import Attached, attached
from tocsin.web.casebook.shown.naming import Namer
from tocsin.web.casebook.working import Work, Works
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

_MOST_FETCHED = 32


class OfCase(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The case whose records name it."""

    case: RecordName


class Attaching:
    """The pages of attachments."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._reading = Reading(node)
        self._fetching: Works[Fetched] = Works(node.clock, _MOST_FETCHED)

    async def stop(self) -> None:
        """End what is being fetched: what came of it stays, to be gone on with."""
        await self._fetching.stop()

    @page("GET", "/attachments/{circle}/{sha256}", Role.READER)
    async def attachment(self, visit: Visit) -> Response:
        """What it is, and whether it is here."""
        of = visit.query(OfCase).case
        opening = await while_unread(visit, self._reading, {"circle": visit.path["circle"], "case": of})
        return opening or await self._page(visit, of)

    @page("POST", "/attachments/{circle}/{sha256}", Role.OFFICER)
    async def fetch(self, visit: Visit) -> Response:
        """Begin to fetch it, because an officer says so."""
        circle, sha256 = visit.path["circle"], visit.path["sha256"]
        of, casework = visit.form(OfCase).case, self._reading.casework(circle)
        await self._found(visit, of)
        refs = await casework.naming(sha256)
        if not refs:
            raise NoContent(f"Expected content that a record names, found {quoted(sha256)}.")
        call = Call({"circle": circle, "sha256": sha256}, FetchQuery(record=str(refs[0])), None)
        self._fetching.begin(f"{circle}/{sha256}", lambda: self._reading.calls.fetch(call))
        return await self._page(visit, of) if visit.partial else visit.go(f"{visit.url_path}?case={of}")

    @page("GET", "/attachments/{circle}/{sha256}/file", Role.READER)
    async def attachment_file(self, visit: Visit) -> Response:
        """The content, as a file."""
        response = await self._reading.calls.content(Call(visit.path, None, None))
        name = f"{visit.path['sha256'][:16]}.bin"
        response.headers["content-disposition"] = f'attachment; filename="{name}"'
        return response

    async def _page(self, visit: Visit, of: str) -> Response:
        case, found, size_bytes = await self._found(visit, of)
        name = f"{case.circle}/{found.sha256}"
        work: Work[Fetched] | None = self._fetching.get(name)
        if work and work.done:
            self._fetching.drop(name)
            work.task.result()
            found = (await self._found(visit, of))[1]
        running = work is not None and not work.done
        came = self._node.desk.attachments.of(case.circle).came(found.sha256) if running else 0
        template = "casebook/take/attachment.html" if visit.partial else "casebook/take/attachment_page.html"
        return visit.render(
            template,
            case=case,
            namer=Namer(visit.language, case.terms),
            one=found,
            running=running,
            came=came,
            whole=size_bytes,
            drill=case.terms.drill,
        )

    async def _found(self, visit: Visit, of: str) -> tuple[Case, Attached, int]:
        """The case, and what it says of this content. Raises NoContent, IllegalContent."""
        sha256 = visit.path["sha256"]
        case = await self._reading.case({"circle": visit.path["circle"], "case": of})
        named = tuple(one for one in case.view.description.attachments if one.sha256 == sha256)
        if not named:
            raise NoContent(f"Expected content that a record of {case.ref} names, found {quoted(sha256)}.")
        if any(one.illegal for one in named):
            raise IllegalContent(f"Expected what may be shown, found {sha256} named as illegal.")
        ((found,), _) = attached(named, case.is_here)
        return case, found, named[0].size_bytes
