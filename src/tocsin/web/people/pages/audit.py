"""The audit, to be read: page by page, and as a file of JSON lines. Nothing here changes it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import msgspec
from starlette.responses import Response, StreamingResponse

from tocsin.web.people.audit import Happened
from tocsin.web.people.pages.telling import Fact, facts
from tocsin.web.people.people import People
from tocsin.web.serving.headers import OF_PAGES
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit


class After(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Behind which place of the audit a page begins."""

    after: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that happened, and what is noted of it in words."""

    happened: Happened
    facts: list[Fact]


class AuditPages:
    """The pages. `title` gives a circle's by its id."""

    def __init__(self, people: People, title: Callable[[str], str | None]) -> None:
        self._people = people
        self._title = title

    @page("GET", "/audit", Role.ADMINISTRATOR)
    async def audit(self, visit: Visit) -> Response:
        """What happened, the newest first."""
        shown = self._people.audit.page(visit.query(After).after)
        names = {account.id: account.name for account in self._people.accounts.all()}

        def called(name: str, noted: str) -> str | None:
            if name == "circle":
                return self._title(noted)
            return names.get(noted) if name == "account" else None

        rows = [Row(one, facts(one.about, visit.language, called)) for one in shown.happened]
        return visit.render("people/audit.html", rows=rows, next=shown.next, days=self._people.audit_days)

    @page("GET", "/audit.jsonl", Role.ADMINISTRATOR)
    async def audit_file(self, _: Visit) -> Response:
        """All of it, as a file."""
        disposition = {"content-disposition": 'attachment; filename="audit.jsonl"'}
        return StreamingResponse(
            self._lines(), headers={**OF_PAGES, **disposition}, media_type="application/x-ndjson"
        )

    async def _lines(self) -> AsyncIterator[bytes]:
        after: str | None = ""
        while after is not None:
            lines, after = self._people.audit.lines(after)
            yield lines
