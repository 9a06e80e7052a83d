"""Which rows have a term, and how alike two rows are: TF-IDF with inverted lists, in compact arrays.

- A row is a set of terms: in a title hardly any word stands twice. Its vector has, for each, how rare it is
  among all rows (1 + ln of their number over those that have it); two rows are as alike as the cosine of
  their vectors. How rare a term is changes as rows come: nothing is kept that would have to follow, but the
  logarithm of how many rows have it.
- Rows are found by their rarest terms first, until `walk` places in lists have been walked: what every second
  row has finds nobody. Those found are then compared by all terms.
- A row that is forgotten stays: whoever owns it is passed over, until all is made anew (`index`).
"""

import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest

_SPARE = 4
"""So many times as many as are wanted are looked at more closely."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: the weight of each term that any row has, and the length of the whole vector."""

    weights: dict[int, float]
    length: float


class Postings:
    """Rows, numbered as they are added."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._lists: list[array[int]] = []
        # Of how many rows have a term: the logarithm, and its square.
        self._logs = array("d")
        self._squares = array("d")
        self._terms = array("I")
        self._ends = array("I", [0])

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, terms: Iterable[str]) -> int:
        """A new row of these terms, each once; its number."""
        row = len(self)
        for term in terms:
            one = self._ids.setdefault(term, len(self._lists))
            if one == len(self._lists):
                self._lists.append(array("I", [row]))
                self._logs.append(0.0)
                self._squares.append(0.0)
            else:
                rows = self._lists[one]
                rows.append(row)
                logarithm = self._logs[one] = math.log(len(rows))
                self._squares[one] = logarithm * logarithm
            self._terms.append(one)
        self._ends.append(len(self._terms))
        return row

    def wanted(self, terms: Sequence[str]) -> Wanted:
        """What is looked for. Terms that no row has make it longer, and with that less like any."""
        known = [self._ids[term] for term in terms if term in self._ids]
        most = self._most()
        weights = {one: most - self._logs[one] for one in known}
        squares = sum(weight * weight for weight in weights.values()) + most**2 * (len(terms) - len(known))
        return Wanted(weights, math.sqrt(squares))

    def find(self, wanted: Wanted, most: int, walk: int) -> list[int]:
        """The rows that share the most with it, by its rarest terms."""
        shared: dict[int, float] = {}
        so_far = shared.get
        walked = 0
        for one in sorted(wanted.weights, key=self._logs.__getitem__):
            rows = self._lists[one]
            walked += len(rows)
            if walked > walk and shared:
                break
            square = wanted.weights[one] ** 2
            for row in rows:
                shared[row] = so_far(row, 0.0) + square
        if len(shared) <= most:
            return list(shared)
        ends = self._ends
        return nlargest(
            most,
            nlargest(_SPARE * most, shared, key=shared.__getitem__),
            key=lambda row: shared[row] / math.sqrt(ends[row + 1] - ends[row]),
        )

    def likeness(self, wanted: Wanted, row: int) -> float:
        """The cosine of what is looked for and a row: from 0 to 1."""
        terms = self._terms[self._ends[row] : self._ends[row + 1]]
        shared = sum(weight * weight for weight in map(wanted.weights.get, terms) if weight)
        if not shared:
            return 0.0
        # The sum of the squares of all weights, each of which is `most` less a logarithm.
        most = self._most()
        logs, squares = sum(map(self._logs.__getitem__, terms)), sum(map(self._squares.__getitem__, terms))
        return shared / (math.sqrt(len(terms) * most**2 - 2 * most * logs + squares) * wanted.length)

    def _most(self) -> float:
        """The weight of what only one row has."""
        return 1 + math.log(1 + len(self))
