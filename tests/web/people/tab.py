"""A tab of a browser that asks a console's real door: with cookies, forms and what they carry."""

import html
import re
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.types import ASGIApp
from tests.web.browsing import asked
from tests.web.people.authenticator import Authenticator, KeyFile
from tests.web.people.office import Office

from tocsin.web.people.pages.account import OwnAccount
from tocsin.web.people.pages.audit import AuditPages
from tocsin.web.people.pages.coming import Coming
from tocsin.web.people.pages.everybody import Everybody
from tocsin.web.people.people import People
from tocsin.web.serving.app import Application
from tocsin.web.serving.page import Page, pages_of
from tocsin.web.serving.static import Assets
from tocsin.web.serving.templates import make_environment
from tocsin.web.serving.visit import Site

ENVIRONMENT, ASSETS = make_environment(), Assets()


def pages(people: People) -> list[Page]:
    """Every page about people."""
    parts = (
        Coming(people),
        OwnAccount(people),
        Everybody(people),
        AuditPages(people, {"0db8": "Strait <b>watch</b>"}.get),
    )
    return [one for part in parts for one in pages_of(part)]


def opened(office: Office) -> ASGIApp:
    """The console of an office; whatever is its own fault fails the test."""

    def fault(error: BaseException) -> None:
        raise error

    site = Site(ENVIRONMENT, ASSETS, office.settings.origin, "Desk east")
    return Application(site, office.people, pages(office.people), fault).asgi()


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    cookies: list[str]
    text: str

    @property
    def location(self) -> str:
        """Where it leads."""
        return self.headers.get("location", "")

    @property
    def csrf(self) -> str:
        """The token in its forms."""
        found = re.search(r'name="csrf" value="(\w+)"', self.text)
        return found[1] if found else ""


@dataclass
class Tab:
    """One tab, with cookies of its own."""

    office: Office
    address: str = "192.0.2.7"
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.app = opened(self.office)

    async def get(self, path: str, **headers: str) -> Answer:
        """Ask for a page."""
        return await self._ask("GET", path, b"", headers)

    async def post(self, path: str, fields: Any = None, **headers: str) -> Answer:  # noqa: ANN401 - a form
        """Send a form of this tab's session."""
        given = {"csrf": await self.csrf() or None, **(fields or {})}
        data = urlencode({name: value for name, value in given.items() if value is not None}, doseq=True)
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return await self._ask("POST", path, data.encode(), kind | headers)

    async def challenge(self, path: str, body: bytes = b"{}") -> bytes:
        """Ask for a challenge, as people.js does."""
        headers = {"content-type": "application/json", "x-csrf": await self.csrf()}
        answer = await self._ask("POST", path, body, headers)
        assert answer.status == 200, answer.text
        return answer.text.encode()

    async def sign_in(self, device: Authenticator | KeyFile, way: str = "/") -> Answer:
        """Sign in, from the page to where it leads."""
        answer = device.show(await self.challenge("/sign-in/challenge"))
        return await self.post("/sign-in", {"answer": answer, "next": way})

    async def enrol(self, code: str, device: Authenticator | KeyFile, name: str = "") -> Answer:
        """Use a code, from the page to where it leads."""
        body = f'{{"code": "{code}", "name": "{name}"}}'.encode()
        answer = device.make(await self.challenge("/invited/challenge", body))
        return await self.post("/invited/enrol", {"code": code, "name": name, "answer": answer})

    async def csrf(self) -> str:
        """What the forms of this session carry; nothing, where there is none."""
        return (await self.get("/account")).csrf

    async def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        origin = self.office.settings.origin
        said = {
            "host": urlsplit(origin).netloc,
            "sec-fetch-site": "same-origin",
            "user-agent": "Firefox/1 Linux",
        }
        said |= {"origin": origin} if method == "POST" else {}
        said |= {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        status, back, raw = await asked(self.app, method, f"{origin}{path}", said, body, address=self.address)
        cookies = [value for name, value in back if name == "set-cookie"]
        for morsel in SimpleCookie("\r\n".join(cookies)).values() if cookies else ():
            self.cookies[morsel.key] = morsel.value
        return Answer(status, dict(back), cookies, raw.decode())


def plain(text: str) -> str:
    """What a reader sees of some markup."""
    return html.unescape(re.sub(r"<[^>]*>", " ", text))
