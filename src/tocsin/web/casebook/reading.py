"""What the node knows of a case, asked for as the machine API does it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tocsin.core.records import Ref
from tocsin.core.views import Terms
from tocsin.node.alerting.desks import Desks
from tocsin.node.api.cases.naming import naming
from tocsin.node.api.hosting import casework_of
from tocsin.node.api.operations import Call
from tocsin.node.api.routes import Calls
from tocsin.node.api.types import ErasedBy, ProofQuery, RecordsQuery
from tocsin.node.casework.casework import Casework
from tocsin.node.node import Node
from tocsin.web.assessing.known import known_of
from tocsin.web.casebook.sections import Case
from tocsin.web.desk.declined import undeclined

AT_ONCE_RECORDS = 1_000
"""To read more than that, or to find out who has what of more, takes longer than a page may take to begin."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A case that is not in memory yet: so many of its records were `read`, of `records`."""

    circle: str
    title: str
    terms: Terms
    ref: Ref
    read: int
    records: int

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"/cases/{self.circle}/{self.ref}"


class Reading:
    """Reads the cases of a node."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.calls = Calls(node)

    async def case(self, path: Mapping[str, str], *, received: bool = False) -> Case:
        """The case that a path names; with who has what, if that is quick or asked for.

        Raises NoSuchCircle, UnknownRecord, UnknownCase, Rebuilding.
        """
        case = await self.said(path)
        if not received and len(case.view.timeline) > AT_ONCE_RECORDS:
            return case
        return case.received(await self.calls.delivery(_call(path)))

    async def opening(self, path: Mapping[str, str]) -> Opening | None:
        """Read on in a case that is not in memory: how far that is; None if the rest can be read at once.

        Raises NoSuchCircle, UnknownRecord, Rebuilding.
        """
        casework = self.casework(path["circle"])
        ref = naming(casework, self.node.store)(path["case"])
        read, records = await casework.read_some(ref, AT_ONCE_RECORDS)
        if records - read <= AT_ONCE_RECORDS:
            return None
        title = self.node.lines[path["circle"]].circle.charter.title
        return Opening(path["circle"], title, casework.terms, ref, read, records)

    async def said(self, path: Mapping[str, str]) -> Case:
        """The case, without who has what, nor what is made of it. Raises what `case` raises."""
        circle, view = path["circle"], await self.calls.case(_call(path))
        line, attachments = self.node.lines[circle], self.node.desk.attachments
        return Case(
            circle=circle,
            title=line.circle.charter.title,
            own=line.own.member.slug,
            terms=self.casework(circle).terms,
            view=view,
            delivery=None,
            erased=await self._erased(circle, view.case) if view.state == "unknown" else None,
            now_ms=self.node.clock.wall_ms(),
            is_here=lambda sha256: attachments.here(circle, sha256) is not None,
        )

    async def assessed(self, case: Case) -> Case:
        """The same, with what is made of what its members say that it was. Raises what `case` raises."""
        circle = self.node.lines[case.circle].circle
        on_duty = Desks(self.node.store).on_duty(circle, case.now_ms)
        known = await known_of(self.casework(case.circle), case.view.case, on_duty)
        return replace(case, assessed=known)

    async def _erased(self, circle: str, ref: Ref) -> ErasedBy | None:
        """The order by which a record was erased, if it was."""
        query = RecordsQuery(log=ref.log, first=ref.index, limit=1)
        found = await self.calls.records(Call({"circle": circle}, query, None))
        return next((one.erasure for one in found.records if one.index == ref.index), None)

    def casework(self, circle: str) -> Casework:
        """The cases of a circle. Raises NoSuchCircle."""
        return casework_of(self.node, circle)

    async def proof(self, circle: str, ref: Ref) -> bytes:
        """The proof file of a record. Raises what makes it not provable."""
        query = ProofQuery(log=ref.log, index=ref.index)
        response = await self.calls.proof(Call({"circle": circle}, query, None))
        return bytes(response.body)

    async def proposed(self, case: Case, author: str) -> tuple[str, ...]:
        """The asks for which the officer in that role is proposed an answer that nobody declined."""
        found = await self.node.desk.observing.proposals(case.circle, author, only=case.view.case)
        return tuple(str(one.ask) for one in undeclined(self.node, case.circle, found))


def _call(path: Mapping[str, str]) -> Call[None, None]:
    return Call({"circle": path["circle"], "case": path["case"]}, None, None)
