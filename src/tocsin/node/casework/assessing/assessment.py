"""The readings of a case together, as this node shows them to its people and programs."""

from asyncio import Lock

from msgspec import Struct

from tocsin.cases.picture import CaseView
from tocsin.core.records import Ref
from tocsin.core.views import Evidence
from tocsin.node.casework.assessing.course import Course, Point
from tocsin.readings import CommonView, fuse


class Assessment(Struct, frozen=True, kw_only=True):
    """What a case rests on, what its members make of it together, and how that came about.

    It is a function of the records of the case that are here: whoever has the same has the same, byte for
    byte. `course`: the common view after each reading, hypothesis and withdrawal of one, the newest 64;
    `earlier`: how many points there were before those.
    """

    evidence: Evidence
    view: CommonView
    course: tuple[Point, ...]
    earlier: int


class Assessed:
    """What was made of the readings of a hot case. It holds as long as the case's picture does.

    `lock`: it is made once at a time, in a thread.
    """

    def __init__(self, case: Ref) -> None:
        self.lock = Lock()
        self._course = Course(case)
        self._made: tuple[CaseView, Assessment] | None = None

    def of(self, picture: CaseView) -> Assessment | None:
        """What was made when this was the picture; None if it was another, or nothing was made."""
        return self._made[1] if self._made is not None and self._made[0] is picture else None

    def make(self, picture: CaseView, evidence: Evidence) -> Assessment:
        """Make it, of one and the same records."""
        self._course.go_on(picture.timeline)
        assessment = Assessment(
            evidence=evidence,
            view=fuse(evidence),
            course=self._course.points,
            earlier=self._course.earlier,
        )
        self._made = picture, assessment
        return assessment
