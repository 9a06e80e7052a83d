"""What the common view would be if a member read one source more: by the very rules of the common view."""

from collections.abc import Iterable

from msgspec.structs import replace

from tocsin.core.records import Probability
from tocsin.core.views import Evidence
from tocsin.readings.arithmetic import WHOLE_PERMILLE
from tocsin.readings.fusion import Found, Fusion
from tocsin.readings.hypotheses import Leaves
from tocsin.readings.weighing import MOST_SOURCES, Ground, voices_of

OPEN_PERMILLE = 500
"""Who leaves so much undetermined of what it reads, may come to know more of it."""


class Supposing:
    """What the readings of a case come to: as they are, and with one of them another."""

    def __init__(self, evidence: Evidence) -> None:
        self._leaves = Leaves.of(evidence)
        self._grounds = {read.said.member: Ground.of(read) for read in evidence.readings}
        self._open = {
            read.said.member: WHOLE_PERMILLE - sum(self._leaves.kinds_of(read.said.record.probabilities))
            for read in evidence.readings
        }
        self._fusion = Fusion(evidence, self._leaves, list(voices_of(evidence, self._leaves, {})))

    def left_open(self, member: str, source: int) -> bool | None:
        """Whether a member leaves most of a source open; None if it could come to read it.

        Whose reading has a voice by as many sources as count has no room for another.
        """
        own = self._ground(member).sources
        if source not in own and len(own) < MOST_SOURCES:
            return None
        return source in own and self._open[member] >= OPEN_PERMILLE

    def now(self) -> Found:
        """As it is."""
        return self._fusion.whole()

    def then(self, member: str, source: int, probabilities: Iterable[Probability]) -> Found:
        """As it would be if a member gave these, and rested on that source of its own besides."""
        ground = self._ground(member)
        if source not in ground.sources:
            ground = replace(ground, sources=(*ground.sources, source))
        return self._fusion.otherwise(ground.voices(probabilities, self._leaves))

    def _ground(self, member: str) -> Ground:
        return self._grounds.get(member) or Ground(member)
