"""What the common view would be if a member read one source more.

It comes to the same as to fuse all anew (`common.fuse`). That takes too long for every answer to every
question: only that is found anew which one reading, in place of the member's older one, can change.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from operator import add, sub
from typing import Final, TypeAlias

from tocsin.core import views
from tocsin.core.records import Reading
from tocsin.core.views import Evidence, ReadOn
from tocsin.readings.arithmetic import WHOLE_PERMILLE
from tocsin.readings.fusion import Found, found
from tocsin.readings.hypotheses import KINDS, Leaves
from tocsin.readings.support import Support
from tocsin.readings.weighing import OPEN_PERMILLE, Judgement, Judgements, Millinats, Said, independence

_Distinct: TypeAlias = tuple[tuple[int, ...], Millinats]

_ONE: Final = 1_000
"""One independent reading, in thousandths."""


class Supposing:
    """What the readings of a case come to: as they are, and with one of them another."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._leaves = Leaves.of(evidence)
        self._said = {read.said.member: self._of(read) for read in evidence.readings if read.sources}
        self._judgements = Judgements.of_said(list(self._said.values()), self._leaves)
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
        self._values = {source: self._judgements.value(source) for source in self._judgements.by_source}
        nothing = [0] * len(self._leaves.leaves)
        self._sum = [sum(column) for column in zip(nothing, *self._values.values(), strict=True)]
        self._support = Support(evidence, self._leaves, self._judgements)
        self._cached = cache(self._found)
        self._sharing = cache(self._shared)
        self._with_one = cache(self._value)

    def says(self, reading: Reading) -> Said:
        """What a reading says that nobody has written: yet of no member, and of no source."""
        return self._of(ReadOn(views.Said(self._evidence.case, "", reading), ()))

    def left_open(self, member: str, source: int) -> bool | None:
        """Whether a member leaves most of a source open; None if it does not read it."""
        said = self._said.get(member)
        return said.undetermined >= OPEN_PERMILLE if said and source in said.sources else None

    def now(self) -> Found:
        """As it is."""
        return self._whole(
            self._judgements.tempered(self._sum), lambda kind: self._support.two(kind, self._values)
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
        if len(changed) == 1:
            values = {
                source: self._with_one(source, new.member, new.each, new.undetermined)
                for source in new.sources
            }
        else:
            sources = {source for one in changed.values() for source in one.sources}
            values = {source: self._with(changed, sources).value(source) for source in sources}
        total = self._sum
        for source, value in values.items():
            total = list(map(add, total, value))
            if old := self._values.get(source):
                total = list(map(sub, total, old))
        independent_milli = self._judgements.independent_milli + more.total()
        return self._whole(
            replace(self._judgements, independent_milli=independent_milli).tempered(total),
            lambda kind: self._two(kind, new, changed, {**self._values, **values}),
        )

    def _two(
        self, kind: int, new: Judgement, changed: Mapping[str, Judgement], values: Mapping[int, Millinats]
    ) -> tuple[int, int] | None:
        """Only where a witness reads its source otherwise than before do others stand for a kind."""
        older = self._said.get(new.member)
        witnesses = (self._evidence.sources[source].witnesses for source in new.sources)
        if kind in {new.kind, older.kind if older else None} and any(new.member in one for one in witnesses):
            judgements = self._with(changed, {*self._values, *new.sources})
            return Support(self._evidence, self._leaves, judgements).two(kind, values)
        return self._support.two(kind, values)

    def _with(self, changed: Mapping[str, Judgement], sources: Collection[int]) -> Judgements:
        """All who read these sources, where these read them so."""
        by_source = {
            source: [
                *(one for one in self._judgements.by_source.get(source, ()) if one.member not in changed),
                *(one for one in changed.values() if source in one.sources),
            ]
            for source in sources
        }
        return replace(self._judgements, by_source=by_source)

    def _value(self, source: int, member: str, each: Millinats, undetermined: int) -> Millinats:
        """What a source says where one member says that of it, and all others what they say now."""
        one = Judgement(member, (source,), each, each, undetermined, None)
        return self._with({member: one}, (source,)).value(source)

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

    def _of(self, read: ReadOn) -> Said:
        return Said.of(read, self._leaves, WHOLE_PERMILLE)

    def _whole(self, evidence: Sequence[int], two: Callable[[int], tuple[int, int] | None]) -> Found:
        whole = self._cached(tuple(evidence), is_supported=True)
        if whole.what == "undetermined" or two(KINDS.index(whole.what)):
            return whole
        return self._cached(tuple(evidence), is_supported=False)

    def _found(self, evidence: Millinats, *, is_supported: bool) -> Found:
        return found(self._leaves, evidence, lambda _: (0, 0) if is_supported else None)


def _distinct(said: Said) -> _Distinct:
    return said.sources, said.millinats
