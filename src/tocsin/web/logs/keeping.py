"""The pages of what is kept beside the logs: evidence, refusals, orders to erase and our own holds."""

from dataclasses import dataclass

from starlette.responses import Response

from tocsin.circles.evidence.envelope import Envelope
from tocsin.circles.evidence.finding import find
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.joining import decode_circle, encode_circle
from tocsin.circles.line import Line
from tocsin.core.errors import Refusal
from tocsin.node.api.evidences import evidence_at, evidence_file
from tocsin.node.api.hosting import line_of
from tocsin.node.api.operations import Call
from tocsin.node.api.routes import Calls
from tocsin.node.api.types import Erasures
from tocsin.node.node import Node
from tocsin.web.logs.evidence import Told, told
from tocsin.web.logs.naming import entry_path, log_path
from tocsin.web.logs.refused import Refusals
from tocsin.web.serving.errors import NoSuchPage
from tocsin.web.serving.files import as_file
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit


@dataclass(frozen=True, slots=True)
class Kept:
    """A piece of evidence of a circle: its number in the list, in words, and about which log it is."""

    number: int
    told: Told
    log: str


@dataclass(frozen=True, slots=True)
class Orders:
    """What was ordered to be erased in a circle, and our own holds."""

    circle: Circle
    erasures: Erasures


class Keeping:
    """Everybody may look, and take evidence out: it is for anyone."""

    def __init__(self, node: Node, refusals: Refusals) -> None:
        self._node = node
        self._calls = Calls(node)
        self._refusals = refusals

    @page("GET", "/log/evidence", Role.READER)
    async def evidence(self, visit: Visit) -> Response:
        """What others signed and must not have, by circle."""
        shown = tuple((line.circle, tuple(self._kept(line, visit))) for line in self._node.lines.values())
        return visit.render("logs/evidence.html", circles=shown, log_path=log_path)

    @page("GET", "/log/evidence/{circle}/{number:int}", Role.READER)
    async def evidence_file(self, visit: Visit) -> Response:
        """A file that shows it to anyone who knows the circle's id."""
        line = line_of(self._node, visit.path["circle"])
        found = list(evidence_at(line, self._node.store))
        number = int(visit.path["number"])
        if not 1 <= number <= len(found):
            raise NoSuchPage
        kept = found[number - 1]
        founded = decode_circle(encode_circle(line.circle))
        data = Envelope(founded, line.events, evidence_file(kept)).encode()
        return as_file(f"{kept.member}-{kept.kind}.evidence", data)

    @page("GET", "/log/refusals", Role.READER)
    async def refusals(self, visit: Visit) -> Response:
        """What was refused, from whom and why."""
        titles = {line.circle.id: line.circle for line in self._node.lines.values()}
        return visit.render(
            "logs/refusals.html",
            refusals=tuple(self._refusals)[:200],
            since_ms=self._refusals.since_ms,
            circles=titles,
        )

    @page("GET", "/log/erasures", Role.READER)
    async def erasures(self, visit: Visit) -> Response:
        """Orders to erase, who has answered them, and our own holds."""
        orders = [
            Orders(line.circle, await self._calls.erasures(Call({"circle": circle}, None, None)))
            for circle, line in self._node.lines.items()
        ]
        return visit.render("logs/erasures.html", orders=orders, entry_path=entry_path)

    def _kept(self, line: Line, visit: Visit) -> list[Kept]:
        found = []
        for number, kept in enumerate(evidence_at(line, self._node.store), 1):
            try:
                words = told(find(evidence_file(kept), line.circle), line.circle, visit.language)
            except Refusal:
                # What the circle does not bear out any more is not told as if it did.
                continue
            found.append(Kept(number, words, kept.log))
        return found
