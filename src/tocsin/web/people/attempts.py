"""How often an attempt to come in may fail: by address, and overall.

- Only failures count, and only failures are turned away: whoever has the right passkey, key or code comes in,
  however busy somebody else is from the same address. So nobody can lock anybody out.
- This is not what keeps a secret from being guessed: nobody guesses a signature, or a code of 128 bits. It
  tells people to wait who try the wrong thing again and again, and keeps noise out of the audit: strangers,
  however many, fill it by one line a minute.
- An IPv6 address counts as its /64, which one subscriber has.
"""

import ipaddress
from collections import OrderedDict
from typing import Final

from tocsin.core.clock import Clock

_OF_ADDRESS: Final = (10, 6.0)
_OVERALL: Final = (100, 60.0)
_MAX_ADDRESSES: Final = 4_096


class Attempts:
    """Counts what failed. In memory: a restart forgives."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._overall = _Bucket(*_OVERALL, clock.monotonic_s())
        self._by_address: OrderedDict[str, _Bucket] = OrderedDict()

    def fail(self, address: str) -> bool:
        """Count a failure from there. Whether that was one too many."""
        now_s = self._clock.monotonic_s()
        key = _network(address)
        bucket = self._by_address.setdefault(key, _Bucket(*_OF_ADDRESS, now_s))
        self._by_address.move_to_end(key)
        if len(self._by_address) > _MAX_ADDRESSES:
            self._by_address.popitem(last=False)
        return not (bucket.take(now_s) and self._overall.take(now_s))


class _Bucket:
    """So many at once, and another one each so many seconds."""

    def __init__(self, most: int, each_s: float, now_s: float) -> None:
        self._most = most
        self._each_s = each_s
        self._left = float(most)
        self._at_s = now_s

    def take(self, now_s: float) -> bool:
        self._left = min(self._most, self._left + (now_s - self._at_s) / self._each_s)
        self._at_s = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else address
