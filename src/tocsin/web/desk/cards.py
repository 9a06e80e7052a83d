"""What members say of their desks on their newest cards: who is on duty, and when."""

from msgspec import Struct

from tocsin.cases.delivery import Hours, read_hours
from tocsin.core.records import Card
from tocsin.core.tlog.tree import MAX_SIZE
from tocsin.log.store import Store
from tocsin.node.alerting.desks import zone
from tocsin.node.card import card_at


class DeskNow(Struct, frozen=True, kw_only=True):
    """A desk at a moment. `on_duty` is None where its hours are not known, or in words for people alone.

    `next_ms`: when it is on duty again, if that is known.
    """

    name: str
    hours: str | None
    contact: str | None
    languages: tuple[str, ...]
    lang: str
    on_duty: bool | None
    next_ms: int | None


class Cards:
    """The newest card of each log, read once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: dict[str, tuple[int, Card | None, Hours]] = {}

    def desk(self, log: str, now_ms: int) -> DeskNow | None:
        """The desk of whoever writes that log; None where there is no card that can be read."""
        card, hours = self.card(log)
        return desk_at(card, hours, now_ms) if card else None

    def card(self, log: str) -> tuple[Card | None, Hours]:
        """The card of whoever writes that log, if one can be read, and the hours on it."""
        if self._store.head(log) is None or (index := self._store.card_before(log, MAX_SIZE)) is None:
            return None, Hours()
        known = self._read.get(log)
        if known is None or known[0] != index:
            card = card_at(self._store, log, index)
            hours = read_hours(card.desk.hours if card else None, zone)
            known = self._read[log] = index, card, hours
        _, card, hours = known
        return card, hours


def desk_at(card: Card, hours: Hours, now_ms: int) -> DeskNow:
    """What a card says of its desk, as of then."""
    desk = card.desk
    next_ms = hours.after(now_ms, 0) if hours.understood and desk.hours is not None else None
    return DeskNow(
        name=desk.name,
        hours=desk.hours,
        contact=desk.contact,
        languages=desk.languages or (),
        lang=card.lang,
        on_duty=next_ms == now_ms if next_ms is not None else None,
        next_ms=next_ms if next_ms != now_ms else None,
    )
