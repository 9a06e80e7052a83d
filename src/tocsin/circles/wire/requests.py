r"""Who asks: signing and verifying a request, and nonces, by which each counts once (docs/protocol.md, 10.1).

    tocsin/request/v1\n<receiver>\n<method>\n<path>\n<hex SHA-256 of the body>\n<base64 of the nonce>\n

- Receiver, path and body are all signed, so that nobody can send a request on to another member or another
  call.
- A nonce is given only to a signer whose signature verified: nobody else can make it forget those it gave
  before.
- A request that comes again, as networks repeat them, costs no signature: the one that was verified with its
  nonce is known. It is stale all the same.
- Nonces are kept in memory alone. After a restart all are stale, and no old request counts again.
"""

import hashlib
from collections.abc import Callable
from typing import TypeVar

from tocsin.circles.errors import BadRequestSignature, NonMember, StaleNonce, UnknownName
from tocsin.circles.wire.protocol import METHOD, Path, Request
from tocsin.core.clock import Chance
from tocsin.core.errors import quoted
from tocsin.core.keys import SigningKey, VerifyingKey, encode_base64

T = TypeVar("T")

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
    """The nonces given and not yet used, and those used last: at most 32 of each for each signer."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._given: dict[str, dict[bytes, None]] = {}
        self._spent: dict[str, dict[bytes, bytes]] = {}

    def give(self, signer: str) -> bytes:
        """A nonce for the next request of a signer whose signature verified."""
        given = self._given.setdefault(signer, {})
        _make_room(given)
        nonce = self._chance.token(NONCE_BYTES)
        given[nonce] = None
        return nonce

    def gave(self, signer: str, nonce: bytes) -> bool:
        """Whether this nonce was given to the signer and is not spent: then a member is at the other end."""
        return nonce in self._given.get(signer, {})

    def spend(self, signer: str, nonce: bytes, signature: bytes) -> None:
        """Use the nonce of a request whose signature verified, once. Raises StaleNonce."""
        given = self._given.get(signer, {})
        if nonce not in given:
            raise StaleNonce
        del given[nonce]
        spent = self._spent.setdefault(signer, {})
        _make_room(spent)
        spent[nonce] = signature

    def is_repeated(self, request: Request) -> bool:
        """Whether it has the nonce and signature of one whose nonce was spent: no need to verify it again."""
        return self._spent.get(request.signer, {}).get(request.nonce) == request.signature


def _make_room(nonces: dict[bytes, T]) -> None:
    """The oldest falls out."""
    if len(nonces) >= MAX_NONCES:
        del nonces[next(iter(nonces))]


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
