"""The lines of all circles as they are now, and when each member was heard of last."""

from msgspec.structs import replace

from tocsin.circles.events import Arrived, Confirmed, Event, Lost, Reached
from tocsin.node.node import Node
from tocsin.web.desk.cards import Cards
from tocsin.web.overview.lines.members import CircleLines, Heard, circle_lines


class Lines:
    """What is known of all lines of one node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._cards = Cards(node.store)
        self._heard: dict[str, dict[str, Heard]] = {}

    def happened(self, circle: str, event: Event) -> None:
        """Something happened on a line."""
        now_ms = self._node.clock.wall_ms()
        heard = self._heard.setdefault(circle, {})
        if isinstance(event, Arrived):
            member = self._node.lines[circle].circle.by_log.get(event.log)
            if member:
                heard[member.slug] = replace(heard.get(member.slug, Heard()), last_ms=now_ms)
        elif isinstance(event, Lost):
            before = heard.get(event.member, Heard())
            heard[event.member] = replace(before, silent_ms=before.silent_ms or now_ms)
        elif isinstance(event, Reached | Confirmed):
            heard[event.member] = Heard(last_ms=now_ms)

    def circles(self) -> tuple[CircleLines, ...]:
        """All circles, those that are real first."""
        found = [self._of(circle) for circle in self._node.lines]
        return tuple(sorted(found, key=lambda one: (one.drill, one.title, one.id)))

    def _of(self, circle: str) -> CircleLines:
        line, now_ms = self._node.lines[circle], self._node.clock.wall_ms()
        own = line.own.member
        desks = {member.slug: self._cards.desk(str(member.log), now_ms) for member in line.circle.members}
        return circle_lines(line.status(), own.slug, own.label, self._heard.get(circle, {}), desks)
