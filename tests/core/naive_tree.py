"""RFC 6962 section 2.1 and tlog-tiles, transcribed from their text and as slow as they are written.

It shares no code with `tocsin.core.tlog.tree`, so that the two can contradict each other.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import cache

from tocsin.core.tlog.tiles import Tile
from tocsin.core.tlog.tree import ReadTiles


class NaiveTree:
    """D[n]: a list of entries, and the hashes and proofs that the RFC defines over it."""

    def __init__(self, entries: Sequence[bytes]) -> None:
        self.entries = entries
        self._mth = cache(self._mth_defined)

    @classmethod
    def counting(cls, size: int) -> "NaiveTree":
        """A tree of `size` entries that all differ."""
        return cls([b"entry %d" % number for number in range(size)])

    def leaf_hashes(self) -> list[bytes]:
        """The hash of each entry by itself."""
        return [self.mth(index, index + 1) for index in range(len(self.entries))]

    def mth(self, start: int = 0, stop: int | None = None) -> bytes:
        """MTH(D[start:stop])."""
        return self._mth(start, len(self.entries) if stop is None else stop)

    def path(self, m: int, start: int = 0, stop: int | None = None) -> list[bytes]:
        """PATH(m, D[start:stop]), section 2.1.1."""
        stop = len(self.entries) if stop is None else stop
        n = stop - start
        if n == 1:
            return []
        k = largest_power_of_two_below(n)
        if m < k:
            return [*self.path(m, start, start + k), self.mth(start + k, stop)]
        return [*self.path(m - k, start + k, stop), self.mth(start, start + k)]

    def proof(self, m: int) -> list[bytes]:
        """PROOF(m, D[n]), section 2.1.2."""
        return self._subproof(m, 0, len(self.entries), complete=True)

    def read(self, tiles: Sequence[Tile]) -> list[bytes]:
        """The tiles' bytes, by the formal definition in tlog-tiles, "Merkle Tree"."""
        return [
            b"".join(
                self.mth(
                    (tile.index * 256 + i) * 256**tile.level,
                    (tile.index * 256 + i + 1) * 256**tile.level,
                )
                for i in range(tile.width)
            )
            for tile in tiles
        ]

    def calls_of(self, ask: Callable[[ReadTiles], object]) -> list[Sequence[Tile]]:
        """Which tiles `ask` asks for, call by call."""
        calls: list[Sequence[Tile]] = []

        def read(tiles: Sequence[Tile]) -> list[bytes]:
            calls.append(tiles)
            return self.read(tiles)

        ask(read)
        return calls

    def _mth_defined(self, start: int, stop: int) -> bytes:
        n = stop - start
        assert 0 <= start <= stop <= len(self.entries)
        if n == 0:
            return hashlib.sha256().digest()
        if n == 1:
            return hashlib.sha256(b"\x00" + self.entries[start]).digest()
        k = largest_power_of_two_below(n)
        return hashlib.sha256(
            b"\x01" + self._mth(start, start + k) + self._mth(start + k, stop),
        ).digest()

    def _subproof(self, m: int, start: int, stop: int, *, complete: bool) -> list[bytes]:
        n = stop - start
        if m == n:
            return [] if complete else [self.mth(start, stop)]
        k = largest_power_of_two_below(n)
        if m <= k:
            return [*self._subproof(m, start, start + k, complete=complete), self.mth(start + k, stop)]
        return [*self._subproof(m - k, start + k, stop, complete=False), self.mth(start, start + k)]


def largest_power_of_two_below(n: int) -> int:
    """The `k` of section 2.1: k < n <= 2k."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k
