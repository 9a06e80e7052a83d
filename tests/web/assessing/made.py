"""What a node makes of readings, without a node; and how a page of a case shows it."""

from dataclasses import replace

from tests.readings.evidences import ref
from tests.web.casebook.told import known, namer, story

from tocsin.core.views import Evidence
from tocsin.node.casework.assessing import Assessment, Point
from tocsin.node.casework.assessing.asking import NextQuestion
from tocsin.readings import CommonView, fuse
from tocsin.readings.asking import next_questions, wording
from tocsin.readings.overlay import PrivateView
from tocsin.web.assessing.known import Known
from tocsin.web.casebook.sections import SECTIONS, Case
from tocsin.web.live.fragments import Fragments
from tocsin.web.serving.templates import make_environment

AT_MS = 1_700_000_000_000
FRAGMENTS = Fragments(make_environment())


def points(*views: CommonView) -> tuple[Point, ...]:
    """A course of these views, a minute apart."""
    return tuple(
        Point(
            ref=ref("ash", 2 + at),
            member="ash",
            at_ms=AT_MS + 60_000 * at,
            what=one.what,
            kinds=one.kinds,
            held_back=one.held_back,
        )
        for at, one in enumerate(views)
    )


def assessed(
    evidence: Evidence, *, private: PrivateView | None = None, members: tuple[str, ...] = ()
) -> Known:
    """What is made of that; `members` can be asked."""
    view = fuse(evidence)
    assessment = Assessment(evidence=evidence, view=view, course=points(view), earlier=0)
    found = next(iter(next_questions(evidence, members, me="ash")), None)
    if found is None:
        return Known(assessment, None, private)
    question = NextQuestion(
        question=found,
        source=evidence.sources[found.source],
        wording=wording(found, evidence),
        tlp="TLP:GREEN",
    )
    return Known(assessment, question, private)


def case_of(made: Known) -> Case:
    """A case that is read so."""
    told_of, view = story()
    return replace(known(view, told_of.terms, "ash"), assessed=made)


def shown(made: Known, name: str = "judged", tag: str = "en") -> str:
    """A section of the page of that case."""
    case = case_of(made)
    names = namer(case.terms, tag)
    values = {"case": case, "view": case.view, "namer": names} | dict(SECTIONS[name].values(case, names))
    return FRAGMENTS.text(names.language, f"assessing/{name}.html", **values)
