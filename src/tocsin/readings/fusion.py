"""The readings of a case together: what it was (docs/protocol.md, section 23.2).

(1) what each reading says for each leaf (`hypotheses`), of each of its sources (`weighing`), and each source
    by all who read it (`hearing`);
(2) the sum over sources, less what the readings' errors have in common;
(3) from there to probabilities, by Bayes' rule in its logarithmic form (`posterior`);
(4) no kind is likely that two witnesses of two classes of sources do not each read so (`support`): then all
    is tempered until it is not;
(5) the same without each source, and without each member's word: how many independent readings there are
    stays as it was.

Nothing of it depends on the order in which records came, or on how often something is said.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from operator import add, sub

from tocsin.core.views import Evidence
from tocsin.readings.hearing import Heard
from tocsin.readings.hypotheses import Leaves, top
from tocsin.readings.posterior import Found, Posterior
from tocsin.readings.support import Support, classes
from tocsin.readings.view import Standing, Weighed
from tocsin.readings.weighing import Judgements, Millinats, tempered


class Fusion:
    """What the sources of a case say together, all of them or all but one."""

    def __init__(self, evidence: Evidence, leaves: Leaves, judgements: Judgements) -> None:
        self._evidence = evidence
        self._judgements = judgements
        self._posterior = Posterior(leaves)
        self._support = Support(evidence, leaves, judgements.by_source)
        self._heard = {source: Heard(read) for source, read in judgements.by_source.items()}
        self._values = {source: one.value for source, one in self._heard.items()}
        self._nothing = (0,) * len(leaves.leaves)
        self._sum = self._added(self._values.values())
        self._two = cache(partial(self._support.two, values=self._values))

    def whole(self) -> Found:
        """By all sources."""
        return self._found(self._sum, {})

    def without_sources(self) -> Sequence[tuple[int, None, Found]]:
        """By all sources but that one, for each that is read."""
        return [
            (source, None, self._found(list(map(sub, self._sum, value)), {source: None}))
            for source, value in self._values.items()
        ]

    def without_members(self) -> Sequence[tuple[None, str, Found]]:
        """Without what that member says, for each that reads or witnesses a source that is read."""
        others: defaultdict[str, dict[int, Millinats | None]] = defaultdict(dict)
        for one in self._judgements.readings:
            others[one.member] = {source: self._heard[source].without(one) for source in one.sources}
        for source in self._values:
            witnesses = self._evidence.sources[source].witnesses
            for member in witnesses:
                others[member].update({source: None} if len(witnesses) == 1 else {})
        return [(None, member, self._with(some, member)) for member, some in sorted(others.items())]

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
                disputed=self._heard[number].is_disputed,
            )
            for number, value in self._values.items()
        ]

    def standing(self, whole: Found) -> tuple[Standing, ...]:
        """On whose own word the likeliest kind stands, if one is."""
        best = top(whole.kinds)
        return self._support.standing(best, self._values) if whole.kinds.count(whole.kinds[best]) == 1 else ()

    def _with(self, others: Mapping[int, Millinats | None], without: str) -> Found:
        """Without a member, where these sources say something else, or, where that is None, are not there."""
        gone = self._added(self._values[source] for source in others)
        come = self._added(filter(None, others.values()))
        return self._found(list(map(add, map(sub, self._sum, gone), come)), others, without)

    def _added(self, values: Iterable[Millinats]) -> list[int]:
        return [sum(column) for column in zip(self._nothing, *values, strict=True)]

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
        return self._support.two(kind, {**self._values, **others}, member)

    def _found(
        self, total: Sequence[int], others: Mapping[int, Millinats | None], without: str | None = None
    ) -> Found:
        return self._posterior.found(
            tempered(total, self._judgements.independent_milli),
            lambda kind: self._two_without(kind, others, without),
        )
