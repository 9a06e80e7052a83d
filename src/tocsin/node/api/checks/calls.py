"""The routes of the machine API about communication checks (docs/api.md), and how one is said."""

from tocsin.checks import ChecksView, check_answer
from tocsin.circles.line import Line
from tocsin.core.records import Check, CheckAnswer, parse_record
from tocsin.core.records.check import MAX_WITHIN_MINUTES
from tocsin.node.api.checks.types import SayCheck, SayOfCheck
from tocsin.node.api.hosting import Hosting, casework_of, line_of
from tocsin.node.api.operations import Call, operation


class CheckCalls:
    """The operations about the communication checks of one node."""

    _node: Hosting

    @operation("GET", "/v1/circles/{circle}/checks")
    async def checks(self, call: Call[None, None]) -> ChecksView:
        """Say which communication checks there are, our own response times, and the median of the others'.

        How soon another member answered is not told; that it is to be read in the records, it is.
        """
        line = line_of(self._node, call.path["circle"])
        return await self._node.desk.checks[line.circle.id].view()

    def of_check(self, line: Line, say: SayOfCheck) -> Check | CheckAnswer:
        """The record. Raises UnknownRecord, WrongKind and MalformedRecord."""
        circle, charter = line.circle.id, line.circle.charter
        tlp = say.tlp or charter.handling
        if isinstance(say, SayCheck):
            usual = min(charter.clocks.acknowledge_within_minutes, MAX_WITHIN_MINUTES)
            translations = sorted(say.translations or (), key=lambda one: one.lang)
            return Check(
                circle=circle,
                at_ms=self._node.clock.wall_ms(),
                author=say.author,
                author_kind=say.author_kind,
                tlp=tlp,
                within_minutes=say.within_minutes or usual,
                text=say.text,
                lang=say.lang,
                translations=tuple(translations) or None,
            )
        check = casework_of(self._node, circle).ref(say.check)
        came_ms = self._node.desk.checks[circle].came_ms(check)
        # Only now: the check may have come, and been noted, in this moment.
        at_ms = self._node.clock.wall_ms()
        answer = CheckAnswer(
            circle=circle,
            at_ms=at_ms,
            author=say.author,
            author_kind=say.author_kind,
            tlp=tlp,
            check=check,
            received_at_ms=came_ms if came_ms is not None and came_ms <= at_ms else None,
        )
        self._check_answer(line, answer)
        return answer

    def check_signed_answer(self, line: Line, data: bytes) -> None:
        """That a record which is complete would count, if it answers a check."""
        record = parse_record(data).record
        if isinstance(record, CheckAnswer):
            self._check_answer(line, record)

    def _check_answer(self, line: Line, answer: CheckAnswer) -> None:
        check_answer(answer, line.own.member.slug, casework_of(self._node, line.circle.id).said)
