"""From typed functions to routes, and to the OpenAPI document that says the same.

    class Calls:
        @operation("POST", "/v1/circles/{circle}/records")
        async def write_record(self, call: Call[None, Say]) -> Written:
            '''Write one record.'''

What an operation takes and gives stands in its annotations alone: the query and the body as msgspec types in
`Call`, and what it returns, which is a msgspec type or a Response whose class says its media type. A body
that is `bytes` is taken as it is. The docstring is the description.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args, get_type_hints

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin import __version__
from tocsin.core.errors import Refusal
from tocsin.node.api.types import Problem

MAX_BODY_BYTES = 4 * 2**20
MAX_BYTES_BYTES = MAX_BODY_BYTES + 1_024
"""A body of `bytes` has room for one message of members, as large as it may be, and what frames it."""

_REFERENCE = "#/components/schemas/{name}"
_REST = ":path}"
"""Of a part of a path that may have slashes in it, how Starlette has it."""

Query = TypeVar("Query")
Body = TypeVar("Body")
_Handler = TypeVar("_Handler", bound=Callable[..., Awaitable[object]])


class BodyTooLarge(Refusal):
    """The body of the request is larger than any may be."""

    code = "body-too-large"


class MalformedJson(Refusal):
    """The body is no JSON."""

    code = "malformed-json"


class MalformedCall(Refusal):
    """The body or the query is not what this operation takes."""

    code = "malformed-call"


@dataclass(frozen=True, slots=True)
class Call(Generic[Query, Body]):
    """One call of an operation: what stood in its path, its query and its body."""

    path: Mapping[str, str]
    query: Query
    body: Body


@dataclass(frozen=True, slots=True)
class Operation:
    """A function behind a method and a `path`. `takes_query`, `takes_body`: None if it takes none.

    `served` is the path as Starlette has it, `most_bytes` of a body of `bytes`.
    """

    method: str
    served: str
    name: str
    description: str
    takes_query: type | None
    takes_body: Any
    gives: type
    most_bytes: int
    run: Callable[[Call[Any, Any]], Awaitable[object]]

    @property
    def path(self) -> str:
        """The path, its `{parts}` by their names alone."""
        return self.served.replace(_REST, "}")

    def route(self) -> Route:
        """The operation as Starlette serves it."""
        return Route(self.served, self._serve, methods=[self.method], name=self.name)

    async def _serve(self, request: Request) -> Response:
        """Raises BodyTooLarge, MalformedJson, MalformedCall, and what the operation raises."""
        query: object = None
        body: object = None
        try:
            if self.takes_query:
                asked = request.query_params
                if len(asked.multi_items()) > len(asked):
                    raise MalformedCall("Expected each parameter once.")
                query = msgspec.convert(dict(asked), self.takes_query, strict=False)
            if self.takes_body is bytes:
                body = await _read(request, self.most_bytes)
            elif self.takes_body:
                body = msgspec.json.decode(await _read(request, MAX_BODY_BYTES), type=self.takes_body)
        except msgspec.ValidationError as error:
            raise MalformedCall(f"{error}.") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise MalformedJson(f"{error}.") from error
        given = await self.run(Call(request.path_params, query, body))
        if isinstance(given, Response):
            return given
        return Response(msgspec.json.encode(given), media_type="application/json")


def operation(method: str, path: str, *, most_bytes: int = MAX_BYTES_BYTES) -> Callable[[_Handler], _Handler]:
    """Put a method of a class behind an HTTP method and a path, whose `{parts}` are handed on by name.

    The last may be `{such:path}`, and has slashes in it then.
    """

    def mark(handler: _Handler) -> _Handler:
        handler.__dict__["operation"] = (method, path, most_bytes)
        return handler

    return mark


def operations_of(calls: object) -> list[Operation]:
    """Every operation among the methods of an object, in the order of the paths."""
    found = []
    for name, run in inspect.getmembers(calls, inspect.iscoroutinefunction):
        if "operation" in run.__dict__:
            method, path, most_bytes = run.__dict__["operation"]
            call, gives = get_type_hints(run).values()
            query, body = (None if kind is type(None) else kind for kind in get_args(call))
            description = inspect.cleandoc(run.__doc__)
            found.append(Operation(method, path, name, description, query, body, gives, most_bytes, run))
    return sorted(found, key=lambda one: (one.path, one.method))


def openapi(operations: list[Operation]) -> dict[str, Any]:
    """The OpenAPI 3.1 document of these operations."""
    kinds = [one.takes_body for one in operations if one.takes_body not in (None, bytes)]
    kinds += [one.gives for one in operations if not issubclass(one.gives, Response)]
    _, components = _schemas([*kinds, Problem])
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = _describe(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "tocsin machine API", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": {name: _clean(schema) for name, schema in components.items()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _describe(one: Operation) -> dict[str, Any]:
    summary, _, more = one.description.partition("\n\n")
    if issubclass(one.gives, Response):
        media_type = str(one.gives.media_type)
        kind = "object" if media_type == "application/json" else "string"
        content: dict[str, Any] = {media_type: {"schema": {"type": kind}}}
    else:
        content = {"application/json": {"schema": _schema(one.gives)}}
    # What is no HTTP request, such as one with too long a path, is refused before any operation sees it.
    problem = {
        "application/problem+json": {"schema": _schema(Problem)},
        "text/plain": {"schema": {"type": "string"}},
    }
    described: dict[str, Any] = {
        "operationId": one.name,
        "summary": summary,
        "parameters": [*_path_parameters(one.path), *_query_parameters(one.takes_query)],
        "responses": {
            "200": {"description": "Done.", "content": content},
            "default": {"description": "Not done.", "content": problem},
        },
    }
    if more:
        described["description"] = more
    if one.takes_body:
        taken: dict[str, Any] = {"application/json": {"schema": _schema(one.takes_body)}}
        if one.takes_body is bytes:
            taken = {"application/octet-stream": {}}
        described["requestBody"] = {"required": True, "content": taken}
    return described


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _query_parameters(kind: type | None) -> list[dict[str, Any]]:
    if kind is None:
        return []
    schema = _schemas([kind])[1][kind.__name__]
    return [
        {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": one}
        for name, one in schema["properties"].items()
    ]


def _schema(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - a type, or a union of types
    return _schemas([kind])[0][0]


def _schemas(kinds: Sequence[Any]) -> tuple[tuple[dict[str, Any], ...], dict[str, Any]]:
    """The schema of each, and those that they refer to. An `object`, as in a record's `more`, is any JSON."""
    return msgspec.json.schema_components(
        kinds, schema_hook=lambda _: {"description": "Any JSON."}, ref_template=_REFERENCE
    )


def _clean(schema: dict[str, Any]) -> dict[str, Any]:
    return (
        schema | {"description": inspect.cleandoc(schema["description"])}
        if "description" in schema
        else schema
    )


async def _read(request: Request, max_bytes: int) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > max_bytes:
            raise BodyTooLarge(f"Expected a body of at most {max_bytes} bytes, found more.")
    return bytes(body)
