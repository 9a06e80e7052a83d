"""Large logs: five of a million records in one database. What does a start cost, what memory, what an append?

The database is made by writing chunks of the wire's own form straight into the store, with every entry,
root and checkpoint as it would be; each followed log's last checkpoint is signed by its member's key.
"""

import shutil
from pathlib import Path

from tests.node.nodes import CHANCE, Founded

from bench.circle import Process, prepare
from bench.figures import Figure, Report, middle, percentile
from tocsin.core.keys import SigningKey
from tocsin.core.tlog.checkpoint import Checkpoint, sign_checkpoint
from tocsin.core.tlog.chunk import Chunk
from tocsin.core.tlog.entry import EntryHasher
from tocsin.log.marker import Marker
from tocsin.log.sqlite import SqliteStore
from tocsin.node.folder import Folder

_RECORDS = 1_000_000
_SMALL = 1_000
_CHUNK = 1_000
_APPENDS = 1_000
_RUNS = 3


def large(report: Report, folder: Path, scale: float) -> None:
    """Five logs of a million records, compared with five of a thousand."""
    appends_ms = {}
    for records, name in ((_SMALL, "small"), (int(_RECORDS * scale), "large")):
        founded = prepare(folder / name, 5)
        _fill(founded, records)
        starts_s, memory_kib, times_ms = [], 0, []
        for _ in range(_RUNS):
            process = Process(founded.places[0].folder)
            starts_s.append(process.started_s)
            process.do("noted")
            times_ms += process.do("append", count=_APPENDS)
            memory_kib = max(memory_kib, process.do("held")["memory_kib"])
            process.end()
        appends_ms[name] = percentile(times_ms, 0.5)
        if name == "large":
            start_s, spread = middle(starts_s)
            what = f"five logs of {records:,} records"
            report.add(
                Figure("large.start", f"{what}: start", start_s, "s", 0.5, spread=spread, samples=_RUNS)
            )
            report.add(Figure("large.memory", f"{what}: memory", memory_kib / 1024, "MB", 100))
        shutil.rmtree(folder / name)
    ratio = appends_ms["large"] / appends_ms["small"]
    report.add(
        Figure(
            "large.append-ratio",
            "append to a large log, compared with a log of 1,000",
            ratio,
            "times",
            1.2,
            samples=_RUNS * _APPENDS,
        )
    )


def _fill(founded: Founded, records: int) -> None:
    """Bring all logs to that size in the first member's database."""
    folder = Folder.of(founded.places[0].config)
    keys = [Folder.of(place.config).keys(founded.id, 1).member.log for place in founded.places]
    store = SqliteStore(folder.database, CHANCE)
    store.start_wal_thread()
    for key in keys:
        _fill_log(store, key, records, own=key is keys[0])
    marker = Marker(folder.marker / "marker")
    marker.begin(store)
    marker.close()
    store.close()


def _fill_log(store: SqliteStore, key: SigningKey, records: int, *, own: bool) -> None:
    log, body = key.verifying.name, b"x" * 900
    hasher = EntryHasher(log)
    with store.transaction():
        store.create(log)
    while (edge := store.edge(log)).size < records:
        salts = CHANCE.token(32 * min(_CHUNK, records - edge.size))
        triples = [
            (hasher.entry(salt, body), salt, body)
            for salt in (salts[at : at + 32] for at in range(0, len(salts), 32))
        ]
        chunk = Chunk.make(edge.size, triples)
        extension = edge.extend(chunk.entries)
        root = extension.edge.frontier.root()
        with store.transaction():
            store.extend(log, edge.size, extension, chunk)
            store.put_checkpoint(log, sign_checkpoint(Checkpoint(log, chunk.end, root), key))
            if not own:
                # As a node does: of a followed log the newest is kept.
                store.drop_checkpoints_below(log, chunk.end)
