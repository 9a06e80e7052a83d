"""A secret key under a passphrase: a JSON object, `tocsin-organisation-key/v1` (docs/protocol.md, section 2).

    box key = Argon2id version 1.3 (passphrase in NFC and UTF-8, salt, passes, memory_kib, 1 lane), 32 bytes
    box     = nonce || XSalsa20-Poly1305 (the secret as `SigningKey.encode_unsafe` writes it)

- The public half stands beside the box, so that a key can be told without its passphrase. It is believed once
  the box was opened and holds the secret of that very key.
- The file says what Argon2id is to cost; more than a gibibyte or 16 passes is refused before it is tried.
- A wrong passphrase and a box that was changed cannot be told apart, by design of the box.
"""

import unicodedata
from typing import Annotated, Literal, NamedTuple

import msgspec
from nacl.bindings import (
    crypto_pwhash_alg,
    crypto_pwhash_ALG_ARGON2ID13,
    crypto_pwhash_SALTBYTES,
    crypto_secretbox_easy,
    crypto_secretbox_KEYBYTES,
    crypto_secretbox_NONCEBYTES,
    crypto_secretbox_open_easy,
)
from nacl.exceptions import CryptoError

from tocsin.core import strict_json
from tocsin.core.clock import Chance
from tocsin.core.errors import MalformedKey, Refusal
from tocsin.core.keys import SigningKey, VerifyingKey, decode_base64, encode_base64

MIN_PASSPHRASE_CHARACTERS = 12
MAX_SEALED_BYTES = 4_096

_MAX_MEMORY_KIB = 2**20
_MAX_PASSES = 16
_MAX_PASSPHRASE_CHARACTERS = 1_024


class WeakPassphrase(Refusal):
    """The passphrase is shorter than one that protects anything."""

    code = "weak-passphrase"


class WrongPassphrase(Refusal):
    """Expected the passphrase of this key, found another, or a damaged file. Next: try again, or a copy."""

    code = "wrong-passphrase"


class Cost(NamedTuple):
    """What one guess of a passphrase costs: memory in KiB, and passes over it."""

    memory_kib: int
    passes: int


DEFAULT_COST = Cost(memory_kib=262_144, passes=4)
"""Half a second, and a quarter of the memory of the smallest machine that one would find in a safe."""


class SealedKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A secret key in its box. `public` is the vkey of its other half; `salt` and `box` are base64."""

    format: Literal["tocsin-organisation-key/v1"] = "tocsin-organisation-key/v1"
    kdf: Literal["argon2id"] = "argon2id"
    memory_kib: Annotated[int, msgspec.Meta(ge=8, le=_MAX_MEMORY_KIB)]
    passes: Annotated[int, msgspec.Meta(ge=1, le=_MAX_PASSES)]
    public: str
    salt: str
    box: str

    @property
    def key(self) -> VerifyingKey:
        """The public half, as the file states it. Raises MalformedKey."""
        return VerifyingKey.parse(self.public)

    def encode(self) -> str:
        """The JSON object, in one line."""
        return strict_json.encode(self).decode()

    @classmethod
    def parse(cls, text: str) -> "SealedKey":
        """What `encode` wrote. Raises MalformedKey, and the refusals of `strict_json.decode`."""
        data = text.encode(errors="surrogatepass")
        if len(data) > MAX_SEALED_BYTES:
            raise MalformedKey(f"Expected a sealed key of at most {MAX_SEALED_BYTES} bytes.")
        sealed = strict_json.decode(data, _DECODER, MalformedKey)
        if len(decode_base64(sealed.salt, MalformedKey)) != crypto_pwhash_SALTBYTES:
            raise MalformedKey(f"Expected a salt of {crypto_pwhash_SALTBYTES} bytes, found another.")
        VerifyingKey.parse(sealed.public)
        return sealed


_DECODER = msgspec.json.Decoder(SealedKey)


def seal(key: SigningKey, passphrase: str, chance: Chance, cost: Cost = DEFAULT_COST) -> SealedKey:
    """The key in a box that this passphrase opens. Raises WeakPassphrase."""
    check_passphrase(passphrase)
    salt = chance.token(crypto_pwhash_SALTBYTES)
    nonce = chance.token(crypto_secretbox_NONCEBYTES)
    box = crypto_secretbox_easy(key.encode_unsafe().encode(), nonce, _box_key(passphrase, salt, cost))
    return SealedKey(
        memory_kib=cost.memory_kib,
        passes=cost.passes,
        public=key.verifying.encode(),
        salt=encode_base64(salt),
        box=encode_base64(nonce + box),
    )


def unseal(sealed: SealedKey, passphrase: str) -> SigningKey:
    """The key in the box.

    (1) the box opens: WrongPassphrase; (2) it holds the secret of the key beside it: MalformedKey.
    """
    # (1) opened
    box = decode_base64(sealed.box, MalformedKey)
    nonce, box = box[:crypto_secretbox_NONCEBYTES], box[crypto_secretbox_NONCEBYTES:]
    salt = decode_base64(sealed.salt, MalformedKey)
    box_key = _box_key(passphrase, salt, Cost(sealed.memory_kib, sealed.passes))
    try:
        secret = crypto_secretbox_open_easy(box, nonce, box_key)
    except (CryptoError, ValueError):
        raise WrongPassphrase from None
    # (2) of that key
    key = SigningKey.parse(secret.decode("latin-1"))
    if key.verifying != sealed.key:
        raise MalformedKey(f"Expected the secret of {sealed.public} in its box, found that of another key.")
    return key


def check_passphrase(passphrase: str) -> None:
    """That it is worth a box. Raises WeakPassphrase."""
    count = len(unicodedata.normalize("NFC", passphrase))
    if not MIN_PASSPHRASE_CHARACTERS <= count <= _MAX_PASSPHRASE_CHARACTERS:
        raise WeakPassphrase(
            f"Expected a passphrase of {MIN_PASSPHRASE_CHARACTERS} to {_MAX_PASSPHRASE_CHARACTERS} "
            f"characters, found {count}. Next: take six words that have nothing to do with each other."
        )


def _box_key(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    # One and the same letter can be typed as one character or as two, by the keyboard.
    secret = unicodedata.normalize("NFC", passphrase)[:_MAX_PASSPHRASE_CHARACTERS].encode(errors="replace")
    return crypto_pwhash_alg(
        crypto_secretbox_KEYBYTES,
        secret,
        salt,
        cost.passes,
        cost.memory_kib * 1024,
        crypto_pwhash_ALG_ARGON2ID13,
    )
