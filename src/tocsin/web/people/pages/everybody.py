"""Everybody's accounts: who they are, what they may, inviting them, and letting them in no more."""

from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Final

import msgspec
from starlette.responses import Response

from tocsin.core.records.common import Slug
from tocsin.web.people.accounts import Account
from tocsin.web.people.invitations import Invited
from tocsin.web.people.pages.account import ways_of
from tocsin.web.people.people import People, roles_of
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

_HERE: Final = "/people"
_ONE: Final = "/people/{account}"
_AT_ONCE: Final = 100


class Further(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which page of a list: from how many on."""

    after: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 0


class Invite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is invited, and to do what."""

    name: str = ""
    role_name: Slug | None = None
    roles: tuple[Role, ...] = ()


class Roles(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody does from now on."""

    role_name: Slug
    roles: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody in the list; `sessions`: in how many browsers they are signed in."""

    account: Account
    sessions: int


class Everybody:
    """The pages about other people."""

    def __init__(self, people: People) -> None:
        self._people = people

    @page("GET", _HERE, Role.ADMINISTRATOR)
    async def everybody(self, visit: Visit) -> Response:
        """Everyone with an account."""
        after = visit.query(Further).after
        counts = self._people.sessions.count()
        accounts = self._people.accounts.all()
        rows = [Row(one, counts.get(one.id, 0)) for one in islice(accounts, after, after + _AT_ONCE)]
        more = after + _AT_ONCE if after + _AT_ONCE < len(accounts) else None
        return visit.render("people/everybody.html", rows=rows, more=more)

    @page("GET", _ONE, Role.ADMINISTRATOR)
    async def somebody(self, visit: Visit) -> Response:
        """One of them, and what can be changed."""
        account = self._people.accounts.get(visit.path["account"])
        sessions = self._people.sessions.of(account.id)
        return visit.render(
            "people/somebody.html", account=account, ways=ways_of(account), sessions=list(sessions.values())
        )

    @page("POST", "/people/invite", Role.ADMINISTRATOR, fresh=_HERE)
    async def invite(self, visit: Visit) -> Response:
        """Make a code for somebody new. It is shown once: reloaded, the page makes another."""
        wish = visit.form(Invite)
        made = await self._people.invite_person(wish.name, wish.role_name, roles_of(wish.roles), visit.person)
        return self._code(visit, made)

    @page("POST", "/people/{account}/begin-anew", Role.ADMINISTRATOR, fresh=_ONE)
    async def begin_anew(self, visit: Visit) -> Response:
        """Make a code for somebody who cannot sign in any more."""
        account = self._people.accounts.get(visit.path["account"])
        made = await self._people.invite_again(account, visit.person)
        return self._code(visit, made)

    @page("POST", "/people/{account}/roles", Role.ADMINISTRATOR, fresh=_ONE)
    async def give_roles(self, visit: Visit) -> Response:
        """Have somebody do other things."""
        wish = visit.form(Roles)
        await self._people.give_roles(visit.path["account"], wish.role_name, wish.roles, visit.person)
        return visit.go(_ONE.format_map(visit.path))

    @page("POST", "/people/{account}/suspend", Role.ADMINISTRATOR, fresh=_ONE)
    async def suspend(self, visit: Visit) -> Response:
        """Let somebody in no more."""
        await self._people.suspend(visit.path["account"], visit.person)
        return visit.go(_ONE.format_map(visit.path))

    @page("POST", "/people/{account}/reinstate", Role.ADMINISTRATOR, fresh=_ONE)
    async def reinstate(self, visit: Visit) -> Response:
        """Let somebody in again."""
        await self._people.reinstate(visit.path["account"], visit.person)
        return visit.go(_ONE.format_map(visit.path))

    @page("POST", "/people/{account}/sign-out", Role.ADMINISTRATOR)
    async def sign_out_somebody(self, visit: Visit) -> Response:
        """Sign somebody out everywhere."""
        account = self._people.accounts.get(visit.path["account"])
        await self._people.end_sessions(account.id, visit.person)
        return visit.go(_ONE.format_map(visit.path))

    def _code(self, visit: Visit, made: Invited) -> Response:
        url = self._people.url_of(made.code)
        return visit.render("people/code.html", url=url, invitation=made.invitation)
