"""On whose word "likely" stands (docs/protocol.md, section 23.2).

That one thing is likely takes two members who each saw a source for itself, of different classes, and who
each read it so. Whoever only repeats adds neither a source nor a witness, and whoever says that it saw the
other's source, too, makes the two less independent, never more.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations
from typing import Final, NamedTuple

from tocsin.core.records.cases.vocabulary import SourceKind
from tocsin.core.views import CaseSource, Evidence
from tocsin.readings.hypotheses import Leaves
from tocsin.readings.view import Class, Standing
from tocsin.readings.weighing import Judgement, Millinats

MOST_LOOKED_AT: Final = 64
"""Of so many sources, no two with the same classes and witnesses, each pair is looked at: of those with the
fewest witnesses. Who pads a case with sources of its own adds one for each set of classes at most."""

_CLASS_OF: Final[Mapping[SourceKind, Class]] = {
    "document": "document",
    "other": "other",
    "person": "person",
    "post": "published",
    "sensor": "sensor",
    "website": "published",
}


def classes(source: CaseSource) -> tuple[Class, ...]:
    """Of which classes a source is, by those who cite it: ascending, each once."""
    return tuple(sorted({_CLASS_OF[one.kind] for one in source.citations if one.kind != "record"}))


class _Read(NamedTuple):
    """A source that some of its own witnesses read as of one kind, and which do."""

    number: int
    read_so: frozenset[str]
    classes: frozenset[Class]
    witnesses: frozenset[str]


class Support:
    """Which sources of a case stand for which kind, each with its classes and witnesses."""

    def __init__(
        self, evidence: Evidence, leaves: Leaves, by_source: Mapping[int, Sequence[Judgement]]
    ) -> None:
        self._sources = evidence.sources
        self._by_source = by_source
        self._kind_of = cache(leaves.kind_of)
        self._read = cache(self._found)

    def two(
        self, kind: int, values: Mapping[int, Millinats | None], without: str | None = None
    ) -> tuple[int, int] | None:
        """Two sources by which two witnesses of two classes stand for that kind, if there are two.

        `values` is what all of them say, if they are there, `without` a member whose word is not.
        """
        alike: dict[tuple[frozenset[Class], frozenset[str]], int] = {}
        for one in self._for(kind, values, without):
            alike.setdefault((one.classes, one.witnesses - {without}), one.number)
        looked_at = sorted(alike.items(), key=lambda one: (len(one[0][1]), one[1]))[:MOST_LOOKED_AT]
        pairs = combinations(looked_at, 2)
        return next(
            (
                (source, other)
                for ((one, by), source), ((two, by_others), other) in pairs
                if one.isdisjoint(two) and by.isdisjoint(by_others)
            ),
            None,
        )

    def standing(self, kind: int, values: Mapping[int, Millinats]) -> tuple[Standing, ...]:
        """All sources that stand for that kind where they say that: those among which `two` looks."""
        return tuple(
            Standing(source=one.number, members=tuple(sorted(one.read_so))) for one in self._for(kind, values)
        )

    def looks_at_all(self, kind: int) -> bool:
        """Whether none of the sources that stand for a kind is left out for being one of too many."""
        return len(self._read(kind)) <= MOST_LOOKED_AT

    def _for(
        self, kind: int, values: Mapping[int, Millinats | None], without: str | None = None
    ) -> Iterator[_Read]:
        for one in self._read(kind):
            value = values.get(one.number)
            if value and self._kind_of(value) == kind and one.read_so - {without}:
                yield one

    def _found(self, kind: int) -> Sequence[_Read]:
        found = []
        for number, read in self._by_source.items():
            source = self._sources[number]
            witnesses = frozenset(source.witnesses)
            read_so = witnesses.intersection(one.member for one in read if one.kind == kind)
            if read_so:
                found.append(_Read(number, read_so, frozenset(classes(source)), witnesses))
        return found
