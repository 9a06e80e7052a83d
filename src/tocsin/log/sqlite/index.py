"""The index of a store's records, in a SQLite file of its own beside the database.

What each method promises, the protocol `log.index.Index` says; the schema stands in `index_schema.sql`, the
statements in `index.sql`. Why it is a file of its own:
docs/decisions/0027-an-index-of-records-in-a-file-of-its-own.md.

- Nothing is synced: a crash leaves what was committed, a power loss something earlier, each of it whole.
- A file that another version wrote, that is of another database or that is damaged is thrown away; so is one
  that knows more changes than the database, which lost some. A log of which more is noted than the database
  has is noted anew.
- Words stand in FTS5. What it deletes stays in its segments until they are merged: that is done step by step,
  and nothing erased is said to be gone before.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from sqlite3 import Connection

from tocsin.log.index import IndexDamaged, Noted, Reached, Seen, Words
from tocsin.log.sqlite.asking import INDEX_BITS, Asking, Log
from tocsin.log.sqlite.database import Database
from tocsin.log.sqlite.wal import WalThread
from tocsin.log.store import StorageFull, Store

_FORM = 2
_ENDINGS = ("", "-wal", "-shm")
_PART = 256
_CHANGES = 256
_MERGED_PAGES = 16
_LEAST_CHANGES_OF_A_MERGE = 2
_MOST_SUBJECTS = 50_000
# About what one takes in the write-ahead log.
_ENTRY_BYTES, _WORD_BYTES = 200, 60


@dataclass(slots=True)
class _Subject:
    """One of which nothing is summed up, as far as it is remembered."""

    id: int
    newest_ms: int


_UNKNOWN = _Subject(0, -1)


class SqliteIndex(Asking):
    """The `Index` of `store` at `path`, made if there is none that fits; `version` is that of what notes."""

    def __init__(self, path: Path, store: Store, version: str) -> None:
        self._path = path
        self._store = store
        self._version = f"{_FORM} {version}"
        self._wal: WalThread | None = None
        self._in_thread = False
        try:
            self._open()
        except IndexDamaged:
            self._begin_anew()

    def _open(self) -> None:
        """Raises IndexDamaged for what does not fit."""
        self._database = Database(self._path, queries="index.sql", migrate=_migrate, failed=IndexDamaged)
        self._written_bytes = 0
        self._within = self._spoilt = False
        self._worded_since_merge = 0
        self._deletions = 1
        self._merging = False
        try:
            self._check_made()
            self._read_logs()
            self._check_logs()
        except BaseException:
            self._database.close()
            raise
        self._looked_at = self._change

    def _check_made(self) -> None:
        of, newest = (self._version, self._store.database_id), self._store.newest_change()
        made = self._database.row("made")
        if made is None:
            made = (*of, newest, 0)
            with self._database.transaction(synced=False):
                self._database.write("insert_made", version=of[0], database_id=of[1], change=newest)
                self._database.write("merge_by_hand")
                self._database.write("flush_little_at_once")
        if made[:2] != of or made[2] > newest:
            raise IndexDamaged("Expected the index of this database and version, found another.")
        self._change: int = made[2]
        self._unmerged: int = made[3]

    def _read_logs(self) -> None:
        self._logs: dict[str, Log] = {}
        self._names: dict[int, str] = {}
        self._by_identity: dict[int, Log] = {}
        self._aside: list[Log] = []
        self._unsummed: dict[tuple[str, bytes], _Subject] = {}
        self._resting: dict[int, int] = {}
        for log_id, name, identity, noted, worded in self._database.rows("logs"):
            log = Log(log_id, identity, noted, worded)
            if identity is not None:
                self._by_identity[identity] = log
            if name is None:
                self._aside.append(log)
            else:
                self._logs[name], self._names[log_id] = log, name

    def _check_logs(self) -> None:
        """Set aside what was noted of logs that the store does not have, or not so far."""
        with self.transaction():
            for name, log in list(self._logs.items()):
                head = self._store.head(name)
                if log.identity is not None and (
                    head is None or self._store.identity(name) != log.identity or log.noted > head.size
                ):
                    self._put_aside(name)

    def _begin_anew(self) -> None:
        for ending in _ENDINGS:
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
        self._open()
        if self._in_thread:
            self._start_wal_thread()

    def begin_anew(self) -> None:
        """See `Index`."""
        self._stop_wal_thread()
        self._database.close()
        self._begin_anew()

    def start_wal_thread(self) -> None:
        """From now on, keep the write-ahead log short, on a thread of its own that `close` ends."""
        self._in_thread = True
        self._start_wal_thread()

    def _start_wal_thread(self) -> None:
        self._wal = self._wal or WalThread(self._path, self._database.writing, self._database.fail)

    def _stop_wal_thread(self) -> None:
        if self._wal:
            self._wal.stop()
            self._wal = None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """See `Index`."""
        if self._within:
            try:
                yield
            except BaseException:
                self._spoilt = True
                raise
            return
        self._written_bytes, self._within, self._spoilt = _ENTRY_BYTES, True, False
        try:
            with self._database.transaction(synced=False):
                yield
                self._renew_resting()
                self._check_parts()
        except IndexDamaged:
            raise
        except BaseException:
            # So that it says what the file does.
            _, _, self._change, self._unmerged = self._database.row("made") or ("", "", 0, 0)
            self._looked_at = self._change
            self._read_logs()
            raise
        finally:
            self._within = False
        if self._wal:
            self._wal.committed(self._written_bytes)

    def _check_parts(self) -> None:
        if self._spoilt:
            raise StorageFull("Expected every part of a transaction to succeed, found one that did not.")

    def close(self) -> None:
        """See `Index`."""
        self._stop_wal_thread()
        self._database.close()

    # Making it

    def reached(self, log: str) -> Reached:
        """See `Index`."""
        known = self._logs.get(log)
        if known is None or known.identity != self._store.identity(log):
            return Reached(0, 0)
        return Reached(known.noted, known.worded)

    def _log(self, name: str) -> Log:
        """The log of the store that has this name now."""
        identity = self._store.identity(name)
        known = self._logs.get(name)
        if known and known.identity not in (None, identity):
            self._put_aside(name)
            known = None
        if known is None:
            known = self._name(name)
        if known.identity is None:
            self._database.write("identify", log_id=known.id, identity=identity)
            known.identity = identity
            self._by_identity[identity] = known
        return known

    def _name(self, name: str) -> Log:
        """A log by its name alone."""
        if name not in self._logs:
            self._database.write("insert_log", name=name)
            log_id = int(self._database.value("log_id", name=name) or 0)
            self._logs[name], self._names[log_id] = Log(log_id, None), name
        return self._logs[name]

    def _put_aside(self, name: str) -> None:
        """What was noted of a log is to go; of that name nothing is noted any more."""
        log = self._logs.pop(name)
        self._database.write("set_aside", log_id=log.id)
        del self._names[log.id]
        self._aside.append(log)

    def note(
        self,
        log: str,
        space: str,
        end: int,
        *,
        noted: Sequence[Noted],
        seen: Sequence[Seen],
        received_ms: int | None = None,
    ) -> None:
        """See `Index`."""
        known = self._log(log)
        self._insert(known, space, noted, seen, received_ms)
        known.noted = end
        self._database.write("set_noted", log_id=known.id, noted=end)

    def _insert(
        self, log: Log, space: str, noted: Sequence[Noted], seen: Sequence[Seen], received_ms: int | None
    ) -> None:
        ids = self._put_subjects(space, noted)
        rows = [
            {
                "id": log.entry(one.index),
                "subject_id": None if one.subject is None else ids[one.subject],
                "kind": one.kind,
                "at_ms": one.at_ms,
                "received_ms": received_ms,
                "rests_on_seen": one.rests_on_seen,
            }
            for one in noted
        ]
        self._database.write_all("insert_entry", rows)
        mentions = [{"key": key, "id": log.entry(one.index)} for one in noted for key in one.mentions]
        if mentions:
            self._database.write_all("insert_mention", mentions)
        if seen:
            self._insert_seen(log, seen)
        self._written_bytes += _ENTRY_BYTES * (len(rows) + len(mentions) + len(seen))

    def _put_subjects(self, space: str, noted: Sequence[Noted]) -> dict[bytes, int]:
        """The ids of their subjects, of which nothing is summed up any more."""
        newest: dict[bytes, int] = {}
        for one in noted:
            if one.subject is not None:
                newest[one.subject] = max(one.at_ms, newest.get(one.subject, 0))
        rows = [
            {"space": space, "key": key, "newest_ms": at_ms}
            for key, at_ms in newest.items()
            if self._unsummed.get((space, key), _UNKNOWN).newest_ms < at_ms
        ]
        self._database.write_all("put_subject", rows)
        if len(self._unsummed) + len(rows) > _MOST_SUBJECTS:
            self._unsummed.clear()
        ids = {}
        for key, at_ms in newest.items():
            known = self._unsummed.get((space, key))
            if known is None:
                known = _Subject(*self._database.row("subject", space=space, key=key) or (0, 0))
                self._unsummed[space, key] = known
            known.newest_ms = max(known.newest_ms, at_ms)
            ids[key] = known.id
        return ids

    def sum_up(self, space: str, key: bytes, summary: bytes) -> None:
        """See `Index`."""
        self._unsummed.pop((space, key), None)
        super().sum_up(space, key, summary)

    def _insert_seen(self, log: Log, seen: Sequence[Seen]) -> None:
        for name in {name for one in seen for name in one.sizes if name not in self._logs}:
            self._name(name)
        rows = [
            {"log_id": log.id, "of": of, "entry_index": one.index, "size": size}
            for one in seen
            for of, size in one.sizes.items()
        ]
        self._database.write_all("insert_seen", rows)

    def note_words(self, log: str, end: int, words: Iterable[tuple[int, Words]]) -> None:
        """See `Index`."""
        known = self._log(log)
        self._insert_words(known, words)
        known.worded = end
        self._database.write("set_worded", log_id=known.id, worded=end)

    def _insert_words(self, log: Log, words: Iterable[tuple[int, Words]]) -> None:
        rows = [{"id": log.entry(index), "words": " ".join(some)} for index, some in words if some]
        if rows:
            self._database.write_all("insert_words", rows)
            self._worded_since_merge += len(rows)
            if self._worded_since_merge >= _PART:
                # Or there would be ever more segments, and one day all of them to merge at one moment.
                self._database.write("merge", pages=_MERGED_PAGES)
                self._worded_since_merge = 0
            self._written_bytes += _WORD_BYTES * sum(len(str(row["words"])) for row in rows) // 4

    def note_again(
        self, log: str, space: str, index: int, *, noted: Noted | None, seen: Seen | None, words: Words
    ) -> None:
        """See `Index`."""
        if self.reached(log).noted <= index:
            return
        known = self._log(log)
        received_ms = self._database.value("received", id=known.entry(index))
        self._forget(known, index)
        self._insert(known, space, [noted] if noted else [], [seen] if seen else [], received_ms)
        if seen:
            self._seen_otherwise(known, index)
        if index < known.worded:
            self._insert_words(known, [(index, words)])

    def _forget(self, log: Log, index: int) -> None:
        """Nothing is noted of that entry any more, and its words go with the next merge."""
        entry = log.entry(index)
        for _, subject_id in self._database.rows("entries_between", low=entry, high=entry + 1, limit=1):
            self._delete_entry(entry, subject_id)
        if self._database.write("delete_seen", log_id=log.id, entry_index=index):
            self._seen_otherwise(log, index)
        self._delete_words(entry)
        self._deletions += 1

    def _seen_otherwise(self, log: Log, index: int) -> None:
        """Who wrote the log had seen something else from there on."""
        self._resting[log.low] = min(log.entry(index), self._resting.get(log.low, log.entry(index)))

    def _renew_resting(self) -> None:
        """Once a transaction: very much may rest on it."""
        for first, low in self._resting.items():
            self._database.write("renew_resting", low=low, high=first + (1 << INDEX_BITS))
        self._resting.clear()

    def _delete_entry(self, entry: int, subject_id: int | None) -> None:
        self._database.write("delete_mentions", id=entry)
        self._database.write("delete_entry", id=entry)
        if subject_id is not None:
            self._database.write("renew_subject", subject_id=subject_id)
            self._database.write("delete_empty_subject", subject_id=subject_id)
            self._unsummed.clear()

    def _delete_words(self, entry: int) -> None:
        if self._database.write("delete_words", id=entry):
            self._database.write("set_unmerged", unmerged=1)
            self._unmerged, self._merging = 1, False

    @property
    def change(self) -> int:
        """See `Index`."""
        return self._change

    def changed(self, change: int) -> None:
        """See `Index`."""
        while self._looked_at < change:
            self._forget_erased()
        self._database.write("set_change", change=change)
        self._change = change

    def tidy(self) -> bool:
        """See `Index`."""
        if self._aside:
            with self.transaction():
                self._tidy_aside(self._aside[0])
        elif self._unmerged:
            with self.transaction():
                self._merge()
        return bool(self._aside or self._unmerged)

    def _tidy_aside(self, log: Log) -> None:
        between = {"low": log.low, "high": log.low + (1 << INDEX_BITS), "limit": _PART}
        entries = self._database.rows("entries_between", **between)
        for entry, subject_id in entries:
            self._delete_entry(entry, subject_id)
        worded = self._database.rows("worded_between", **between)
        for (entry,) in worded:
            self._delete_words(entry)
        seen = self._database.write("delete_seen_by", log_id=log.id, limit=_PART)
        self._written_bytes += _ENTRY_BYTES * (len(entries) + len(worded) + seen)
        if not (entries or worded or seen):
            self._database.write("forget_log", log_id=log.id)
            self._aside.remove(log)
            self._by_identity.pop(log.identity or 0, None)

    def _merge(self) -> None:
        """One step of bringing all words into one segment, in which nothing is that was deleted before."""
        query = "merge" if self._merging else "begin_merge"
        before = self._total_changes()
        self._database.write(query, pages=_MERGED_PAGES)
        done = self._merging and self._total_changes() - before < _LEAST_CHANGES_OF_A_MERGE
        self._merging = not done
        self._written_bytes += _MERGED_PAGES * 4_096
        if done:
            self._database.write("set_unmerged", unmerged=0)
            self._unmerged = 0
            self._deletions += 1

    def _total_changes(self) -> int:
        return int(self._database.value("total_changes") or 0)

    def scrubbed(self) -> bool:
        """See `Index`."""
        if self._looked_at < self._store.newest_change():
            with self.transaction():
                self._forget_erased()
            return False
        if self._unmerged:
            self.tidy()
            return False
        return self._wal.scrubbed(self._deletions) if self._wal else self._database.scrub()

    def _forget_erased(self) -> None:
        """What has gone is forgotten at once; what came is for the upper layer to note again."""
        changes = self._store.changes(self._looked_at, _CHANGES)
        for change in changes:
            known = self._by_identity.get(self._store.identity(change.log))
            if known and self._store.record(change.log, change.index)[2] is None:
                self._forget(known, change.index)
        self._looked_at = changes[-1].number


def _migrate(connection: Connection, _: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if not version:
        schema = (files(__package__) / "index_schema.sql").read_text()
        connection.executescript(f"BEGIN IMMEDIATE; {schema} PRAGMA user_version = {_FORM}; COMMIT;")
