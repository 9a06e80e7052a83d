"""What one closed case teaches, once it is known what it was; and how others look by that (section 23.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from tocsin.cases.picture import Case
from tocsin.core.records.cases.vocabulary import What
from tocsin.core.views import Evidence, Knowledge
from tocsin.readings import fuse
from tocsin.readings.overlay import Outcome, PrivateView, learned, outcomes, private_view
from tocsin.readings.scoring import Forecast


@dataclass(frozen=True, slots=True)
class Lesson:
    """Who was right, and what was forecast by our own organisation and by all together.

    Nothing, where it is not known what the case was, or nobody had read it.
    """

    outcomes: tuple[Outcome, ...] = ()
    own: Forecast | None = None
    merged: Forecast | None = None


def truth_of(evidence: Evidence) -> What | None:
    """What a case was, by the member that opened it, as long as no other member says another thing.

    None while it is open or that is not said.
    """
    said = {truth.member: truth.record.what for truth in evidence.truths}
    found = said.get(evidence.case.log_name.member)
    return found if evidence.closed and set(said.values()) == {found} else None


def lesson_of(case: Case, knowledge: Knowledge, me: str) -> Lesson | None:
    """What a case teaches the member `me`; None if it is open.

    Scored is what was read before that was told: afterwards anybody can be right.
    """
    evidence = case.forecast(knowledge)
    if not evidence.closed:
        return None
    truth = truth_of(evidence)
    if truth is None or not evidence.readings:
        return Lesson()
    own = (read.said.record for read in evidence.readings if read.said.member == me)
    return Lesson(
        outcomes=tuple(outcomes(evidence, truth)),
        own=next((Forecast.of_reading(one, evidence.hypotheses, truth) for one in own), None),
        merged=Forecast.of_view(fuse(evidence), truth),
    )


def private_view_of(evidence: Evidence, taught: Sequence[Sequence[Outcome]]) -> PrivateView | None:
    """What a case was by what each of other cases taught; None if there is none yet."""
    return private_view(evidence, learned(chain.from_iterable(taught))) if taught else None
