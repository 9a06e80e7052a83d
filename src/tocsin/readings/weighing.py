"""What each source is worth, and how many readings are independent (docs/protocol.md, section 23.2).

A reading is one judgement, however many sources it names: they share its evidence. Of what several readings
say of one source their distinct values count, not how many say it; so a copy of a reading changes nothing.
All numbers are milli-nats.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from tocsin.core.views import Evidence, ReadOn
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
OPEN_PERMILLE: Final = 500
"""A reading that leaves so much undetermined takes no word away from one that leaves less."""
MOST_SOURCES: Final = 64
"""A reading is counted on so many of its sources, the first: what it cites may lead to many more."""
ALIKE_PERMILLE: Final = 500
"""How far readings that say the same of different sources are held to be copies of each other."""
ERRORS_ALIKE_PERMILLE: Final = 250
"""How far the errors of independent readings go together all the same: all share training, tools, news."""


@dataclass(frozen=True, slots=True)
class Judgement:
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
    _width: int

    @classmethod
    def of(cls, evidence: Evidence, leaves: Leaves, weights: Mapping[str, int]) -> "Judgements":
        """Those of a case; `weights` are a private overlay's, in permille by member, 1,000 for all others.

        Who weighs little counts little, and takes no other's word away; who weighs 0 says nothing.
        """
        return cls.of_said(
            [
                Said.of(read, leaves, weight)
                for read in evidence.readings
                if read.sources and (weight := weights.get(read.said.member, WHOLE_PERMILLE))
            ],
            leaves,
        )

    @classmethod
    def of_said(cls, said: Sequence["Said"], leaves: Leaves) -> "Judgements":
        """Those of readings that say this of a source each."""
        distinct = independence({(one.sources, one.millinats) for one in said if any(one.millinats)})
        alike: Counter[Millinats] = Counter()
        for (_, millinats), milli in distinct.items():
            alike[millinats] += milli
        readings = tuple(one.weighed(alike[one.millinats]) for one in said)
        by_source: defaultdict[int, list[Judgement]] = defaultdict(list)
        for one in readings:
            for source in one.sources:
                by_source[source].append(one)
        return cls(readings, dict(sorted(by_source.items())), sum(distinct.values()), len(leaves.leaves))

    def value(self, source: int, without: str | None = None) -> Millinats:
        """What a source says, by all who read it, or all but one member."""
        read = self.by_source[source]
        if without is not None:
            read = [one for one in read if one.member != without]
        if not read:
            return (0,) * self._width
        voices = {one.each for one in _voices(read)}
        return _between(voices) if len(voices) > 1 else voices.pop()

    def is_disputed(self, source: int) -> bool:
        """Whether those who read a source do not hold the same to be likeliest by it."""
        return len({one.kind for one in _voices(self.by_source[source])}) > 1

    def tempered(self, millinats: Sequence[int]) -> list[int]:
        """What all sources say, less what the readings' errors have in common.

        Of n readings whose errors correlate by r, the mean is worth n / (1 + (n - 1) r) independent ones
        (Kish 1965, section 8.2, the design effect; Jacobs 1995 of experts).
        """
        beyond_one = max(0, self.independent_milli - 1_000)
        divisor = 1_000_000 + beyond_one * ERRORS_ALIKE_PERMILLE
        return toward_zero(millinats, 1_000_000, divisor)


@dataclass(frozen=True, slots=True)
class Said:
    """What a reading says, whatever others say: as `Judgement` has it."""

    member: str
    sources: tuple[int, ...]
    millinats: Millinats
    undetermined: int
    kind: int | None

    @classmethod
    def of(cls, read: ReadOn, leaves: Leaves, weight: int) -> "Said":
        """That of a reading which weighs so many permille."""
        millinats, undetermined = leaves.says(read.said.record)
        capped = _capped(toward_zero(millinats, weight, WHOLE_PERMILLE), MOST_OF_A_READING)
        in_steps = tuple(one * STEP for one in toward_zero(capped, 1, STEP))
        return cls(
            member=read.said.member,
            sources=read.sources[:MOST_SOURCES],
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


def independence(
    distinct: Collection[tuple[tuple[int, ...], Millinats]],
) -> dict[tuple[tuple[int, ...], Millinats], int]:
    """How much of an independent reading each is, in thousandths: those that share all sources share one.

    By the source that fewest share: else whoever cites, besides, what all cite would be no copy of anything.
    """
    sharing = Counter(source for sources, _ in distinct for source in sources)
    return {one: 1_000 // min(sharing[source] for source in one[0]) for one in distinct}


def _voices(read: Sequence[Judgement]) -> Sequence[Judgement]:
    """Those of who reads a source that count: who leaves much open speaks where nobody leaves less."""
    if len(read) == 1:
        return read
    least = min(one.undetermined for one in read)
    return [one for one in read if one.undetermined < OPEN_PERMILLE or one.undetermined == least]


def _between(values: Collection[Millinats]) -> Millinats:
    """The median of each coordinate; of two in the middle, the one that says less, or nothing."""
    lower, upper = (len(values) - 1) // 2, len(values) // 2
    ordered = map(sorted, zip(*values, strict=True))
    return tuple([low if (low := one[lower]) > 0 else min(one[upper], 0) for one in ordered])


def _capped(millinats: Sequence[int], most: int) -> list[int]:
    """In the same proportions, with no two further apart than that."""
    spread = max(millinats) - min(millinats)
    if spread <= most:
        return list(millinats)
    return toward_zero(millinats, most, spread)
