"""The lines of a circle in what people are told: who confirmed what, who holds what, how old that is.

When a member was last heard of is known since the console began; before that, by its newest confirmation.
"""

from collections.abc import Mapping

from msgspec import Struct

from tocsin.circles.authoring.sending import Trouble
from tocsin.circles.exchanging.standing import Halted
from tocsin.circles.line import LineStatus, MemberStatus
from tocsin.web.charts.lines import STATES, State
from tocsin.web.desk.cards import DeskNow


class Heard(Struct, frozen=True, kw_only=True):
    """Of a member, when something last came of it, and since when it is silent; as far as that is known."""

    last_ms: int | None = None
    silent_ms: int | None = None


class MemberLine(Struct, frozen=True, kw_only=True):
    """The line to a member.

    It has `confirmed` of our `ours` records; of the `known` ones of its, `held` are here.
    `suspended` is why, as somebody here wrote it, and `trouble` why it is silent.
    """

    circle: str
    slug: str
    label: str
    economy: str
    state: State
    ours: int
    confirmed: int
    held: int
    known: int
    missing: bool
    heard: Heard
    suspended: str | None
    trouble: Trouble | None
    desk: DeskNow | None

    @property
    def id(self) -> str:
        """Its id on a page."""
        return f"member-{self.circle}-{self.slug}"


class CircleLines(Struct, frozen=True, kw_only=True):
    """A circle at this node. `halted` is why nothing is written in our log, if so."""

    id: str
    title: str
    drill: bool
    slug: str
    label: str
    halted: Halted | None
    members: tuple[MemberLine, ...]


def circle_lines(
    status: LineStatus,
    slug: str,
    label: str,
    heard: Mapping[str, Heard],
    desks: Mapping[str, DeskNow | None],
) -> CircleLines:
    """The lines of a circle, those that need looking at first."""
    circle = status.circle
    members = [
        member_line(
            circle.id,
            one,
            status.size,
            heard.get(one.member.slug, Heard()),
            desks.get(one.member.slug),
        )
        for one in status.members
    ]
    return CircleLines(
        id=circle.id,
        title=circle.charter.title,
        drill=circle.drill,
        slug=slug,
        label=label,
        halted=status.halted,
        members=tuple(sorted(members, key=lambda line: (STATES.index(line.state), line.slug))),
    )


def member_line(
    circle: str, status: MemberStatus, ours: int, heard: Heard, desk: DeskNow | None
) -> MemberLine:
    """The line to one member."""
    confirmation = status.held_by_them
    confirmed = confirmation.size if confirmation else 0
    state: State = "good"
    if status.stopped:
        state = "fork"
    elif status.suspended:
        state = "suspended"
    elif status.trouble:
        state = "silent"
    elif confirmed < ours or status.held_here < status.known_here or status.missing_here:
        state = "waits"
    # By its own clock.
    confirmed_ms = confirmation.time_s * 1_000 if confirmation else None
    return MemberLine(
        circle=circle,
        slug=status.member.slug,
        label=status.member.label,
        economy=status.member.economy,
        state=state,
        ours=ours,
        confirmed=min(confirmed, ours),
        held=status.held_here,
        known=max(status.known_here, status.held_here),
        missing=status.missing_here,
        heard=Heard(
            last_ms=heard.last_ms or confirmed_ms,
            silent_ms=heard.silent_ms if state == "silent" else None,
        ),
        suspended=status.suspended,
        trouble=status.trouble,
        desk=desk,
    )
