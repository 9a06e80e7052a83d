"""All that the page of a case shows of its readings."""

from dataclasses import dataclass

from tocsin.cases.telling import Language
from tocsin.core.views import Terms
from tocsin.web.assessing.known import Known
from tocsin.web.assessing.matrix import Matrix, matrix
from tocsin.web.assessing.private import Private, private
from tocsin.web.assessing.question import Next, asked_next
from tocsin.web.assessing.sides import Sides, sides
from tocsin.web.assessing.verdict import Verdict, verdict
from tocsin.web.charts import Chart, course_chart


@dataclass(frozen=True, slots=True)
class Judged:
    """What it was, why, how that came about, and what each says by itself."""

    verdict: Verdict
    matrix: Matrix
    sides: Sides
    course: Chart
    private: Private | None


def judged(known: Known | None, terms: Terms, language: Language) -> Judged | None:
    """What is shown; None where nobody has said anything of it."""
    if known is None:
        return None
    assessment = known.assessment
    evidence, view = assessment.evidence, assessment.view
    if not (evidence.readings or evidence.hypotheses or evidence.truths):
        return None
    return Judged(
        verdict=verdict(view, evidence),
        matrix=matrix(view, evidence, language),
        sides=sides(view, evidence),
        course=course_chart(assessment.course, assessment.earlier, terms, language.say, language.word),
        private=private(known.private, evidence) if known.private else None,
    )


def question(known: Known | None, circle: str, language: Language) -> Next | None:
    """What to ask next, if anything is worth it."""
    if known is None or known.question is None:
        return None
    return asked_next(known.question, known.assessment.evidence, circle, language)
