"""The page of scores: how good this organisation's readings were, and the common view; nobody else's."""

from dataclasses import dataclass

import msgspec
from starlette.responses import Response

from tocsin.cases.telling import Language
from tocsin.node.casework.assessing.learning import Baseline
from tocsin.node.casework.indexing import Rebuilding
from tocsin.node.node import Node
from tocsin.readings.arithmetic import WHOLE_PERMILLE
from tocsin.readings.scoring import Scores
from tocsin.web.charts import Chart, reliability_chart
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit


@dataclass(frozen=True, slots=True)
class Score:
    """One score: what it is called, what it `means`, its value.

    `baseline` is that of who says of each kind that it is as likely as any other, where there is one, and
    `beside`, whether ours is better.
    """

    name: str
    value: str
    means: str = ""
    baseline: str = ""
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """Scores as they are shown."""

    scores: tuple[Score, ...]
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
            own=told(found.own, found.baseline, language) if found.own else None,
            merged=told(found.merged, found.baseline, language) if found.merged else None,
        )


def told(scores: Scores, baseline: Baseline, language: Language) -> Told:
    """What is shown of scores."""
    say = language.say
    return Told(
        scores=(
            Score(
                say("assessing.scores_brier"),
                f"{scores.brier:.2f}",
                say("assessing.scores_brier_is"),
                f"{baseline.brier:.2f}",
                say(_beside(baseline.brier, scores.brier)),
            ),
            Score(
                say("assessing.scores_log"),
                f"{scores.log_score:.2f}",
                say("assessing.scores_log_is"),
                f"{baseline.log_score:.2f}",
                say(_beside(baseline.log_score, scores.log_score)),
            ),
            Score(
                say("assessing.scores_hits"),
                _share(scores.hits),
                baseline=_share(baseline.hits),
                beside=say(_beside(scores.hits, baseline.hits)),
            ),
            Score(
                say("assessing.scores_sharpness"),
                _share(scores.sharpness),
                say("assessing.scores_sharpness_is"),
            ),
            Score(
                say("assessing.scores_calibration"),
                f"{scores.calibration_error:.2f}",
                say("assessing.scores_calibration_is"),
            ),
            Score(
                say("assessing.scores_temperature"),
                f"{scores.temperature:.2f}",
                say("assessing.scores_temperature_is", worth=_share(scores.ninety_permille / WHOLE_PERMILLE)),
            ),
        ),
        diagram=reliability_chart(scores, say),
    )


def _share(of: float) -> str:
    return f"{100 * of:.0f} %"


def _beside(one: float, other: float) -> str:
    """How a score compares with knowing nothing, as far as it is shown: better where `one` is the larger."""
    if round(one, 2) == round(other, 2):
        return "assessing.scores_alike"
    return "assessing.scores_better" if one > other else "assessing.scores_worse"
