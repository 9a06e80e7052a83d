"""The readings of a case together: what it was (docs/protocol.md, section 23.2).

(1) what each reading says for each leaf (`hypotheses`), and each source by all who read it (`weighing`);
(2) the sum over sources, less what the readings' errors have in common;
(3) from there to probabilities, by Bayes' rule in its logarithmic form;
(4) no kind is likely that two witnesses of two classes of sources do not each read so (`support`): then all
    is tempered until it is not;
(5) the same without each source, and without each member's word: how many independent readings there are
    stays as it was.

Nothing of it depends on the order in which records came, or on how often something is said.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from operator import add, sub

from tocsin.core.records.cases.vocabulary import Undetermined, What
from tocsin.core.views import Evidence
from tocsin.readings.arithmetic import permille_of, shares, toward_zero
from tocsin.readings.hypotheses import KINDS, Leaves, top
from tocsin.readings.likelihood import LIKELY_PERMILLE
from tocsin.readings.support import Support, classes
from tocsin.readings.view import Standing, Weighed
from tocsin.readings.weighing import Judgements, Millinats

_TEMPERATURES = 1_024


@dataclass(frozen=True, slots=True)
class Found:
    """Permille of the leaves, and of the kinds; `held_back`: tempered, so that no kind is likely."""

    parts: tuple[int, ...]
    kinds: tuple[int, ...]
    held_back: bool

    @property
    def what(self) -> What | Undetermined:
        """The kind that is likely, if one is."""
        best = top(self.kinds)
        return KINDS[best] if self.kinds[best] >= LIKELY_PERMILLE else "undetermined"


class Fusion:
    """What the sources of a case say together, all of them or all but one."""

    def __init__(self, evidence: Evidence, leaves: Leaves, judgements: Judgements) -> None:
        self._evidence = evidence
        self._leaves = leaves
        self._judgements = judgements
        self._support = Support(evidence, leaves, judgements)
        self._values = {source: judgements.value(source) for source in judgements.by_source}
        self._sum = [sum(column) for column in zip(*self._values.values(), strict=True)] or [
            0 for _ in leaves.leaves
        ]
        self._two = cache(partial(self._support.two, values=self._values))

    def whole(self) -> Found:
        """By all sources."""
        return self._found(self._sum, self._two)

    def without_sources(self) -> Sequence[tuple[int, None, Found]]:
        """By all sources but that one, for each that is read."""
        return [(source, None, self._without_source(source)) for source in self._values]

    def without_members(self) -> Sequence[tuple[None, str, Found]]:
        """Without what that member says, for each that reads or witnesses a source that is read."""
        touched: dict[str, set[int]] = {one.member: set(one.sources) for one in self._judgements.readings}
        for number in self._values:
            witnesses = self._evidence.sources[number].witnesses
            for member in witnesses:
                sources = touched.setdefault(member, set())
                if len(witnesses) == 1:
                    sources.add(number)
        return [
            (None, member, self._without_member(member, sorted(sources)))
            for member, sources in sorted(touched.items())
        ]

    def weighed(self) -> Sequence[Weighed]:
        """What each source says that is read."""
        return [
            Weighed(
                source=number,
                millinats=value,
                diagnostic=max(value) - min(value),
                classes=classes(self._evidence.sources[number]),
                readers=tuple(one.member for one in self._judgements.by_source[number]),
                witnesses=self._evidence.sources[number].witnesses,
                disputed=self._judgements.is_disputed(number),
            )
            for number, value in self._values.items()
        ]

    def standing(self, whole: Found) -> tuple[Standing, ...]:
        """On whose own word the likeliest kind stands, if one is."""
        best = top(whole.kinds)
        return self._support.standing(best, self._values) if whole.kinds.count(whole.kinds[best]) == 1 else ()

    def _without_source(self, source: int) -> Found:
        total = list(map(sub, self._sum, self._values[source]))
        return self._found(total, lambda kind: self._two_without(kind, {source: None}))

    def _without_member(self, member: str, sources: Sequence[int]) -> Found:
        """A source that nobody else vouches for goes with its witness."""
        total, others = self._sum, {}
        for number in sources:
            old = self._values[number]
            if self._evidence.sources[number].witnesses == (member,):
                new = None
                total = list(map(sub, total, old))
            elif (new := self._judgements.value(number, without=member)) != old:
                total = list(map(add, map(sub, total, old), new))
            others[number] = new
        return self._found(total, lambda kind: self._two_without(kind, others, member))

    def _two_without(
        self, kind: int, others: Mapping[int, Millinats | None], member: str | None = None
    ) -> tuple[int, int] | None:
        """As `Support.two`, where these sources say something else, or None: two others go on as they are.

        Where there are none, there may be two without a member that says it witnessed both.
        """
        found = self._two(kind)
        if self._support.looks_at_all(kind) and (
            others.keys().isdisjoint(found) if found else member is None
        ):
            return found
        values = {**self._values, **others}
        left = {number: value for number, value in values.items() if value is not None}
        return self._support.two(kind, left, member)

    def _found(self, total: Sequence[int], two: Callable[[int], tuple[int, int] | None]) -> Found:
        return found(self._leaves, self._judgements.tempered(total), two)


def found(leaves: Leaves, evidence: Sequence[int], two: Callable[[int], tuple[int, int] | None]) -> Found:
    """What so many milli-nats make of the leaves; `two` gives sources that stand for a kind, if any do."""
    whole = _probable(leaves, evidence, _TEMPERATURES)
    kind = top(whole.kinds)
    if whole.kinds[kind] < LIKELY_PERMILLE or two(kind):
        return whole
    return _held_back(leaves, evidence, kind)


def _held_back(leaves: Leaves, evidence: Sequence[int], kind: int) -> Found:
    """The least tempered at which that kind is not likely: the hotter, the less likely it is."""
    cold, hot = 0, _TEMPERATURES
    while hot - cold > 1:
        middle = (cold + hot) // 2
        is_likely = _probable(leaves, evidence, middle).kinds[kind] >= LIKELY_PERMILLE
        cold, hot = (cold, middle) if is_likely else (middle, hot)
    whole = _probable(leaves, evidence, cold)
    return Found(whole.parts, whole.kinds, held_back=True)


def _probable(leaves: Leaves, evidence: Sequence[int], share: int) -> Found:
    """With so much of the evidence, in 1,024ths."""
    if share < _TEMPERATURES:
        evidence = toward_zero(evidence, share, _TEMPERATURES)
    likely = shares(list(map(add, leaves.prior, evidence)))
    kinds = permille_of(leaves.by_kind(likely))
    return Found(leaves.within(kinds, likely), kinds, held_back=False)
