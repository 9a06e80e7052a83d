"""Which observations mean something like what is asked: their vectors, if there are any."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.cases.matching.vectors import Vectors

WORDS_BESIDE = 0.3
"""What like words count for beside a like meaning."""
NEAREST = 64


class Meanings:
    """Vectors by observation. NumPy is needed, and loaded, with the first of them."""

    def __init__(self) -> None:
        self._vectors: Vectors | None = None
        self._owners = array("I")
        self._first: dict[int, int] = {}

    def add(self, vectors: Sequence[bytes], owner: int) -> None:
        """Those of an observation's texts."""
        for vector in vectors:
            if self._vectors is None:
                from tocsin.cases.matching.vectors import Vectors  # noqa: PLC0415 - NumPy is an extra's

                self._vectors = Vectors(len(vector))
            row = self._vectors.add(vector)
            self._owners.append(owner)
            self._first.setdefault(owner, row)

    def of(self, owner: int) -> list[bytes]:
        """Those of an observation, as they were given."""
        return [] if self._vectors is None else [self._vectors[row] for row in self._rows(owner)]

    def near(self, vector: bytes, also: Iterable[int]) -> Mapping[int, float]:
        """The observations nearest to it, and these others: how like each is, at most 1."""
        if self._vectors is None:
            return {}
        others = [row for owner in also for row in self._rows(owner)]
        found: dict[int, float] = {}
        for row, like in self._vectors.nearest(vector, NEAREST, others):
            owner = self._owners[row]
            found[owner] = max(like, found.get(owner, -1.0))
        return found

    def _rows(self, owner: int) -> Iterator[int]:
        row = self._first.get(owner, len(self._owners))
        while row < len(self._owners) and self._owners[row] == owner:
            yield row
            row += 1
