"""The routes of the machine API about readings (docs/api.md)."""

from collections.abc import Mapping

from tocsin.core.records import Ref
from tocsin.node.alerting.desks import Desks
from tocsin.node.api.cases.naming import naming
from tocsin.node.api.hosting import Hosting, casework_of, line_of
from tocsin.node.api.operations import Call, operation
from tocsin.node.api.readings.telling import common
from tocsin.node.api.readings.types import CaseReadings, NextQuestions, PrivateReadings
from tocsin.node.casework.assessing.learning import Scored
from tocsin.node.casework.casework import Casework


class ReadingCalls:
    """The operations about the readings of one node's cases."""

    _node: Hosting

    @operation("GET", "/v1/circles/{circle}/cases/{case}/readings")
    async def readings(self, call: Call[None, None]) -> CaseReadings:
        """Say what a case was, by all that its members make of it, how sure, and on what that rests.

        Who did it is each member's own word, side by side. What is `private` is this node's alone.
        """
        casework, case = self._of(call.path)
        shared = common(await casework.assessment(case))
        return CaseReadings(
            common=shared, private=await self._private(casework, case), unread=await casework.unread(case)
        )

    @operation("GET", "/v1/circles/{circle}/cases/{case}/readings/questions")
    async def reading_questions(self, call: Call[None, None]) -> NextQuestions:
        """Say whom to ask next about which source of a case, so that least stays open; the best comes first.

        Nothing is sent: the `wording` of one is what an ask of it says.
        """
        casework, case = self._of(call.path)
        circle = line_of(self._node, call.path["circle"]).circle
        on_duty = Desks(self._node.store).on_duty(circle, self._node.clock.wall_ms())
        return NextQuestions(case=case, questions=await casework.questions(case, on_duty))

    @operation("GET", "/v1/circles/{circle}/scores")
    async def scores(self, call: Call[None, None]) -> Scored:
        """Say how good our own readings were, and the common view, in closed cases of which the end is known.

        Nobody else's are scored.
        """
        return await casework_of(self._node, call.path["circle"]).scores()

    async def _private(self, casework: Casework, case: Ref) -> PrivateReadings | None:
        found = await casework.private_view(case)
        if found is None:
            return None
        return PrivateReadings(
            view=found.view,
            weights=found.overlay.weights,
            cases=casework.learning.cases,
            learning=casework.learning.is_learning,
        )

    def _of(self, path: Mapping[str, str]) -> tuple[Casework, Ref]:
        casework = casework_of(self._node, path["circle"])
        return casework, naming(casework, self._node.store)(path["case"])
