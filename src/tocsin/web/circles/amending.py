"""Amending a charter: a form with every clause, the exact text, what it changes, and putting it into force.

An amendment is in force once enough members have signed it, each where its organisation key is. Members sign
one successor of a version: so one member collects.
"""

from dataclasses import dataclass
from typing import get_args

from starlette.responses import Response

from tocsin.circles.changing.bundle import Bundle
from tocsin.circles.changing.draft import Doubt, doubts, draft_amendment
from tocsin.circles.changing.proposing import Collected, next_members, next_quorum, problem_of, read_amendment
from tocsin.circles.errors import CharterSignatures
from tocsin.circles.founding.charter import Charter, parse_version
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.entries import read_entries
from tocsin.core.errors import Refusal
from tocsin.core.note import Signature
from tocsin.core.records import Tlp
from tocsin.core.tlog.checkpoint import Checkpoint
from tocsin.node.api.changetypes import Take
from tocsin.node.api.hosting import line_of
from tocsin.node.api.operations import Call
from tocsin.node.api.routes import Calls
from tocsin.node.node import Node
from tocsin.web.circles import forms
from tocsin.web.circles.asking import MOST_TEXT_BYTES, bound, whole
from tocsin.web.circles.clauses import Change, Clause, changes, clauses
from tocsin.web.people.audit import Audit
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

_HERE = "/circles/{circle}/amend"


@dataclass(frozen=True, slots=True)
class AmendmentShown:
    """An amendment: what it changes, who has signed it, and why it does not count yet.

    `doubts` are to be asked about before anybody signs; `blocked`: it can never follow this charter.
    """

    circle: Circle
    text: str
    charter: Charter
    changes: tuple[Change, ...]
    clauses: tuple[Clause, ...]
    signed: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    why_not: Refusal | None
    blocked: bool


class AmendingPages:
    """All of it is an approver's."""

    def __init__(self, node: Node, audit: Audit) -> None:
        self._node = node
        self._audit = audit
        self._calls = Calls(node)

    @page("GET", _HERE, Role.APPROVER)
    async def amending(self, visit: Visit) -> Response:
        """The form with every clause as it is now."""
        circle = self._circle(visit)
        return visit.render(
            "circles/changing/amend.html",
            circle=circle,
            rules=forms.Rules.of(circle.charter),
            handlings=get_args(Tlp),
            drill=circle.drill,
        )

    @page("POST", _HERE, Role.APPROVER, most_bytes=MOST_TEXT_BYTES)
    async def amend(self, visit: Visit) -> Response:
        """The text of the next version."""
        line, wish = line_of(self._node, visit.path["circle"]), visit.form(forms.Amended)
        circle = line.circle
        entries = read_entries(wish.entries.encode(), "the entries of members") if wish.entries else ()
        ours = line.standing.member.slug
        deciding = {one.slug for one in circle.charter.members} - set(wish.observers)
        members = list(next_members(circle, entries, wish.sponsors or (ours,), wish.observers, deciding))
        before = circle.charter
        text = draft_amendment(
            circle,
            await held(self._calls, circle),
            members=members,
            title=wish.title,
            # Browsers send a text without the newline that it may end with.
            purpose=_as_before(wish.purpose, before.purpose),
            quorum=next_quorum(circle, members, wish.quorum if wish.quorum != before.quorum else None),
            handling=wish.handling,
            clocks=wish.clocks,
            verification=wish.verification,
            authority=type(wish.statement)(statement=_as_before(wish.authority, before.authority.statement)),
            limits=wish.limits,
            texts=wish.authentic(),
        )
        return await self._show(visit, circle, text, ())

    @page("POST", f"{_HERE}/read", Role.APPROVER, most_bytes=MOST_TEXT_BYTES)
    async def read_amendment(self, visit: Visit) -> Response:
        """What a text changes that somebody sent, or that was changed by hand; and who has to sign it."""
        data = whole(visit.form(forms.AmendmentText).text).encode()
        text, signatures = read_amendment(data, "what was handed in")
        return await self._show(visit, self._circle(visit), text, signatures)

    @page("POST", f"{_HERE}/signed", Role.APPROVER, most_bytes=MOST_TEXT_BYTES)
    async def show_signed(self, visit: Visit) -> Response:
        """What the signed one changes, before it is put into force."""
        circle, files = self._circle(visit), visit.form(forms.Applied).file
        collected = _collected(files)
        view = await self._shown(visit, circle, collected.text, collected.signatures)
        return visit.render("circles/changing/apply.html", view=view, files=files, drill=circle.drill)

    @page("POST", f"{_HERE}/apply", Role.APPROVER, most_bytes=MOST_TEXT_BYTES, fresh=_HERE)
    async def apply_amendment(self, visit: Visit) -> Response:
        """Into force, for good."""
        circle = self._circle(visit)
        events = _collected(visit.form(forms.Applied).file).events(circle)
        await self._calls.take(Call(dict(visit.path), None, Take(events=events)))
        bound(self._audit, visit, "amend", circle.id)
        return visit.go(f"/circles/{circle.id}/charter")

    def _circle(self, visit: Visit) -> Circle:
        return line_of(self._node, visit.path["circle"]).circle

    async def _show(
        self, visit: Visit, circle: Circle, text: str, signatures: tuple[Signature, ...]
    ) -> Response:
        view = await self._shown(visit, circle, text, signatures)
        return visit.render("circles/changing/amended.html", view=view, drill=circle.drill)

    async def _shown(
        self, visit: Visit, circle: Circle, text: str, signatures: tuple[Signature, ...]
    ) -> AmendmentShown:
        charter, problem = parse_version(text), problem_of(circle, text, signatures)
        blocked = problem is not None and not isinstance(problem, CharterSignatures)
        return AmendmentShown(
            circle=circle,
            text=text,
            charter=charter,
            changes=changes(circle.charter, charter, visit.language),
            clauses=clauses(charter, visit.language),
            signed=tuple(one.name.rpartition("/")[2] for one in signatures),
            doubts=() if blocked else doubts(circle, await held(self._calls, circle), charter),
            why_not=problem,
            blocked=blocked,
        )


async def held(calls: Calls, circle: Circle) -> list[Checkpoint]:
    """The newest checkpoint of each log of a circle, as far as this node has one."""
    file = await calls.bundle(Call({"circle": circle.id}, None, None))
    bundle = Bundle.parse(bytes(file.body))
    return [signed.checkpoint for log in circle.by_log if (signed := bundle.newest(log))]


def _as_before(text: str, before: str) -> str:
    """The text; as it was before, where only white space at its ends is different."""
    return before if text.strip() == before.strip() else text


def _collected(files: tuple[str, ...]) -> Collected:
    return Collected.of({f"file {number}": whole(file).encode() for number, file in enumerate(files, 1)})
