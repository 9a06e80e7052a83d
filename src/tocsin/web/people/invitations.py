"""Invitations: a code, shown once, with which somebody makes an account, or a new way into their own.

- A code has 128 bits; what is kept is its hash. It is valid for an hour, and for one use.
- It travels behind the `#` of a URL, which no browser sends to a server: it stands in nobody's log.
- One for an account that is there lets its owner begin anew: what they signed in with before ends then, and
  every other code for it.
- Whoever is invited is another author in records than everybody else here, unless told otherwise: one role
  would be one author to all members, and a shift is handed over from one to another.
- It is as good as who made it: those of an administrator who is none any more, or is suspended, are none.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain, count
from typing import Final, NamedTuple

import msgspec

from tocsin.core.clock import Chance, Clock
from tocsin.core.records.common import Slug
from tocsin.log.committer import Committer
from tocsin.log.store import Store
from tocsin.web.people.accounts import ACCOUNT_ID_BYTES, Account, Accounts, check_free, name_of
from tocsin.web.people.errors import ConsoleFull, NoInvitation
from tocsin.web.serving.person import Role

SPACE: Final = "console/invitations"
VALID_MS: Final = 3_600_000
MAX_INVITATIONS: Final = 200
_CODE_BYTES: Final = 16
_ROLE_NAME: Final = "duty-officer"
_GROUP: Final = 4


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """What a code is for. `name` may be empty: who uses it chooses. `again`: the account is there.

    `by` is the name of who invites, `inviter` their account; without one it was the command line.
    """

    account: str
    name: str
    role_name: Slug
    roles: tuple[Role, ...]
    again: bool
    by: str
    expires_at_ms: int
    inviter: str = ""


class Invited(NamedTuple):
    """An invitation, and the code to be handed over."""

    code: str
    invitation: Invitation


class Invitations:
    """The invitations of one console that are not used yet."""

    def __init__(
        self, accounts: Accounts, store: Store, committer: Committer, clock: Clock, chance: Chance
    ) -> None:
        self._accounts = accounts
        self._store = store
        self._committer = committer
        self._clock = clock
        self._chance = chance

    async def invite(
        self, name: str, role_name: Slug | None, roles: tuple[Role, ...], by: str, inviter: str = ""
    ) -> Invited:
        """Invite somebody new, durably; without a `role_name`, under one that nobody has.

        Raises MalformedAccount, NameTaken, ConsoleFull.
        """
        if name:
            name = name_of(name)
            check_free(name, self._accounts.all())

        def make() -> Invitation:
            return Invitation(
                account=self._chance.token(ACCOUNT_ID_BYTES).hex(),
                name=name,
                role_name=role_name or self._free_role_name(),
                roles=roles,
                again=False,
                by=by,
                expires_at_ms=self._expiry_ms(),
                inviter=inviter,
            )

        return await self._keep(make)

    async def invite_again(self, account: Account, by: str, inviter: str = "") -> Invited:
        """Let somebody begin anew, who cannot sign in any more, durably. Raises ConsoleFull."""
        invitation = Invitation(
            account=account.id,
            name=account.name,
            role_name=account.role_name,
            roles=account.roles,
            again=True,
            by=by,
            expires_at_ms=self._expiry_ms(),
            inviter=inviter,
        )
        return await self._keep(lambda: invitation)

    def find(self, code: str) -> Invitation:
        """What a code is for. Raises NoInvitation."""
        data = self._store.document(SPACE, _key(code))
        invitation = data and msgspec.json.decode(data, type=Invitation)
        if not invitation or invitation.expires_at_ms <= self._clock.wall_ms():
            raise NoInvitation
        if invitation.inviter and not self._may_invite(invitation.inviter):
            raise NoInvitation
        return invitation

    def use(self, code: str) -> Invitation:
        """What a code is for, which is none from now on; within a transaction. Raises NoInvitation."""
        invitation = self.find(code)
        self._drop([key for key, one in self._kept().items() if one.account == invitation.account])
        return invitation

    async def sweep(self) -> None:
        """Forget those whose time is over."""
        if old := [key for key, one in self._kept().items() if one.expires_at_ms <= self._clock.wall_ms()]:
            await self._committer.submit(partial(self._drop, old))

    async def _keep(self, make: Callable[[], Invitation]) -> Invited:
        await self.sweep()
        code = base64.b32encode(self._chance.token(_CODE_BYTES)).decode().rstrip("=").lower()

        def job() -> Invitation:
            if len(self._kept()) >= MAX_INVITATIONS:
                raise ConsoleFull(
                    f"Expected at most {MAX_INVITATIONS} codes that are not used yet, found one more."
                )
            invitation = make()
            self._store.put_document(SPACE, _key(code), msgspec.json.encode(invitation))
            return invitation

        invitation = await self._committer.submit(job)
        groups = [code[at : at + _GROUP] for at in range(0, len(code), _GROUP)]
        return Invited("-".join(groups), invitation)

    def _free_role_name(self) -> Slug:
        taken = {one.role_name for one in self._accounts.all()}
        taken |= {one.role_name for one in self._kept().values()}
        numbered = (f"{_ROLE_NAME}-{number}" for number in count(2))
        return next(name for name in chain((_ROLE_NAME,), numbered) if name not in taken)

    def _expiry_ms(self) -> int:
        return self._clock.wall_ms() + VALID_MS

    def _may_invite(self, account_id: str) -> bool:
        account = self._accounts.find(account_id)
        return account is not None and account.administers

    def _drop(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._store.drop_document(SPACE, key)

    def _kept(self) -> dict[str, Invitation]:
        documents = self._store.documents(SPACE)
        return {key: msgspec.json.decode(data, type=Invitation) for key, data in documents.items()}


def subject_of(code: str) -> str:
    """How others may speak of a code, who must not know it."""
    return _key(code)


def _key(code: str) -> str:
    # As people type it: in capitals, with spaces, without hyphens.
    plain = "".join(one for one in code.lower() if one.isalnum())
    return hashlib.sha256(b"tocsin/console/code\0" + plain.encode()).hexdigest()
