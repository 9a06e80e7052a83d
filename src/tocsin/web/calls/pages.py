"""Calls as one looks at them and holds them: whom to call, the call, and what to do when it is over.

What was read matched or did not: that is noted in the audit with who, when and with whom, and nowhere else.
"""

from typing import Literal, TypeAlias
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from tocsin.core.phone import SPOKEN
from tocsin.node.api.hosting import line_of
from tocsin.node.api.routes import Calls
from tocsin.node.node import Node
from tocsin.node.phoning.types import PhoneCall
from tocsin.web.calls.digits import tongues
from tocsin.web.calls.holding import CallQuery, Side, hold
from tocsin.web.calls.listing import circles_of, is_down
from tocsin.web.desk.cards import Cards
from tocsin.web.people.audit import Audit
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

Outcome: TypeAlias = Literal["matched", "differed"]


class _Ended(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    side: Side
    outcome: Outcome


class CallPages:
    """Everybody may see whom one can call; to hold a call is an officer's: it speaks for the organisation."""

    def __init__(self, node: Node, audit: Audit) -> None:
        self._node = node
        self._calls = Calls(node)
        self._cards = Cards(node.store)
        self._audit = audit

    @page("GET", "/phone", Role.READER)
    async def phone(self, visit: Visit) -> Response:
        """Every member of every circle."""
        circles = circles_of(self._node, self._cards, self._node.clock.wall_ms())
        return visit.render("calls/phone.html", circles=circles)

    @page("GET", "/phone/{circle}/{member}", Role.OFFICER)
    async def call(self, visit: Visit) -> Response:
        """A call with that member, at the step that was asked for; the step alone, where a script asks."""
        circle, member = visit.path["circle"], visit.path["member"]
        wish, now_ms = visit.query(CallQuery), self._node.clock.wall_ms()
        phone = self._calls.of_circle(circle)
        line = line_of(self._node, circle)
        desk = self._cards.desk(phone.call(member, now_ms).between.their_log, now_ms)
        tags = tongues(wish.lang, visit.language.tag, desk.languages if desk else ())
        held = hold(lambda at_ms: phone.call(member, at_ms), now_ms, wish, tags)
        template = "calls/steps.html" if visit.partial else "calls/call.html"
        return visit.render(
            template,
            held=held,
            between=held.call.between,
            desk=desk,
            down=is_down(line, member),
            spoken=tuple(SPOKEN),
            clock=_clock,
            drill=held.call.between.drill,
        )

    @page("POST", "/phone/{circle}/{member}", Role.OFFICER)
    async def end_call(self, visit: Visit) -> Response:
        """Note how it ended; on to what to do now."""
        call, ended = self._call(visit), visit.form(_Ended)
        person, between = visit.person, call.between
        self._audit.note(
            "phoned",
            person.id,
            person.name,
            circle=between.circle,
            member=between.member,
            side=ended.side,
            outcome=ended.outcome,
        )
        return visit.go(f"/phone/{between.circle}/{between.member}/{ended.outcome}")

    @page("GET", "/phone/{circle}/{member}/matched", Role.OFFICER, noted=False)
    async def call_matched(self, visit: Visit) -> Response:
        """What a match says, and what it does not."""
        call = self._call(visit)
        return visit.render("calls/matched.html", between=call.between, drill=call.between.drill)

    @page("GET", "/phone/{circle}/{member}/differed", Role.OFFICER, noted=False)
    async def call_differed(self, visit: Visit) -> Response:
        """What to do now: hang up, call back, tell the others."""
        call = self._call(visit)
        between = call.between
        text = visit.say("calls.note_text", member=between.member, time=_clock(call.now_ms))
        note = f"/say/note?{urlencode({'circle': between.circle, 'text': text})}"
        desk = self._cards.desk(between.their_log, call.now_ms)
        return visit.render("calls/differed.html", between=between, desk=desk, note=note, drill=between.drill)

    def _call(self, visit: Visit) -> PhoneCall:
        """The call that is spoken of. Raises what the node's `Phone` raises."""
        phone = self._calls.of_circle(visit.path["circle"])
        return phone.call(visit.path["member"], self._node.clock.wall_ms())


def _clock(at_ms: int) -> str:
    minutes = at_ms // 60_000
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"
