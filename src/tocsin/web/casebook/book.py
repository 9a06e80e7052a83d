"""The page of a case, and of each of its records.

A case of many records comes in two steps: all that is said, at once; who has what, when it is worked out. One
that is not in memory is read before that, and its page says how far.
"""

from collections.abc import Callable, Container, Mapping
from typing import TypeAlias

from starlette.responses import Response

from tocsin.cases.picture.view import TimelineEntry
from tocsin.cases.telling import Language
from tocsin.core.errors import Refusal
from tocsin.core.records import Ref
from tocsin.core.records.errors import UnknownRecord
from tocsin.node.node import Node
from tocsin.web.casebook.living import Living, topic_of
from tocsin.web.casebook.opening import frame, while_unread
from tocsin.web.casebook.proving import Checked, NotChecked, check
from tocsin.web.casebook.reading import Reading
from tocsin.web.casebook.sections import Case, Kept
from tocsin.web.casebook.shown.looking import Look
from tocsin.web.casebook.shown.naming import Namer
from tocsin.web.casebook.shown.owed import answers_owed, unacknowledged
from tocsin.web.casebook.shown.record import record
from tocsin.web.casebook.shown.timeline import counts, entry_of, timeline
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

Acknowledged: TypeAlias = Callable[[str, str], Container[Ref]]
"""Of which records an account is about to say in a circle that it is aware."""

_BESIDE, _WHOLE, _TIMELINE, _MORE = "#beside", "#case", "#case-timeline", "#case-more"


