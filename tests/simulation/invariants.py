"""What must always hold (the design's list, 1 to 4, 8 and 9), watched from outside while the nodes run.

The truth is kept apart from the nodes: what each was told is durable, and what each said with its signature.

- Acknowledged: once a write has returned, its records are in that node's store after every crash.
- Accepted: entries that a node has once committed never change; what it cosigned never gets less.
- Honest: when a holder cosignature or a *received ahead* is signed, the disk has all that it says, synced.
- Monotonic: a holder never signs a smaller size of a log than before, nor another root of the same size.
- Convergence: once all is mended, all hold the same logs, and read the same picture, byte for byte.
- Contexts name sizes and roots that the logs really had.
- Only the rogue's log is ever stopped, and the evidence verifies.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache

from tests.simulation.memory_store import MemoryStore

from tocsin.circles.authoring.own import Written
from tocsin.circles.events import Arrived
from tocsin.circles.evidence.forks import verify_fork
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.line import Line
from tocsin.circles.reading import Readable, Reader, Reading
from tocsin.core import keys
from tocsin.core.keys import SigningKey, ed25519_verify, encode_base64
from tocsin.core.records import Context
from tocsin.core.tlog.entry import ENTRY_BYTES, EntryHasher
from tocsin.core.tlog.tree import Frontier, leaf_hash
from tocsin.log.store import Head

_COSIGNED = b"cosignature/v1\n"
_RECEIVED_AHEAD = b"tocsin/received-ahead/v1\n"


class Violation(AssertionError):
    """Something that must always hold did not."""


_sign = SigningKey.sign


@contextmanager
def watched(on_signed: Callable[[SigningKey, bytes], None], *, memoised: bool) -> Iterator[None]:
    """Within, `on_signed` sees each message before it is signed; `memoised` verifies each signature once.

    What was not signed by the key, byte for byte, is verified by the real function in any case.
    """
    known: dict[tuple[bytes, bytes, bytes], bool] = {}

    def sign(key: SigningKey, message: bytes) -> bytes:
        on_signed(key, message)
        signature = _sign(key, message)
        known[key.verifying.public, message, signature] = True
        return signature

    def verify(public: bytes, message: bytes, signature: bytes) -> bool:
        asked = public, message, signature
        valid = known.get(asked)
        if valid is None:
            valid = known[asked] = ed25519_verify(*asked)
        return valid

    SigningKey.sign = sign  # type: ignore[method-assign, assignment]
    if memoised:
        keys.ed25519_verify = verify
    try:
        yield
    finally:
        SigningKey.sign = _sign  # type: ignore[method-assign]
        keys.ed25519_verify = ed25519_verify


class Truth:
    """What was promised in one world.

    `honest` are the members whose nodes keep the rules, `stores` their disks.
    """

    def __init__(self, circle: Circle, honest: Sequence[str]) -> None:
        self._circle = circle
        self._honest = tuple(honest)
        self._logs = {slug: str(circle.by_slug[slug].log) for slug in honest}
        self._hashers = {str(member.log): EntryHasher(member.log) for member in circle.members}
        self._acknowledged: dict[str, list[tuple[Written, bytes]]] = {slug: [] for slug in honest}
        self._accepted: dict[tuple[str, str], bytearray] = {}
        self._cosigned: dict[tuple[str, str], Frontier] = {}
        self._received_ahead: dict[tuple[str, str, int], str] = {}
        self._readings: dict[tuple[str, str, int], Reading] = {}
        self._restored: set[str] = set()
        self.stores: dict[str, MemoryStore] = {}

    def acknowledged(self, slug: str, written: Written, record: bytes) -> None:
        """A write returned: this record is durable at this node."""
        self._acknowledged[slug].append((written, record))
        self._check_written(slug, written, record)

    def cosigned_size(self, slug: str, log: str) -> int:
        """The largest size of a log that this member has cosigned as a holder."""
        return self._cosigned.get((slug, log), Frontier.EMPTY).size

    def received_ahead(self, slug: str, log: str) -> list[int]:
        """Indexes of the records of a log that this member has signed to have received ahead."""
        return [index for by, of, index in self._received_ahead if (by, of) == (slug, log)]

    def signing(self, key: SigningKey, message: bytes) -> None:
        """A key is about to sign: check what an honest member says with it."""
        if message.startswith(_COSIGNED) and key.verifying.name in self._circle.holder_keys:
            slug = self._circle.by_key[key.verifying.name].slug
            _, _, log, size, root = message.decode().splitlines()
            if slug in self.stores:
                self._check_cosigned(slug, log, int(size), root)
        elif message.startswith(_RECEIVED_AHEAD):
            slug = self._circle.by_key[key.verifying.name].slug
            _, log, index, entry, _ = message.decode().splitlines()
            if slug in self.stores:
                self._received_ahead[slug, log, int(index)] = entry
                self._check_received_ahead(slug, log, int(index))

    def arrived(self, slug: str, event: Arrived) -> None:
        """A node has read records."""
        if not event.ahead:
            for reading in event.readings:
                self._readings[slug, event.log, reading.index] = reading

    def forget(self, slug: str) -> None:
        """A node is restored from a copy: what it promised since is not there, and nobody says that it is."""
        self._restored.add(slug)
        self._acknowledged[slug] = []
        self._cosigned = {key: kept for key, kept in self._cosigned.items() if key[0] != slug}
        self._received_ahead = {key: kept for key, kept in self._received_ahead.items() if key[0] != slug}
        self._accepted = {key: kept for key, kept in self._accepted.items() if key[0] != slug}

    def committed(self, slug: str, heads: Sequence[Head]) -> None:
        """A node has committed entries of logs that end there now, and has told nobody yet."""
        for head in heads:
            self._accept(slug, head.name, head.size)

    def restarted(self, slug: str, store: MemoryStore) -> None:
        """A node starts with what its disk kept: all that it ever promised must be there."""
        self.stores[slug] = store
        for written, record in self._acknowledged[slug]:
            self._check_written(slug, written, record)
        for (by, log), accepted in self._accepted.items():
            if by == slug:
                self._check_kept(slug, log, bytes(accepted))
        for by, log, index in self._received_ahead:
            if by == slug:
                self._check_received_ahead(slug, log, index)

    def lacking(self, lines: Mapping[str, Line]) -> str:
        """What still keeps the nodes from holding all that the honest wrote; nothing if they do.

        Raises Violation when one has given up writing that never lost anything.
        """
        for slug, line in lines.items():
            size = line.own.size
            if line.own.halted and slug not in self._restored:
                raise Violation(f"{slug} writes no more, and never lost anything: {line.own.halted}")
            if not size:
                return f"{slug} has not begun"
            for other, theirs in lines.items():
                held = theirs.following.log(self._logs[slug])
                if held is not None and (held.size != size or held.incomplete):
                    return f"{other} holds {held.size} of {slug}'s {size} entries, or not all their records"
                if other != slug and ((seen := line.own.held.get(other)) is None or seen.size != size):
                    return f"{slug} has no confirmation by {other} of {size} entries, but {seen}"
        return ""

    def disagreement(self, lines: Mapping[str, Line]) -> str:
        """Whose log is stopped, with evidence, at some and not at all, in words; nothing if nobody's is."""
        for member in self._circle.members:
            log = str(member.log)
            if member.slug not in self._honest:
                held = {slug: line.following.log(log) for slug, line in lines.items()}
                stopped = {slug: followed is not None and followed.stopped for slug, followed in held.items()}
                evidence = {slug: self.stores[slug].evidence(log) is not None for slug in lines}
                if stopped != evidence or len(set(stopped.values())) > 1:
                    return f"{member.slug}'s log is stopped at {stopped}, evidence is at {evidence}"
        return ""

    def check(self) -> None:
        """All that must hold once everything is mended and has come to rest."""
        for slug, store in self.stores.items():
            self.restarted(slug, store)
        self._check_stopped()
        roots = {log: _roots(self.stores[slug], log) for slug, log in self._logs.items()}
        for slug in self._honest:
            self._check_log(self._circle.by_slug[slug], roots)

    def _check_written(self, slug: str, written: Written, record: bytes) -> None:
        store = self.stores[slug]
        if store.unsynced(written.log):
            raise Violation(f"{slug} acknowledged a record that is not synced.")
        head = store.head(written.log)
        at = range(written.first, min(written.size, head.size if head else 0))
        if not any(store.record(written.log, index)[2] == record for index in at):
            raise Violation(f"{slug} acknowledged a record at {written.first} that it does not have.")

    def _check_cosigned(self, slug: str, log: str, size: int, root: str) -> None:
        store = self.stores[slug]
        before = self.cosigned_size(slug, log)
        if size < before:
            raise Violation(f"{slug} signs that it holds {size} of {log}, after it signed {before}.")
        head, missing = store.head(log), min([size, *store.missing(log, 1)])
        if store.unsynced(log) or head is None or min(head.size, missing) < size:
            raise Violation(f"{slug} signs that it holds {size} of {log}, and does not, durably: {head}")
        frontier = _grown(self._cosigned.get((slug, log), Frontier.EMPTY), store.entries(log, before, size))
        if encode_base64(frontier.root()) != root:
            raise Violation(f"{slug} signs another root of {log} at {size} than that of what it holds.")
        for index in range(before, size):
            entry, salt, body = store.record(log, index)
            if body is None or self._hashers[log].entry(salt, body) != entry:
                raise Violation(f"{slug} signs {size} of {log} and lacks record {index}.")
        self._cosigned[slug, log] = frontier
        self._accept(slug, log, size)

    def _accept(self, slug: str, log: str, size: int) -> None:
        accepted = self._accepted.setdefault((slug, log), bytearray())
        accepted += self.stores[slug].entries(log, len(accepted) // ENTRY_BYTES, size)

    def _check_kept(self, slug: str, log: str, accepted: bytes) -> None:
        store, size = self.stores[slug], len(accepted) // ENTRY_BYTES
        head = store.head(log)
        if head is None or head.size < size or store.entries(log, 0, size) != accepted:
            raise Violation(f"{slug} no longer has the {size} entries of {log} that it committed.")
        cosigned = self.cosigned_size(slug, log)
        if min([size, *store.missing(log, 1)]) < cosigned:
            raise Violation(f"{slug} no longer has all {cosigned} records of {log} that it cosigned.")

    def _check_received_ahead(self, slug: str, log: str, index: int) -> None:
        store = self.stores[slug]
        kept = {at: entry for at, entry, _, _ in store.aheads(log)}
        head = store.head(log)
        if head and index < head.size and index not in store.missing(log, head.size):
            kept[index] = store.record(log, index)[0]
        entry = encode_base64(kept.get(index, b""))
        if store.unsynced(log) or entry != self._received_ahead[slug, log, index]:
            raise Violation(f"{slug} signed that it received record {index} of {log}, and does not have it.")

    def _check_stopped(self) -> None:
        for slug, store in self.stores.items():
            for log in store.logs():
                evidence = store.evidence(log)
                if evidence is not None:
                    if log in self._logs.values():
                        raise Violation(f"{slug} stopped {log}, whose author keeps the rules.")
                    verify_fork(evidence, self._circle)

    def _check_log(self, member: Member, roots: Mapping[str, Sequence[str]]) -> None:
        """All hold the same of an honest member's log, and read it as anyone does who reads it in order."""
        log = str(member.log)
        if len({_contents(store, log) for store in self.stores.values()}) != 1:
            raise Violation(f"{log} is not the same everywhere: {_sizes(self.stores, log)}")
        for slug in self.stores:
            witnessed = self.stores[slug].witnessed(log)
            if witnessed and encode_base64(witnessed.root) != roots[log][witnessed.size - 1]:
                raise Violation(f"{slug} witnessed {witnessed}, which {log} never was.")
        reader, store = Reader(member), self.stores[member.slug]
        for index in range(len(roots[log])):
            _, _, body = store.record(log, index)
            reading = reader.read(index, body or b"")
            if not isinstance(reading, Readable):
                raise Violation(f"{member.slug} wrote what cannot be read: {reading}")
            for slug in self.stores:
                if self._readings.get((slug, log, index), reading) != reading:
                    raise Violation(f"{slug} read {self._readings[slug, log, index]}, not {reading}.")
            for seen in reading.record.seen if isinstance(reading.record, Context) else ():
                if seen.log in roots and seen.root not in roots[seen.log][seen.size - 1 : seen.size]:
                    raise Violation(f"{member.slug} says it saw {seen}, which that log never was.")


def _roots(store: MemoryStore, log: str) -> list[str]:
    """The root of a log at each size, from 1 on."""
    head = store.head(log)
    frontiers = [Frontier.EMPTY]
    for index in range(head.size if head else 0):
        frontiers.append(_grown(frontiers[-1], store.entries(log, index, index + 1)))
    return [encode_base64(frontier.root()) for frontier in frontiers[1:]]


@lru_cache(maxsize=4096)
def _grown(frontier: Frontier, entries: bytes) -> Frontier:
    """The frontier after more entries; several members hold the same."""
    starts = range(0, len(entries), ENTRY_BYTES)
    return frontier.append([leaf_hash(entries[start : start + ENTRY_BYTES]) for start in starts])


def _contents(store: MemoryStore, log: str) -> str:
    """The hash of all entries, salts and records of a log."""
    hashed = hashlib.sha256()
    head = store.head(log)
    first, size = 0, head.size if head else 0
    while first < size:
        chunk = store.chunk(log, first, 1024, 2**30)
        hashed.update(chunk.data)
        first = chunk.end
    return hashed.hexdigest()


def _sizes(stores: Mapping[str, MemoryStore], log: str) -> dict[str, int]:
    return {slug: head.size for slug, store in stores.items() if (head := store.head(log))}
