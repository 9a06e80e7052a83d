"""Who looks at a page, as far as pages have to know. Accounts and sessions themselves are `web.people`'s."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

from starlette.requests import Request

Theme = Literal["system", "light", "dark"]


class Role(StrEnum):
    """What somebody may do. Everyone with an account may look; each other role is given by itself.

    *reader* looks. *officer* says things for the organisation. *approver* binds it: signs, joins, amends,
    leaves and suspends. *administrator* sees to people: accounts, sessions, the audit, keys on the card.
    """

    READER = "reader"
    OFFICER = "officer"
    APPROVER = "approver"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account. `role_name` is how records name this officer, `zone` an IANA time zone."""

    id: str
    name: str
    role_name: str
    roles: frozenset[Role]
    language: str
    zone: str
    theme: Theme


@dataclass(frozen=True, slots=True)
class Signed:
    """A person who is signed in. `csrf` is what forms of this session carry.

    `fresh`: signed in so recently that what cannot be undone needs no new sign-in.
    """

    person: Person
    session: str
    csrf: str
    fresh: bool


class Door(Protocol):
    """Who is let in, and what is noted of it."""

    async def signed(self, request: Request) -> Signed | None:
        """Who asks, if anybody is signed in there."""
        ...

    def way_in(self, back: str, *, again: bool = False) -> str:
        """The path at which one signs in, or does so once more, and goes on from there to `back`."""
        ...

    def looked(self, signed: Signed, page: str, subject: Mapping[str, str]) -> None:
        """Note that somebody looked at a page; `subject` is what stood in its path."""
        ...
