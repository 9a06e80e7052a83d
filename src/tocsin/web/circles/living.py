"""How it stands with the members of a circle, on the pages that show it, while they show it."""

from collections.abc import Callable
from functools import partial
from typing import Final

from tocsin.cases.telling import Language
from tocsin.circles import events
from tocsin.node.node import Node
from tocsin.web.circles.circles import Circles
from tocsin.web.live.fragments import Fragments
from tocsin.web.live.hub import Hub

_SHOWN: Final = (
    events.Arrived,
    events.CircleChanged,
    events.Confirmed,
    events.Known,
    events.Lost,
    events.Reached,
    events.TwoVersions,
    events.Witnessed,
    events.WritesStopped,
    events.Wrote,
)


class LivingCircles:
    """Keeps the open pages of all circles true. Where nobody has one open, nothing is made."""

    def __init__(self, node: Node, hub: Hub, fragments: Fragments) -> None:
        self._node = node
        self._circles = Circles(node)
        self._hub = hub
        self._fragments = fragments

    def start(self) -> Callable[[], None]:
        """Begin to listen. Returns what ends that."""
        return self._node.listen(self._heard)

    def _heard(self, circle: str, event: events.Event) -> None:
        if isinstance(event, _SHOWN):
            self._hub.publish(f"circle/{circle}", partial(self._rendered, circle), of="members")

    def _rendered(self, circle: str, language: Language) -> str:
        view = self._circles.seen(circle)
        return self._fragments.partial(language, f"members-{circle}", "circles/members.html", view=view)
