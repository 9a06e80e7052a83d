"""Every signature of a simulation: watched as it is made, and verified once.

What it is not: weaker. What was not signed by the key, byte for byte, is verified by the real function; one
simulation in twenty has no memory and verifies everything for real.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tocsin.core import keys
from tocsin.core.keys import SigningKey, ed25519_verify

Watch = Callable[[SigningKey, bytes], None]

_sign = SigningKey.sign


@contextmanager
def watched(on_signed: Watch, *, memoised: bool) -> Iterator[None]:
    """Within, `on_signed` sees each message before it is signed; `memoised` remembers what is valid."""
    known: dict[tuple[bytes, bytes, bytes], bool] = {}

    def sign(key: SigningKey, message: bytes) -> bytes:
        on_signed(key, message)
        signature = _sign(key, message)
        known[key.verifying.public, message, signature] = True
        return signature

    def verify(public: bytes, message: bytes, signature: bytes) -> bool:
        asked = public, message, signature
        valid = known.get(asked)
        if valid is None:
            valid = known[asked] = ed25519_verify(*asked)
        return valid

    SigningKey.sign = sign  # type: ignore[method-assign, assignment]
    if memoised:
        keys.ed25519_verify = verify
    try:
        yield
    finally:
        SigningKey.sign = _sign  # type: ignore[method-assign]
        keys.ed25519_verify = ed25519_verify
