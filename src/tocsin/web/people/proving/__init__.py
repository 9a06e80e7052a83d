"""How somebody shows that it is them: by a passkey; or by a key file, where there is no domain name.

What is asked goes to the browser as JSON, which `static/js/people.js` reads; its answer comes back as JSON,
and is nobody's business but this folder's. Whoever asks has to hold on to nothing: a challenge says itself
for what and for whom it was made (`challenges`).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from tocsin.web.people.accounts import Credential

MAX_ANSWER_CHARACTERS: Final = 16_384


class Claim(NamedTuple):
    """What an answer says before any of it is believed: the challenge, and the account if it names one."""

    challenge: bytes
    account: str


class Prover(Protocol):
    """One way to show who one is. What it raises is a NotLetIn, if nothing else is said."""

    def to_make(self, account: str, name: str, known: Sequence[Credential], challenge: bytes) -> bytes:
        """What to send to a browser that is to make a credential for an account, besides those it has."""
        ...

    def made(self, account: str, claim: Claim, answer: str, label: str, at_ms: int) -> Credential:
        """The credential that was made."""
        ...

    def to_show(self, challenge: bytes) -> bytes:
        """What to send to a browser that is to show a credential."""
        ...

    def shown(self, account: str, known: Sequence[Credential], claim: Claim, answer: str) -> Credential:
        """Which of the credentials was shown, as it is to be kept from now on. Raises also CopiedPasskey."""
        ...

    def claim(self, answer: str) -> Claim:
        """What an answer claims."""
        ...
