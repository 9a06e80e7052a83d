"""What a node makes of a case's readings, as far as its people are shown it."""

from collections.abc import Collection
from dataclasses import dataclass

from tocsin.core.records import Ref, Source
from tocsin.node.casework.assessing import Assessment
from tocsin.node.casework.assessing.asking import NextQuestion
from tocsin.node.casework.casework import Casework
from tocsin.readings.overlay import PrivateView


@dataclass(frozen=True, slots=True)
class Known:
    """The `assessment` is what all see who have the same records; the rest is this node's.

    `question` is the best one to ask next, if there is any; `private` is None where nothing was learned of
    anybody. `unread`: the sources that this organisation saw itself, if it could read the case and has not.
    """

    assessment: Assessment
    question: NextQuestion | None = None
    private: PrivateView | None = None
    unread: tuple[Source, ...] = ()


async def known_of(casework: Casework, case: Ref, on_duty: Collection[str]) -> Known:
    """What is made of a case here; of members that are worth as much, one `on_duty` is asked first.

    Raises what `Casework.view` raises.
    """
    assessment, unread = await casework.assessment(case), await casework.unread(case)
    if not assessment.evidence.readings:
        return Known(assessment, unread=unread)
    questions = await casework.questions(case, on_duty)
    return Known(assessment, next(iter(questions), None), await casework.private_view(case), unread)
