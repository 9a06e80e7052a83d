"""Whom one can call: every other member of every circle, with what its card says, or why there is no call."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tocsin.circles.line import Line
from tocsin.node.errors import KeysMissing
from tocsin.node.node import Node
from tocsin.node.phoning.calls import NoPhoneKey, Phone
from tocsin.web.desk.cards import Cards, DeskNow

WhyNot: TypeAlias = Literal["no-card", "no-key", "ours"]
"""There is no card of theirs, or no key on it; or this node has none of its own."""


@dataclass(frozen=True, slots=True)
class Callee:
    """Another member. `down`: it is not reached just now, which changes nothing for a call."""

    slug: str
    label: str
    economy: str
    desk: DeskNow | None
    why_not: WhyNot | None
    down: bool


@dataclass(frozen=True, slots=True)
class CircleOfCallees:
    """The other members of a circle, in the charter's order."""

    id: str
    title: str
    drill: bool
    us: str
    members: tuple[Callee, ...]


def circles_of(node: Node, cards: Cards, now_ms: int) -> tuple[CircleOfCallees, ...]:
    """Every circle that we have not left, by title: those that are meant before drills."""
    lines: Iterable[Line] = (line for line in node.lines.values() if not line.departure.gone)
    found = (_circle(line, Phone(line, node.folder, node.store), cards, now_ms) for line in lines)
    return tuple(sorted(found, key=lambda one: (one.drill, one.title, one.id)))


def is_down(line: Line, slug: str) -> bool:
    """Whether that member is not reached just now."""
    return any(one.trouble is not None for one in line.status().members if one.member.slug == slug)


def _circle(line: Line, phone: Phone, cards: Cards, now_ms: int) -> CircleOfCallees:
    circle = line.circle
    members = []
    for status in line.status().members:
        member = status.member
        desk = cards.desk(str(member.log), now_ms)
        why_not = _why_not(phone, member.slug, desk, now_ms)
        down = status.trouble is not None
        members.append(Callee(member.slug, member.label, member.economy, desk, why_not, down))
    return CircleOfCallees(
        circle.id, circle.charter.title, circle.drill, line.own.member.slug, tuple(members)
    )


def _why_not(phone: Phone, slug: str, desk: DeskNow | None, now_ms: int) -> WhyNot | None:
    try:
        phone.call(slug, now_ms)
    except KeysMissing:
        return "ours"
    except NoPhoneKey:
        return "no-card" if desk is None else "no-key"
    return None
