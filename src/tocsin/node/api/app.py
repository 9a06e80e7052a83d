"""The machine API as an application: every error a problem document, and who may call it.

- On the Unix socket, whoever the file system lets connect may call. On TCP, a token is asked for.
- An error is what was expected and found, and what to do next (RFC 9457), with a code that does not change.
  What is wrong with the node itself is logged, and says no more than that.
"""

import hmac
import re
from collections.abc import Callable, Mapping, Sequence

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from tocsin.core.errors import Fault, Refusal, TocsinError
from tocsin.node.api.operations import Operation
from tocsin.node.api.types import Problem

_STATUS_OF_CODE = {
    "malformed-json": 400,
    "unauthorised": 401,
    "no-such-circle": 404,
    "unknown-name": 404,
    "unknown-log": 404,
    "unknown-case": 404,
    "unknown-record": 404,
    "no-content": 404,
    "unknown-observation": 404,
    "already-joined": 409,
    "draft-exists": 409,
    "end-unknown": 409,
    "no-draft": 409,
    "no-phone-key": 409,
    "rebuilding": 409,
    "keys-missing": 409,
    "writes-halted": 409,
    "body-too-large": 413,
    "limit-reached": 429,
    "storage-full": 507,
}
_IN_WORDS = re.compile(r"Expected (?P<expected>.+?), found (?P<found>.+)", re.DOTALL)


class Unauthorised(Refusal):
    """Expected the token of this node as a bearer token, found none or another. Next: see api.token_file."""

    code = "unauthorised"


def make_app(operations: list[Operation], on_fault: Callable[[BaseException], None]) -> ASGIApp:
    """The operations as an application. `on_fault` is told of every error that is not the caller's."""
    routes = [one.route() for one in operations]

    def answer(request: Request, error: Exception) -> Response:
        if isinstance(error, ClientDisconnect):
            return Response(status_code=499)
        if not isinstance(error, Refusal | HTTPException):
            on_fault(error)
        return _respond(problem_of(error), _allowed(request, routes))

    return Starlette(
        routes=routes,
        exception_handlers=dict.fromkeys((TocsinError, HTTPException, ClientDisconnect, Exception), answer),
    )


class TokenGate:
    """Lets through who shows the token; everyone else gets a problem."""

    def __init__(self, app: ASGIApp, token: bytes) -> None:
        self._app = app
        self._expected = b"Bearer " + token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request (ASGI)."""
        shown = dict(scope["headers"]).get(b"authorization", b"")
        if hmac.compare_digest(shown, self._expected):
            await self._app(scope, receive, send)
        else:
            await _respond(problem_of(Unauthorised()))(scope, receive, send)


def problem_of(error: Exception) -> Problem:
    """What to tell the caller."""
    if isinstance(error, HTTPException):
        detail = f"Expected a route and method of this API, found another ({error.detail})."
        return Problem(title=error.detail, status=error.status_code, code="no-such-route", detail=detail)
    if not isinstance(error, TocsinError):
        error = Fault("This node is at fault. Next: see its log.")
    status = _STATUS_OF_CODE.get(error.code, 422 if isinstance(error, Refusal) else 500)
    detail, _, next_step = str(error).partition(" Next: ")
    words = _IN_WORDS.match(detail)
    return Problem(
        title=error.code.replace("-", " ").capitalize(),
        status=status,
        code=error.code,
        detail=detail,
        expected=words["expected"] if words else None,
        found=words["found"].removesuffix(".") if words else None,
        next=next_step or None,
    )


def _allowed(request: Request, routes: Sequence[Route]) -> dict[str, str]:
    """Of a path that has routes, but none of this method: the methods of all of them."""
    matches = [(route, route.matches(request.scope)[0]) for route in routes]
    methods = {method for route, match in matches if match is Match.PARTIAL for method in route.methods or ()}
    found = any(match is Match.FULL for _, match in matches)
    return {} if found or not methods else {"allow": ", ".join(sorted(methods))}


def _respond(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    data = msgspec.json.encode(problem)
    return Response(data, problem.status, headers, media_type="application/problem+json")
