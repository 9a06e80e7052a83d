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
from tocsin.web.charts import Chart, course_chart, is_known


@dataclass(frozen=True, slots=True)
class Judged:
    """What it was, why, how that came about, and what each says by itself.

    `course` is None where nothing was known at any time.
    """

    verdict: Verdict
    matrix: Matrix
    sides: Sides
    course: Chart | None
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
        course=course_chart(assessment.course, assessment.earlier, terms, language.say, language.word)
        if any(map(is_known, assessment.course))
        else None,
        private=private(known.private, evidence) if known.private else None,
    )


def is_open(known: Known | None) -> bool:
    """Whether more can be said of it: who opened the case has not closed it."""
    return known is not None and not known.assessment.evidence.closed


def question(known: Known | None, circle: str, language: Language) -> Next | None:
    """What to ask next, if anything would settle much."""
    if known is None or known.question is None or not known.question.settles_much:
        return None
    return asked_next(known.question, known.assessment.evidence, circle, language)


def asks_nothing(known: Known | None) -> bool:
    """Whether there is no such question, though the case is read and open."""
    if known is None or not (is_open(known) and known.assessment.evidence.readings):
        return False
    return known.question is None or not known.question.settles_much
