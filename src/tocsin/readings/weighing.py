"""What each reading is worth, and how many are independent (docs/protocol.md, section 23.2).

A reading is one judgement, however many sources it names: they share its evidence. All numbers are
milli-nats.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from msgspec import Struct

from tocsin.core.records import Probability
from tocsin.core.views import Evidence
from tocsin.readings.arithmetic import WHOLE_PERMILLE, ln_millinats, toward_zero
from tocsin.readings.hypotheses import Leaves

Millinats: TypeAlias = tuple[int, ...]

MOST_OF_A_READING: Final = ln_millinats(64)
"""One reading tells two leaves apart by 64 to 1 at most: alone it makes nothing likelier than about 94 %."""
MOST_OF_A_SOURCE: Final = ln_millinats(8)
"""One source by 8 to 1 at most: that is what a source which is right four times out of five, and wrong once
in ten, can say."""
STEP: Final = 125
"""Readings that differ by less than this are not told apart."""
MOST_SOURCES: Final = 64
"""A reading is counted on so many of its sources, the first: what it cites may lead to many more."""
ALIKE_PERMILLE: Final = 500
"""How far readings that say the same of different sources are held to be copies of each other."""
ERRORS_ALIKE_PERMILLE: Final = 250
"""How far the errors of independent readings go together all the same: all share training, tools, news."""


class Judgement(Struct, frozen=True, kw_only=True, gc=False):
    """A reading as it is weighed: what all its sources say together, and `each` one of them.

    `kind` is the one for which it says most (`Leaves.kind_of`).
    """

    member: str
    sources: tuple[int, ...]
    millinats: Millinats
    each: Millinats
    undetermined: int
    kind: int | None


@dataclass(frozen=True, slots=True)
class Judgements:
    """The readings of a case that say something, and to how many independent ones they come.

    `by_source`: the readings of each source that is read, sources ascending.
    """

    readings: tuple[Judgement, ...]
    by_source: Mapping[int, Sequence[Judgement]]
    independent_milli: int

    @classmethod
    def of(cls, said: Sequence["Said"]) -> "Judgements":
        """Those of readings that say this."""
        distinct = independence({(one.sources, one.millinats) for one in said if any(one.millinats)})
        alike: Counter[Millinats] = Counter()
        for (_, millinats), milli in distinct.items():
            alike[millinats] += milli
        readings = tuple(one.weighed(alike[one.millinats]) for one in said)
        by_source: defaultdict[int, list[Judgement]] = defaultdict(list)
        for one in readings:
            for source in one.sources:
                by_source[source].append(one)
        return cls(readings, dict(sorted(by_source.items())), sum(distinct.values()))


class Said(Struct, frozen=True, kw_only=True, gc=False):
    """What a reading says, whatever others say: as `Judgement` has it."""

    member: str
    sources: tuple[int, ...]
    millinats: Millinats
    undetermined: int
    kind: int | None

    @classmethod
    def of(
        cls,
        leaves: Leaves,
        probabilities: Iterable[Probability],
        weight: int = WHOLE_PERMILLE,
        *,
        member: str = "",
        sources: tuple[int, ...] = (),
    ) -> "Said":
        """That of a reading which weighs so many permille."""
        millinats, undetermined = leaves.says(probabilities)
        capped = _capped(toward_zero(millinats, weight, WHOLE_PERMILLE), MOST_OF_A_READING)
        in_steps = tuple(one * STEP for one in toward_zero(capped, 1, STEP))
        return cls(
            member=member,
            sources=sources,
            millinats=in_steps,
            undetermined=max(undetermined, WHOLE_PERMILLE - weight),
            kind=leaves.kind_of(in_steps),
        )

    def weighed(self, alike_milli: int) -> Judgement:
        """With its sources' shares, where readings that say the same come to so many independent ones."""
        beyond_one = max(0, alike_milli - 1_000)
        divisor = (1_000_000 + beyond_one * ALIKE_PERMILLE) * len(self.sources)
        each = toward_zero(self.millinats, 1_000_000, divisor)
        return Judgement(
            member=self.member,
            sources=self.sources,
            millinats=self.millinats,
            each=tuple(_capped(each, MOST_OF_A_SOURCE)),
            undetermined=self.undetermined,
            kind=self.kind,
        )


def said_of(evidence: Evidence, leaves: Leaves, weights: Mapping[str, int]) -> list[Said]:
    """What the readings of a case say that rest on a source.

    `weights` are a private overlay's, in permille by member, 1,000 for all others. Who weighs little counts
    little, and takes no other's word away; who weighs 0 says nothing.
    """
    return [
        Said.of(
            leaves,
            read.said.record.probabilities,
            weight,
            member=read.said.member,
            sources=read.sources[:MOST_SOURCES],
        )
        for read in evidence.readings
        if read.sources and (weight := weights.get(read.said.member, WHOLE_PERMILLE))
    ]


def independence(
    distinct: Collection[tuple[tuple[int, ...], Millinats]],
) -> dict[tuple[tuple[int, ...], Millinats], int]:
    """How much of an independent reading each is, in thousandths: those that share all sources share one.

    By the source that fewest share: else whoever cites, besides, what all cite would be no copy of anything.
    """
    sharing = Counter(source for sources, _ in distinct for source in sources)
    return {one: 1_000 // min(sharing[source] for source in one[0]) for one in distinct}


def tempered(millinats: Sequence[int], independent_milli: int) -> Millinats:
    """What all sources say, less what the errors of so many independent readings have in common.

    Of n readings whose errors correlate by r, the mean is worth n / (1 + (n - 1) r) independent ones
    (Kish 1965, section 8.2, the design effect; Jacobs 1995 of experts).
    """
    beyond_one = max(0, independent_milli - 1_000)
    one = 1_000_000 // ERRORS_ALIKE_PERMILLE
    return tuple(toward_zero(millinats, one, one + beyond_one))


def _capped(millinats: Sequence[int], most: int) -> list[int]:
    """In the same proportions, with no two further apart than that."""
    spread = max(millinats) - min(millinats)
    if spread <= most:
        return list(millinats)
    return toward_zero(millinats, most, spread)
