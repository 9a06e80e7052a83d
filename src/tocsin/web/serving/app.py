"""The pages as an application: what is checked before one is made, and how errors are told.

Of each request, in this order:

(1) it names this console as its host: whatever else a name is made to point here, is none; (2) there is such
a page; (3) who asks is signed in, where that is needed, (4) and has the role; (5) what changes anything comes
from a page of this console, is small enough, and finds room; (6) its form carries the session's token;
(7) who asks has just signed in, where that is needed: others do so, and go on from there. Then the page is
made, and (8) that it was looked at is noted.
"""

from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from tocsin.core.errors import Refusal, TocsinError
from tocsin.node.api.app import problem_of
from tocsin.web.languages import LANGUAGES, preferred
from tocsin.web.serving import forms
from tocsin.web.serving.bodies import Bodies, read, size_of
from tocsin.web.serving.errors import ForeignForm, NoSuchPage, NotHere, NotSignedIn, OtherRole
from tocsin.web.serving.headers import ALWAYS, OVER_TLS
from tocsin.web.serving.page import Page
from tocsin.web.serving.person import Door, Role, Signed
from tocsin.web.serving.visit import Site, Visit

_STATUS = {
    "not-here": 421,
    "not-signed-in": 401,
    "other-role": 403,
    "foreign-form": 403,
    "malformed-form": 422,
    "no-such-page": 404,
    "no-such-account": 404,
    "not-let-in": 403,
    "too-many-attempts": 429,
    "too-much-at-once": 503,
}
_FORM = "application/x-www-form-urlencoded"


class Application:
    """Pages behind their addresses. `on_fault` is told of every error that is not the reader's."""

    def __init__(
        self, site: Site, door: Door, pages: Iterable[Page], on_fault: Callable[[BaseException], None]
    ) -> None:
        self._site = site
        self._door = door
        self._on_fault = on_fault
        self._host = urlsplit(site.origin).netloc
        self._pages = list(pages)
        self._bodies = Bodies()

    def asgi(self) -> ASGIApp:
        """The application as ASGI has it."""
        routes = [
            Route("/static/{version}/{name:path}", self._guarded(self._site.assets.serve), name="static")
        ]
        routes += [
            Route(one.path, self._guarded(self._serve(one)), methods=[one.method], name=one.name)
            for one in self._pages
        ]
        served = Starlette(
            routes=routes,
            exception_handlers=dict.fromkeys(
                (TocsinError, HTTPException, ClientDisconnect, Exception), self._failed
            ),
        )
        # An address that almost is one is none: Starlette would lead on to whatever host was named.
        served.router.redirect_slashes = False
        return served

    def _guarded(
        self, handler: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            # (1) the host
            if request.headers.get("host", "").lower() != self._host:
                raise NotHere(f"Expected {self._site.origin}, found another address.")
            return self._with_headers(await handler(request))

        return serve

    def _serve(self, one: Page) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            # (3) who asks
            signed = await self._door.signed(request)
            visit = self._visit(request, signed)
            if one.role is not None:
                if signed is None:
                    raise NotSignedIn
                # (4) the role
                if one.role not in signed.person.roles:
                    raise OtherRole(f"Expected the role {one.role}, found {_roles(signed)}.")
            if one.method == "GET":
                return await self._made(visit, one)
            # (5) from here
            site = request.headers.get("sec-fetch-site", "same-origin")
            if site != "same-origin" or request.headers.get("origin", "") != self._site.origin:
                raise ForeignForm
            is_form = request.headers.get("content-type", "").split(";")[0] == _FORM
            most_bytes = min(one.most_bytes, forms.MOST_BYTES) if is_form else one.most_bytes
            size_bytes = size_of(request, most_bytes)
            with self._bodies.room(size_bytes, signed.person.id if signed else ""):
                visit.body = await read(request, size_bytes)
                self._read(visit, is_form=is_form)
                return await self._made(visit, one)

        return serve

    def _read(self, visit: Visit, *, is_form: bool) -> None:
        """The fields of a form, with (6) the session's token, which a script sends in a header."""
        request = visit.request
        # (6) the token
        fields = forms.fields_of(visit.body) if is_form else {"csrf": [request.headers.get("x-csrf", "")]}
        if visit.signed:
            forms.check_csrf(fields, visit.signed.csrf)
        else:
            fields.pop("csrf", None)
        visit.fields = fields

    async def _made(self, visit: Visit, one: Page) -> Response:
        signed = visit.signed
        # (7) a fresh sign-in
        if one.fresh is not None and not (signed and signed.fresh):
            return visit.go(self._door.way_in(one.fresh.format_map(visit.path), again=True))
        response = await one.run(visit)
        # (8) noted
        if signed and one.noted and one.method == "GET":
            self._door.looked(signed, one.name, visit.path)
        return response

    def _visit(self, request: Request, signed: Signed | None) -> Visit:
        if signed:
            language = LANGUAGES.get(signed.person.language, LANGUAGES["en"])
        else:
            asked = request.query_params.get("lang")
            language = preferred(asked or request.headers.get("accept-language", ""))
        return Visit(request, self._site, language, signed, moment=self._site.moment())

    async def _failed(self, request: Request, error: Exception) -> Response:
        if isinstance(error, ClientDisconnect):
            return Response(status_code=499)
        if isinstance(error, HTTPException):
            error = NoSuchPage()
        if not isinstance(error, Refusal):
            self._on_fault(error)
        if isinstance(error, NotHere):
            return self._with_headers(Response(str(error), 421, media_type="text/plain"))
        signed = await self._door.signed(request)
        visit = self._visit(request, signed)
        if isinstance(error, NotSignedIn) and request.method == "GET":
            url = request.url
            way = self._door.way_in(f"{url.path}?{url.query}" if url.query else url.path)
            # Within a page, the way in would stand where its part is to be.
            led = Response(status_code=401, headers={"hx-redirect": way}) if visit.partial else visit.go(way)
            return self._with_headers(led)
        problem = problem_of(error)
        status = _STATUS.get(problem.code, problem.status)
        return self._with_headers(visit.render("common/error.html", status=status, problem=problem))

    def _with_headers(self, response: Response) -> Response:
        for name, value in (ALWAYS | (OVER_TLS if self._site.over_tls else {})).items():
            response.headers[name] = value
        return response


def _roles(signed: Signed) -> str:
    return ", ".join(role for role in Role if role in signed.person.roles)
