"""What became of a case: how it ended for whom, its links, what operators say, and what was passed on.

What was passed on is out of reach. So of that it is said what was corrected or withdrawn since: whoever has
it may not know.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tocsin.cases.picture import CaseView
from tocsin.cases.picture.view import COUNTING, TimelineEntry
from tocsin.cases.telling.teller import cut
from tocsin.core.records import OperatorPosition, Passing, Ref

MAX_SHOWN = 12

_TOLD = (OperatorPosition, Passing)


@dataclass(frozen=True, slots=True)
class Closed:
    """How the case ended for a member."""

    ref: str
    member: str
    at_ms: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Linked:
    """How members see this case connected with another."""

    other: str
    link: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """What an operator says, as a member has written it down."""

    ref: str
    member: str
    at_ms: int
    operator: str
    role: str
    position: str


@dataclass(frozen=True, slots=True)
class PassedOn:
    """Records that went to others outside the circle; `changed`: those that say it otherwise now."""

    ref: str
    member: str
    at_ms: int
    to: str | None
    of: tuple[str, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """All of it; `more` is how many positions and passings there are besides."""

    closings: tuple[Closed, ...]
    links: tuple[Linked, ...]
    positions: tuple[Position, ...]
    passed: tuple[PassedOn, ...]
    more: int

    @property
    def is_any(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.closings or self.links or self.positions or self.passed)


def course(view: CaseView) -> Course:
    """What became of a case; of what there is much of, the newest."""
    told = [
        entry
        for entry in reversed(view.timeline)
        if isinstance(entry.record, _TOLD) and entry.standing in COUNTING
    ]
    shown, links = told[:MAX_SHOWN], view.links[:MAX_SHOWN]
    passed = {ref for entry in shown if isinstance(entry.record, Passing) for ref in entry.record.of}
    changed = _changed(view.timeline, passed) if passed else set()
    return Course(
        closings=tuple(
            Closed(ref=str(one.ref), member=one.member, at_ms=one.at_ms, outcome=one.outcome)
            for one in view.closings
        ),
        links=tuple(Linked(other=str(one.other), link=one.link, by=one.by) for one in links),
        positions=tuple(
            Position(
                ref=str(entry.ref),
                member=entry.member,
                at_ms=entry.record.at_ms,
                operator=cut(entry.record.operator),
                role=entry.record.role,
                position=entry.record.position,
            )
            for entry in shown
            if isinstance(entry.record, OperatorPosition)
        ),
        passed=tuple(
            PassedOn(
                ref=str(entry.ref),
                member=entry.member,
                at_ms=entry.record.at_ms,
                to=cut(entry.record.to) if entry.record.to else None,
                of=tuple(map(str, entry.record.of)),
                changed=tuple(str(ref) for ref in entry.record.of if ref in changed),
            )
            for entry in shown
            if isinstance(entry.record, Passing)
        ),
        more=len(told) - len(shown) + len(view.links) - len(links),
    )


def _changed(timeline: Iterable[TimelineEntry], refs: set[Ref]) -> set[Ref]:
    return {entry.ref for entry in timeline if entry.ref in refs and entry.standing != "counts"}
