"""What may be erased: asked before our own order is written, and when anybody's is carried out.

Never a card, an order or an answer: without them nobody could tell who signed, or why something is gone. (Of
entry 0, the opening, no erasure can speak.) Where such a record is named all the same, it stays.
"""

from tocsin.circles.erasing.view import About
from tocsin.circles.errors import NoSuchHold
from tocsin.circles.reading import check_targets
from tocsin.core.errors import Refusal
from tocsin.core.keys import decode_base64
from tocsin.core.names import LogName
from tocsin.core.records import Card, Erasure, Hold, Place, Release, Target, parse_record
from tocsin.core.records.errors import ErasureTarget
from tocsin.log.store import Store


def check_order(order: About, log: str, store: Store) -> None:
    """That our own node may write it next in `log`: what it names is there, and may be named.

    Raises ErasureTarget for an erasure, NoSuchHold for a release.
    """
    if isinstance(order, Erasure):
        head = store.head(log)
        check_targets(order, LogName.parse(log), head.size if head else 0)
        for target in order.targets:
            index = target.index
            if not stands(target, order.log, store):
                raise ErasureTarget(f"Expected the entry that stands at {index}, found another, or none.")
            if not may_go(order.log, index, store):
                raise ErasureTarget(f"Expected what may be erased, found a card or an order at {index}.")
    if isinstance(order, Release) and not _is_own_hold(order.hold, log, store):
        found = order.hold
        raise NoSuchHold(f"Expected a hold of our own, found none as no. {found.index} of {found.log}.")


def stands(target: Target, log: str, store: Store) -> bool:
    """Whether that very entry stands there."""
    head = store.head(log)
    if head is None or target.index >= head.size:
        return False
    entry, _, _ = store.record(log, target.index)
    return entry == decode_base64(target.entry, ErasureTarget)


def may_go(log: str, index: int, store: Store) -> bool:
    """Whether the record there may be purged, as far as it is here."""
    _, _, body = store.record(log, index)
    try:
        return body is None or not isinstance(parse_record(body).record, Card | About)
    except Refusal:
        return True


def _is_own_hold(place: Place, log: str, store: Store) -> bool:
    if LogName.parse(place.log).member != LogName.parse(log).member:
        return False
    head = store.head(place.log)
    if head is None or place.index >= head.size:
        return False
    _, _, body = store.record(place.log, place.index)
    try:
        return body is not None and isinstance(parse_record(body).record, Hold)
    except Refusal:
        return False
