"""Coming and going: signing in and out, and making an account with a code."""

import msgspec
from starlette.responses import Response

from tocsin.web.people.entering import Wish
from tocsin.web.people.pages.asking import asked, way_back
from tocsin.web.people.people import People
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

MAX_ANSWER_BYTES = 64 * 1_024


class Arrival(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where somebody wants to go. `again`: they are signed in, and are to show once more that it is them."""

    next: str = "/"
    again: bool = False
    lang: str = ""


class Proof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a browser answered to a challenge."""

    answer: str
    next: str = "/"


class Code(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code, and the name of whoever uses it, if they may choose one."""

    code: str
    name: str = ""


class Enrolment(Code, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same with what a browser answered."""

    answer: str


class Coming:
    """The pages that anybody may ask for."""

    def __init__(self, people: People) -> None:
        self._people = people

    @page("GET", "/sign-in", None)
    async def sign_in_page(self, visit: Visit) -> Response:
        """How to sign in. Who is signed in goes on, unless they are to do so again."""
        arrival = visit.query(Arrival)
        way = way_back(arrival.next)
        if visit.signed and not arrival.again:
            return visit.go(way)
        response = visit.render(
            "people/sign_in.html", next=way, again=arrival.again, by_passkey=self._people.by_passkey
        )
        # Our cookie does not come along from another site: who follows a link from there may be signed in all
        # the same. What this page asks for by itself comes with it.
        if visit.request.headers.get("sec-fetch-site") == "cross-site":
            response.headers["refresh"] = f"0;url={self._people.way_in(way, again=arrival.again)}"
        return response

    @page("POST", "/sign-in/challenge", None, most_bytes=MAX_ANSWER_BYTES)
    async def ask_to_sign_in(self, visit: Visit) -> Response:
        """What a browser is to answer."""
        browser = self._people.browser(visit.request)
        return self._people.remember(asked(self._people.entering.ask(browser)), browser)

    @page("POST", "/sign-in", None, most_bytes=MAX_ANSWER_BYTES)
    async def sign_in(self, visit: Visit) -> Response:
        """Sign in."""
        proof, caller = visit.form(Proof), self._people.caller(visit.request)
        begun, _ = await self._people.entering.sign_in(
            self._people.browser(visit.request), proof.answer, caller, self._session(visit)
        )
        return self._people.let_in(visit.go(way_back(proof.next)), begun.token)

    @page("POST", "/sign-out", Role.READER)
    async def sign_out(self, visit: Visit) -> Response:
        """Sign out in this browser."""
        if visit.signed:
            await self._people.sign_out_here(visit.signed)
        return self._people.let_out(visit.go("/sign-in"))

    @page("GET", "/invited", None)
    async def invited_page(self, visit: Visit) -> Response:
        """Where a code is typed, if it does not stand in the address."""
        return visit.render("people/invited.html")

    @page("POST", "/invited", None, most_bytes=MAX_ANSWER_BYTES)
    async def invited(self, visit: Visit) -> Response:
        """What a code is for, and how to use it. Not by an address that has the code in it."""
        code = visit.form(Code).code
        invitation = self._people.entering.invited(code, self._people.caller(visit.request))
        return visit.render(
            "people/enrol.html",
            code=code,
            invitation=invitation,
            by_passkey=self._people.by_passkey,
            bound=self._people.device_bound_keys,
        )

    @page("POST", "/invited/challenge", None, most_bytes=MAX_ANSWER_BYTES)
    async def ask_to_enrol(self, visit: Visit) -> Response:
        """What a browser is to answer."""
        wish, browser = visit.json(Code), self._people.browser(visit.request)
        data = self._people.entering.ask_to_enrol(
            browser, Wish(wish.code, wish.name, visit.language.tag), self._people.caller(visit.request)
        )
        return self._people.remember(asked(data), browser)

    @page("POST", "/invited/enrol", None, most_bytes=MAX_ANSWER_BYTES)
    async def enrol(self, visit: Visit) -> Response:
        """Make the account, and sign in."""
        wish = visit.form(Enrolment)
        begun, _ = await self._people.entering.enrol(
            self._people.browser(visit.request),
            Wish(wish.code, wish.name, visit.language.tag),
            wish.answer,
            self._people.caller(visit.request),
            self._session(visit),
        )
        return self._people.let_in(visit.go("/account"), begun.token)

    def _session(self, visit: Visit) -> str | None:
        return visit.signed.session if visit.signed else None
