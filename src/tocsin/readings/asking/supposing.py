"""What the common view would be if a member read one source more.

It comes to the same as to fuse all anew (`common.fuse`). That takes too long for every answer to every
question: only that is found anew which one reading, in place of the member's older one, can change.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from operator import add, sub
from typing import Final, TypeAlias

from tocsin.core.records import Probability
from tocsin.core.views import Evidence
from tocsin.readings.hearing import OPEN_PERMILLE, Heard
from tocsin.readings.hypotheses import Leaves
from tocsin.readings.posterior import Found, Posterior
from tocsin.readings.support import Support
from tocsin.readings.weighing import (
    MOST_SOURCES,
    Judgement,
    Judgements,
    Millinats,
    Said,
    independence,
    said_of,
    tempered,
)

_Distinct: TypeAlias = tuple[tuple[int, ...], Millinats]

_ONE: Final = 1_000
"""One independent reading, in thousandths."""


class Supposing:
    """What the readings of a case come to: as they are, and with one of them another."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._leaves = Leaves.of(evidence)
        self._said = {one.member: one for one in said_of(evidence, self._leaves, {})}
        self._judgements = Judgements.of(list(self._said.values()))
        self._copies = Counter(map(_distinct, self._said.values()))
        self._independence = independence({one for one in self._copies if any(one[1])})
        self._of_source: defaultdict[int, list[_Distinct]] = defaultdict(list)
        self._alike: Counter[Millinats] = Counter()
        for one, milli in self._independence.items():
            self._alike[one[1]] += milli
            for source in one[0]:
                self._of_source[source].append(one)
        self._saying: defaultdict[Millinats, list[Said]] = defaultdict(list)
        for said in self._said.values():
            self._saying[said.millinats].append(said)
        self._values = {source: Heard(read).value for source, read in self._judgements.by_source.items()}
        self._nothing = (0,) * len(self._leaves.leaves)
        self._sum = self._added(self._values.values())
        self._support = Support(evidence, self._leaves, self._judgements.by_source)
        self._posterior = Posterior(self._leaves)
        self._sharing = cache(self._shared)
        self._others = cache(self._heard)

    def says(self, probabilities: Iterable[Probability]) -> Said:
        """What a reading says that nobody has written: yet of no member, and of no source."""
        return Said.of(self._leaves, probabilities)

    def left_open(self, member: str, source: int) -> bool | None:
        """Whether a member leaves most of a source open; None if it could come to read it.

        Whose reading rests on as many sources as count has no room for another.
        """
        said = self._said.get(member)
        if said is None or (source not in said.sources and len(said.sources) < MOST_SOURCES):
            return None
        return source in said.sources and said.undetermined >= OPEN_PERMILLE

    def now(self) -> Found:
        """As it is."""
        return self._posterior.found(
            tempered(self._sum, self._judgements.independent_milli),
            lambda kind: self._support.two(kind, self._values),
        )

    def then(self, said: Said) -> Found:
        """As it would be if a member said that, and no longer what it says now, which rests on no more."""
        more = self._more_alike(said)
        changed = {
            one.member: one.weighed(self._alike[millinats] + by)
            for millinats, by in more.items()
            if by and self._alike[millinats] + max(0, by) > _ONE
            for one in self._saying[millinats]
        }
        changed[said.member] = new = said.weighed(self._alike[said.millinats] + more[said.millinats])
        if len(changed) == 1 and new.undetermined < OPEN_PERMILLE:
            values = {source: self._value(source, new.member, new.each) for source in new.sources}
        else:
            sources = {source for one in changed.values() for source in one.sources}
            read = self._with(changed, sources)
            values = {source: Heard(read[source]).value for source in sources}
        gone = self._added(self._values[source] for source in values if source in self._values)
        total = list(map(add, map(sub, self._sum, gone), self._added(values.values())))
        return self._posterior.found(
            tempered(total, self._judgements.independent_milli + more.total()),
            lambda kind: self._two(kind, new, changed, {**self._values, **values}),
        )

    def _two(
        self, kind: int, new: Judgement, changed: Mapping[str, Judgement], values: Mapping[int, Millinats]
    ) -> tuple[int, int] | None:
        """Only where a witness reads its source otherwise than before do others stand for a kind."""
        older = self._said.get(new.member)
        witnesses = (self._evidence.sources[source].witnesses for source in new.sources)
        if kind in {new.kind, older.kind if older else None} and any(new.member in one for one in witnesses):
            by_source = self._with(changed, {*self._values, *new.sources})
            return Support(self._evidence, self._leaves, by_source).two(kind, values)
        return self._support.two(kind, values)

    def _with(
        self, changed: Mapping[str, Judgement], sources: Collection[int]
    ) -> Mapping[int, Sequence[Judgement]]:
        """All who read these sources, where these read them so."""
        return {
            source: [
                *(one for one in self._judgements.by_source.get(source, ()) if one.member not in changed),
                *(one for one in changed.values() if source in one.sources),
            ]
            for source in sources
        }

    def _value(self, source: int, member: str, each: Millinats) -> Millinats:
        """What a source says where one member, leaving little open, says that of it; and others as now."""
        others = self._others(source, member)
        return others.with_more(each) if others else each

    def _heard(self, source: int, member: str) -> Heard | None:
        """Those others who leave little open, too, if there are any."""
        others = [
            one
            for one in self._judgements.by_source.get(source, ())
            if one.member != member and one.undetermined < OPEN_PERMILLE
        ]
        return Heard(others) if others else None

    def _more_alike(self, said: Said) -> Counter[Millinats]:
        """By how much more, or less, independent readings come to that say the same, in thousandths."""
        older = self._said.get(said.member)
        came, gone = _distinct(said), _distinct(older) if older else None
        if came == gone:
            return Counter()
        is_new = any(said.millinats) and came not in self._independence
        is_gone = gone in self._independence and self._copies[gone] == 1
        others, own = self._sharing(said.sources if is_new else (), gone if is_gone else None)
        more = Counter(others)
        more[said.millinats] += own
        return more

    def _shared(self, came: tuple[int, ...], gone: _Distinct | None) -> tuple[Mapping[Millinats, int], int]:
        """The same of all but a new reading of these sources, and how much of an independent one that is."""
        sharing = Counter(came)
        sharing.subtract(gone[0] if gone else ())
        touched = {one for source, by in sharing.items() if by for one in self._of_source[source]} - {gone}
        more: Counter[Millinats] = Counter()
        for one in touched:
            fewest = min(len(self._of_source[source]) + sharing[source] for source in one[0])
            more[one[1]] += _ONE // fewest - self._independence[one]
        if gone:
            more[gone[1]] -= self._independence[gone]
        fewest = min((len(self._of_source[source]) + sharing[source] for source in came), default=0)
        return more, _ONE // fewest if fewest else 0

    def _added(self, values: Iterable[Millinats]) -> list[int]:
        return [sum(column) for column in zip(self._nothing, *values, strict=True)]


def _distinct(said: Said) -> _Distinct:
    return said.sources, said.millinats
