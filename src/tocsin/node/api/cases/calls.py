"""The routes of the machine API about cases (docs/api.md): one module for each part, drafts here."""

from typing import Any, get_args

import msgspec

from tocsin.circles.line import Line
from tocsin.core.records import NoteRecord, OfCases, encode_record, parse_record
from tocsin.node.api.cases import types
from tocsin.node.api.cases.attaching import CaseAttachments
from tocsin.node.api.cases.exchange import CaseExchange
from tocsin.node.api.cases.naming import naming
from tocsin.node.api.cases.observing import OwnObservations
from tocsin.node.api.cases.reading import CaseReading
from tocsin.node.api.cases.saying import check, record_of
from tocsin.node.api.checks.calls import CheckCalls
from tocsin.node.api.checks.types import SayOfCheck
from tocsin.node.api.hosting import casework_of, line_of
from tocsin.node.api.operations import Call, operation
from tocsin.node.api.types import SayNote


class CaseCalls(CaseReading, CaseExchange, CaseAttachments, OwnObservations, CheckCalls):
    """The operations about the cases of one node, and its checks: what officers say."""

    @operation("POST", "/v1/circles/{circle}/drafts")
    async def draft(self, call: Call[None, SayNote | types.SayOfCase | SayOfCheck]) -> types.Drafted:
        """Make a note or a record about a case or check, and do not write it: an officer is to sign it.

        What is signed is then written as a *record*. Only an officer on our card may sign.
        """
        line = line_of(self._node, call.path["circle"])
        return types.Drafted(record=await self.drafted(line, call.body))

    async def drafted(self, line: Line, say: SayNote | types.SayOfCase | SayOfCheck) -> bytes:
        """The record, unsigned. Raises what `of_case` and `of_check` raise."""
        if isinstance(say, SayNote):
            return encode_record(self._note(line, say))
        if isinstance(say, SayOfCheck):
            return encode_record(self.of_check(line, say))
        return encode_record(await self.of_case(line, say))

    def _note(self, line: Line, say: SayNote) -> NoteRecord:
        fields: dict[str, Any] = msgspec.structs.asdict(say)
        fields |= {"circle": line.circle.id, "at_ms": self._node.clock.wall_ms()}
        return NoteRecord(**fields | {"tlp": say.tlp or line.circle.charter.handling})

    async def of_case(self, line: Line, say: types.SayOfCase) -> OfCases:
        """The record, which would count. Raises what `record_of` and `check` raise."""
        casework = casework_of(self._node, line.circle.id)
        at_ms, handling = self._node.clock.wall_ms(), line.circle.charter.handling
        record = record_of(say, line.circle.id, at_ms, handling, naming(casework, self._node.store))
        await check(record, line.own.member.slug, casework)
        return record

    async def check_signed(self, line: Line, data: bytes) -> None:
        """That a record which is complete would count, if it is about a case."""
        record = parse_record(data).record
        if isinstance(record, get_args(OfCases)):
            await check(record, line.own.member.slug, casework_of(self._node, line.circle.id))
