"""X25519 keys for calls (RFC 7748; docs/protocol.md, section 22).

    in a card    more.phone = base64(public key)
    on the disk  tocsin-phone-key/v1 <log name> <base64 of the secret key>

- A key is of one log: one member, circle and epoch. Two keys meet only within one circle.
- A public key is written canonically, and is not of small order: with one of those, everybody knows the
  secret that is shared.
- A secret key never shows itself; writing it out is called `encode_unsafe`.
"""

from dataclasses import dataclass, field
from typing import Self

from nacl.bindings import crypto_scalarmult, crypto_scalarmult_base

from tocsin.core.clock import Chance
from tocsin.core.errors import MalformedKey, MalformedName
from tocsin.core.keys import decode_base64, encode_base64
from tocsin.core.names import LogName

KEY_BYTES = 32

_FORMAT = "tocsin-phone-key/v1"
_FIELD = 2**255 - 19
_U_OF_ORDER_8 = (
    0x00B8495F16056286FDB1329CEB8D09DA6AC49FF1FAE35616AEB8413B7C7AEBE0,
    0x57119FD0DD4E22D8868E1C58C45C44045BEF839C55B1D0B1248C50A3BC959C5F,
)
# Of the curve and of its twist, which X25519 cannot tell apart.
_U_OF_SMALL_ORDER = frozenset({0, 1, _FIELD - 1, *_U_OF_ORDER_8})


@dataclass(frozen=True, slots=True)
class PhoneKey:
    """What the others know of a member's key for calls. Raises MalformedKey for one that may not be used."""

    log: LogName
    public: bytes

    def __post_init__(self) -> None:
        if len(self.public) != KEY_BYTES:
            raise MalformedKey(f"Expected a key for calls of {KEY_BYTES} bytes, found {len(self.public)}.")
        u = int.from_bytes(self.public, "little")
        if u >= _FIELD or u in _U_OF_SMALL_ORDER:
            raise MalformedKey(
                f"Expected a canonical key for calls of large order, found {self.public.hex()}."
            )

    @classmethod
    def parse(cls, log: LogName, text: str) -> Self:
        """The key that a card of `log` writes. Raises MalformedKey."""
        return cls(log, decode_base64(text, MalformedKey))

    def encode(self) -> str:
        """As a card writes it."""
        return encode_base64(self.public)


@dataclass(frozen=True, slots=True)
class PhoneSecret:
    """A member's own key for calls, beside its public half. Made by `of`, `generate` or `parse`."""

    key: PhoneKey
    _secret: bytes = field(repr=False, compare=False)

    @classmethod
    def of(cls, log: LogName, secret: bytes) -> Self:
        """The key that RFC 7748 makes of 32 secret bytes. Raises MalformedKey."""
        if len(secret) != KEY_BYTES:
            raise MalformedKey(f"Expected a secret of {KEY_BYTES} bytes, found {len(secret)}.")
        return cls(PhoneKey(log, crypto_scalarmult_base(secret)), secret)

    @classmethod
    def generate(cls, log: LogName, chance: Chance) -> Self:
        """A new key."""
        return cls.of(log, chance.token(KEY_BYTES))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key that `encode_unsafe` wrote. Raises MalformedKey, which never quotes the text."""
        parts = text.split(" ")
        if len(parts) != 3 or parts[0] != _FORMAT:
            raise MalformedKey(f"Expected {_FORMAT} <log name> <base64>.")
        try:
            log = LogName.parse(parts[1])
        except MalformedName:
            raise MalformedKey("Expected the name of a log in a key for calls.") from None
        return cls.of(log, decode_base64(parts[2], MalformedKey))

    def encode_unsafe(self) -> str:
        """The secret: whoever reads this text can read out what this member's officers would."""
        return f"{_FORMAT} {self.key.log} {encode_base64(self._secret)}"

    def shared_with(self, other: PhoneKey) -> bytes:
        """32 bytes that only the two have. Raises MalformedKey for a key of our own or of another circle."""
        ours, theirs = self.key.log, other.log
        if (ours.domain, ours.circle) != (theirs.domain, theirs.circle) or ours.member == theirs.member:
            raise MalformedKey(
                f"Expected the key of another member in the circle of {ours}, found {theirs}'s."
            )
        return crypto_scalarmult(self._secret, other.public)
