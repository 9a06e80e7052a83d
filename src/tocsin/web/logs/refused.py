"""What was refused, from whom and why: the newest of each member, in memory, since this console started.

Who is no member at all is counted together under the empty name: strangers fill nothing.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tocsin.circles import events
from tocsin.core.clock import Clock

KEPT = 50

How: TypeAlias = Literal["here", "there", "later", "mismatched", "unentitled"]
"""*here*: we refused; *there*: a member did; *later*: it was told to come again; *mismatched*, *unentitled*:
records that were not kept."""


@dataclass(slots=True)
class Refused:
    """Something that was refused, so many times in a row, last at `at_ms`."""

    circle: str
    member: str
    how: How
    code: str
    explanation: str
    at_ms: int
    count: int = 1


class Refusals:
    """Keeps what a node is told of its lines."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[tuple[str, str], deque[Refused]] = {}
        self.since_ms = clock.wall_ms()

    def heard(self, circle: str, event: events.Event) -> None:
        """Something happened in that circle."""
        match event:
            case events.RefusedHere(member, code, explanation):
                self._keep(circle, member, "here", code, explanation)
            case events.RefusedThere(member, code, explanation):
                self._keep(circle, member, "there", code, explanation)
            case events.ToldLater(member, log, why):
                if why != "busy":
                    self._keep(circle, member, "later", why, log)
            case events.BodiesMismatched(member, log, indices):
                self._keep(circle, member, "mismatched", "body-mismatch", f"{log}: {_some(indices)}")
            case events.Unentitled(member, log, indices):
                self._keep(circle, member, "unentitled", "not-entitled", f"{log}: {_some(indices)}")
            case _:
                return

    def __iter__(self) -> Iterator[Refused]:
        """Everything that is kept, the newest first."""
        everything = (one for kept in self._kept.values() for one in kept)
        return iter(sorted(everything, key=lambda one: -one.at_ms))

    def _keep(self, circle: str, member: str, how: How, code: str, explanation: str) -> None:
        kept = self._kept.setdefault((circle, member), deque(maxlen=KEPT))
        now_ms = self._clock.wall_ms()
        if kept and (kept[-1].how, kept[-1].code, kept[-1].explanation) == (how, code, explanation):
            kept[-1].count += 1
            kept[-1].at_ms = now_ms
        else:
            kept.append(Refused(circle, member, how, code, explanation[:2_000], now_ms))


def _some(indices: tuple[int, ...]) -> str:
    return ", ".join(map(str, indices[:20])) + (" …" if len(indices) > 20 else "")
