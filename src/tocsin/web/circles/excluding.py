"""Keeping a member away: for ourselves at once, or for all by notice, reply and amendment.

- To suspend is each member's own: nobody else learns of it but the one that is refused. It can be undone.
- To expel takes a reason, a notice, time for a reply, and an amendment signed by a quorum of the others.
- A notice and a reply are said as everything is (`web.acting`): read in words, signed by the officer's own
  key, written after ten seconds. So whoever says them is approver and officer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from tocsin.cases.search import Query
from tocsin.circles.changing.draft import draft_amendment
from tocsin.circles.changing.proposing import next_members, next_quorum
from tocsin.circles.errors import NonMember
from tocsin.circles.founding.charter import NoticePlace, Removal
from tocsin.circles.line import Line
from tocsin.core.errors import quoted
from tocsin.core.names import LogName
from tocsin.core.records import Notice, Reply, encode_record
from tocsin.core.views import Said
from tocsin.node.api.changetypes import Entry, Suspend
from tocsin.node.api.hosting import casework_of, line_of
from tocsin.node.api.operations import Call
from tocsin.node.api.records import Shelf
from tocsin.node.api.routes import Calls
from tocsin.node.api.types import ProofQuery, ShownRecord
from tocsin.node.node import Node
from tocsin.web.acting.drafting import Drafting
from tocsin.web.circles import forms
from tocsin.web.circles.amending import held
from tocsin.web.circles.asking import Paper, bound
from tocsin.web.logs.naming import entry_path
from tocsin.web.people.audit import Audit
from tocsin.web.serving.errors import NoSuchPage, OtherRole
from tocsin.web.serving.forms import convert
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

_EXPEL = "/circles/{circle}/members/{member}/expel"
_REPLY = "/circles/{circle}/reply/{member}/{epoch:int}/{index:int}"

_NOTICES_LOOKED_AT = 2_000
_REPLIES_LOOKED_AT = 50
_USUAL_HOURS = 72


@dataclass(frozen=True, slots=True)
class GivenNotice:
    """A notice of ours: its place in our log, until when the member can reply, and what it replied."""

    index: int
    notice: Notice
    until_ms: int
    replies: tuple[Said[Reply], ...]


class ExcludingPages:
    """All of it is an approver's."""

    def __init__(self, node: Node, audit: Audit, drafting: Drafting) -> None:
        self._node = node
        self._audit = audit
        self._drafting = drafting
        self._calls = Calls(node)

    @page("POST", "/circles/{circle}/members/{member}/suspend", Role.APPROVER)
    async def suspend(self, visit: Visit) -> Response:
        """Speak no more with a member, for now."""
        reason = visit.form(forms.Suspended).reason
        await self._calls.suspend(self._call(visit, reason))
        self._bound(visit, "suspend")
        return visit.go(_member_path(visit))

    @page("POST", "/circles/{circle}/members/{member}/resume", Role.APPROVER)
    async def resume(self, visit: Visit) -> Response:
        """Speak with it again."""
        await self._calls.suspend(self._call(visit, None))
        self._bound(visit, "resume")
        return visit.go(_member_path(visit))

    @page("GET", _EXPEL, Role.APPROVER)
    async def expelling(self, visit: Visit) -> Response:
        """What it takes to remove a member, and how far it is."""
        line, member = self._other(visit)
        replies, rebuilding = await self._replies(line, member)
        typed = self._drafting.typed(visit)
        begun = forms.Noticed(reason="", lang=visit.language.tag, hours=_USUAL_HOURS)
        return visit.render(
            "circles/changing/expel.html",
            circle=line.circle,
            member=line.circle.by_slug[member],
            notices=tuple(self._notices(line, member, replies)),
            rebuilding=rebuilding,
            begun=convert(typed, forms.Noticed) if typed else begun,
            now_ms=self._node.clock.wall_ms(),
            log=line.own.name,
            entry_path=entry_path,
            drill=line.circle.drill,
        )

    @page("POST", "/circles/{circle}/members/{member}/notice", Role.APPROVER, fresh=_EXPEL)
    async def give_notice(self, visit: Visit) -> Response:
        """Draft what tells all members that this one may be removed, and why."""
        line, member = self._other(visit)
        _check_officer(visit)
        wish = visit.form(forms.Noticed)
        notice = Notice(
            circle=line.circle.id,
            at_ms=self._node.clock.wall_ms(),
            author=visit.person.role_name,
            author_kind="officer",
            tlp=line.circle.charter.handling,
            member=member,
            reply_within_hours=wish.hours,
            text=wish.reason,
            lang=wish.lang,
        )
        form = f"{_member_path(visit)}/expel"
        return self._begin(visit, notice, form)

    @page("POST", "/circles/{circle}/members/{member}/removal", Role.APPROVER)
    async def draft_removal(self, visit: Visit) -> Response:
        """The amendment that removes the member."""
        line, member = self._other(visit)
        wish = visit.form(forms.Removed)
        circle = line.circle
        notice = await self._entry(circle.id, line.own.name, wish.notice)
        removal = Removal(
            slug=member,
            reason=wish.reason,
            notice=NoticePlace(log=notice.log, index=notice.index, entry=notice.entry),
        )
        staying = [place for place in next_members(circle, (), ()) if place.slug != member]
        text = draft_amendment(
            circle,
            await held(self._calls, circle),
            removed=[removal],
            quorum=next_quorum(circle, staying),
        )
        name = f"version-{circle.charter.version + 1}.toml"
        paper = Paper("removal", name, text, f"/circles/{circle.id}/amend")
        return visit.render("circles/founding/paper.html", paper=paper, drill=circle.drill)

    @page("GET", _REPLY, Role.APPROVER)
    async def replying(self, visit: Visit) -> Response:
        """The form for an answer to a notice."""
        line, shown = self._notice(visit)
        typed = self._drafting.typed(visit)
        begun = forms.Replied(text="", lang=visit.language.tag)
        return visit.render(
            "circles/changing/reply.html",
            circle=line.circle,
            shown=shown,
            begun=convert(typed, forms.Replied) if typed else begun,
            drill=line.circle.drill,
        )

    @page("POST", _REPLY, Role.APPROVER, fresh="/circles/{circle}/reply/{member}/{epoch}/{index}")
    async def reply(self, visit: Visit) -> Response:
        """Draft an answer to a notice, before all members."""
        line, shown = self._notice(visit)
        _check_officer(visit)
        wish = visit.form(forms.Replied)
        notice = await self._entry(line.circle.id, shown.log, shown.index)
        reply = Reply(
            circle=line.circle.id,
            at_ms=self._node.clock.wall_ms(),
            author=visit.person.role_name,
            author_kind="officer",
            tlp=line.circle.charter.handling,
            log=notice.log,
            notice=notice.index,
            entry=notice.entry,
            text=wish.text,
            lang=wish.lang,
        )
        return self._begin(visit, reply, visit.url_path)

    def _begin(self, visit: Visit, record: Notice | Reply, form: str) -> Response:
        data = encode_record(record)
        return self._drafting.begin(visit, record.circle, data, form=form, role=Role.APPROVER)

    def _bound(self, visit: Visit, act: str) -> None:
        bound(self._audit, visit, act, visit.path["circle"], member=visit.path["member"])

    def _call(self, visit: Visit, reason: str | None) -> Call[None, Suspend]:
        return Call(dict(visit.path), None, Suspend(member=visit.path["member"], reason=reason))

    def _other(self, visit: Visit) -> tuple[Line, str]:
        """The line, and another member of it. Raises NoSuchCircle, NonMember."""
        line, member = line_of(self._node, visit.path["circle"]), visit.path["member"]
        if member not in line.circle.by_slug or member == line.standing.member.slug:
            raise NonMember(f"Expected another member of this circle, found {quoted(member)}.")
        return line, member

    def _notices(self, line: Line, member: str, replies: Sequence[Said[Reply]]) -> list[GivenNotice]:
        """Notices of ours to that member, the newest first."""
        first = max(0, line.own.size - _NOTICES_LOOKED_AT)
        shelf = Shelf(line, self._node.store)
        return [
            GivenNotice(
                one.index,
                one.record,
                one.record.reply_until_ms,
                tuple(reply for reply in replies if reply.record.notice == one.index),
            )
            for one in shelf.read(line.own.name, first, _NOTICES_LOOKED_AT, contexts=False)
            if isinstance(one.record, Notice) and one.record.member == member
        ][::-1]

    async def _replies(self, line: Line, member: str) -> tuple[list[Said[Reply]], bool]:
        """What that member replied to notices of ours, the newest first; whether there may be more."""
        asked = Query(kind="reply", member=member, limit=_REPLIES_LOOKED_AT)
        found = await casework_of(self._node, line.circle.id).search(asked)
        replies = [
            Said(one.ref, one.member, one.record, one.officer)
            for one in found.hits
            if isinstance(one.record, Reply) and one.record.log == line.own.name
        ]
        return replies, found.rebuilding

    def _notice(self, visit: Visit) -> tuple[Line, ShownRecord]:
        """A notice to us. Raises NoSuchCircle, NoSuchPage."""
        line = line_of(self._node, visit.path["circle"])
        circle = line.circle
        log = str(LogName(circle.domain, circle.id, visit.path["member"], int(visit.path["epoch"])))
        found = list(Shelf(line, self._node.store).read(log, int(visit.path["index"]), 1))
        if not found or not isinstance(found[0].record, Notice):
            raise NoSuchPage
        if found[0].record.member != line.standing.member.slug:
            raise NonMember("Expected a notice to our organisation, found one to another.")
        return line, found[0]

    async def _entry(self, circle: str, log: str, index: int) -> Entry:
        return await self._calls.entry(Call({"circle": circle}, ProofQuery(log=log, index=index), None))


def _check_officer(visit: Visit) -> None:
    """Raises OtherRole: only officers have keys to sign with."""
    if not visit.may(Role.OFFICER):
        raise OtherRole(
            "Expected an officer, whose key signs what is said. Next: ask one who is an approver, too."
        )


def _member_path(visit: Visit) -> str:
    return f"/circles/{visit.path['circle']}/members/{visit.path['member']}"
