"""The card that a node's configuration says it should have (docs/protocol.md, section 7.3).

Published when it says anything else than the newest card in the log does: so it changes by editing the
configuration. What it says is said again only for a member that joined since, which may not have the record
in which it was said before.
"""

from collections.abc import Iterable, Iterator

from tocsin.circles.line import Line
from tocsin.core.errors import Refusal
from tocsin.core.keys import VerifyingKey
from tocsin.core.records import Card, Desk, Endpoint, Officer, parse_record
from tocsin.log.store import Store
from tocsin.node.config import Config


def new_card(config: Config, line: Line, pin: str, at_ms: int, store: Store) -> Card | None:
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
        officers=tuple(Officer(key=vkey, role=role) for of, role, vkey in _officers(config) if of == log),
    )
    index = store.card_before(log, line.own.size)
    if index is None or index < _readable_from(line):
        return card
    newest = _card(store, log, index)
    return None if newest is not None and _says(newest) == _says(card) else card


def officers_elsewhere(config: Config, lines: Iterable[Line]) -> list[str]:
    """The vkeys of officers that stand on no card, since their names are of no log of ours."""
    logs = {line.own.name for line in lines}
    return [vkey for of, _, vkey in _officers(config) if of not in logs]


def _officers(config: Config) -> Iterator[tuple[str, str, str]]:
    """Log, role and vkey of each officer."""
    for vkey in config.desk.officers:
        log, _, role = VerifyingKey.parse(vkey).name.rpartition("/")
        yield log, role, vkey


def _readable_from(line: Line) -> int:
    """From which of our entries on every member may have the records."""
    circle, own = line.circle, line.own
    cuts = (circle.entitled_from(member.slug, own.member.log) for member in circle.members)
    # Nothing that can be written now would be readable for whoever joined beyond our end.
    return max((cut for cut in cuts if cut <= own.size), default=0)


def _card(store: Store, log: str, index: int) -> Card | None:
    _, _, body = store.record(log, index)
    try:
        record = parse_record(body).record if body else None
    except Refusal:
        return None
    return record if isinstance(record, Card) else None


def _says(card: Card) -> tuple[object, ...]:
    return card.lang, card.endpoints, card.desk, card.officers
