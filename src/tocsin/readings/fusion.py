"""The readings of a case together: what it was (docs/protocol.md, section 23.2).

(1) what each reading says, by each source that its organisation saw itself (`weighing`), and each source by
    all who do (`pool`); first of the five kinds, then of the leaves of each kind;
(2) the sum over sources, less what the readings' errors may have in common (`pool`);
(3) from there to probabilities (`posterior`): nothing is likely that two witnesses of two classes of sources
    do not each read so (`support`), and a kind's probability is shared out among its leaves;
(4) the same without each source, and without each member's word.

Nothing of it depends on the order in which records came, or on how often something is said.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence

from msgspec import Struct

from tocsin.core.records.cases.vocabulary import Undetermined, What
from tocsin.core.views import CaseSource, Evidence
from tocsin.readings.arithmetic import permille_of
from tocsin.readings.hypotheses import KINDS, Leaves, most, top
from tocsin.readings.likelihood import LIKELY_PERMILLE
from tocsin.readings.pool import Pool
from tocsin.readings.posterior import Among, among
from tocsin.readings.support import Stands, Support, classes
from tocsin.readings.view import Weighed
from tocsin.readings.weighing import Voice, Voices


class Found(Struct, frozen=True, gc=False):
    """Permille of the leaves, and of the kinds; `held_back`: tempered, so that no kind is likely."""

    parts: tuple[int, ...]
    kinds: tuple[int, ...]
    held_back: bool

    @property
    def what(self) -> What | Undetermined:
        """The kind that is likely, if one is."""
        return likely(self.kinds)


def likely(kinds: Sequence[int]) -> What | Undetermined:
    """The kind that is likely by these permille, if one is."""
    best = top(kinds)
    return KINDS[best] if kinds[best] >= LIKELY_PERMILLE else "undetermined"


class Alternatives:
    """Some things of which it was one, by those who have a voice on them."""

    def __init__(self, sources: Sequence[CaseSource], voices: Sequence[Voice], width: int) -> None:
        self.pool = Pool(voices, width)
        self.support = Support(sources, self.pool.heard, self.pool.values)
        self.whole = among(self.pool.together, self.support.two)

    def without(self, source: int) -> Among:
        """By all sources but that one."""
        if source not in self.pool.values:
            return self.whole
        return among(self.pool.without(source), lambda one: self.support.without(one, source))

    def otherwise(self, member: str, voices: Sequence[Voice] = ()) -> Among:
        """If that member said this, and nothing of what it says now."""
        if not voices and member not in self.pool.members:
            return self.whole
        other = self.pool.otherwise(member, voices)
        return among(other.together, lambda one: self.support.otherwise(one, other.values, member, voices))


class Fusion:
    """What the sources of a case say together, all of them, or all but one."""

    def __init__(self, evidence: Evidence, leaves: Leaves, said: Sequence[Voices]) -> None:
        sources = evidence.sources
        self._evidence = evidence
        self._leaves = leaves
        self.kinds = Alternatives(sources, [one for by in said for one in by.of_kinds], len(KINDS))
        self._narrower = {
            kind: Alternatives(sources, [one for by in said for one in by.of_leaves[kind]], len(places))
            for kind, places in leaves.narrower.items()
        }

    def whole(self) -> Found:
        """By all sources."""
        return self._found(lambda some: some.whole)

    def without_source(self, source: int) -> Found:
        """By all sources but that one."""
        return self._found(lambda some: some.without(source))

    def without_member(self, member: str) -> Found:
        """Without what that member says."""
        return self._found(lambda some: some.otherwise(member))

    def weighed(self) -> Sequence[Weighed]:
        """What each source says that a reading rests on."""
        readers: defaultdict[int, list[str]] = defaultdict(list)
        repeaters: defaultdict[int, list[str]] = defaultdict(list)
        for one in self._evidence.readings:
            own = {*one.own}
            for source in one.sources:
                (readers if source in own else repeaters)[source].append(one.said.member)
        return [
            self._weighed(source, readers[source], repeaters[source])
            for source in sorted(readers.keys() | repeaters.keys())
        ]

    def standing(self, whole: Found) -> Sequence[Stands]:
        """On whose own word the likeliest kind stands, if one is."""
        best = top(whole.kinds)
        return self.kinds.support.all(best) if whole.kinds.count(whole.kinds[best]) == 1 else []

    def _weighed(self, number: int, readers: Sequence[str], repeaters: Sequence[str]) -> Weighed:
        source, pool = self._evidence.sources[number], self.kinds.pool
        millinats = pool.values.get(number, (0,) * len(KINDS))
        return Weighed(
            source=number,
            millinats=millinats,
            diagnostic=max(millinats) - min(millinats),
            classes=classes(source),
            readers=tuple(readers),
            repeaters=tuple(repeaters),
            witnesses=source.witnesses,
            disputed=len({most(one.says) for one in pool.heard.get(number, ())}) > 1,
        )

    def _found(self, found: Callable[[Alternatives], Among]) -> Found:
        """Kinds, and leaves: what a kind has, by the shares of its leaves."""
        kinds = found(self.kinds)
        permille = kinds.permille
        parts = [*permille, *(0 for _ in self._leaves.leaves[len(KINDS) :])]
        for kind, some in self._narrower.items():
            of_kind = permille_of(found(some).shares, permille[kind])
            for at, one in zip(self._leaves.narrower[kind], of_kind, strict=True):
                parts[at] = one
        return Found(tuple(parts), permille, kinds.held_back)
