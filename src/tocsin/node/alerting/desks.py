"""When the members' desks are on duty, by their cards, and the zones that these name."""

import zoneinfo
from datetime import UTC, tzinfo

from tocsin.cases.delivery import Hours, read_hours
from tocsin.circles.founding.circle import Circle
from tocsin.core.errors import Refusal
from tocsin.core.records import Card, parse_record
from tocsin.core.tlog.tree import MAX_SIZE
from tocsin.log.store import Store


class Desks:
    """The hours of the desks of a circle."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: dict[str, tuple[int, Hours]] = {}

    def hours(self, circle: Circle) -> dict[str, Hours]:
        """Each member's hours, by its newest card; without one, always."""
        return {member.slug: self._hours(str(member.log)) for member in circle.members}

    def on_duty(self, circle: Circle, now_ms: int) -> frozenset[str]:
        """The members whose desks are on duty now."""
        hours = self.hours(circle)
        return frozenset(member for member, desk in hours.items() if desk.after(now_ms, 0) == now_ms)

    def _hours(self, log: str) -> Hours:
        if self._store.head(log) is None or (index := self._store.card_before(log, MAX_SIZE)) is None:
            return Hours()
        known = self._read.get(log)
        if known is None or known[0] != index:
            known = self._read[log] = index, read_hours(self._text(log, index), zone)
        return known[1]

    def _text(self, log: str, index: int) -> str | None:
        _, _, body = self._store.record(log, index)
        try:
            card = parse_record(body).record if body else None
        except Refusal:
            return None
        return card.desk.hours if isinstance(card, Card) else None


def zone(name: str) -> tzinfo | None:
    """The IANA zone of that name, from this machine's data or the package `tzdata`; None if there is none."""
    if name == "UTC":
        return UTC
    # A name of a folder is an error of the system, one that leads out of the data a ValueError.
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None
