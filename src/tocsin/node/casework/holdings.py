"""Who says that it holds how much of which log: the holder cosignatures that are known here."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping

from tocsin.circles.line import Line
from tocsin.core.records import Ref
from tocsin.core.views import Cosigned, Holdings
from tocsin.log.store import Store

_MOST_SIZES = 512

_Found = defaultdict[str, set[Cosigned]]


async def holdings_of(line: Line, store: Store, refs: Iterable[Ref], arrived: Mapping[Ref, int]) -> Holdings:
    """What is known of the logs in which these records stand.

    Of our own log: of each record, who confirmed it first within so many confirmations after it; of every
    log, the newest of each member, by receipts too.
    """
    indices: dict[str, list[int]] = defaultdict(list)
    for ref in refs:
        indices[ref.log].append(ref.index)
    found: dict[str, _Found] = {log: defaultdict(set) for log in indices}
    for log, some in indices.items():
        if store.head(log):
            await _stored(line, store, log, sorted(some), found[log])
    _receipts(line, found)
    cosigned = {
        log: {slug: tuple(sorted(sizes)) for slug, sizes in by_member.items()}
        for log, by_member in found.items()
    }
    return Holdings(me=line.own.member.slug, cosigned=cosigned, arrived=arrived)


async def _stored(line: Line, store: Store, log: str, indices: Iterable[int], found: _Found) -> None:
    members = {name: line.circle.by_key[name].slug for name in line.circle.holder_keys}
    for name, newest in store.newest_cosignatures(log).items():
        if name in members:
            found[members[name]].add(Cosigned(newest.size, newest.time_s))
    covered = 0
    for index in indices:
        # What confirmed the one before may be the first that confirms this one as well.
        if index < covered:
            continue
        first = store.first_cosignatures(log, index + 1, _MOST_SIZES)
        for name, size, time_s in first:
            if name in members:
                found[members[name]].add(Cosigned(size, time_s))
        if not first:
            return
        covered = min(size for _, size, _ in first)
        await asyncio.sleep(0)


def _receipts(line: Line, found: Mapping[str, _Found]) -> None:
    """What others confirmed to each other. What is kept of that was verified when it came."""
    for receipt in line.receipts:
        log, _ = receipt.key
        if log in found and receipt.cosignature.name in line.circle.holder_keys:
            found[log][receipt.holder].add(Cosigned(receipt.size, receipt.time_s))
