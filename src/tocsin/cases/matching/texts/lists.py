"""Which observations have a key: numbers in ascending order, and one key mostly has one."""

from array import array
from collections.abc import Sequence
from hashlib import blake2b

_KEY_BYTES = 16


class Lists:
    """Numbers by key. Of a key a hash is kept: they are many, and long."""

    def __init__(self) -> None:
        self._lists: dict[bytes, int | array[int]] = {}

    def add(self, key: tuple[str, ...], number: int) -> None:
        """That `number`, not lower than any before, has this key."""
        hashed = _hashed(key)
        found = self._lists.setdefault(hashed, number)
        if isinstance(found, int):
            if found != number:
                self._lists[hashed] = array("I", (found, number))
        elif found[-1] != number:
            found.append(number)

    def having(self, key: tuple[str, ...]) -> Sequence[int]:
        """The numbers that have it, ascending."""
        found = self._lists.get(_hashed(key), ())
        return (found,) if isinstance(found, int) else found


def _hashed(key: tuple[str, ...]) -> bytes:
    return blake2b("\0".join(key).encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).digest()
