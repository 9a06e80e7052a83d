"""The page of scores: how good this organisation's readings were, and the common view; nobody else's."""

from dataclasses import dataclass

import msgspec
from starlette.responses import Response

from tocsin.cases.telling import Language
from tocsin.node.casework.indexing import Rebuilding
from tocsin.node.node import Node
from tocsin.readings.scoring import Scores
from tocsin.web.charts import Chart, reliability_chart
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit


@dataclass(frozen=True, slots=True)
class Told:
    """Scores as they are shown, each as a number; percentages for shares."""

    brier: str
    log_score: str
    calibration: str
    hits: str
    sharpness: str
    diagram: Chart


@dataclass(frozen=True, slots=True)
class OfCircle:
    """Both scores of a circle; None where there are none yet. `drill`: of exercises.

    `learning`: closed cases are still being read.
    """

    id: str
    title: str
    drill: bool
    cases: int
    learning: bool
    own: Told | None
    merged: Told | None


class Scoring:
    """The page of scores."""

    def __init__(self, node: Node) -> None:
        self._node = node

    @page("GET", "/readings", Role.READER)
    async def scores(self, visit: Visit) -> Response:
        """How good readings were, circle by circle."""
        circles = [await self._of(circle, visit.language) for circle in list(self._node.lines)]
        return visit.render("assessing/scores.html", circles=circles)

    async def _of(self, circle: str, language: Language) -> OfCircle:
        casework = self._node.desk.casework[circle]
        try:
            found = await casework.scores()
        except Rebuilding:
            # What it learned by now stands; of what is not found yet there may be more.
            found = msgspec.structs.replace(await casework.learning.scores(), learning=True)
        return OfCircle(
            id=circle,
            title=self._node.lines[circle].circle.charter.title,
            drill=casework.terms.drill,
            cases=found.cases,
            learning=found.learning,
            own=told(found.own, language) if found.own else None,
            merged=told(found.merged, language) if found.merged else None,
        )


def told(scores: Scores, language: Language) -> Told:
    """What is shown of scores."""
    return Told(
        brier=f"{scores.brier:.2f}",
        log_score=f"{scores.log_score:.2f}",
        calibration=f"{scores.calibration_error:.2f}",
        hits=f"{100 * scores.hits:.0f}",
        sharpness=f"{100 * scores.sharpness:.0f}",
        diagram=reliability_chart(scores, language.say),
    )
