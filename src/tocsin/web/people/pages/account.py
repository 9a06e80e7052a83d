"""One's own account: how the console is shown, the ways to sign in, and where one is signed in."""

from dataclasses import dataclass
from zoneinfo import available_timezones

import msgspec
from starlette.responses import Response

from tocsin.web.people.accounts import Account, Passkey
from tocsin.web.people.pages.asking import asked
from tocsin.web.people.pages.coming import MAX_ANSWER_BYTES, Proof
from tocsin.web.people.people import People
from tocsin.web.people.sessions import Session
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role, Theme
from tocsin.web.serving.visit import Visit

_HERE = "/account"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How somebody wants the console to be shown."""

    language: str
    zone: str
    theme: Theme


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of several, by its id."""

    id: str


@dataclass(frozen=True, slots=True)
class Way:
    """A way to sign in. `kind` is that of the page's words; `removable` unless it is the only one."""

    id: str
    kind: str
    label: str
    made_at_ms: int
    removable: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A browser in which somebody is signed in; `here`: the one that asks."""

    id: str
    session: Session
    here: bool


class OwnAccount:
    """The pages about whoever asks."""

    def __init__(self, people: People) -> None:
        self._people = people

    @page("GET", _HERE, Role.READER)
    async def account(self, visit: Visit) -> Response:
        """One's own account."""
        account = self._people.accounts.get(visit.person.id)
        here = visit.signed.session if visit.signed else ""
        sessions = self._people.sessions.of(account.id)
        return visit.render(
            "people/account.html",
            account=account,
            ways=ways_of(account),
            places=[Place(key, session, key == here) for key, session in sessions.items()],
            zones=sorted(available_timezones()),
            by_passkey=self._people.by_passkey,
        )

    @page("POST", "/account/settings", Role.READER)
    async def change_settings(self, visit: Visit) -> Response:
        """Show the console otherwise."""
        wish = visit.form(Settings)
        await self._people.accounts.change(
            visit.person.id, lambda one: one.with_settings(wish.language, wish.zone, wish.theme)
        )
        return visit.go(_HERE)

    @page("POST", "/account/ways/challenge", Role.READER, fresh=_HERE)
    async def ask_to_add(self, visit: Visit) -> Response:
        """What a browser is to answer."""
        browser = self._people.browser(visit.request)
        data = self._people.entering.ask_to_add(browser, visit.person.id)
        return self._people.remember(asked(data), browser)

    @page("POST", "/account/ways", Role.READER, most_bytes=MAX_ANSWER_BYTES, fresh=_HERE)
    async def add_way(self, visit: Visit) -> Response:
        """Sign in otherwise, too."""
        await self._people.entering.add(
            self._people.browser(visit.request),
            visit.person.id,
            visit.form(Proof).answer,
            self._people.caller(visit.request),
        )
        return visit.go(_HERE)

    @page("POST", "/account/ways/remove", Role.READER, fresh=_HERE)
    async def remove_way(self, visit: Visit) -> Response:
        """Do not sign in like that any more."""
        # Not hexadecimal, it is none of them.
        wanted = visit.form(Named).id
        account = self._people.accounts.get(visit.person.id)
        found = next((one.id for one in account.credentials if one.id.hex() == wanted), b"")
        await self._people.entering.drop(account.id, found, self._people.caller(visit.request))
        return visit.go(_HERE)

    @page("POST", "/account/sessions/end", Role.READER)
    async def end_session(self, visit: Visit) -> Response:
        """Sign out in another browser."""
        await self._people.end_session(visit.person, visit.form(Named).id)
        return visit.go(_HERE)

    @page("POST", "/account/sessions/end-all", Role.READER)
    async def end_sessions(self, visit: Visit) -> Response:
        """Sign out everywhere."""
        await self._people.end_sessions(visit.person.id, visit.person)
        return self._people.let_out(visit.go("/sign-in"))


def ways_of(account: Account) -> list[Way]:
    """The ways to sign in to an account."""
    return [
        Way(
            id=one.id.hex(),
            kind=("synced" if one.synced else "bound") if isinstance(one, Passkey) else "file",
            label=one.label,
            made_at_ms=one.made_at_ms,
            removable=len(account.credentials) > 1,
        )
        for one in account.credentials
    ]
