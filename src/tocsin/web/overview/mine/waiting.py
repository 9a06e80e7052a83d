"""What waits for one person: what the duty owes, answers that are proposed, shifts that are handed to them.

What is owed is the organisation's; whoever has the duty does it. Proposals and handovers are for officers.
That we may be removed from a circle is for everyone to know, until somebody has replied, or the time is over.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from tocsin.cases.matching import Proposal
from tocsin.cases.search import Query
from tocsin.core.clock import Clock
from tocsin.core.errors import Refusal
from tocsin.core.records import Handover, Notice, Record, Ref, Reply
from tocsin.core.views import Said
from tocsin.node.alerting.telling import Ring
from tocsin.node.node import Node
from tocsin.web.desk.declined import undeclined
from tocsin.web.desk.handovers import handed_to

MOST_SHOWN: Final = 5
_MOST_FOUND: Final = 50
_KEPT_S: Final = 10.0
_PROPOSED_WITHIN_S: Final = 1.0


class ProposedAnswer(Struct, frozen=True, kw_only=True):
    """An answer that is ready for an ask, from what was observed here."""

    circle: str
    case: Ref
    ask: Ref


class HandedOver(Struct, frozen=True, kw_only=True):
    """A shift that was handed to somebody, and not taken over yet."""

    circle: str
    ref: Ref
    by: str
    text: str | None
    lang: str | None
    cases: int


class NoticeToUs(Struct, frozen=True, kw_only=True):
    """A member's notice that we may be removed, to which we can reply until then."""

    ref: Ref
    by: str
    until_ms: int


class Waiting(Struct, frozen=True, kw_only=True):
    """What waits: how much of each kind is owed, real and in exercises; what is proposed and handed over.

    `checked`: the circle of a check that waits. `whole`: all proposals were found in time.
    """

    owed: tuple[tuple[str, int], ...] = ()
    drills: int = 0
    checked: str | None = None
    proposed: tuple[ProposedAnswer, ...] = ()
    handed: tuple[HandedOver, ...] = ()
    noticed: tuple[NoticeToUs, ...] = ()
    whole: bool = True

    @property
    def is_calm(self) -> bool:
        """Whether nothing waits."""
        return not (self.owed or self.drills or self.proposed or self.handed or self.noticed)


def owed_of(rings: Iterable[Ring]) -> tuple[tuple[tuple[str, int], ...], int]:
    """How much of each kind is owed, by the bells for the duty; and how much in exercises."""
    counts: Counter[str] = Counter()
    drills = 0
    for ring in rings:
        if ring.bell.audience == "duty" and ring.drill:
            drills += ring.bell.count
        elif ring.bell.audience == "duty":
            counts[ring.bell.due] += ring.bell.count
    return tuple(sorted(counts.items())), drills


def noticed_to(
    slug: str, notices: Iterable[Said[Record]], replies: Iterable[Said[Record]], now_ms: int
) -> list[NoticeToUs]:
    """The notices to that member to which it has not replied, and still can."""
    replied = {(one.record.log, one.record.notice) for one in replies if isinstance(one.record, Reply)}
    found = [
        NoticeToUs(
            ref=one.ref,
            by=one.member,
            until_ms=one.record.reply_until_ms,
        )
        for one in notices
        if isinstance(one.record, Notice)
        and one.record.member == slug
        and (one.ref.log, one.ref.index) not in replied
    ]
    return [one for one in found if one.until_ms > now_ms]


class Waits:
    """What waits at one node. What is proposed is kept for some seconds: all pages of an officer ask."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._clock: Clock = node.clock
        self._proposals: dict[str, tuple[float, dict[str, list[Proposal]], bool]] = {}

    async def of(self, role: str | None) -> Waiting:
        """What waits for the officer of that role; for who is none, what the duty owes alone."""
        rings = self._node.desk.alerts.rings()
        owed, drills = owed_of(rings)
        checked = next((one.circle for one in rings if one.bell.due == "check"), None)
        noticed = tuple([one for circle in self._node.lines for one in await self._noticed(circle)])
        if role is None:
            return Waiting(owed=owed, drills=drills, checked=checked, noticed=noticed)
        proposed, whole = await self._proposed(role)
        handed = tuple([one for circle in self._node.lines for one in await self._handed(circle, role)])
        return Waiting(
            owed=owed,
            drills=drills,
            checked=checked,
            proposed=tuple(proposed),
            handed=handed,
            noticed=noticed,
            whole=whole,
        )

    async def _noticed(self, circle: str) -> list[NoticeToUs]:
        casework, me = self._node.desk.casework[circle], self._node.lines[circle].own.member.slug
        notices = (await casework.search(Query(kind="notice", limit=_MOST_FOUND))).hits
        replies = (await casework.search(Query(kind="reply", member=me, limit=_MOST_FOUND))).hits
        return noticed_to(me, notices, replies, self._clock.wall_ms())

    async def _handed(self, circle: str, role: str) -> list[HandedOver]:
        casework, me = self._node.desk.casework[circle], self._node.lines[circle].own.member.slug
        return [_handover(circle, one) for one in await handed_to(role, casework, me)]

    async def _proposed(self, role: str) -> tuple[list[ProposedAnswer], bool]:
        found, whole = await self._found(role)
        return [
            ProposedAnswer(circle=circle, case=one.case, ask=one.ask)
            for circle, proposals in found.items()
            for one in undeclined(self._node, circle, proposals)
        ], whole

    async def _found(self, role: str) -> tuple[dict[str, list[Proposal]], bool]:
        """What is proposed in each circle, declined or not, at most some seconds ago; whether it is all."""
        if not len(self._node.desk.observing):
            return {}, True
        kept_s, kept, whole = self._proposals.get(role, (float("-inf"), {}, True))
        if self._clock.monotonic_s() - kept_s < _KEPT_S:
            return kept, whole
        found: dict[str, list[Proposal]] = {}
        whole = True
        try:
            async with asyncio.timeout(_PROPOSED_WITHIN_S):
                for circle in self._node.lines:
                    found[circle] = await self._node.desk.observing.proposals(circle, role, 1)
        except (TimeoutError, Refusal):
            whole = False
        self._proposals[role] = self._clock.monotonic_s(), found, whole
        return found, whole


def _handover(circle: str, said: Said[Handover]) -> HandedOver:
    return HandedOver(
        circle=circle,
        ref=said.ref,
        by=said.officer or said.record.author,
        text=said.record.text,
        lang=said.record.lang,
        cases=len(said.record.cases or ()),
    )
