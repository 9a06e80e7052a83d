"""What rings for one person now: the node's bells, if they are for them, loud enough, and not silenced.

- That a bell rings, and when again, is the case's own (`tocsin.cases.duty`).
- Who silences it, silences what has rung by then: it rings again at its next moment, for as long as what it
  rings for is not done.
- Communication checks never sound it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from msgspec import Struct

from tocsin.cases.duty import Bell
from tocsin.cases.picture import CaseSummary
from tocsin.core.records import Ref
from tocsin.core.records.cases.vocabulary import gravity
from tocsin.node.alerting.telling import Ring
from tocsin.web.live.siren.thresholds import Settings, assumed, is_loud, least_at

MOST_CALLS: Final = 3

SummaryOf = Callable[[str, Ref], CaseSummary | None]


class Call(Struct, frozen=True, kw_only=True):
    """One thing that somebody is called for, of the case as it stands in lists, if it is one.

    `key` is its bell's, whatever it rings for; `of` are the records for which it is owed, as many as one
    acknowledgement can name, without those of which they are saying so.
    """

    key: str
    circle: str
    bell: Bell
    drill: bool
    summary: CaseSummary | None
    of: tuple[Ref, ...] = ()

    @property
    def gravity(self) -> int:
        """How grave the case is."""
        return assumed(self.summary.severity if self.summary else None)

    @property
    def grave(self) -> bool:
        """Whether it is a serious incident or worse."""
        return self.gravity >= gravity("serious-incident")

    @property
    def id(self) -> str:
        """Its id on a page: no button becomes that of another bell while somebody presses it."""
        return f"call-{self.key.replace(' ', '-')}"


class Alarm(Struct, frozen=True, kw_only=True):
    """All that rings for somebody: `count` bells, of which `calls` are the most urgent.

    `until_ms`: who silences this alarm has seen what rang until then. `grave`: one of them is of a serious
    incident or worse. `drill`: all of them are exercises. `called`: they are called for anything at all.
    """

    calls: tuple[Call, ...] = ()
    count: int = 0
    until_ms: int = 0
    grave: bool = False
    drill: bool = False
    called: bool = True


def alarm_of(
    rings: Iterable[Ring],
    summary_of: SummaryOf,
    settings: Settings,
    silenced: Mapping[str, int],
    *,
    zone_name: str,
    now_ms: int,
) -> Alarm:
    """What rings now for somebody who set and silenced that."""
    if settings.duty == "nobody":
        return Alarm(called=False)
    least = least_at(settings, zone_name, now_ms)
    calls = []
    for ring in rings:
        concerns = ring.bell.audience == settings.duty and ring.bell.due != "check"
        if concerns and ring.bell.rings(silenced.get(ring.key), now_ms):
            summary = summary_of(ring.circle, ring.bell.case)
            if is_loud(summary.severity if summary else None, least):
                calls.append(
                    Call(key=ring.key, circle=ring.circle, bell=ring.bell, drill=ring.drill, summary=summary)
                )
    calls.sort(key=_urgency)
    return Alarm(
        calls=tuple(calls[:MOST_CALLS]),
        count=len(calls),
        until_ms=max((call.bell.last_ms or 0 for call in calls), default=0),
        grave=any(call.grave for call in calls),
        drill=bool(calls) and all(call.drill for call in calls),
    )


def silenced_by(
    rings: Iterable[Ring], silenced: Mapping[str, int], until_ms: int, key: str | None = None
) -> dict[str, int]:
    """What somebody has silenced who silences all that has rung until then, or only the bell with that key.

    Of what is over, nothing.
    """
    kept: dict[str, int] = {}
    for ring in rings:
        last_ms = ring.bell.last_ms
        moments = [silenced[ring.key]] if ring.key in silenced else []
        if key in (None, ring.key) and last_ms is not None and last_ms <= until_ms:
            moments.append(last_ms)
        if moments:
            kept[ring.key] = max(moments)
    return kept


def _urgency(call: Call) -> tuple[bool, bool, int, tuple[bool, bool, int], str, str]:
    bell = call.bell
    return call.drill, not bell.overdue, -call.gravity, bell.urgency, call.circle, str(bell.case)
