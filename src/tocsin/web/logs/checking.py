"""`/verify`: what a file proves that somebody brought, by the node's own code, as `tocsin verify` says it.

Nothing of it is kept or executed. What is not text comes as bytes, by a script; text can be pasted.
"""

import asyncio
from dataclasses import dataclass
from typing import Annotated

import msgspec
from starlette.responses import Response

from tocsin.cases.archive import Opened
from tocsin.circles.evidence.prooffile import ProofFacts
from tocsin.circles.founding.circle import Circle
from tocsin.circles.reading import Readable
from tocsin.core.errors import MalformedName, Refusal
from tocsin.core.names import check_circle
from tocsin.node.node import Node
from tocsin.node.papers.verifying import Shown, Signed, Verified, verify_file
from tocsin.web.logs.browsing import excerpt, kind_word
from tocsin.web.logs.evidence import told
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

MOST_BYTES = 64 * 2**20
"""Of a file. Larger archives, `tocsin verify` verifies on the command line."""
_AT_ONCE = 2


class _Given(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which circle it is to be: one of ours, or what was typed for another; and the file as text."""

    circle: Annotated[str, msgspec.Meta(max_length=128)] = ""
    other: Annotated[str, msgspec.Meta(max_length=128)] = ""
    text: Annotated[str, msgspec.Meta(max_length=MOST_BYTES)] = ""


@dataclass(frozen=True, slots=True)
class Against:
    """The circle's id that somebody gave; and that circle, if it is one of ours."""

    circle: str
    known: Circle | None


class Checking:
    """Everybody may verify."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._turns = asyncio.Semaphore(_AT_ONCE)

    @page("GET", "/verify", Role.READER)
    async def verifying(self, visit: Visit) -> Response:
        """What to verify, and for which circle: those that are meant stand before drills."""
        ours = (line.circle for line in self._node.lines.values())
        circles = sorted(ours, key=lambda one: (one.drill, one.charter.title, one.id))
        return visit.render("logs/verifying/verify.html", circles=circles)

    @page("POST", "/verify", Role.READER, most_bytes=MOST_BYTES)
    async def verify(self, visit: Visit) -> Response:
        """What it proves, or that it proves nothing."""
        pasted = "text" in visit.fields
        wish = visit.form(_Given) if pasted else visit.query(_Given)
        data = wish.text.encode() if pasted else visit.body
        circle = (wish.other.strip() or wish.circle).lower()
        try:
            check_circle(circle)
            async with self._turns:
                found = await asyncio.to_thread(self._verified, data, circle)
        except Refusal as refusal:
            return self._refused(visit, refusal, circle)
        return self._told(visit, found, circle)

    def _verified(self, data: bytes, circle: str) -> Verified:
        line = self._node.lines.get(circle)
        made = line.circle if line else None
        try:
            return verify_file(data, circle, (lambda: made) if made else None)
        except Refusal:
            # A text area takes away the newline at the end, and gives back none that was not there.
            if data.endswith(b"\n") or b"\n" not in data:
                raise
            return verify_file(data + b"\n", circle, (lambda: made) if made else None)

    def _refused(self, visit: Visit, refusal: Refusal, circle: str) -> Response:
        against = None if isinstance(refusal, MalformedName) else self._against(circle)
        return visit.render("logs/verifying/not_verified.html", status=422, why=refusal, against=against)

    def _told(self, visit: Visit, found: Verified, circle: str) -> Response:
        against = self._against(circle)
        match found:
            case ProofFacts():
                record = found.reading.record if isinstance(found.reading, Readable) else None
                kind = kind_word(record.kind, visit.language) if record else None
                return visit.render(
                    "logs/verifying/verified_proof.html",
                    facts=found,
                    record=record,
                    kind=kind,
                    words=excerpt(record),
                    drill=found.signed.drill,
                    against=against,
                )
            case Opened():
                return visit.render("logs/verifying/verified_archive.html", opened=found, against=against)
            case Shown():
                words = told(found.found, found.circle, visit.language)
                return visit.render(
                    "logs/verifying/verified_evidence.html",
                    told=words,
                    of=found.circle,
                    drill=found.circle.drill,
                    against=against,
                )
            case Signed():
                by_slug = {one.slug: one for one in (*found.circle.past, *found.circle.members)}
                return visit.render(
                    "logs/verifying/verified_signed.html",
                    signed=found,
                    by_slug=by_slug,
                    drill=found.circle.drill,
                    against=against,
                )

    def _against(self, circle: str) -> Against:
        line = self._node.lines.get(circle)
        return Against(circle, line.circle if line else None)
