"""From functions to pages: what is asked with which method and path, and who may.

A part of the console is an object, and each page of it a method:

    @page("GET", "/", Role.READER)
    async def room(self, visit: Visit) -> Response:
        ...

What takes a fresh sign-in says so, and where one goes on after it: `fresh="/circles/{circle}/leave"`.

A number in a path, `{index:int}`, has as many digits as places in logs have, and no more: what is longer is
no page, for anybody.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.responses import Response

from tocsin.web.serving.bodies import SMALL_BYTES
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

_Handler = TypeVar("_Handler", bound=Callable[..., Awaitable[Response]])


class _Number(IntegerConvertor):
    regex = "[0-9]{1,15}"


# Before anybody is asked who they are, Python would refuse to read a longer one, which is a fault of ours.
register_url_convertor("int", _Number())


@dataclass(frozen=True, slots=True)
class Page:
    """A function behind a method and a path. `role`: None where nobody need be signed in.

    `noted`: that it was looked at goes into the audit. `most_bytes` of a body. `fresh`: it takes somebody who
    signed in just now; whoever did not does so anew, and goes on to that path, where names in braces stand
    for what stood in this page's own. None where any sign-in will do.
    """

    method: str
    path: str
    name: str
    role: Role | None
    noted: bool
    most_bytes: int
    fresh: str | None
    run: Callable[[Visit], Awaitable[Response]]


def page(
    method: str,
    path: str,
    role: Role | None,
    *,
    noted: bool = True,
    most_bytes: int = SMALL_BYTES,
    fresh: str | None = None,
) -> Callable[[_Handler], _Handler]:
    """Put a method of a part behind an HTTP method and a path, for whoever has that role. See `Page`."""

    def mark(handler: _Handler) -> _Handler:
        handler.__dict__["page"] = (method, path, role, noted, most_bytes, fresh)
        return handler

    return mark


def pages_of(part: object) -> Iterator[Page]:
    """Every page among the methods of an object, by their names."""
    for name, run in inspect.getmembers(part, inspect.iscoroutinefunction):
        if "page" in run.__dict__:
            method, path, role, noted, most_bytes, fresh = run.__dict__["page"]
            yield Page(method, path, name, role, noted, most_bytes, fresh, run)
