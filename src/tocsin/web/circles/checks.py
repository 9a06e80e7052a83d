"""Communication checks of a circle: those that wait, and one's own times beside the circle's median.

How soon another member answered is nobody's to see here. A check, and an answer to it, are an officer's word:
they are said as all else is (`web.acting`).
"""

from dataclasses import dataclass

from starlette.responses import Response

from tocsin.checks import ChecksView, CheckView
from tocsin.circles.founding.circle import Circle
from tocsin.node.api.hosting import line_of
from tocsin.node.api.operations import Call
from tocsin.node.api.routes import Calls
from tocsin.node.node import Node
from tocsin.web.charts import Chart, Check, response_chart
from tocsin.web.charts.saying import lasting
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit


@dataclass(frozen=True, slots=True)
class ChecksShown:
    """The checks of a circle: those that wait for us first."""

    circle: Circle
    checks: ChecksView
    waiting: tuple[CheckView, ...]
    chart: Chart | None


class CheckPages:
    """Everybody may look."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._calls = Calls(node)

    @page("GET", "/circles/{circle}/checks", Role.READER)
    async def checks(self, visit: Visit) -> Response:
        """Which there are, and how soon we answer."""
        circle = line_of(self._node, visit.path["circle"]).circle
        view = await self._calls.checks(Call(dict(visit.path), None, None))
        measured = [
            Check(one.came_ms, one.response_ms, view.circle_median_ms)
            for one in view.checks
            if one.state in ("answered", "missed")
        ]
        shown = ChecksShown(
            circle=circle,
            checks=view,
            waiting=tuple(one for one in view.checks if one.state in ("waiting", "missed")),
            chart=response_chart(measured, visit.language.say) if measured else None,
        )
        return visit.render(
            "circles/checks.html",
            view=shown,
            lasting=lambda ms: lasting(ms, visit.language.say),
            drill=circle.drill,
        )
