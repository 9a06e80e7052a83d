"""Setting aside another version of an ended log than the true one (docs/protocol.md, section 16).

A log has one end, which its organisation signed. Where something else was held here, all of it is kept
under a name of its own, as evidence, and the log starts anew from what both have in common; the rest comes
from those who hold the true one. This node's holder never confirms that log again: it may have confirmed the
other one.
"""

from tocsin.circles.environment import Environment
from tocsin.circles.events import SetAside
from tocsin.circles.exchanging.kept import Kept
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES
from tocsin.log.store import Store

ASIDE = "/aside/"
"""Between the name of a log and the number of what was set aside of it."""

_COPIED_BYTES = 2**22


async def set_aside(log: str, keep: int, environment: Environment, kept: Kept) -> None:
    """Keep the first `keep` entries of a log, and all of it under another name. Raises StorageFull.

    Nothing else may be done with the log meanwhile.
    """
    store = environment.store
    number = 1 + sum(name.startswith(log + ASIDE) for name in store.logs())
    aside = f"{log}{ASIDE}{number}"
    await kept.aside.put({log: aside.encode()})
    await environment.committer.submit(lambda: _move(store, log, aside, keep))
    environment.on_event(SetAside(log, aside, keep))


def _move(store: Store, log: str, aside: str, keep: int) -> None:
    store.rename(log, aside)
    store.create(log)
    size = 0
    while size < keep:
        chunk = store.chunk(aside, size, min(keep - size, MAX_CHUNK_ENTRIES), _COPIED_BYTES)
        store.extend(log, size, store.edge(log).extend(chunk.entries), chunk)
        size = chunk.end
    # What both have in common has its records in one place, so that erasing one there erases it.
    store.erase(log, store.erased(aside, 0, keep))
    store.erase(aside, range(keep))
    card = store.card_before(aside, keep)
    if card is not None:
        store.put_card(log, card)
