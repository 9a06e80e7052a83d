"""Asking the index: what it says of a log's entries, of subjects, and of what was seen."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.log.index import Filter, Phrase, Place, Subject
from tocsin.log.sqlite.database import Database
from tocsin.log.store import Store

INDEX_BITS = 40
"""The lower ones of an entry's id, which are its index in its log."""

_FOUND_AT_ONCE = 2_048


@dataclass(slots=True)
class Log:
    """What is known of a log. `identity` is None if it is only known by name."""

    id: int
    identity: int | None
    noted: int = 0
    worded: int = 0

    @property
    def low(self) -> int:
        """The id of its first entry."""
        return self.id << INDEX_BITS

    def entry(self, index: int) -> int:
        """The id of an entry."""
        return self.low + index


class Asking:
    """The questions of an `Index`; what is noted, `SqliteIndex` knows."""

    _store: Store
    _database: Database
    _logs: dict[str, Log]
    _names: dict[int, str]

    def subjects(self, space: str, before: tuple[int, bytes] | None, limit: int) -> list[Subject]:
        """See `Index`."""
        if before is None:
            rows = self._database.rows("newest_subjects", space=space, limit=limit)
        else:
            newest_ms, key = before
            rows = self._database.rows(
                "next_subjects", space=space, newest_ms=newest_ms, key=key, limit=limit
            )
        return [Subject(*row) for row in rows]

    def unsummed(self, space: str, limit: int) -> list[bytes]:
        """See `Index`."""
        return [key for (key,) in self._database.rows("unsummed", space=space, limit=limit)]

    def sum_up(self, space: str, key: bytes, summary: bytes) -> None:
        """See `Index`."""
        self._database.write("sum_up", space=space, key=key, summary=summary)

    def context(self, space: str) -> bytes | None:
        """See `Index`."""
        return self._database.value("context", space=space)

    def forget_summaries(self, space: str, context: bytes) -> None:
        """See `Index`."""
        self._database.write("forget_summaries", space=space)
        self._database.write("put_context", space=space, context=context)

    def places(self, space: str, key: bytes) -> list[Place]:
        """See `Index`."""
        return self._places(self._database.rows("places", space=space, key=key))

    def mentioning(self, mention: bytes) -> list[Place]:
        """See `Index`."""
        return self._places(self._database.rows("mentioning", key=mention))

    def newest(self, log: str, mention: bytes, limit: int) -> list[Place]:
        """See `Index`."""
        known = self._logs.get(log)
        if known is None or known.identity != self._store.identity(log):
            return []
        between = {"low": known.low, "high": known.entry(known.noted)}
        return self._places(self._database.rows("newest", key=mention, limit=limit, **between))

    def _places(self, rows: Iterable[tuple[int, str, int, int | None]]) -> list[Place]:
        """Those of logs that have a name, and in the order of names and indexes."""
        return [
            Place(name, entry & (1 << INDEX_BITS) - 1, kind, at_ms, received_ms)
            for entry, kind, at_ms, received_ms in rows
            if (name := self._names.get(entry >> INDEX_BITS))
        ]

    def seen(self, log: str, indices: Sequence[int], of: Collection[str]) -> list[dict[str, int]]:
        """See `Index`."""
        found: list[dict[str, int]] = [{} for _ in indices]
        known = self._logs.get(log)
        logs = [self._logs[name].id for name in of if name in self._logs]
        if known and logs:
            asked = {"indices": json.dumps(list(indices)), "logs": json.dumps(logs)}
            for at, of_id, size in self._database.rows("seen", log_id=known.id, **asked):
                found[at][self._names[of_id]] = size
        return found

    def find(self, filtered: Filter, limit: int) -> tuple[list[Place], int | None]:
        """See `Index`."""
        known = self._logs.get(filtered.log)
        if known is None or known.identity != self._store.identity(filtered.log):
            return [], None
        between: dict[str, Any] = {"low": known.entry(filtered.low), "high": known.entry(filtered.high)}
        if filtered.phrases:
            words = " AND ".join(map(_quoted, filtered.phrases))
            ids = self._database.rows("with_words", words=words, limit=_FOUND_AT_ONCE, **between)
        else:
            ids = self._database.rows("within", limit=_FOUND_AT_ONCE, **between)
        space, subject = filtered.subject or (None, None)
        rows = self._database.rows(
            "chosen",
            ids=json.dumps([entry for (entry,) in ids]),
            kind=filtered.kind,
            space=space,
            subject=subject,
            since_ms=filtered.since_ms,
            until_ms=filtered.until_ms,
        )
        places = self._places(rows)
        if len(places) > limit:
            return places[:limit], places[limit - 1].index
        more = len(ids) == _FOUND_AT_ONCE
        return places, ids[-1][0] & (1 << INDEX_BITS) - 1 if more else None


def _quoted(phrase: Phrase) -> str:
    """A phrase as FTS5 writes it. No word has a quotation mark."""
    return f'"{" ".join(phrase.words)}"' + (" *" if phrase.open_ended else "")
