"""What records of a log a disk has to have, exactly: what it lacks has a reason that stands on it.

- Where a record is, it is the one that its entry was made of.
- It may be missing only where an order to erase it stands on the same disk, in
  a log of the same member; or where the member whose disk it is joined later. From before that it has none.
- No record goes that a hold of the disk's own member keeps at that time.
"""

from collections.abc import Collection, Iterator

from tests.simulation.memory_store import MemoryStore

from tocsin.core.keys import encode_base64
from tocsin.core.names import LogName
from tocsin.core.records import Erasure, Hold, Place, Release, parse_record
from tocsin.core.tlog.entry import EntryHasher


def originals(store: MemoryStore, log: str, size: int) -> tuple[bytes, dict[int, bytes], list[int]]:
    """The first entries of a log, the records that are here of them, and the indexes of the others.

    Raises ValueError for a record that is not its entry's, and where there are fewer.
    """
    hasher, bodies, absent = EntryHasher(log), dict[int, bytes](), list[int]()
    for index, entry, salt, body in _entries(store, log, size):
        if body is None:
            absent.append(index)
        elif hasher.entry(salt, body) == entry:
            bodies[index] = body
        else:
            raise ValueError(f"Record {index} of {log} is not that of its entry.")
    if len(bodies) + len(absent) != size:
        raise ValueError(f"Of {log}, there are {len(bodies) + len(absent)} of {size} entries.")
    return store.entries(log, 0, size), bodies, absent


def why_wrong(
    store: MemoryStore, slug: str, log: str, low: int, found: tuple[Collection[int], Collection[int]]
) -> str:
    """Why a disk must have others; nothing if it is right. Its member may have the records from `low` on."""
    present, absent = found
    if early := [index for index in present if index < low]:
        return f"{slug} has records {early} of {log}, from before it joined."
    lacks = {index for index in absent if index >= low}
    if not lacks:
        return ""
    unordered = lacks - _ordered(store, log)
    return (
        f"{slug} lacks {sorted(unordered)} of {log}, and has heard no order to erase them."
        if unordered
        else ""
    )


def held_by(store: MemoryStore, slug: str) -> set[Place]:
    """What the holds of the member whose disk this is keep, by what stands on it now."""
    holds: dict[Place, Hold] = {}
    ours = [
        name for log in store.logs() if "/aside/" not in log and (name := LogName.parse(log)).member == slug
    ]
    for log in map(str, sorted(ours, key=lambda name: name.epoch)):
        for index, record in _about_erasure(store, log):
            if isinstance(record, Hold):
                holds[Place(log=log, index=index)] = record
            elif isinstance(record, Release):
                holds.pop(record.hold, None)
    return {target for hold in holds.values() for target in hold.targets}


def _ordered(store: MemoryStore, log: str) -> set[int]:
    """What the log's own member ordered to be erased of it, as far as that stands on this disk.

    Also in what was set aside or turned out void: what was purged before that was known stays purged.
    """
    name, found = LogName.parse(log), set[int]()
    for by in store.logs():
        other = LogName.parse(by.partition("/aside/")[0])
        if other.member == name.member and other.epoch >= name.epoch:
            for index, record in _about_erasure(store, by):
                if isinstance(record, Erasure) and record.log == log:
                    found.update(
                        target.index
                        for target in record.targets
                        if (target.index < index or other.epoch > name.epoch)
                        and target.entry == encode_base64(store.entries(log, target.index, target.index + 1))
                    )
    return found


def _about_erasure(store: MemoryStore, log: str) -> Iterator[tuple[int, object]]:
    head = store.head(log)
    for index, _, _, body in _entries(store, log, head.size if head else 0):
        if body and (b'"kind":"erasure"' in body or b'"kind":"hold"' in body or b'"kind":"release"' in body):
            yield index, parse_record(body).record


def _entries(store: MemoryStore, log: str, size: int) -> Iterator[tuple[int, bytes, bytes, bytes | None]]:
    head = store.head(log)
    first, end = 0, min(size, head.size) if head else 0
    while first < end:
        chunk = store.chunk(log, first, end - first, 2**30)
        yield from chunk.items()
        first = chunk.end
