"""What a reading says, by each source that its organisation saw itself (docs/protocol.md, section 23.2).

A reading is one judgement: all on which it rests shares its evidence, so that naming more adds nothing. What
rests on others' records has no voice, for those have theirs. All numbers are milli-nats.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from msgspec import Struct

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

    `share_milli`: how much of a reading that is, in thousandths. `weight`: what a private overlay makes of
    the member, in permille.
    """

    member: str
    source: int
    says: Millinats
    share_milli: int
    weight: int


class Voices(Struct, frozen=True):
    """What one member's reading says: of kinds, and of the leaves of each kind that has hypotheses."""

    member: str
    of_kinds: tuple[Voice, ...]
    of_leaves: Mapping[int, tuple[Voice, ...]]


def voices_of(evidence: Evidence, leaves: Leaves, weights: Mapping[str, int]) -> Iterator[Voices]:
    """Those of the readings of a case.

    `weights` are a private overlay's, in permille by member, 1,000 for all others. Who weighs 0 has none.
    """
    for read in evidence.readings:
        weight = weights.get(read.said.member, WHOLE_PERMILLE)
        likely, ground = read.said.record.probabilities, Ground.of(read)
        yield Voices(
            read.said.member,
            ground.voices(leaves.kinds_of(likely), weight),
            {kind: ground.voices(leaves.narrower_of(kind, likely), weight) for kind in leaves.narrower},
        )


class Ground(Struct, frozen=True):
    """On what a member's reading rests: its own `sources`, and how many records of `others`."""

    member: str
    sources: tuple[int, ...] = ()
    others: int = 0

    @classmethod
    def of(cls, read: ReadOn) -> "Ground":
        """That of a reading."""
        return cls(read.said.member, read.own[:MOST_SOURCES], read.others)

    def voices(self, masses: Sequence[int], weight: int = WHOLE_PERMILLE) -> tuple[Voice, ...]:
        """What a reading on it says that gives these to alternatives, and weighs so many permille."""
        if not self.sources or not weight:
            return ()
        parts = len(self.sources) + self.others
        says = tuple(toward_zero(_says(masses), 1, parts))
        if not any(says):
            return ()
        share = -(-WHOLE_PERMILLE // parts)
        return tuple(Voice(self.member, source, says, share, weight) for source in self.sources)


def _says(masses: Sequence[int]) -> list[int]:
    """What so many permille on things that were alike say for each, in milli-nats; 0 throughout: nothing.

    It is the logarithm of how much likelier than before each is made: of a mass m on one of n, n * m, and of
    what is open, as much for each (Shafer 1976, as masses). It is centred.
    """
    undetermined = WHOLE_PERMILLE - sum(masses)
    logarithms = [ln_millinats(max(1, undetermined + len(masses) * mass)) for mass in masses]
    mean = sum(logarithms) // len(logarithms)
    centred = [one - mean for one in logarithms]
    spread = max(centred) - min(centred)
    return centred if spread <= MOST_OF_A_READING else toward_zero(centred, MOST_OF_A_READING, spread)
