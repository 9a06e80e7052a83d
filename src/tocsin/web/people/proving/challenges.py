"""Challenges: what a browser has to answer once, within minutes, and no other browser can.

    challenge = u64 expiry in ms ‖ 16 random bytes ‖ HMAC-SHA256(key of this process, expiry ‖ random ‖
                purpose ‖ 0x00 ‖ browser ‖ 0x00 ‖ subject)

- Nothing is kept for a challenge that is not answered: whoever asks for millions fills no memory, and takes
  nobody else's away.
- `browser` is a random value in a cookie, `subject` what the answer is to be good for.
- One that was answered well is remembered until it expires, so that no answer is good twice.
"""

import hashlib
import hmac
import re
from typing import Final

from tocsin.core.clock import Chance, Clock
from tocsin.web.people.errors import StaleChallenge

VALID_MS: Final = 300_000
_RANDOM_BYTES: Final = 16
_HEAD_BYTES: Final = 8 + _RANDOM_BYTES
_BROWSER: Final = re.compile("[0-9a-f]{64}")


class Challenges:
    """The challenges of one console, since it started."""

    def __init__(self, clock: Clock, chance: Chance) -> None:
        self._clock = clock
        self._chance = chance
        self._key = chance.token(32)
        self._answered: dict[bytes, int] = {}

    def browser(self, cookie: str | None) -> str:
        """What a browser is known by: the value of its cookie, or a new one."""
        return cookie if cookie and _BROWSER.fullmatch(cookie) else self._chance.token(32).hex()

    def make(self, purpose: str, browser: str, subject: str = "") -> bytes:
        """A new challenge."""
        expires_at_ms = self._clock.wall_ms() + VALID_MS
        head = expires_at_ms.to_bytes(8) + self._chance.token(_RANDOM_BYTES)
        return head + self._seal(head, purpose, browser, subject)

    def check(self, challenge: bytes, purpose: str, browser: str, subject: str = "") -> None:
        """That a challenge was made for this, and is not answered yet. Raises StaleChallenge."""
        head, seal = challenge[:_HEAD_BYTES], challenge[_HEAD_BYTES:]
        made_here = hmac.compare_digest(seal, self._seal(head, purpose, browser, subject))
        if not made_here or int.from_bytes(head[:8]) <= self._clock.wall_ms() or head in self._answered:
            raise StaleChallenge

    def answered(self, challenge: bytes) -> None:
        """It was answered well: from now on it is no good any more."""
        now_ms = self._clock.wall_ms()
        self._answered = {head: at_ms for head, at_ms in self._answered.items() if at_ms > now_ms}
        self._answered[challenge[:_HEAD_BYTES]] = int.from_bytes(challenge[:8])

    def _seal(self, head: bytes, purpose: str, browser: str, subject: str) -> bytes:
        text = f"{purpose}\0{browser}\0{subject}".encode()
        return hmac.new(self._key, head + text, hashlib.sha256).digest()
