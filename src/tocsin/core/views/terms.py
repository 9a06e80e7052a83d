"""What a charter says that a capability has to know."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Party:
    """A member, under its own label; `present` if it is one now, and not one that left or was removed."""

    slug: str
    label: str
    economy: str
    present: bool = True
    observer: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """A circle's members by slug, and what its charter calls corroborated and in time.

    Corroborated takes so many `independent_sources`, on the word of so many `organisations` in so many
    `economies`. `handling` is the highest TLP label. `drill`: all of it is an exercise.
    """

    circle: str
    parties: Mapping[str, Party]
    handling: str
    independent_sources: int
    organisations: int
    economies: int
    acknowledge_within_minutes: int
    answer_within_minutes: int
    drill: bool = False
