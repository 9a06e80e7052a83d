"""Why somebody is not let in, or an account not changed."""

from tocsin.core.errors import Refusal


class NotLetIn(Refusal):
    """Expected a passkey or key file of an account here, found none. Next: ask an administrator."""

    code = "not-let-in"


class AccountSuspended(Refusal):
    """This account is suspended. Next: ask an administrator of this console."""

    code = "account-suspended"


class CopiedPasskey(Refusal):
    """A passkey counted backwards: there may be a copy of it. Next: ask an administrator for a new code."""

    code = "copied-passkey"


class NotDeviceBound(Refusal):
    """Expected a passkey that stays on one device, found one that does not. Next: take a security key."""

    code = "not-device-bound"


class StaleChallenge(Refusal):
    """Expected an answer to what was asked just now, found one to something else. Next: try again."""

    code = "stale-challenge"


class TooManyAttempts(Refusal):
    """Too many attempts failed. Next: wait a minute."""

    code = "too-many-attempts"


class NoInvitation(Refusal):
    """Expected a code that is valid, once and within an hour, found none. Next: ask for another."""

    code = "no-invitation"


class MalformedAccount(Refusal):
    """No account can be like this."""

    code = "malformed-account"


class NoSuchAccount(Refusal):
    """There is no such account."""

    code = "no-such-account"


class NameTaken(Refusal):
    """Expected a name that nobody else has here, found one that somebody has. Next: choose another."""

    code = "name-taken"


class LastAdministrator(Refusal):
    """Nobody would be left who can see to people. Next: make somebody else an administrator first."""

    code = "last-administrator"


class LastCredential(Refusal):
    """Nobody could sign in to this account any more. Next: add another way to sign in first."""

    code = "last-credential"


class ConsoleFull(Refusal):
    """There are as many of these as there may be."""

    code = "console-full"
