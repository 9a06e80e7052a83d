"""What a reading says, by each source that its organisation saw itself (docs/protocol.md, section 23.2).

A reading is one judgement: all on which it rests shares its evidence, so that naming more adds nothing. What
rests on others' records has no voice, for those have theirs. All numbers are milli-nats.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from msgspec import Struct

from tocsin.core.records import Probability
from tocsin.core.views import Evidence, ReadOn
from tocsin.readings.arithmetic import WHOLE_PERMILLE, ln_millinats, toward_zero
from tocsin.readings.hypotheses import Leaves

Millinats: TypeAlias = tuple[int, ...]

MOST_OF_A_READING: Final = ln_millinats(8)
"""One reading tells two things apart by 8 to 1 at most: that is what a source which is right four times out
of five, and wrong once in ten, can say."""
MOST_SOURCES: Final = 64
"""A reading is counted on so many of its organisation's own sources, the first."""


class Voice(Struct, frozen=True, gc=False):
    """What a member's reading says by one source that the member saw itself.

    `share_milli`: how much of the reading that is, in thousandths.
    """

    member: str
    source: int
    says: Millinats
    share_milli: int


class Voices(Struct, frozen=True):
    """What one member's reading says: of kinds, and of the leaves of each kind that has hypotheses."""

    member: str
    of_kinds: tuple[Voice, ...]
    of_leaves: Mapping[int, tuple[Voice, ...]]


def voices_of(evidence: Evidence, leaves: Leaves, weights: Mapping[str, int]) -> Iterator[Voices]:
    """Those of the readings of a case.

    `weights` are a private overlay's, in permille by member, 1,000 for all others.
    """
    for read in evidence.readings:
        weight = weights.get(read.said.member, WHOLE_PERMILLE)
        yield Ground.of(read).voices(read.said.record.probabilities, leaves, weight)


class Ground(Struct, frozen=True):
    """On what a member's reading rests: its own `sources`, and how many records of `others`."""

    member: str
    sources: tuple[int, ...] = ()
    others: int = 0

    @classmethod
    def of(cls, read: ReadOn) -> "Ground":
        """That of a reading."""
        return cls(read.said.member, read.own[:MOST_SOURCES], read.others)

    def voices(
        self, probabilities: Iterable[Probability], leaves: Leaves, weight: int = WHOLE_PERMILLE
    ) -> Voices:
        """What a reading on it says that gives these probabilities, and weighs so many permille."""
        likely = tuple(probabilities)

        def by_each(masses: Sequence[int]) -> tuple[Voice, ...]:
            parts = len(self.sources) + self.others
            says = tuple(toward_zero(_says(masses, weight), 1, parts)) if self.sources else ()
            if not any(says):
                return ()
            return tuple(Voice(self.member, source, says, WHOLE_PERMILLE // parts) for source in self.sources)

        return Voices(
            self.member,
            by_each(leaves.kinds_of(likely)),
            {kind: by_each(leaves.narrower_of(kind, likely)) for kind in leaves.narrower},
        )


def _says(masses: Sequence[int], weight: int) -> list[int]:
    """What so many permille on things that were alike say for each, in milli-nats; 0 throughout: nothing.

    It is the logarithm of how much likelier than before each is made: of a mass m on one of n, n * m, and of
    what is open, as much for each (Shafer 1976, as masses). It is centred.
    """
    undetermined = WHOLE_PERMILLE - sum(masses)
    logarithms = [ln_millinats(max(1, undetermined + len(masses) * mass)) for mass in masses]
    mean = sum(logarithms) // len(logarithms)
    weighed = toward_zero([one - mean for one in logarithms], weight, WHOLE_PERMILLE)
    spread = max(weighed) - min(weighed)
    return weighed if spread <= MOST_OF_A_READING else toward_zero(weighed, MOST_OF_A_READING, spread)
