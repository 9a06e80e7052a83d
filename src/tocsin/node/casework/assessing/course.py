"""How the common view of a case came about: as it was after each step of those who read it.

- A step is a reading, a hypothesis, or the withdrawal of one. The records up to it, in the order of the
  timeline, give the view as it was then. What was not here at the time, and is now, stands where it belongs.
- It goes on by records that come last; if others came that bear on it, it is made anew. All who have the
  same records have the same course.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final, TypeAlias

from msgspec import Struct

from tocsin.cases.picture.evidence import evidence_of
from tocsin.cases.picture.reckoning import MAY_BE_REFUSED, Reckoning
from tocsin.cases.picture.view import TimelineEntry
from tocsin.core.records import CaseRecord, Closing, GroundTruth, Hypothesis, Reading, Ref, Withdrawal
from tocsin.core.records.cases.vocabulary import Undetermined, What
from tocsin.core.views import Said
from tocsin.node.casework.assessing.bearing import bearing
from tocsin.readings import fuse
from tocsin.readings.view import Judged

MOST_POINTS: Final = 64
"""So many points of a course are kept, the newest."""

_ALWAYS_TAKEN: Final = (Closing, GroundTruth, Hypothesis, Reading, Withdrawal)
_Told: TypeAlias = tuple[Ref, tuple[Ref, ...]]
"""A record, and what decides by being of another case whether it counts."""


class Point(Struct, frozen=True, kw_only=True, gc=False):
    """The common view as it was after one record: the five `kinds`, and the one that was likely.

    `at_ms` is when it was written, by the clock of the `member` that wrote it. `held_back`: so is the number
    of the likeliest kind, which is a limit then.
    """

    ref: Ref
    member: str
    at_ms: int
    what: What | Undetermined
    kinds: tuple[Judged, ...]
    held_back: bool


class Course:
    """The course of one case, which goes on as the case does. `earlier`: how many points are left out."""

    def __init__(self, case: Ref) -> None:
        self._case = case
        self._begin()

    def _begin(self) -> None:
        self._told: list[_Told] = []
        self._taken: list[_Told] = []
        self._steps: list[Ref] = []
        self._here: dict[Ref, Said[CaseRecord]] = {}
        self._elsewhere: set[Ref] = set()
        self._places: dict[Ref, int] = {}
        self._reckoning: Reckoning | None = None
        self._points: deque[Point] = deque(maxlen=MOST_POINTS)
        self.earlier = 0

    @property
    def points(self) -> tuple[Point, ...]:
        """The newest, the oldest of them first."""
        return tuple(self._points)

    def go_on(self, timeline: Sequence[TimelineEntry]) -> None:
        """Up to the end of this timeline of the case."""
        steps = _steps(timeline)
        entries = timeline[: steps[-1] + 1] if steps else ()
        told = list(map(_told, entries))
        # Where nobody took a step, the course is what it was, and nothing is reckoned twice.
        if told == self._told:
            return
        bearing_on = bearing(entries)
        taken = [isinstance(one.record, _ALWAYS_TAKEN) or one.ref in bearing_on for one in entries]
        refs = [entries[at].ref for at in steps]
        if not self._goes_on(told, taken, steps, refs):
            self._begin()
        count = len(self._steps)
        end = steps[count - 1] + 1 if count else 0
        self._told, self._steps = told, refs
        self._taken = [one for one, is_taken in zip(told, taken, strict=True) if is_taken]
        self._places = {entry.ref: place for place, entry in enumerate(entries)}
        beyond = len(steps) - count - MOST_POINTS
        for at, (entry, is_taken) in enumerate(zip(entries, taken, strict=True)):
            if is_taken:
                self._take(entry)
            if at >= end and entry.ref == refs[count]:
                count += 1
                self.earlier += beyond > 0 or len(self._points) == MOST_POINTS
                if beyond <= 0:
                    self._points.append(self._point(entry))
                beyond -= 1

    def _goes_on(
        self, told: Sequence[_Told], taken: Sequence[bool], steps: Sequence[int], refs: Sequence[Ref]
    ) -> bool:
        """Whether up to the last step all is as it was, but for what bears on nothing there.

        What was told then, and was not taken, bears on nothing that was read then, whoever reads it now.
        """
        count = len(self._steps)
        if refs[:count] != self._steps:
            return False
        end = steps[count - 1] + 1 if count else 0
        passed_over = {one[0] for one in self._told} - self._here.keys()
        before = zip(told[:end], taken, strict=False)
        return [one for one, is_taken in before if is_taken and one[0] not in passed_over] == self._taken

    def _take(self, entry: TimelineEntry) -> None:
        """If it was not taken before."""
        if entry.ref in self._here:
            return
        self._elsewhere.update(_elsewhere(entry))
        said = self._here[entry.ref] = Said(entry.ref, entry.member, entry.record, entry.officer)
        if self._reckoning is not None and not self._reckoning.take(said):
            self._reckoning = None

    def _point(self, entry: TimelineEntry) -> Point:
        if self._reckoning is None:
            self._reckoning = Reckoning(self._case, self._here, self._elsewhere)
        view = fuse(evidence_of(self._case, self._reckoning, lambda: self._places))
        return Point(
            ref=entry.ref,
            member=entry.member,
            at_ms=entry.record.at_ms,
            what=view.what,
            kinds=view.kinds,
            held_back=view.held_back,
        )


def _steps(timeline: Sequence[TimelineEntry]) -> list[int]:
    """The places of the steps."""
    found: list[int] = []
    judging: set[Ref] = set()
    for at, entry in enumerate(timeline):
        if isinstance(entry.record, Hypothesis | Reading):
            judging.add(entry.ref)
        elif not (isinstance(entry.record, Withdrawal) and not judging.isdisjoint(entry.record.of)):
            continue
        found.append(at)
    return found


def _told(entry: TimelineEntry) -> _Told:
    return entry.ref, _elsewhere(entry)


def _elsewhere(entry: TimelineEntry) -> tuple[Ref, ...]:
    """What it names of other cases, if it may count for nothing because of that."""
    if not isinstance(entry.record, MAY_BE_REFUSED):
        return ()
    return tuple(one.about for one in entry.findings if one.code == "not-in-case" and one.about)
