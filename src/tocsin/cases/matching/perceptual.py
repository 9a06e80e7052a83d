"""Perceptual hashes: those that differ in few bits are of pictures that look alike.

PDQ's authors call two pictures alike from a distance of 31 of the 256 bits downwards. Two such hashes, cut
into 16 parts, have at least one part in which they differ in at most one bit: 31 < 2 × 16. So 17 looks into
each of 16 tables find them all, and few others.
"""

from array import array
from collections.abc import Iterator

MOST_BITS = 31
_PARTS = 16
_PART_VALUES = 1 << 16
_NEAR = (0, *(1 << bit for bit in range(16)))


class PerceptualIndex:
    """Hashes of 256 bits by row, and which of them are near another.

    Each table is a list of rows for every value of a part, chained in arrays: 4 MB, and 140 bytes a hash.
    """

    def __init__(self) -> None:
        self._hashes: list[int] = []
        self._rows = array("I")
        self._heads = array("I")
        self._next = array("I")

    def add(self, value: str, row: int) -> None:
        """A hash, as 64 hexadecimal digits."""
        if not self._heads:
            self._heads = array("I", bytes(4 * _PARTS * _PART_VALUES))
        number = int(value, 16)
        self._hashes.append(number)
        self._rows.append(row)
        for place in _places(number):
            self._next.append(self._heads[place])
            self._heads[place] = len(self._hashes)

    def near(self, value: str) -> Iterator[tuple[int, int]]:
        """The rows whose hash differs in at most 31 bits, and in how many."""
        if not self._hashes:
            return
        wanted = int(value, 16)
        seen: set[int] = set()
        for part, place in enumerate(_places(wanted)):
            for flipped in _NEAR:
                found = self._heads[place ^ flipped]
                while found:
                    seen.add(found)
                    found = self._next[(found - 1) * _PARTS + part]
        for found in seen:
            if (bits := (self._hashes[found - 1] ^ wanted).bit_count()) <= MOST_BITS:
                yield self._rows[found - 1], bits


def _places(number: int) -> Iterator[int]:
    for part in range(_PARTS):
        yield part * _PART_VALUES + (number >> 16 * part & 0xFFFF)
