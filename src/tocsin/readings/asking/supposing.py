"""What the common view would be if a member read one source more: by the very rules of the common view.

Of the kinds alone: what readings say of hypotheses moves none.
"""

from collections.abc import Collection, Iterable

from msgspec.structs import replace

from tocsin.core.records import Probability
from tocsin.core.views import Evidence
from tocsin.readings.arithmetic import WHOLE_PERMILLE
from tocsin.readings.fusion import Alternatives
from tocsin.readings.hypotheses import KINDS, Leaves
from tocsin.readings.posterior import Among
from tocsin.readings.weighing import MOST_SOURCES, Ground

OPEN_PERMILLE = 500
"""Who leaves so much undetermined of what it reads, may come to know more of it."""


class Supposing:
    """What the readings of a case come to: as they are, and with one of them another."""

    def __init__(self, evidence: Evidence) -> None:
        self._leaves = Leaves.of(evidence)
        self._grounds = {read.said.member: Ground.of(read) for read in evidence.readings}
        self._own = {member: frozenset(ground.sources) for member, ground in self._grounds.items()}
        said = [
            (Ground.of(read), self._leaves.kinds_of(read.said.record.probabilities))
            for read in evidence.readings
        ]
        self._open = {ground.member: WHOLE_PERMILLE - sum(masses) for ground, masses in said}
        voices = [one for ground, masses in said for one in ground.voices(masses)]
        self._kinds = Alternatives(evidence.sources, voices, len(KINDS))

    def reads(self, member: str) -> Collection[int]:
        """The sources by which that member has a voice."""
        return self._own.get(member, frozenset())

    def has_room(self, member: str) -> bool:
        """Whether it could have one by another: a reading is counted on so many."""
        return len(self.reads(member)) < MOST_SOURCES

    def leaves_open(self, member: str) -> bool:
        """Whether its reading leaves most undetermined."""
        return self._open[member] >= OPEN_PERMILLE

    def now(self) -> Among:
        """As it is."""
        return self._kinds.whole

    def then(self, member: str, source: int, probabilities: Iterable[Probability]) -> Among:
        """As it would be if a member gave these, and rested on that source of its own besides."""
        ground = self._grounds.get(member) or Ground(member)
        if source not in self.reads(member):
            ground = replace(ground, sources=(*ground.sources, source))
        return self._kinds.otherwise(member, ground.voices(self._leaves.kinds_of(probabilities)))
