"""What ours has to keep to: how often it may be confident and wrong."""

from collections.abc import Mapping
from dataclasses import dataclass

from validation.simulating.running import Scores

_WHERE_DECLARED = "copies, all declared"
_MOST_WHERE_DECLARED = 0.001


@dataclass(frozen=True, slots=True)
class Target:
    """That ours is confident and wrong in at most this share of cases, and in how many it was."""

    what: str
    most: float
    found: float

    @property
    def met(self) -> bool:
        """Whether it is."""
        return self.found <= self.most


def targets(scenarios: Mapping[str, Scores]) -> tuple[Target, ...]:
    """Where copies are declared at most 0.1 %, and never more often than naive fusion, by scenario."""
    declared = scenarios[_WHERE_DECLARED].ours.rate
    return (
        Target(f"{_WHERE_DECLARED}: at most 0.1 %", _MOST_WHERE_DECLARED, declared),
        *(
            Target(f"{name}: at most as naive fusion", of.naive.rate, of.ours.rate)
            for name, of in scenarios.items()
        ),
    )
