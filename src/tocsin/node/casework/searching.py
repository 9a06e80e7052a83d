"""Searching the records of a circle: what the index finds in each of its logs, read, the newest first.

Within a log, that is the last; between logs, times are compared, as their authors wrote them.
"""

import asyncio
from base64 import b64decode
from collections.abc import Sequence

from tocsin.cases.search import Query, asked_phrases
from tocsin.core.records import Record
from tocsin.core.views import Said
from tocsin.log.index import Filter, Phrase, Place
from tocsin.node.casework.indexing import Indexing
from tocsin.node.casework.sayings import Sayings
from tocsin.node.casework.types import Hits

_MOST_STEPS = 256
_READ_AT_ONCE = 32


async def search(
    query: Query, logs: Sequence[str], circle: str, sayings: Sayings, indexing: Indexing, *, rebuilding: bool
) -> Hits:
    """What is found in these logs of a circle. Raises NothingAsked, Rebuilding."""
    phrases = [Phrase(phrase.words, phrase.open_ended) for phrase in asked_phrases(query.words)]
    found: list[Place] = []
    steps, more = 0, False
    for log in logs:
        high: int | None = sayings.end(log)
        first = len(found)
        while high and len(found) - first <= query.limit and steps < _MOST_STEPS:
            wanted = Filter(
                log,
                0,
                high,
                phrases,
                kind=query.kind,
                subject=(circle, b64decode(query.case.entry)) if query.case else None,
                since_ms=query.since_ms,
                until_ms=query.until_ms,
            )
            with indexing.asked() as index:
                places, high = index.find(wanted, query.limit + 1)
            found += places
            steps += 1
            await asyncio.sleep(0)
        more = more or bool(high)
    found.sort(key=lambda place: -place.at_ms)
    hits = await _read(found, query.limit + 1, sayings)
    return Hits(hits=tuple(hits[: query.limit]), more=more or len(hits) > query.limit, rebuilding=rebuilding)


async def _read(found: Sequence[Place], limit: int, sayings: Sayings) -> list[Said[Record]]:
    hits: list[Said[Record]] = []
    for number, place in enumerate(found):
        if len(hits) == limit:
            break
        if said := sayings.at(place.log, place.index):
            hits.append(said)
        if number % _READ_AT_ONCE == _READ_AT_ONCE - 1:
            await asyncio.sleep(0)
    return hits
