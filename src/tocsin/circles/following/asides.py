"""Setting aside another version of a log than the true one (docs/protocol.md, section 16.4).

An ended log has one end, which its organisation signed; and of two openings of an epoch, at most one counts.
Where something else was held here, all of it is kept under a name of its own, as evidence, and the log starts
anew: an ended one from what both have in common, one of another opening from nothing. The rest comes from
those who hold the true one. This node's holder never confirms that log again: it may have confirmed the other
one.
"""

from collections.abc import Collection, Iterable, Iterator

from tocsin.circles.changing.events import event_id
from tocsin.circles.environment import Environment
from tocsin.circles.events import SetAside
from tocsin.circles.evidence.forks import Fork
from tocsin.circles.founding.circle import Member
from tocsin.circles.founding.opening import read_opening
from tocsin.core.keys import VerifyingKey
from tocsin.core.note import parse_note
from tocsin.core.tlog.checkpoint import MAX_CHECKPOINT_BYTES
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES
from tocsin.log.store import ASIDE, Store

_COPIED_BYTES = 2**22


def with_asides(store: Store) -> frozenset[str]:
    """The logs of which another version was held here, be it one entry of it."""
    asides = [name for name in store.logs() if ASIDE in name]
    return frozenset(name.partition(ASIDE)[0] for name in asides if store.edge(name).size)


def asides_of(log: str, store: Store) -> list[str]:
    """What the versions are called that were set aside of a log."""
    return [name for name in store.logs() if name.startswith(log + ASIDE)]


def of_other_openings(counting: Iterable[Member], store: Store, openings: Collection[str]) -> list[str]:
    """Of logs whose opening counts, those of which something is held under another one.

    `openings` are the ids of those that are known, in hex; ids of other events do no harm.
    """
    return [str(member.log) for member in counting if _is_of_another(member, store, openings)]


def begin_anew(log: str, store: Store) -> SetAside:
    """Keep all of a log under another name, and begin it anew. Within a transaction."""
    aside = _aside(log, store)
    store.rename(log, aside)
    store.create(log)
    return SetAside(log, aside, 0)


async def set_aside(log: str, keep: int, environment: Environment, *, entitled_from: int) -> None:
    """Keep the first `keep` entries of a log, and all of it under another name. Raises StorageFull.

    Of those before `entitled_from`, no records are missing. Nothing else may be done with the log meanwhile.
    """
    store = environment.store
    environment.on_event(await environment.committer.submit(lambda: _move(store, log, keep, entitled_from)))


def _aside(log: str, store: Store) -> str:
    return f"{log}{ASIDE}{1 + len(asides_of(log, store))}"


def _move(store: Store, log: str, keep: int, entitled_from: int) -> SetAside:
    aside = begin_anew(log, store).aside
    size = 0
    while size < keep:
        chunk = store.chunk(aside, size, min(keep - size, MAX_CHUNK_ENTRIES), _COPIED_BYTES)
        store.extend(log, size, store.edge(log).extend(chunk.entries), chunk)
        size = chunk.end
    erased = store.erased(aside, 0, keep)
    held = {index: apart for index in erased if (apart := store.set_apart(aside, index))}
    for index, (salt, body) in held.items():
        store.fill(log, index, salt, body)
    _erase(store, log, erased, held)
    store.pass_over(log, entitled_from)
    # What both have in common has its records in one place, so that erasing one there erases it.
    _erase(store, aside, range(keep), ())
    card = store.card_before(aside, keep)
    if card is not None:
        store.put_card(log, card)
    return SetAside(log, aside, keep)


def _erase(store: Store, log: str, indices: Iterable[int], keeping: Collection[int]) -> None:
    todo = set(indices)
    while todo:
        todo -= store.erase(log, todo, keeping=keeping)


def _is_of_another(member: Member, store: Store, openings: Collection[str]) -> bool:
    """Whether what is held begins with an opening that names another key, or has checkpoints by one."""
    head = store.head(str(member.log))
    if head is None:
        return False
    first = store.record(head.name, 0)[2] if head.size else None
    if first is not None and first != member.opening and event_id(first).hex() in openings:
        return read_opening(first).log_key != member.log_key
    return any(_is_by_another(note, member.log_key) for note in _signed(head.name, head.size, store))


def _signed(log: str, size: int, store: Store) -> Iterator[bytes]:
    """What is known that the log's key signed; of what is held, the newest stands for all."""
    if held := store.newest_checkpoint(log):
        yield held
    yield from store.checkpoints_above(log, size)
    if evidence := store.evidence(log):
        fork = Fork.parse_unverified(evidence)
        yield from (fork.first.note.encode(), fork.second.note.encode())


def _is_by_another(note: bytes, key: VerifyingKey) -> bool:
    """Whether a log's checkpoint, which was verified, is signed in that log's name, and not by this key."""
    signatures = parse_note(note, max_bytes=MAX_CHECKPOINT_BYTES).signatures
    ids = {signature.key_id for signature in signatures if signature.name == key.name}
    return bool(ids) and key.key_id not in ids
