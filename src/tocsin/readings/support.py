"""On whose word "likely" stands (docs/protocol.md, section 23.2).

That one thing is likely takes two members who each saw a source for themselves, two sources of different
classes, and who each read it so. Whoever only repeats adds nothing to that, and takes nothing from it.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from itertools import combinations
from typing import Final, NamedTuple

from tocsin.core.records import Source
from tocsin.core.records.cases.vocabulary import SourceKind
from tocsin.core.views import CaseSource
from tocsin.readings.hypotheses import most
from tocsin.readings.view import Class
from tocsin.readings.weighing import Millinats, Voice

_CLASS_OF: Final[Mapping[SourceKind, Class]] = {
    "document": "document",
    "other": "other",
    "person": "person",
    "post": "published",
    "sensor": "sensor",
    "website": "published",
}
_AT_A_URL: Final = ("document", "other")


class Stands(NamedTuple):
    """That a member read a source so which it saw itself, as something of these classes."""

    source: int
    member: str
    classes: frozenset[Class]


def class_of(source: Source) -> Class:
    """Of which class a source is, as it is cited; what is at a URL is published, if it is nothing closer."""
    at_a_url = (source.locator or "").strip().lower().startswith(("https://", "http://"))
    kind = source.kind
    return "published" if at_a_url and kind in _AT_A_URL else _CLASS_OF[kind]


def classes(source: CaseSource) -> tuple[Class, ...]:
    """Of which classes a source is, by all who cite it: ascending, each once."""
    return tuple(sorted({class_of(one) for one in source.citations}))


class Support:
    """Who stands for what, of some alternatives."""

    def __init__(
        self,
        sources: Sequence[CaseSource],
        heard: Mapping[int, Sequence[Voice]],
        values: Mapping[int, Millinats],
    ) -> None:
        self._sources = sources
        self._heard = heard
        self._values = values
        self._classes = cache(self._classes_to)
        self._readers = cache(self._who_read)
        self.all = cache(self._all)
        self.two = cache(lambda alternative: two(self.all(alternative)))

    def without(self, alternative: int, source: int) -> bool:
        """Whether two stand for it without that source."""
        found = self.two(alternative)
        if not found or source not in {one.source for one in found}:
            return bool(found)
        return bool(two(one for one in self.all(alternative) if one.source != source))

    def otherwise(
        self, alternative: int, values: Mapping[int, Millinats | None], member: str, voices: Sequence[Voice]
    ) -> bool:
        """Whether two stand for it if that member said this, and nothing of what it says now.

        `values`: what those sources say then that it speaks of now or would then.
        """
        found = self.two(alternative)
        if found and all(one.source not in values for one in found):
            return True
        changed = {source for source, value in values.items() if value and most(value) == alternative}
        own = [one for one in voices if one.source in changed and most(one.says) == alternative]
        others = [
            one for source in changed for one in self._readers(alternative, source) if one.member != member
        ]
        if not (found or own or others):
            return False
        untouched = (one for one in self.all(alternative) if one.source not in values)
        return bool(two([*untouched, *others, *map(self._stands, own)]))

    def _all(self, alternative: int) -> Sequence[Stands]:
        """Who stands for it, by which sources: ascending by source and member."""
        sources = (source for source, value in self._values.items() if most(value) == alternative)
        return [stands for source in sources for stands in self._readers(alternative, source)]

    def _who_read(self, alternative: int, source: int) -> Sequence[Stands]:
        """Who reads it so by that source, whatever all do."""
        return [self._stands(one) for one in self._heard.get(source, ()) if most(one.says) == alternative]

    def _stands(self, one: Voice) -> Stands:
        return Stands(one.source, one.member, self._classes(one.source, one.member))

    def _classes_to(self, source: int, member: str) -> frozenset[Class]:
        """Of which classes it is as that member cites it; as all do, if it does not yet."""
        cited = self._sources[source].cited
        own = {class_of(one) for by, one in cited if by == member}
        return frozenset(own or (class_of(one) for _, one in cited))


def two(standing: Iterable[Stands]) -> tuple[Stands, Stands] | None:
    """Two of different members, by different sources of classes that have nothing in common, if there are."""
    by_classes: defaultdict[frozenset[Class], list[Stands]] = defaultdict(list)
    for one in standing:
        by_classes[one.classes].append(one)
    for left, right in combinations(by_classes, 2):
        if left.isdisjoint(right) and (found := _two_of(by_classes[left], by_classes[right])):
            return found
    return None


def _two_of(some: Collection[Stands], others: Collection[Stands]) -> tuple[Stands, Stands] | None:
    by_source = Counter(one.source for one in others)
    by_member = Counter(one.member for one in others)
    by_both = Counter((one.source, one.member) for one in others)
    for one in some:
        alike = by_source[one.source] + by_member[one.member] - by_both[one.source, one.member]
        if alike < len(others):
            return one, next(
                other for other in others if other.source != one.source and other.member != one.member
            )
    return None
