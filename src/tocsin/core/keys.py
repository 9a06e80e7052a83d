"""Ed25519 keys and their text forms (C2SP signed-note, "Verifier keys"; RFC 8032).

A key has a name, a signature type and 32 bytes. Its id is the start of a hash over all three, so that one
name and id never stand for two algorithms:

    key id = SHA-256(name || 0x0A || type || public key)[:4]
    vkey   = <name>+<hex of the key id>+<base64(type || public key)>

- Type 0x01 signs notes, type 0x04 timestamped cosignatures (C2SP tlog-cosignature). There is no other.
- A signature is valid for everyone or for no one. The equation is checked without cofactor, `S >= L` and an
  R of small order are refused, R is compared as bytes, and a public key must be written canonically and not
  be of small order (under such a key, one signature fits many messages). Bytes that are no point of the curve
  verify nothing. All this is libsodium's way; what it takes, Go's crypto/ed25519 takes too.
- There is no batch verification: it can disagree with verification one by one.
- A secret key never shows itself; writing one out is called `encode_unsafe`.
"""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from typing import Self

from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair
from nacl.exceptions import BadSignatureError

from tocsin.core.clock import Chance
from tocsin.core.errors import MalformedKey, Refusal, quoted

PUBLIC_KEY_BYTES = 32
SEED_BYTES = 32
SIGNATURE_BYTES = 64

_PRIVATE = "PRIVATE+KEY+"
_MAX_KEY_CHARACTERS = 1024
_KEY_NAME = re.compile("[^\\s+\x00-\x1f\ud800-\udfff]+")
_KEY_ID = re.compile("[0-9a-f]{8}")

_FIELD = 2**255 - 19
_Y_OF_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
# The eight points of small order differ in y, or in the sign of x, which the check leaves out.
_Y_OF_SMALL_ORDER = frozenset({0, 1, _FIELD - 1, _Y_OF_ORDER_8, _FIELD - _Y_OF_ORDER_8})


class SignatureType(IntEnum):
    """The algorithm byte that goes into a key's id (C2SP signed-note, "Signature types")."""

    ED25519 = 1
    COSIGNATURE = 4


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public key under its name. Raises MalformedKey for a name or a point that may not be used."""

    name: str
    type: SignatureType
    public: bytes
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        if not is_key_name(self.name):
            raise MalformedKey(f"Expected a key name without spaces and plus, found {quoted(self.name)}.")
        _check_public(self.public)
        hashed = self.name.encode() + b"\n" + bytes([self.type]) + self.public
        object.__setattr__(self, "key_id", hashlib.sha256(hashed).digest()[:4])

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """The key that a vkey writes. Raises MalformedKey."""
        name, key_id, signature_type, public = _split(vkey)
        key = cls(name, signature_type, public)
        _check_key_id(key, key_id)
        return key

    def encode(self) -> str:
        """The vkey."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(bytes([self.type]) + self.public)}"

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether this key made the 64-byte `signature` over `message`."""
        return ed25519_verify(self.public, message, signature)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret key, beside its public half. Made by `generate`, `from_seed` or `parse`."""

    verifying: VerifyingKey
    # Seed and public key, as libsodium signs with them.
    _secret: bytes = field(repr=False, compare=False)

    @classmethod
    def from_seed(cls, name: str, type: SignatureType, seed: bytes) -> Self:  # noqa: A002 - the field's name
        """The key that RFC 8032 derives from a 32-byte seed. Raises MalformedKey."""
        if len(seed) != SEED_BYTES:
            raise MalformedKey(f"Expected a seed of {SEED_BYTES} bytes, found {len(seed)}.")
        public, secret = crypto_sign_seed_keypair(seed)
        return cls(VerifyingKey(name, type, public), secret)

    @classmethod
    def generate(cls, name: str, type: SignatureType, chance: Chance) -> Self:  # noqa: A002 - the field's name
        """A new key."""
        return cls.from_seed(name, type, chance.token(SEED_BYTES))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key that `encode_unsafe` wrote. Raises MalformedKey, which never quotes the text."""
        if not text.startswith(_PRIVATE):
            raise MalformedKey(f"Expected a secret key, which starts with {_PRIVATE}.")
        name, key_id, signature_type, seed = _split(text.removeprefix(_PRIVATE))
        key = cls.from_seed(name, signature_type, seed)
        _check_key_id(key.verifying, key_id)
        return key

    def encode_unsafe(self) -> str:
        """The secret, as Go's sumdb/note writes it: whoever reads this text can sign."""
        key = self.verifying
        seed = self._secret[:SEED_BYTES]
        return f"{_PRIVATE}{key.name}+{key.key_id.hex()}+{encode_base64(bytes([key.type]) + seed)}"

    def sign(self, message: bytes) -> bytes:
        """The 64-byte Ed25519 signature over `message`."""
        return crypto_sign(message, self._secret)[:SIGNATURE_BYTES]


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """The one place where a signature is verified; simulations put a memo here by replacing this attribute.

    Raises MalformedKey for a public key that may not be used.
    """
    _check_public(public)
    if len(signature) != SIGNATURE_BYTES:
        return False
    try:
        crypto_sign_open(signature + message, public)
    except BadSignatureError:
        return False
    return True


def is_key_name(name: str) -> bool:
    """Whether signed-note allows this key name: not empty, no Unicode space, plus or control character."""
    return _KEY_NAME.fullmatch(name) is not None


def encode_base64(data: bytes) -> str:
    """Base64 of RFC 4648 section 4, padded."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str, refusal: type[Refusal]) -> bytes:
    """What `encode_base64` wrote. Raises `refusal` for every other way to write the same bytes.

    The error does not quote the text, which may be a secret.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        data = b""
    if encode_base64(data) != text:
        raise refusal(f"Expected canonical base64, found {len(text)} characters that are not.")
    return data


@lru_cache(maxsize=4096)
def _check_public(public: bytes) -> None:
    """That the public key may be used. Raises MalformedKey."""
    if len(public) != PUBLIC_KEY_BYTES:
        raise MalformedKey(f"Expected a public key of {PUBLIC_KEY_BYTES} bytes, found {len(public)}.")
    y = int.from_bytes(public, "little") & (2**255 - 1)
    if y >= _FIELD or y in _Y_OF_SMALL_ORDER:
        raise MalformedKey(f"Expected a canonical public key of large order, found {public.hex()}.")


def _split(text: str) -> tuple[str, bytes, SignatureType, bytes]:
    """Name, key id, type and key of `<name>+<hex>+<base64>`; an error quotes none of it."""
    parts = text.split("+", 2) if len(text) <= _MAX_KEY_CHARACTERS else []
    if len(parts) != 3 or not _KEY_ID.fullmatch(parts[1]):
        raise MalformedKey("Expected <name>+<8 lowercase hex digits>+<base64>.")
    name, key_id, material = parts
    data = decode_base64(material, MalformedKey)
    try:
        signature_type = SignatureType(data[0])
    except (IndexError, ValueError):
        raise MalformedKey(f"Expected signature type 01 or 04, found {data[:1].hex() or 'none'}.") from None
    return name, bytes.fromhex(key_id), signature_type, data[1:]


def _check_key_id(key: VerifyingKey, stated: bytes) -> None:
    if stated != key.key_id:
        raise MalformedKey(
            f"Expected key id {key.key_id.hex()} for {quoted(key.name)}, found {stated.hex()}."
        )
