"""What was to be erased, what a hold keeps, and who has answered: a function of a set of records.

- The same records, in any order and any number of times, give the same view. One more costs as much as it
  says, however many came before: a flood of them is no more work than it has bytes.
- A hold binds the node of the organisation that wrote it, and nobody else; only that organisation ends it.
- An erasure is answered by each member for itself; later answers of a member add to its earlier ones. What
  was purged is no longer held.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tocsin.core.names import LogName
from tocsin.core.records import Erased, Erasure, Hold, Place, Release

About: TypeAlias = Erasure | Erased | Hold | Release
"""A record about erasure."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a member has said of an erasure's targets: those that are gone there, and those that it keeps."""

    purged: frozenset[int] = frozenset()
    held: frozenset[int] = frozenset()

    def then(self, erased: Erased) -> "Answer":
        """With a later answer."""
        purged = self.purged.union(erased.purged or ())
        return Answer(purged, self.held.union(erased.held or ()) - purged)


@dataclass(frozen=True, slots=True)
class Ordered:
    """One erasure, where it stands, and the answers to it by member, as they come."""

    place: Place
    record: Erasure
    answers: Mapping[str, Answer]

    def answer(self, slug: str) -> Answer:
        """What that member has answered; nothing, if it has not."""
        return self.answers.get(slug, Answer())

    @property
    def targets(self) -> frozenset[int]:
        """Indexes in the log that the erasure names."""
        return frozenset(target.index for target in self.record.targets)


@dataclass(slots=True)
class Erasures:
    """What the member `slug` sees: every erasure by its place, and by entry the `first` that names it.

    `holds` are this member's own that are not released; `held` are the entries that they keep, each with the
    first such hold.
    """

    slug: str
    ordered: dict[Place, Ordered] = field(default_factory=dict)
    first: dict[Place, Place] = field(default_factory=dict)
    held: Mapping[Place, Place] = field(default_factory=dict)
    holds: Mapping[Place, Hold] = field(default_factory=dict)
    _answers: dict[Place, dict[str, Answer]] = field(default_factory=dict)
    _said: dict[Place, Hold | Release] = field(default_factory=dict)

    def add(self, place: Place, record: About) -> None:
        """Take a record that stands there."""
        by = _member(place)
        if isinstance(record, Erasure):
            answers = self._answers.setdefault(place, {})
            self.ordered[place] = Ordered(place, record, answers)
            for target in record.targets:
                named = Place(log=record.log, index=target.index)
                self.first[named] = min(place, self.first.get(named, place), key=_order)
        elif isinstance(record, Erased):
            theirs = self._answers.setdefault(record.erasure, {})
            theirs[by] = theirs.get(by, Answer()).then(record)
        elif by == self.slug:
            self._said[place] = record
            self.holds = _holds(self._said)
            self.held = _held(self.holds)

    def order_of(self, log: str, index: int) -> Ordered | None:
        """The first erasure that names this entry."""
        place = self.first.get(Place(log=log, index=index))
        return self.ordered[place] if place else None

    def kept(self, ordered: Ordered) -> frozenset[int]:
        """Those of an erasure's targets that are held here."""
        log = ordered.record.log
        return frozenset(index for index in ordered.targets if Place(log=log, index=index) in self.held)


def _holds(said: Mapping[Place, Hold | Release]) -> dict[Place, Hold]:
    """The holds that are not released by what stands after them."""
    holds: dict[Place, Hold] = {}
    for place in sorted(said, key=_order):
        record = said[place]
        if isinstance(record, Hold):
            holds[place] = record
        else:
            holds.pop(record.hold, None)
    return holds


def _held(holds: Mapping[Place, Hold]) -> dict[Place, Place]:
    held: dict[Place, Place] = {}
    for place, hold in holds.items():
        for target in hold.targets:
            held.setdefault(target, place)
    return held


def _order(place: Place) -> tuple[str, int, int]:
    name = LogName.parse(place.log)
    return name.member, name.epoch, place.index


def _member(place: Place) -> str:
    return LogName.parse(place.log).member
