"""From a proof to a session: signing in, enrolling with a code, and another credential for an account.

Each is asked by the browser first, which gets a challenge for that alone, and then answered:

(1) the challenge was made for this browser and purpose, and is not answered yet; (2) the proof is right;
then, in one transaction: (3) the proof is still right of the account as it is by now (of two copies that
count the same, the second is a copy), or the code is still there, which is gone from then on; (4) what
changed is kept, and a session begins. What fails is counted and noted, by its code alone.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from msgspec.structs import replace

from tocsin.core.clock import Clock
from tocsin.core.errors import Refusal
from tocsin.log.committer import Committer
from tocsin.web.people.accounts import MAX_CREDENTIALS, Account, Accounts, Credential, name_of
from tocsin.web.people.attempts import Attempts
from tocsin.web.people.audit import Audit
from tocsin.web.people.errors import (
    AccountSuspended,
    ConsoleFull,
    NoInvitation,
    NoSuchAccount,
    NotLetIn,
    TooManyAttempts,
)
from tocsin.web.people.invitations import Invitation, Invitations, subject_of
from tocsin.web.people.proving import Claim, Prover
from tocsin.web.people.proving.challenges import Challenges
from tocsin.web.people.sessions import Begun, Caller, Sessions

_SIGN_IN: Final = "sign-in"
_ENROL: Final = "enrol"
_ADD: Final = "add"


class Wish(NamedTuple):
    """What somebody new says: their code, a name if they may choose one, and their language."""

    code: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Entering:
    """How people come into one console. `browser` is what `Challenges.browser` knows a browser by."""

    prover: Prover
    challenges: Challenges
    accounts: Accounts
    invitations: Invitations
    sessions: Sessions
    attempts: Attempts
    audit: Audit
    committer: Committer
    clock: Clock

    # Signing in

    def ask(self, browser: str) -> bytes:
        """What to send to a browser in which somebody wants to sign in."""
        return self.prover.to_show(self.challenges.make(_SIGN_IN, browser))

    async def sign_in(
        self, browser: str, answer: str, caller: Caller, instead_of: str | None = None
    ) -> tuple[Begun, Account]:
        """Begin a session, in place of the one that this browser has. Raises why not, or TooManyAttempts."""
        account: Account | None = None
        try:
            claim = self.prover.claim(answer)
            # (1) challenge
            self.challenges.check(claim.challenge, _SIGN_IN, browser)
            account = self._known(claim.account)
            # (2) proof
            self._shown(account, claim, answer)
            self.challenges.answered(claim.challenge)
            job = partial(self._begin, claim, answer, caller, instead_of)
            begun, person = await self.committer.submit(job)
        except Refusal as refusal:
            raise self._failed(refusal, caller, account) from None
        self.audit.note("signed-in", person.id, person.name, caller.address, device=caller.device)
        return begun, person

    def _begin(
        self, claim: Claim, answer: str, caller: Caller, instead_of: str | None
    ) -> tuple[Begun, Account]:
        # (3) still right
        account = self._known(claim.account)
        shown = self._shown(account, claim, answer)
        # (4) kept
        known = tuple(shown if one.id == shown.id else one for one in account.credentials)
        self.accounts.put(replace(account, credentials=known))
        return self.sessions.begin(account.id, caller, instead_of), account

    def _shown(self, account: Account, claim: Claim, answer: str) -> Credential:
        shown = self.prover.shown(account.id, account.credentials, claim, answer)
        if account.suspended:
            raise AccountSuspended
        return shown

    def _known(self, account_id: str) -> Account:
        if (account := self.accounts.find(account_id)) is None:
            raise NotLetIn
        return account

    # Enrolling

    def invited(self, code: str, caller: Caller) -> Invitation:
        """What a code is for. Raises NoInvitation or TooManyAttempts."""
        try:
            return self.invitations.find(code)
        except NoInvitation as refusal:
            raise self._failed(refusal, caller) from None

    def ask_to_enrol(self, browser: str, wish: Wish, caller: Caller) -> bytes:
        """What to send to a browser that is to make a credential. Raises as `invited`, MalformedAccount."""
        invitation = self.invited(wish.code, caller)
        challenge = self.challenges.make(_ENROL, browser, subject_of(wish.code))
        return self.prover.to_make(invitation.account, invitation.name or name_of(wish.name), (), challenge)

    async def enrol(
        self,
        browser: str,
        wish: Wish,
        answer: str,
        caller: Caller,
        instead_of: str | None = None,
    ) -> tuple[Begun, Account]:
        """Make an account, or begin one anew, and a session. Raises why not, or TooManyAttempts."""
        invitation = self.invited(wish.code, caller)
        try:
            claim = self.prover.claim(answer)
            # (1) challenge
            self.challenges.check(claim.challenge, _ENROL, browser, subject_of(wish.code))
            # (2) proof
            now_ms = self.clock.wall_ms()
            made = self.prover.made(invitation.account, claim, answer, caller.device, now_ms)
        except Refusal as refusal:
            raise self._failed(refusal, caller) from None
        self.challenges.answered(claim.challenge)

        def job() -> tuple[Begun, Account]:
            # (3) still there
            account = self._enrolled(self.invitations.use(wish.code), wish, made)
            if account.suspended:
                raise AccountSuspended
            # (4) kept
            self.accounts.put(account)
            self.sessions.drop_all(account.id)
            return self.sessions.begin(account.id, caller, instead_of), account

        begun, account = await self.committer.submit(job)
        self.audit.note("enrolled", account.id, account.name, caller.address, invited_by=invitation.by)
        return begun, account

    def _enrolled(self, invitation: Invitation, wish: Wish, made: Credential) -> Account:
        if invitation.again:
            return replace(self.accounts.get(invitation.account), credentials=(made,))
        return Account(
            id=invitation.account,
            name=invitation.name or name_of(wish.name),
            role_name=invitation.role_name,
            roles=invitation.roles,
            language=wish.language,
            made_at_ms=made.made_at_ms,
            credentials=(made,),
        )

    # Another credential

    def ask_to_add(self, browser: str, account_id: str) -> bytes:
        """What to send to a browser that is to make another credential for whoever is signed in there."""
        account = self.accounts.get(account_id)
        challenge = self.challenges.make(_ADD, browser, account.id)
        return self.prover.to_make(account.id, account.name, account.credentials, challenge)

    async def add(self, browser: str, account_id: str, answer: str, caller: Caller) -> Account:
        """Give an account another credential. Raises why not, or TooManyAttempts."""
        account = self.accounts.get(account_id)
        try:
            claim = self.prover.claim(answer)
            # (1) challenge
            self.challenges.check(claim.challenge, _ADD, browser, account_id)
            # (2) proof
            made = self.prover.made(account_id, claim, answer, caller.device, self.clock.wall_ms())
        except Refusal as refusal:
            raise self._failed(refusal, caller, account) from None
        self.challenges.answered(claim.challenge)

        def change(now: Account) -> Account:
            others = tuple(one for one in now.credentials if one.id != made.id)
            if len(others) >= MAX_CREDENTIALS:
                raise ConsoleFull(f"Expected at most {MAX_CREDENTIALS} ways to sign in, found one more.")
            return replace(now, credentials=(*others, made))

        account = await self.accounts.change(account_id, change)
        self.audit.note("credential-added", account.id, account.name, caller.address, device=made.label)
        return account

    async def drop(self, account_id: str, credential_id: bytes, caller: Caller) -> Account:
        """Take a credential from an account. Raises LastCredential, NoSuchAccount."""

        def change(now: Account) -> Account:
            kept = tuple(one for one in now.credentials if one.id != credential_id)
            if len(kept) == len(now.credentials):
                raise NoSuchAccount("Expected a way to sign in to this account, found none like that.")
            return replace(now, credentials=kept)

        account = await self.accounts.change(account_id, change)
        self.audit.note("credential-removed", account.id, account.name, caller.address)
        return account

    def _failed(self, refusal: Refusal, caller: Caller, account: Account | None = None) -> Refusal:
        """What to raise for a failure, which is counted; and noted, unless there are too many."""
        if self.attempts.fail(caller.address):
            return TooManyAttempts()
        who = (account.id, account.name) if account else ("", "")
        self.audit.note("turned-away", *who, caller.address, why=refusal.code, device=caller.device)
        return refusal
