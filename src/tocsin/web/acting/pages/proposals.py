"""What our own observations suggest as answers: an officer takes one as it is, changes it, or does not.

To decline says nothing to anybody. It is remembered here, so that a colleague need not look at it again.
"""

from dataclasses import dataclass
from typing import Final

from msgspec import Struct
from starlette.responses import Response

from tocsin.cases.matching import Proposal
from tocsin.cases.picture.view import AskView
from tocsin.core.records.common import CircleId
from tocsin.node.api.cases.types import RecordName
from tocsin.node.node import Node
from tocsin.web.acting.typed import as_typed
from tocsin.web.desk.declined import decline, undeclined
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

_MOST: Final = 100


class DeclineForm(Struct, frozen=True, kw_only=True):
    """Which ask's."""

    circle: CircleId
    ask: RecordName


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposal, with the ask that it answers, and the form that takes it as it is."""

    circle: str
    title: str
    drill: bool
    ask: AskView | None
    proposal: Proposal
    summary: str | None
    lang: str | None
    typed: tuple[tuple[str, str], ...]


class Proposals:
    """The pages of what is proposed, at one console."""

    def __init__(self, node: Node) -> None:
        self._node = node

    @page("GET", "/proposals", Role.OFFICER)
    async def proposals(self, visit: Visit) -> Response:
        """All that is proposed and nobody here declined, circle by circle."""
        role, observing = visit.person.role_name, self._node.desk.observing
        found = [
            (circle, one)
            for circle in self._node.lines
            for one in undeclined(self._node, circle, await observing.proposals(circle, role))
        ]
        shown = [await self._view(circle, one) for circle, one in found[:_MOST]]
        return visit.render("acting/proposals.html", proposals=shown, more=len(found) - len(shown))

    @page("POST", "/proposals/decline", Role.OFFICER)
    async def decline(self, visit: Visit) -> Response:
        """Do not show it any more."""
        sent = visit.form(DeclineForm)
        await decline(self._node, sent.circle, sent.ask, visit.person.name)
        return visit.go("/proposals")

    async def _view(self, circle: str, one: Proposal) -> ProposalView:
        line = self._node.lines[circle]
        view = await self._node.desk.casework[circle].view(one.case)
        typed = as_typed(one.answer) | {"circle": [circle], "ask": [str(one.ask)], "case": [str(one.case)]}
        return ProposalView(
            circle=circle,
            title=line.circle.charter.title,
            drill=line.circle.drill,
            ask=next((ask for ask in view.asks if ask.ref == one.ask), None),
            proposal=one,
            summary=view.summary,
            lang=view.lang,
            typed=tuple((name, value) for name, values in typed.items() for value in values),
        )