class Casebook:
    """The pages of cases. `living` keeps those that are open true.

    What is `acknowledged`, and not written yet, nobody is asked for again.
    """

    def __init__(self, node: Node, living: Living, acknowledged: Acknowledged) -> None:
        self._node = node
        self._living = living
        self._acknowledged = acknowledged
        self._reading = Reading(node)
        self._kept = Kept()

    @page("GET", "/cases/{circle}/{case}", Role.READER)
    async def case(self, visit: Visit) -> Response:
        """A case; by itself, beside the room, or its timeline alone."""
        look = visit.query(Look)
        target = visit.request.headers.get("hx-target", "") if visit.partial else ""
        inner, part = target.endswith((_BESIDE, _WHOLE)), target.endswith((_TIMELINE, _MORE))
        if not (look.received or part) and (opening := await self._reading.opening(visit.path)):
            return frame(
                visit,
                opening,
                name="case",
                inner=inner,
                look=look,
                beside=inner and _is_elsewhere(visit, opening.path),
                topics=(topic_of(opening.circle, opening.ref),),
            )
        case = await self._reading.case(visit.path, received=look.received)
        values = _known(case, visit.language)
        namer = Namer(visit.language, case.terms)
        values |= {"look": look, "page": timeline(case.view, case.delivered, look, namer)}
        if target.endswith(_TIMELINE):
            return _page(visit, "casebook/timeline.html", values | {"counts": counts(case.view)})
        if target.endswith(_MORE):
            return _page(visit, "casebook/rows.html", values)
        case = await self._reading.assessed(case)
        values |= {"case": case} | self._kept.values_of(case, namer) | self._turn(visit, case)
        values |= {
            "beside": inner and _is_elsewhere(visit, case.path),
            "topics": (topic_of(case.circle, case.view.case),),
        }
        self._living.shown(case)
        return _page(visit, "casebook/inner.html" if inner else "casebook/case.html", values)

    @page("GET", "/turns/{circle}/{case}", Role.READER, noted=False)
    async def turn(self, visit: Visit) -> Response:
        """What this desk owes in a case, and the answers that wait for whoever looks."""
        case = await self._reading.case(visit.path, received=True)
        values = _known(case, visit.language) | self._turn(visit, case)
        values |= {"whole": True}
        if visit.may(Role.OFFICER) and any(case.own in ask.asked and ask.open for ask in case.view.asks):
            values |= {"proposed": await self._reading.proposed(case, visit.person.role_name)}
        return _page(visit, "casebook/turn.html" if visit.partial else "casebook/turn_page.html", values)

    @page("GET", "/cases/{circle}/{case}/{record}", Role.READER)
    async def entry(self, visit: Visit) -> Response:
        """A record, who has it, and its proof."""
        template = "casebook/record/record.html" if visit.partial else "casebook/record/record_page.html"
        opening = await while_unread(visit, self._reading, visit.path)
        return opening or await self._entry(visit, template, checked_now=False)

    @page("GET", "/cases/{circle}/{case}/{record}/check", Role.READER)
    async def check(self, visit: Visit) -> Response:
        """A record, checked again."""
        template = "casebook/record/checked.html" if visit.partial else "casebook/record/record_page.html"
        opening = await while_unread(visit, self._reading, visit.path)
        return opening or await self._entry(visit, template, checked_now=True)

    async def _entry(self, visit: Visit, template: str, *, checked_now: bool) -> Response:
        case = await self._reading.case(visit.path, received=True)
        ref = self._reading.casework(case.circle).ref(visit.path["record"])
        entry = entry_of(case.view, ref)
        if entry is None:
            raise UnknownRecord(f"Expected a record of case {case.ref}, found {ref}, which is of another.")
        delivered = case.delivered.get(ref) if case.delivered else None
        body = self._body(ref)
        checked = await self._checked(case, ref, body)
        written = body.decode(errors="replace")
        values = _known(case, visit.language) | {
            "record": record(entry, delivered, written, Namer(visit.language, case.terms)),
            "checked": checked,
            "proven": isinstance(checked, Checked),
            "checked_now": checked_now,
            "may_acknowledge": entry.member != case.own and not self._is_aware(visit, case, entry),
        }
        return _page(visit, template, values)

    def _is_aware(self, visit: Visit, case: Case, entry: TimelineEntry) -> bool:
        """Whether whoever looks has said so, or is about to."""
        me = case.own, visit.person.role_name
        said = any(one.signed and (one.member, one.officer) == me for one in entry.acknowledged)
        return said or entry.ref in self._acknowledged(visit.person.id, case.circle)

    def _turn(self, visit: Visit, case: Case) -> dict[str, object]:
        """What this desk owes, if that is known yet; of what whoever looks is saying, no more."""
        values: dict[str, object] = {
            "mine": None,
            "unread": (),
            "more_unread": 0,
            "proposed": (),
            "whole": False,
        }
        if case.delivery is None:
            return values
        dues = case.delivery.dues
        waiting, more = unacknowledged(dues, case.own, self._acknowledged(visit.person.id, case.circle))
        mine = answers_owed(dues, case.own, case.now_ms, Namer(visit.language, case.terms))
        return values | {"mine": mine, "unread": waiting, "more_unread": more}

    async def _checked(self, case: Case, ref: Ref, body: bytes) -> Checked | NotChecked:
        at_ms = self._node.clock.wall_ms()
        try:
            return check(await self._reading.proof(case.circle, ref), case.circle, body, at_ms)
        except Refusal as refusal:
            return NotChecked(refusal.code, str(refusal), at_ms)

    def _body(self, ref: Ref) -> bytes:
        """The bytes as they were written; what came ahead of others is not in its place yet."""
        store = self._node.store
        head = store.head(ref.log)
        if head and ref.index < head.size:
            return store.record(ref.log, ref.index)[2] or b""
        return next((body for index, _, _, body in store.aheads(ref.log) if index == ref.index), b"")


def _page(visit: Visit, template: str, values: Mapping[str, object]) -> Response:
    return visit.html(visit.text(template, **values))


def _known(case: Case, language: Language) -> dict[str, object]:
    """What every template of a case has."""
    namer = Namer(language, case.terms)
    return {"case": case, "view": case.view, "namer": namer, "drill": case.terms.drill}


def _is_elsewhere(visit: Visit, path: str) -> bool:
    """Whether it is shown on another page than its own."""
    return path not in visit.request.headers.get("hx-current-url", "")
