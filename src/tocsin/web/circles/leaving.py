"""Leaving a circle: what stays where is shown, a paper is signed offline, and then it is done for good.

Our log is not written any more from the paper on; until what was signed comes back, one can stay after all.
What the others said stays here, and binds us as it is marked, unless its purge is ordered.
"""

from dataclasses import dataclass

from starlette.responses import Response

from tocsin.circles.errors import MalformedEvent
from tocsin.core.records import Leaving, parse_record
from tocsin.node.api.changetypes import DepartureState, DraftLeaving, Purge, Take
from tocsin.node.api.operations import Call
from tocsin.node.api.routes import Calls
from tocsin.node.node import Node
from tocsin.node.papers.draft import Draft
from tocsin.web.circles import forms
from tocsin.web.circles.asking import MOST_TEXT_BYTES, Paper, bound, check_typed, whole
from tocsin.web.circles.circles import Circles
from tocsin.web.circles.seen import CircleSeen
from tocsin.web.people.audit import Audit
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

_HERE = "/circles/{circle}/leave"


@dataclass(frozen=True, slots=True)
class LeavingShown:
    """What leaving means here and now. `pending`: a paper was made, and our log is not written any more."""

    circle: CircleSeen
    departure: DepartureState
    pending: bool


class LeavingPages:
    """All of it is an approver's."""

    def __init__(self, node: Node, circles: Circles, audit: Audit) -> None:
        self._node = node
        self._audit = audit
        self._calls = Calls(node)
        self._circles = circles

    @page("GET", _HERE, Role.APPROVER)
    async def leaving(self, visit: Visit) -> Response:
        """What stays where, and the steps."""
        seen = self._circles.seen(visit.path["circle"])
        departure = await self._calls.departure(self._call(visit))
        pending = seen.halted is not None and not departure.gone
        view = LeavingShown(seen, departure, pending)
        return visit.render("circles/changing/leave.html", view=view, drill=seen.circle.drill)

    @page("POST", _HERE, Role.APPROVER, fresh=_HERE)
    async def draft_leaving(self, visit: Visit) -> Response:
        """Write no more, and make the paper that our organisation signs."""
        wish = visit.form(forms.Leaving)
        call = Call(dict(visit.path), None, DraftLeaving(reason=wish.reason, lang=wish.lang))
        draft = Draft.of(await self._calls.draft_leaving(call))
        bound(self._audit, visit, "draft-leaving", visit.path["circle"])
        path = f"/circles/{visit.path['circle']}/leave"
        paper = Paper("leaving", f"{draft.record.member}-leaving.draft", draft.encode().decode(), path)
        return visit.render("circles/founding/paper.html", paper=paper, drill=draft.charter.mode == "drill")

    @page("POST", f"{_HERE}/cancel", Role.APPROVER)
    async def stay(self, visit: Visit) -> Response:
        """Stay after all, and write again."""
        await self._calls.cancel_leaving(self._call(visit))
        bound(self._audit, visit, "stay", visit.path["circle"])
        return visit.go(f"/circles/{visit.path['circle']}")

    @page("POST", f"{_HERE}/signed", Role.APPROVER, most_bytes=MOST_TEXT_BYTES, fresh=_HERE)
    async def leave(self, visit: Visit) -> Response:
        """Leave, with what our organisation signed. It cannot be undone."""
        seen, wish = self._circles.seen(visit.path["circle"]), visit.form(forms.Left)
        check_typed(wish.title, seen.circle.title)
        signed = whole(wish.signed)
        record = parse_record(signed.encode()).record
        if not isinstance(record, Leaving):
            raise MalformedEvent(f"Expected a signed leaving, found a record of kind {record.kind}.")
        await self._calls.take(Call(dict(visit.path), None, Take(events=(signed,))))
        bound(self._audit, visit, "leave", seen.circle.id)
        return visit.go(f"/circles/{visit.path['circle']}/leave")

    @page("POST", f"{_HERE}/purge", Role.APPROVER, fresh=_HERE)
    async def purge(self, visit: Visit) -> Response:
        """Purge what the others said, once we have left. It cannot be undone."""
        seen, wish = self._circles.seen(visit.path["circle"]), visit.form(forms.Purged)
        check_typed(wish.title, seen.circle.title)
        order = Purge(ordered_by=wish.ordered_by, reason=wish.reason)
        await self._calls.purge(Call(dict(visit.path), None, order))
        bound(self._audit, visit, "purge", seen.circle.id)
        return visit.go(f"/circles/{visit.path['circle']}/leave")

    def _call(self, visit: Visit) -> Call[None, None]:
        return Call(dict(visit.path), None, None)
