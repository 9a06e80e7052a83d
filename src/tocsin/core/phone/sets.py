"""What each side reads in a call: six digits for each, by the minute or by the row of a printed sheet.

    key    = HKDF-Extract(salt "tocsin/phone/v1", what X25519 gives)                       RFC 5869, SHA-256
    side   = u16 length || log name || public key
    info   = use || 0x00 || reader's side || listener's side || role || u64 number || …
    digits = HKDF-Expand(key, info, 8) as a number, modulo 10^6

- `role` is 0x00 where the reader was called, 0x01 where the reader calls. So nobody who calls two members can
  hand to one what the other reads: both of them were called.
- By the minute, `use` is "call" and the number that of the minute, Unix time divided by 60 s. By the row,
  `use` is "sheet", and the numbers are those of the sheet and the row.
- Log names have the domain, the circle, the member and the epoch in them. So nothing of a drill is ever read
  in a live circle, and no set outlives the keys of either side.
"""

import hmac
from dataclasses import dataclass
from typing import Self

from tocsin.core.phone.keys import PhoneKey, PhoneSecret

MINUTE_MS = 60_000
DIGITS = 6

_SALT = b"tocsin/phone/v1"
_OUTPUT_BYTES = 8
_HASH = "sha256"


@dataclass(frozen=True, slots=True)
class Sets:
    """What our side reads, and what the other side has to read: digits."""

    ours: str
    theirs: str


@dataclass(frozen=True, slots=True, repr=False)
class Pair:
    """Two members of a circle, as seen from one of them."""

    _key: bytes
    _ours: bytes
    _theirs: bytes

    @classmethod
    def of(cls, secret: PhoneSecret, other: PhoneKey) -> Self:
        """We, and the other. Raises what `PhoneSecret.shared_with` raises."""
        return cls(_hmac(_SALT, secret.shared_with(other)), _side(secret.key), _side(other))

    def at(self, minute: int, *, called: bool) -> Sets:
        """The sets of that minute; `called`: the other has called us."""
        return self._sets(b"call", (minute,), called=called)

    def row(self, sheet: int, row: int, *, called: bool) -> Sets:
        """The sets of that row of a sheet."""
        return self._sets(b"sheet", (sheet, row), called=called)

    def _sets(self, use: bytes, numbers: tuple[int, ...], *, called: bool) -> Sets:
        counted = b"".join(number.to_bytes(8) for number in numbers)
        ours = self._ours + self._theirs + (b"\x00" if called else b"\x01")
        theirs = self._theirs + self._ours + (b"\x01" if called else b"\x00")
        return Sets(*(self._digits(use + b"\x00" + sides + counted) for sides in (ours, theirs)))

    def _digits(self, info: bytes) -> str:
        output = _hmac(self._key, info + b"\x01")[:_OUTPUT_BYTES]
        return f"{int.from_bytes(output) % 10**DIGITS:0{DIGITS}}"


def _side(key: PhoneKey) -> bytes:
    name = str(key.log).encode()
    return len(name).to_bytes(2) + name + key.public


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, _HASH)
