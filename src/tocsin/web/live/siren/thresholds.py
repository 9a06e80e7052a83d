"""From which severity on a bell is loud: by the hour, as everyone sets it for themselves.

- The hours are those of the person's own zone. A night may go over midnight; of no length, there is none.
- A case of which nobody has said how severe it is counts as an incident, wherever cases are compared.
- What is not loud is not lost: it stands in the situation room, and goes out by the node's other alerts.
"""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal, TypeAlias, get_args

from msgspec import Meta, Struct

from tocsin.core.records.cases.vocabulary import Severity, gravity
from tocsin.node.alerting.desks import zone

Least: TypeAlias = Literal["all", "incident", "serious-incident", "disaster", "nothing"]
"""From which severity on; *all* is everything, *nothing* not even a disaster."""

Duty: TypeAlias = Literal["duty", "deputy", "nobody"]
"""As whom somebody is called; *nobody*: not at all."""

LEAST: Final[tuple[Least, ...]] = get_args(Least)
DAY_MINUTES: Final = 24 * 60


Minute: TypeAlias = Annotated[int, Meta(ge=0, lt=DAY_MINUTES)]


class Settings(Struct, frozen=True, kw_only=True):
    """What somebody set. Minutes count from midnight."""

    duty: Duty
    day: Least = "all"
    night: Least = "serious-incident"
    night_from: Minute = 22 * 60
    night_until: Minute = 7 * 60


def least_at(settings: Settings, zone_name: str, now_ms: int) -> Least:
    """From which severity on bells are loud at a moment."""
    local = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone(zone_name) or UTC)
    minute = local.hour * 60 + local.minute
    since, length = ((at - settings.night_from) % DAY_MINUTES for at in (minute, settings.night_until))
    return settings.night if since < length else settings.day


def is_loud(severity: Severity | None, least: Least) -> bool:
    """Whether a case of that severity is loud."""
    if least == "all":
        return True
    if least == "nothing":
        return False
    return assumed(severity) >= gravity(least)


def assumed(severity: Severity | None) -> int:
    """How grave it is taken to be: the larger, the graver."""
    return gravity(severity or "incident")
