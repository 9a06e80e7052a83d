"""Asking parts of a console for pages without a browser or a socket, as somebody who is let in.

For example:

    browser = Browser(opened(Room(node)), someone(Role.OFFICER))
    answer = await browser.post("/say/note", {"text": "Smoke."})
"""

import asyncio
import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tocsin.web.serving.app import Application
from tocsin.web.serving.page import pages_of
from tocsin.web.serving.person import Person, Role, Signed
from tocsin.web.serving.static import Assets
from tocsin.web.serving.templates import make_environment
from tocsin.web.serving.visit import Site

ORIGIN = "http://localhost:8450"


def someone(*roles: Role, name: str = "Aru", fresh: bool = True, language: str = "en") -> Signed:
    """Somebody with these roles, who is signed in."""
    person = Person(
        id=f"id-of-{name.lower()}",
        name=name,
        role_name="duty-officer",
        roles=frozenset({Role.READER, *roles}),
        language=language,
        zone="UTC",
        theme="system",
    )
    return Signed(
        person=person, session=f"session-of-{name.lower()}", csrf=f"csrf-of-{name.lower()}", fresh=fresh
    )


@dataclass
class OpenDoor:
    """Lets in whoever says in a header that they are somebody of `known`."""

    known: dict[str, Signed] = field(default_factory=dict)
    looks: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)

    async def signed(self, request: Request) -> Signed | None:
        """Who asks."""
        return self.known.get(request.headers.get("x-someone", ""))

    def way_in(self, back: str, *, again: bool = False) -> str:
        """Where one signs in."""
        return f"/sign-in?{'again=1&' if again else ''}next={back}"

    def looked(self, signed: Signed, page: str, subject: Mapping[str, str]) -> None:
        """Note it."""
        self.looks.append((signed.person.name, page, dict(subject)))


@dataclass
class Opened:
    """An application with an open door, and what went wrong in it."""

    app: ASGIApp
    door: OpenDoor
    faults: list[BaseException]


def opened(*parts: object) -> Opened:
    """These parts behind an open door."""
    door, faults = OpenDoor(), list[BaseException]()
    site = Site(make_environment(), Assets(), ORIGIN, "Desk east")
    pages = [one for part in parts for one in pages_of(part)]
    return Opened(Application(site, door, pages, faults.append).asgi(), door, faults)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    wire_bytes: int

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class Browser:
    """Asks as a browser does that shows pages of the console to `signed`, or to nobody."""

    def __init__(self, opened: Opened, signed: Signed | None = None) -> None:
        self._opened = opened
        self._signed = signed
        if signed:
            opened.door.known[signed.session] = signed

    async def get(self, path: str, **headers: str) -> Answer:
        """Ask for a page."""
        return await self._ask("GET", path, b"", headers)

    async def post(self, path: str, fields: Mapping[str, Any] | None = None, **headers: str) -> Answer:
        """Send a form of this session."""
        given = {"csrf": self._signed.csrf if self._signed else "", **(fields or {})}
        body = urlencode(given, doseq=True).encode()
        return await self._ask(
            "POST", path, body, {"content-type": "application/x-www-form-urlencoded", **headers}
        )

    async def send(self, path: str, body: bytes, **headers: str) -> Answer:
        """Send bytes, as a script of the console does."""
        csrf = self._signed.csrf if self._signed else ""
        return await self._ask(
            "POST", path, body, {"content-type": "application/octet-stream", "x-csrf": csrf, **headers}
        )

    async def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        said = {"host": urlsplit(ORIGIN).netloc, "accept-encoding": "gzip", "sec-fetch-site": "same-origin"}
        if method != "GET":
            said["origin"] = ORIGIN
        if self._signed:
            said["x-someone"] = self._signed.session
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        status, pairs, raw = await asked(self._app, method, f"{ORIGIN}{path}", said, body)
        back = dict(pairs)
        data = gzip.decompress(raw) if back.get("content-encoding") == "gzip" else raw
        return Answer(status, back, data, len(raw))

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._opened.app(scope, receive, send)
        except Exception:
            # Starlette's outermost layer answers, and raises what is the program's own fault again.
            if not self._opened.faults:
                raise


async def asked(
    app: ASGIApp,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    address: str = "127.0.0.1",
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Ask an application, from that address: status, headers, and the body as it was sent."""
    parts = urlsplit(url)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": parts.scheme,
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": (address, 50_000),
        "server": (parts.hostname, parts.port or 443),
    }
    sent = [{"type": "http.request", "body": body, "more_body": False}]
    got: list[Message] = []

    async def receive() -> Message:
        if sent:
            return sent.pop()
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        got.append(message)

    await app(scope, receive, send)
    back = [(name.decode(), value.decode()) for name, value in got[0]["headers"]]
    return got[0]["status"], back, b"".join(message.get("body", b"") for message in got[1:])
