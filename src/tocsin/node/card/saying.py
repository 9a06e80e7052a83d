"""The card that a node's configuration says it should have (docs/protocol.md, section 7.3).

Published when it says anything else than the newest card in the log does: so it changes by editing the
configuration, and when the key of an officer's browser comes or goes (`officers`). What it says is said again
only for a member that joined since, which may not have the record in which it was said before.
"""

from collections.abc import Iterable

from tocsin.circles.line import Line
from tocsin.core.errors import Refusal
from tocsin.core.keys import VerifyingKey
from tocsin.core.phone import PhoneKey
from tocsin.core.records import Card, Desk, Endpoint, Officer, parse_record
from tocsin.core.records.card import MAX_OFFICERS, PHONE
from tocsin.log.store import Store
from tocsin.node.card.officers import on_card
from tocsin.node.config import Config


def new_card(
    config: Config, line: Line, pin: str, *, phone: PhoneKey | None, at_ms: int, store: Store
) -> Card | None:
    """The card to publish in a circle; None if the newest one that every member may have says the same."""
    log, desk = line.own.name, config.desk
    card = Card(
        circle=line.circle.id,
        at_ms=at_ms,
        author="node",
        author_kind="machine",
        tlp=line.circle.charter.handling,
        lang=desk.lang,
        endpoints=(Endpoint(url=config.wire.public, tls_spki_sha256=pin),),
        desk=Desk(name=desk.name, hours=desk.hours, languages=desk.languages, contact=desk.contact),
        officers=_officers_of(log, config, store),
        more={PHONE: phone.encode()} if phone else None,
    )
    index = store.card_before(log, line.own.size)
    if index is None or index < _readable_from(line):
        return card
    newest = card_at(store, log, index)
    return None if newest is not None and _says(newest) == _says(card) else card


def newest_card(store: Store, log: str, below: int) -> Card | None:
    """The newest card below that index of a log, if there is one here."""
    index = store.card_before(log, below) if store.head(log) else None
    return None if index is None else card_at(store, log, index)


def card_at(store: Store, log: str, index: int) -> Card | None:
    """The card at that place."""
    _, _, body = store.record(log, index)
    try:
        record = parse_record(body).record if body else None
    except Refusal:
        return None
    return record if isinstance(record, Card) else None


def officers_elsewhere(config: Config, lines: Iterable[Line]) -> list[str]:
    """The vkeys of officers that stand on no card, since their names are of no log of ours."""
    logs = {line.own.name for line in lines}
    return [vkey for vkey in config.desk.officers if _log_and_role(vkey)[0] not in logs]


def configured_officers(config: Config, log: str) -> list[str]:
    """The vkeys of the officers of a log whom the configuration names."""
    return [vkey for vkey in config.desk.officers if _log_and_role(vkey)[0] == log]


def _officers_of(log: str, config: Config, store: Store) -> tuple[Officer, ...]:
    """Each once: those of the configuration, and of those made in browsers as many as there is room for."""
    configured = configured_officers(config, log)
    made = [vkey for vkey in on_card(store, log) if vkey not in configured]
    vkeys = [*configured, *made[: max(0, MAX_OFFICERS - len(configured))]]
    return tuple(Officer(key=vkey, role=_log_and_role(vkey)[1]) for vkey in vkeys)


def _log_and_role(vkey: str) -> tuple[str, str]:
    log, _, role = VerifyingKey.parse(vkey).name.rpartition("/")
    return log, role


def _readable_from(line: Line) -> int:
    """From which of our entries on every member may have the records."""
    circle, own = line.circle, line.own
    cuts = (circle.entitled_from(member.slug, own.member.log) for member in circle.members)
    # Nothing that can be written now would be readable for whoever joined beyond our end.
    return max((cut for cut in cuts if cut <= own.size), default=0)


def _says(card: Card) -> tuple[object, ...]:
    return card.lang, card.endpoints, card.desk, card.officers, card.phone
