r"""Who asks: signing and verifying a request, and nonces, by which each counts once (docs/protocol.md, 10.1).

    tocsin/request/v1\n<receiver>\n<method>\n<path>\n<hex SHA-256 of the body>\n<base64 of the nonce>\n

- Receiver, path and body are all signed, so that nobody can send a request on to another member or another
  call.
- A nonce is given only to a signer whose signature verified: nobody else can make it forget those it gave
  before.
- Nonces are kept in memory alone. After a restart all are stale, and no old request counts again.
"""

import hashlib
from collections.abc import Callable

from tocsin.circles.errors import BadRequestSignature, NonMember, StaleNonce, UnknownName
from tocsin.circles.wire.protocol import METHOD, Path, Request
from tocsin.core.clock import Chance
from tocsin.core.errors import quoted
from tocsin.core.keys import SigningKey, VerifyingKey, encode_base64

NONCE_BYTES = 16
NO_NONCE = bytes(NONCE_BYTES)
MAX_NONCES = 32


def sign_request(key: SigningKey, receiver: str, path: Path, body: bytes, nonce: bytes) -> Request:
    """A request to the member whose log is `receiver`."""
    signature = key.sign(_signed(receiver, path, body, nonce))
    return Request(receiver, path, body, key.verifying.name, nonce, signature)


def verify_request(request: Request, receiver: str, key_of: Callable[[str], VerifyingKey | None]) -> None:
    """Check that a member signed this request for `receiver`. Its nonce is spent after this (`Nonces.spend`).

    (1) it is for this receiver: UnknownName; (2) its signer is known: NonMember; (3) the signature:
    BadRequestSignature.
    """
    # (1) receiver
    if request.receiver != receiver:
        raise UnknownName(f"Expected a request to {receiver}, found one to {quoted(request.receiver)}.")
    # (2) signer
    key = key_of(request.signer)
    if key is None:
        raise NonMember(f"Expected the request key of a member, found {quoted(request.signer)}.")
    # (3) signature
    if not key.verify(_signed(receiver, request.path, request.body, request.nonce), request.signature):
        raise BadRequestSignature(f"The request is not signed by {key.name}.")


class Nonces:
    """The nonces given and not yet used: at most 32 for each signer, of which the oldest falls out."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._given: dict[str, dict[bytes, None]] = {}

    def give(self, signer: str) -> bytes:
        """A nonce for the next request of a signer whose signature verified."""
        given = self._given.setdefault(signer, {})
        if len(given) >= MAX_NONCES:
            del given[next(iter(given))]
        nonce = self._chance.token(NONCE_BYTES)
        given[nonce] = None
        return nonce

    def gave(self, signer: str, nonce: bytes) -> bool:
        """Whether this nonce was given to the signer and is not spent: then a member is at the other end."""
        return nonce in self._given.get(signer, {})

    def spend(self, signer: str, nonce: bytes) -> None:
        """Use a nonce, once. Raises StaleNonce."""
        given = self._given.get(signer, {})
        if nonce not in given:
            raise StaleNonce
        del given[nonce]


def _signed(receiver: str, path: str, body: bytes, nonce: bytes) -> bytes:
    lines = (
        "tocsin/request/v1",
        receiver,
        METHOD,
        path,
        hashlib.sha256(body).hexdigest(),
        encode_base64(nonce),
    )
    return "".join(f"{line}\n" for line in lines).encode()
