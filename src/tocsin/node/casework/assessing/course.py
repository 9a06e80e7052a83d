"""How the common view of a case came about: as it was after each step of those who read it.

- A step is a reading, a hypothesis, or the withdrawal of one. The records up to it, in the order of the
  timeline, give the view as it was then. What was not here at the time, and is now, stands where it belongs.
- It goes on by records that come last; if others came, it is made anew. All who have the same records have
  the same course.
"""

from collections import deque
from collections.abc import Collection, Sequence
from typing import Final

from msgspec import Struct

from tocsin.cases.picture.evidence import evidence_of
from tocsin.cases.picture.reckoning import Reckoning
from tocsin.cases.picture.view import TimelineEntry
from tocsin.core.records import Answer, CaseRecord, Correction, Hypothesis, Reading, Ref, Report, Withdrawal
from tocsin.core.records.cases.vocabulary import Undetermined, What
from tocsin.core.views import Said
from tocsin.node.casework.assessing.bearing import bearing
from tocsin.readings import fuse
from tocsin.readings.view import Judged

MOST_POINTS: Final = 64
"""So many points of a course are kept, the newest."""


class Point(Struct, frozen=True, kw_only=True, gc=False):
    """The common view as it was after one record: the five `kinds`, and the one that was likely.

    `at_ms` is when it was written, by the clock of the `member` that wrote it.
    """

    ref: Ref
    member: str
    at_ms: int
    what: What | Undetermined
    kinds: tuple[Judged, ...]


class Course:
    """The course of one case, which goes on as the case does. `earlier`: how many points are left out."""

    def __init__(self, case: Ref) -> None:
        self._case = case
        self._begin(frozenset())

    def _begin(self, elsewhere: frozenset[Ref]) -> None:
        self._elsewhere = elsewhere
        self._told: list[Ref] = []
        self._bearing: Collection[Ref] = ()
        self._here: dict[Ref, Said[CaseRecord]] = {}
        self._places: dict[Ref, int] = {}
        self._reckoning: Reckoning | None = None
        self._judging: set[Ref] = set()
        self._points: deque[Point] = deque(maxlen=MOST_POINTS)
        self.earlier = 0

    @property
    def points(self) -> tuple[Point, ...]:
        """The newest, the oldest of them first."""
        return tuple(self._points)

    def go_on(self, timeline: Sequence[TimelineEntry]) -> None:
        """Up to the end of this timeline of the case."""
        elsewhere = frozenset(
            finding.about
            for entry in timeline
            for finding in entry.findings
            if finding.code == "not-in-case" and finding.about
        )
        told = [entry.ref for entry in timeline]
        if told[: len(self._told)] != self._told or elsewhere != self._elsewhere:
            self._begin(elsewhere)
        count = len(self._told)
        steps = [self._is_step(entry.ref, entry.record) for entry in timeline[count:]]
        beyond = sum(steps) - MOST_POINTS
        # Where nobody took a step, the course is what it was, and nothing is reckoned twice.
        if not any(steps):
            return
        self._told = told
        self._places = {ref: place for place, ref in enumerate(told)}
        self._bearing = bearing(timeline)
        for entry in timeline[:count]:
            self._take(entry)
        for entry, is_step in zip(timeline[count:], steps, strict=True):
            self._take(entry)
            if is_step:
                self.earlier += beyond > 0 or len(self._points) == MOST_POINTS
                if beyond <= 0:
                    self._points.append(self._point(entry))
                beyond -= 1

    def _is_step(self, ref: Ref, record: CaseRecord) -> bool:
        if isinstance(record, Hypothesis | Reading):
            self._judging.add(ref)
            return True
        return isinstance(record, Withdrawal) and not self._judging.isdisjoint(record.of)

    def _take(self, entry: TimelineEntry) -> None:
        """If it bears on anything, and was not taken before."""
        if entry.ref in self._here:
            return
        if isinstance(entry.record, Answer | Correction | Report) and entry.ref not in self._bearing:
            return
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
        )
