"""What the command line asks of a console, and what it gets: codes for people, and who they are."""

from collections.abc import Sequence
from typing import Annotated, Literal, Protocol

from msgspec import Meta, Struct

from tocsin.core.records.common import Slug

RoleOfConsole = Literal["reader", "officer", "approver", "administrator"]
PersonName = Annotated[str, Meta(max_length=256)]


class Invite(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For whom a code is. `again`: for somebody of that name, who cannot sign in any more.

    Without a name, whoever uses the code chooses one. `role_name` is how records name them as their author:
    without one, the first of duty-officer, duty-officer-2 and so on that nobody has here.
    """

    name: PersonName = ""
    role_name: Slug | None = None
    roles: tuple[RoleOfConsole, ...] = ()
    again: bool = False


class Invited(Struct, frozen=True, kw_only=True):
    """A code, for one use: whoever has it becomes that person. The URL has it, too.

    `role_name`: how records will name them.
    """

    url: str
    code: str
    role_name: str
    expires_at_ms: int


class ConsolePerson(Struct, frozen=True, kw_only=True):
    """Somebody with an account, who may look; `sessions`: in how many browsers they are signed in."""

    name: str
    role_name: str
    roles: tuple[str, ...]
    suspended: bool
    credentials: int
    sessions: int
    made_at_ms: int


class ConsolePeople(Struct, frozen=True, kw_only=True):
    """Everyone with an account, by name."""

    people: tuple[ConsolePerson, ...]


class SignOut(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to sign out: without a name, everyone."""

    name: PersonName | None = None


class SignedOut(Struct, frozen=True, kw_only=True):
    """How many sessions have ended."""

    sessions: int


class Console(Protocol):
    """What a console does for this API. Its refusals go to the caller."""

    async def invite(self, wish: Invite) -> Invited:
        """Make a code."""
        ...

    def people(self) -> Sequence[ConsolePerson]:
        """Everyone with an account."""
        ...

    async def sign_out(self, name: str | None) -> SignedOut:
        """End the sessions of somebody, or everyone's."""
        ...
