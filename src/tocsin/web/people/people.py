"""The people of one console: who asks, what they may, and what the command line wants to know and to do.

- Cookies are `__Host-…`: of this host alone, over TLS alone, for no script, and never sent from a page of
  another site. Without TLS, which there is on loopback only, they lack the prefix and `Secure`. To a
  cookie, all ports of a host are one: so the port is part of its name.
- Who is suspended, is no officer any more or is one in another role, signs nothing more as what they were:
  their keys leave the card, which stops what still waits to be written.
- It is the `Door` of `web.serving`, and the `Console` of `node.api`.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final
from urllib.parse import quote

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from tocsin.core.clock import Chance, Clock
from tocsin.core.records.common import Slug
from tocsin.log.committer import Committer
from tocsin.log.store import StorageFull, Store
from tocsin.node.api.console.types import ConsolePerson, Invite, Invited, SignedOut
from tocsin.node.card.officers import Officers
from tocsin.node.config import ConsoleSettings
from tocsin.web.people.accounts import Account, Accounts
from tocsin.web.people.attempts import Attempts
from tocsin.web.people.audit import FLUSH_S, Audit
from tocsin.web.people.entering import Entering
from tocsin.web.people.invitations import Invitations
from tocsin.web.people.invitations import Invited as NewInvitation
from tocsin.web.people.proving import Prover
from tocsin.web.people.proving.challenges import VALID_MS as CHALLENGE_VALID_MS
from tocsin.web.people.proving.challenges import Challenges
from tocsin.web.people.proving.keyfiles import KeyFiles
from tocsin.web.people.proving.passkeys import Passkeys
from tocsin.web.people.sessions import Caller, Sessions, csrf_of, device_of, id_of, is_token
from tocsin.web.serving.person import Person, Role, Signed

_BY_COMMAND_LINE: Final = "tocsin console"
_SWEEP_EVERY: Final = 360
"""An hour, of turns of `FLUSH_S`."""


class People:
    """Accounts, sessions and all around them. `name` is what devices show; `keys` are those of officers."""

    def __init__(
        self,
        settings: ConsoleSettings,
        name: str,
        *,
        store: Store,
        committer: Committer,
        clock: Clock,
        chance: Chance,
        keys: Officers,
    ) -> None:
        self.origin = settings.origin
        self.device_bound_keys = settings.device_bound_keys
        self.audit_days = settings.audit_days
        self.by_passkey = settings.domain is not None
        self.accounts = Accounts(store, committer)
        self.sessions = Sessions(
            store,
            committer,
            clock,
            chance,
            idle_hours=settings.idle_hours,
            session_hours=settings.session_hours,
        )
        self.audit = Audit(store, committer, clock, settings.audit_days)
        self.invitations = Invitations(self.accounts, store, committer, clock, chance)
        self.challenges = Challenges(clock, chance)
        self.entering = Entering(
            _prover(settings, name),
            self.challenges,
            self.accounts,
            self.invitations,
            self.sessions,
            Attempts(clock),
            self.audit,
            committer,
            clock,
        )
        self._keys = keys
        self._committer = committer
        self._clock = clock
        self._session_s = settings.session_hours * 3_600
        self._tls = settings.tls
        _, _, port = settings.origin.removesuffix("]").rpartition(":")
        self._cookie = f"{'__Host-' if self._tls else ''}tocsin{f'-{port}' if port.isdecimal() else ''}"

    # Who asks: see `web.serving.person.Door`

    async def signed(self, request: Request) -> Signed | None:
        """Who asks, if anybody is signed in there."""
        token = request.cookies.get(self._cookie, "")
        if not is_token(token):
            return None
        session_id = id_of(token)
        session = self.sessions.find(session_id)
        account = self.accounts.find(session.account) if session else None
        if session is None or account is None or account.suspended:
            return None
        self.sessions.used(session_id, session)
        return Signed(account.person, session_id, csrf_of(token), self.sessions.is_fresh(session))

    def way_in(self, back: str, *, again: bool = False) -> str:
        """The path at which one signs in, or does so once more, and goes on from there to `back`."""
        return f"/sign-in?{'again=1&' if again else ''}next={quote(back)}"

    def stays(self, signed: Signed) -> bool:
        """Whether a session has not ended since: for a page that stays open."""
        return self.sessions.find(signed.session) is not None

    def looked(self, signed: Signed, page: str, subject: Mapping[str, str]) -> None:
        """Note that somebody looked at a page; `subject` is what stood in its path."""
        self.audit.looked(signed.person.id, signed.person.name, page, subject)

    def said(self, signed: Signed, circle: str, record: str) -> None:
        """Note that somebody has said something: the record by its name."""
        self.audit.note("said", signed.person.id, signed.person.name, circle=circle, record=record)

    # Browsers

    def caller(self, request: Request) -> Caller:
        """From where somebody asks."""
        address = request.client.host if request.client else ""
        return Caller(address, device_of(request.headers.get("user-agent", "")))

    def browser(self, request: Request) -> str:
        """What a browser is known by while somebody comes in."""
        return self.challenges.browser(request.cookies.get(f"{self._cookie}-entering"))

    def remember(self, response: Response, browser: str) -> Response:
        """Have a browser say what it is known by when it answers."""
        return self._set(response, f"{self._cookie}-entering", browser, CHALLENGE_VALID_MS // 1_000)

    def let_in(self, response: Response, token: str) -> Response:
        """Have a browser say from now on who is signed in there."""
        return self._set(response, self._cookie, token, self._session_s)

    def let_out(self, response: Response) -> Response:
        """Have a browser forget who was signed in there, and what it has shown."""
        # Not its storage, where an officer's key is.
        response.headers["clear-site-data"] = '"cache"'
        return self._set(response, self._cookie, "", 0)

    def _set(self, response: Response, name: str, value: str, max_age_s: int) -> Response:
        response.set_cookie(
            name, value, max_age=max_age_s, path="/", secure=self._tls, httponly=True, samesite="strict"
        )
        return response

    # What people do with their own sessions, and administrators with others'

    async def sign_out_here(self, signed: Signed) -> None:
        """End the session that asks, durably."""
        await self.sessions.end(signed.session)
        self.audit.note("signed-out", signed.person.id, signed.person.name)

    async def end_session(self, person: Person, session_id: str) -> None:
        """End one of a person's own sessions, durably."""
        if session_id in self.sessions.of(person.id):
            await self.sessions.end(session_id)
            self.audit.note("sessions-ended", person.id, person.name, of=person.name, sessions="1")

    async def end_sessions(self, account_id: str, by: Person) -> None:
        """End all sessions of somebody, durably. Raises NoSuchAccount."""
        account = self.accounts.get(account_id)
        ended = await self.sessions.end_all(account_id)
        self.audit.note("sessions-ended", by.id, by.name, of=account.name, sessions=str(ended))

    async def invite_person(
        self, name: str, role_name: Slug | None, roles: tuple[Role, ...], by: Person
    ) -> NewInvitation:
        """Make a code for somebody new. Raises what `Invitations.invite` raises."""
        made = await self.invitations.invite(name, role_name, roles, by.name, by.id)
        self.audit.note("invited", by.id, by.name, invited=name, roles=" ".join(roles))
        return made

    async def invite_again(self, account: Account, by: Person) -> NewInvitation:
        """Make a code for somebody who cannot sign in any more. Raises ConsoleFull."""
        made = await self.invitations.invite_again(account, by.name, by.id)
        self.audit.note("invited", by.id, by.name, invited=account.name, again="true")
        return made

    async def suspend(self, account_id: str, by: Person) -> None:
        """Let somebody in no more: their sessions end, and their keys leave the card.

        Raises NoSuchAccount, LastAdministrator.
        """

        def job() -> Account:
            account = replace(self.accounts.get(account_id), suspended=True)
            self.accounts.put(account)
            self.sessions.drop_all(account_id)
            return account

        self._changed(await self._committer.submit(job), by, suspended="true")
        await self._keys.remove_all_of(account_id)

    async def reinstate(self, account_id: str, by: Person) -> None:
        """Let somebody in again, durably. Raises NoSuchAccount."""
        account = await self.accounts.change(account_id, lambda one: replace(one, suspended=False))
        self._changed(account, by, suspended="false")

    async def give_roles(self, account_id: str, role_name: Slug, roles: Iterable[Role], by: Person) -> None:
        """Have somebody do other things from now on, durably, with no key for what they did before.

        Raises NoSuchAccount, LastAdministrator.
        """
        given = roles_of(roles)
        account = await self.accounts.change(
            account_id, lambda one: replace(one, role_name=role_name, roles=given)
        )
        self._changed(account, by, role_name=role_name, roles=" ".join(given))
        await self._keys.remove_all_of(account_id, but_of=role_name if Role.OFFICER in given else None)

    def _changed(self, account: Account, by: Person, **about: str) -> None:
        self.audit.note("account-changed", by.id, by.name, of=account.name, **about)

    # The command line: see `node.api.console.types.Console`

    async def invite(self, wish: Invite) -> Invited:
        """Make a code for somebody new, or for somebody who cannot sign in any more."""
        if wish.again:
            account = self.accounts.named(wish.name)
            made = await self.invitations.invite_again(account, _BY_COMMAND_LINE)
        else:
            roles = roles_of(map(Role, wish.roles))
            made = await self.invitations.invite(wish.name, wish.role_name, roles, _BY_COMMAND_LINE)
        self.audit.note("invited", name=_BY_COMMAND_LINE, invited=wish.name, roles=" ".join(wish.roles))
        return Invited(
            url=self.url_of(made.code),
            code=made.code,
            role_name=made.invitation.role_name,
            expires_at_ms=made.invitation.expires_at_ms,
        )

    def people(self) -> Sequence[ConsolePerson]:
        """Everyone with an account."""
        counts = self.sessions.count()
        return [
            ConsolePerson(
                name=account.name,
                role_name=account.role_name,
                roles=account.roles,
                suspended=account.suspended,
                credentials=len(account.credentials),
                sessions=counts.get(account.id, 0),
                made_at_ms=account.made_at_ms,
            )
            for account in self.accounts.all()
        ]

    async def sign_out(self, name: str | None) -> SignedOut:
        """End the sessions of somebody, or everyone's."""
        account = None if name is None else self.accounts.named(name).id
        ended = await self.sessions.end_all(account)
        self.audit.note("sessions-ended", name=_BY_COMMAND_LINE, of=name or "*", sessions=str(ended))
        return SignedOut(sessions=ended)

    def url_of(self, code: str) -> str:
        """Where somebody goes with a code."""
        return f"{self.origin}/invited#{code}"

    # Time passes

    async def run(self) -> None:
        """Write what waits, and forget what is old, until cancelled."""
        while True:
            # Without room, all of this waits.
            with suppress(StorageFull):
                await self.sessions.sweep()
                await self.invitations.sweep()
                await self.audit.sweep()
            for _ in range(_SWEEP_EVERY):
                await self._clock.sleep(FLUSH_S)
                self.audit.flush()


def roles_of(roles: Iterable[Role]) -> tuple[Role, ...]:
    """Roles as an account has them: without the one that everybody has, in their order."""
    given = {*roles} - {Role.READER}
    return tuple(role for role in Role if role in given)


def _prover(settings: ConsoleSettings, name: str) -> Prover:
    if settings.domain is None:
        return KeyFiles(settings.origin)
    return Passkeys(settings.origin, settings.domain, name, device_bound=settings.device_bound_keys)
