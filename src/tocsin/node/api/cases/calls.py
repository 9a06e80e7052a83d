"""The routes of the machine API about cases (docs/api.md): one module for each part, drafts here."""

from typing import get_args

from tocsin.circles.line import Line
from tocsin.core.records import OfCases, encode_record, parse_record
from tocsin.node.api.cases import types
from tocsin.node.api.cases.attaching import CaseAttachments
from tocsin.node.api.cases.exchange import CaseExchange
from tocsin.node.api.cases.naming import naming
from tocsin.node.api.cases.observing import OwnObservations
from tocsin.node.api.cases.reading import CaseReading
from tocsin.node.api.cases.saying import check, record_of
from tocsin.node.api.hosting import casework_of, line_of
from tocsin.node.api.operations import Call, operation


class CaseCalls(CaseReading, CaseExchange, CaseAttachments, OwnObservations):
    """The operations about the cases of one node."""

    @operation("POST", "/v1/circles/{circle}/drafts")
    async def draft(self, call: Call[None, types.SayOfCase]) -> types.Drafted:
        """Make a record about a case, and do not write it: an officer is to sign it.

        What is signed is then written as a *record*. Only an officer on our card may sign.
        """
        line = line_of(self._node, call.path["circle"])
        return types.Drafted(record=encode_record(self.of_case(line, call.body)))

    def of_case(self, line: Line, say: types.SayOfCase) -> OfCases:
        """The record, which would count. Raises what `record_of` and `check` raise."""
        casework = casework_of(self._node, line.circle.id)
        at_ms, handling = self._node.clock.wall_ms(), line.circle.charter.handling
        record = record_of(say, line.circle.id, at_ms, handling, naming(casework, self._node.store))
        check(record, line.own.member.slug, casework)
        return record

    def check_signed(self, line: Line, data: bytes) -> None:
        """That a record which is complete would count, if it is about a case."""
        record = parse_record(data).record
        if isinstance(record, get_args(OfCases)):
            check(record, line.own.member.slug, casework_of(self._node, line.circle.id))
