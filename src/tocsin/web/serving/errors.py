"""Why the console does not do what was asked."""

from tocsin.core.errors import Refusal


class NotHere(Refusal):
    """Expected the address of this console, found another. Next: open it at the address it was given."""

    code = "not-here"


class NotSignedIn(Refusal):
    """Nobody is signed in here. Next: sign in."""

    code = "not-signed-in"


class OtherRole(Refusal):
    """Expected somebody with another role. Next: ask an administrator of this console for it."""

    code = "other-role"


class ForeignForm(Refusal):
    """Expected a form of this page and session, found another. Next: reload the page and send it again."""

    code = "foreign-form"


class TooMuchAtOnce(Refusal):
    """As much is being sent here as fits into memory. Next: wait a minute, and send it again."""

    code = "too-much-at-once"


class MalformedForm(Refusal):
    """The form is not what this page takes."""

    code = "malformed-form"


class NoSuchPage(Refusal):
    """There is nothing at this address. Next: begin at the situation room."""

    code = "no-such-page"
