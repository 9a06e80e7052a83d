"""What must always hold (the design's list, 1 to 4, 8 and 9), watched from outside while the nodes run.

The truth is kept apart from the nodes: what each was told is durable, and what each said with its signature.

- Acknowledged: once a write has returned, its records are in that node's store after every crash.
- Accepted: entries that a node has once committed never change; what it cosigned never gets less.
- Honest: when a holder cosignature or a *received ahead* is signed, the disk has all that it says, synced.
- Monotonic: a holder never signs a smaller size of a log than before, nor another root of the same size; nor
  anything of a log of which its node held another version.
- Convergence: once all is mended, all know the same circle, hold the same logs up to their ends, and read the
  same picture, byte for byte. Who left is no part of this.
- Contexts name sizes and roots that the logs really had.
- Only the rogue's log, or one whose keys it stole, is ever stopped or set aside; the evidence verifies.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache

from tests.simulation.contents import held_by, originals, why_wrong
from tests.simulation.memory_store import MemoryStore

from tocsin.circles.authoring.own import Written
from tocsin.circles.events import Arrived, Purged, Unentitled
from tocsin.circles.evidence.forks import verify_fork
from tocsin.circles.following.followed import Followed
from tocsin.circles.founding.circle import Circle, End, Member
from tocsin.circles.line import Line
from tocsin.circles.reading import Readable, Reader, Reading
from tocsin.core import keys
from tocsin.core.keys import SigningKey, ed25519_verify, encode_base64
from tocsin.core.names import LogName
from tocsin.core.records import Context, Place, Seen
from tocsin.core.tlog.entry import ENTRY_BYTES, EntryHasher
from tocsin.core.tlog.tree import MAX_SIZE, Frontier, leaf_hash, tree_root
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

    `honest` are the members whose nodes keep the rules, `stores` their disks. `circle` tells what the circle
    is by all that was ever signed. A log is *tainted* once somebody else used its key: what others hold of it
    may be another version, until its organisation states its end.
    """

    def __init__(self, founded: Circle, honest: Sequence[str], circle: Callable[[], Circle]) -> None:
        self._founded = founded
        self._circle = circle
        self._honest = set(honest)
        self._acknowledged: dict[str, list[tuple[Written, bytes]]] = {slug: [] for slug in honest}
        self._accepted: dict[tuple[str, str], bytearray] = {}
        self._cosigned: dict[tuple[str, str], Frontier] = {}
        self._received_ahead: dict[tuple[str, str, int], str] = {}
        self._readings: dict[tuple[str, str, int], Reading] = {}
        self._signed: dict[str, dict[int, str]] = {}
        self._aside: set[tuple[str, str]] = set()
        self._restored: set[str] = set()
        self._thief: bool = False
        self.tainted: set[str] = set()
        self.stores: dict[str, MemoryStore] = {}

    @contextmanager
    def stealing(self) -> Iterator[None]:
        """Within, what is signed is signed with stolen keys."""
        self._thief = True
        try:
            yield
        finally:
            self._thief = False

    def admit(self, slug: str) -> None:
        """An honest member joins."""
        self._honest.add(slug)
        self._acknowledged[slug] = []

    def acknowledged(self, slug: str, written: Written, record: bytes) -> None:
        """A write returned: this record is durable at this node."""
        self._acknowledged[slug].append((written, record))
        self._check_written(slug, written, record)

    @property
    def acknowledged_records(self) -> Mapping[str, list[bytes]]:
        """By slug, the records whose writing returned."""
        return {slug: [record for _, record in kept] for slug, kept in self._acknowledged.items()}

    def own_end(self, slug: str, log: str) -> tuple[int, bytes] | None:
        """Size and root of the largest checkpoint that a node signed of its log, and whose entries it has."""
        store = self.stores[slug]
        head = store.head(log)
        for size, root in sorted(self._signed.get(log, {}).items(), reverse=True):
            if head and size <= head.size:
                held = tree_root(size, store.read_tiles(log))
                if encode_base64(held) == root:
                    return size, held
        return None

    def cosigned_size(self, slug: str, log: str) -> int:
        """The largest size of a log that this member has cosigned as a holder, in any epoch."""
        return max(
            (
                frontier.size
                for (holder, of), frontier in self._cosigned.items()
                if of == log and _slug(holder) == slug
            ),
            default=0,
        )

    def received_ahead(self, slug: str, log: str) -> list[int]:
        """Indexes of the records of a log that this member has signed to have received ahead."""
        return [index for by, of, index in self._received_ahead if (by, of) == (slug, log)]

    def signing(self, key: SigningKey, message: bytes) -> None:
        """A key is about to sign: check what an honest member says with it."""
        name = key.verifying.name
        if self._thief or _slug(name) not in self.stores:
            return
        if message.startswith(_COSIGNED) and name.endswith("/holder"):
            _, _, log, size, root = message.decode().splitlines()
            self._check_cosigned(name, log, int(size), root)
        elif message.startswith(_RECEIVED_AHEAD):
            slug = _slug(name)
            _, log, index, entry, _ = message.decode().splitlines()
            self._received_ahead[slug, log, int(index)] = entry
            self._check_received_ahead(slug, log, int(index))
        elif message.startswith(f"{name}\n".encode()):
            _, size, root = message.decode().splitlines()
            self._signed.setdefault(name, {})[int(size)] = root

    def purged(self, slug: str, event: Purged) -> None:
        """A node has carried out an erasure: no hold of its own kept what it purged, if it had that."""
        store = self.stores[slug]
        held = held_by(store, slug)
        for index in event.indices:
            if Place(log=event.log, index=index) in held and (event.log, index) in store.let_go:
                raise Violation(f"{slug} purged {index} of {event.log}, which a hold of its own keeps.")

    def arrived(self, slug: str, event: Arrived) -> None:
        """A node has read records. What lies above one that is missing is provisional."""
        missing = next(iter(self.stores[slug].missing(event.log, 1)), MAX_SIZE)
        for reading in () if event.ahead else event.readings:
            if reading.index < missing:
                self._readings[slug, event.log, reading.index] = reading

    def unentitled(self, slug: str, event: Unentitled) -> None:
        """A node was given records from before it joined. Nobody honest gives any, nor is what came kept."""
        keys = [log for log in self.tainted if _slug(log) == event.member]
        if event.member in self._honest and not keys:
            raise Violation(
                f"{event.member} gave {slug} {event.indices} of {event.log}, from before it joined."
            )

    def forget(self, slug: str) -> None:
        """A node lost its disk, or has an old copy: what it promised since is not there."""
        self._restored.add(slug)
        self._acknowledged[slug] = []
        self._cosigned = {key: kept for key, kept in self._cosigned.items() if _slug(key[0]) != slug}
        self._received_ahead = {key: kept for key, kept in self._received_ahead.items() if key[0] != slug}
        self._accepted = {key: kept for key, kept in self._accepted.items() if key[0] != slug}
        self._aside = {key for key in self._aside if key[0] != slug}
        self._readings = {key: reading for key, reading in self._readings.items() if key[0] != slug}

    def committed(self, slug: str, heads: Sequence[Head]) -> None:
        """A node has committed entries of logs that end there now, and has told nobody yet."""
        self._notice_asides(slug)
        for head in heads:
            self._accept(slug, head.name, head.size)

    def restarted(self, slug: str, store: MemoryStore) -> None:
        """A node starts with what its disk kept: all that it ever promised must be there."""
        self.stores[slug] = store
        self._notice_asides(slug)
        for written, record in self._acknowledged[slug]:
            self._check_written(slug, written, record)
        for (by, log), accepted in self._accepted.items():
            if by == slug:
                self._check_kept(slug, log, bytes(accepted))
        for by, log, index in self._received_ahead:
            if by == slug:
                self._check_received_ahead(slug, log, index)

    def _notice_asides(self, slug: str) -> None:
        """What was held of a log stays, under another name, where it was set aside for the true one."""
        for name in self.stores[slug].logs():
            log, aside, _ = name.partition("/aside/")
            if aside and (slug, name) not in self._aside:
                self._aside.add((slug, name))
                if accepted := self._accepted.pop((slug, log), None):
                    self._accepted[slug, name] = accepted
                self._received_ahead = {
                    key: kept for key, kept in self._received_ahead.items() if key[:2] != (slug, log)
                }
                if (
                    log not in self.tainted
                    and _slug(log) not in self._restored
                    and _slug(log) in self._honest
                ):
                    raise Violation(f"{slug} set {log} aside, of which there is one version.")

    def _is_aside(self, slug: str, log: str) -> bool:
        return bool(self._asides(slug, log))

    def _asides(self, slug: str, log: str) -> list[str]:
        return [name for by, name in self._aside if (by, name.partition("/aside/")[0]) == (slug, log)]

    def lacking(self, lines: Mapping[str, Line]) -> str:
        """What still keeps the nodes from holding all that the honest wrote; nothing if they do.

        Raises Violation when one has given up writing that never lost anything.
        """
        circle = self._circle()
        taking = {slug: line for slug, line in lines.items() if slug in circle.by_slug}
        for slug, line in taking.items():
            if line.circle != circle:
                return f"{slug} does not know all that changed the circle"
            if line.own.halted and not line.standing.lost:
                return f"{slug} does not write: {line.own.halted.explanation}"
            if line.own.halted and not self._may_halt(slug, circle):
                raise Violation(f"{slug} writes no more, and never lost anything: {line.own.halted}")
            if not line.own.size:
                return f"{slug} has not begun"
        for log, member in circle.by_log.items():
            if member.slug in self._honest and (words := self._lacking_of(log, member, taking)):
                return words
        return ""

    def _may_halt(self, slug: str, circle: Circle) -> bool:
        return slug in self._restored or str(circle.by_slug[slug].log) in self.tainted

    def _is_known(self, member: Member, stores: Sequence[MemoryStore]) -> bool:
        """Whether it can be known what the log is: of a stolen one, somebody has to have the true one."""
        log, end = str(member.log), member.end
        if log not in self.tainted:
            return True
        return end is not None and any(_ends_so(store, log, end) for store in stores)

    def _lacking_of(self, log: str, member: Member, lines: Mapping[str, Line]) -> str:
        sizes = {
            slug: line.own.size if log == line.own.name else _held(line, log) for slug, line in lines.items()
        }
        if not self._is_known(member, [self.stores[slug] for slug in lines]):
            return ""
        if log in self.tainted and member.end and not member.end.exact:
            # Beyond it there may be two versions, and nobody to say which one is true.
            sizes = {slug: min(size, member.end.size) for slug, size in sizes.items()}
        most = max(sizes.values(), default=0)
        for slug, line in lines.items():
            followed = line.following.log(log)
            if sizes[slug] != most or (followed and self._may_complete(slug, followed, lines)):
                return f"{slug} holds {sizes[slug]} of {most} entries of {log}, or not all their records"
            if followed and followed.went_astray:
                return f"{slug} holds another version of {log} than the one that ended"
            if log == line.own.name:
                for other in lines:
                    if other != slug and ((seen := line.own.held.get(other)) is None or seen.size != most):
                        return f"{slug} has no confirmation by {other} of {most} entries, but {seen}"
        return ""

    def _may_complete(self, slug: str, followed: Followed, lines: Collection[str]) -> bool:
        """Whether records are missing here that are not gone."""
        log = followed.name
        lacks = self.stores[slug].missing(log, followed.size) if followed.incomplete else []
        return any(not self._is_gone(log, index, {by: self.stores[by] for by in lines}) for index in lacks)

    def _is_gone(self, log: str, index: int, stores: Mapping[str, MemoryStore]) -> bool:
        """Whether nobody has a record whose author takes no part, or lost its disk."""
        author = _slug(log)
        if author in stores and author not in self._restored:
            return False
        return not any(_has(store, log, index) for store in stores.values())

    def disagreement(self, lines: Mapping[str, Line]) -> str:
        """Whose log is stopped, with evidence, at some and not at all, in words; nothing if nobody's is."""
        circle = self._circle()
        for log, member in circle.by_log.items():
            if member.slug not in self._honest and member.end is None and not member.disputed:
                held = {
                    slug: line.following.log(log) for slug, line in lines.items() if slug in circle.by_slug
                }
                stopped = {slug: followed is not None and followed.stopped for slug, followed in held.items()}
                evidence = {slug: self.stores[slug].evidence(log) is not None for slug in held}
                if stopped != evidence or len(set(stopped.values())) > 1:
                    return f"{member.slug}'s log is stopped at {stopped}, evidence is at {evidence}"
        return ""

    def check(self) -> None:
        """All that must hold once everything is mended and has come to rest."""
        circle = self._circle()
        for slug, store in self.stores.items():
            self.restarted(slug, store)
        self._check_stopped(circle)
        taking = {slug: store for slug, store in self.stores.items() if slug in circle.by_slug}
        kept = [
            member
            for log, member in circle.by_log.items()
            if member.slug in self._honest and self._is_known(member, list(taking.values()))
        ]
        roots = {
            str(member.log): _longest_roots(taking.values(), member, tainted=str(member.log) in self.tainted)
            for member in kept
        }
        for member in kept:
            self._check_log(member, roots, taking)

    def _check_written(self, slug: str, written: Written, record: bytes) -> None:
        store = self.stores[slug]
        if store.unsynced(written.log):
            raise Violation(f"{slug} acknowledged a record that is not synced.")
        head = store.head(written.log)
        at = range(written.first, min(written.size, head.size if head else 0))
        erased = head and store.erased(written.log, at.start, at.stop)
        if not erased and not any(store.record(written.log, index)[2] == record for index in at):
            raise Violation(f"{slug} acknowledged a record at {written.first} that it does not have.")

    def _check_cosigned(self, holder: str, log: str, size: int, root: str) -> None:
        slug = _slug(holder)
        store = self.stores[slug]
        before = self._cosigned.get((holder, log), Frontier.EMPTY)
        if size < before.size:
            raise Violation(f"{slug} signs that it holds {size} of {log}, after it signed {before.size}.")
        # Of another version of which nothing was held, nothing was signed.
        if any(self._accepted.get((slug, aside)) for aside in self._asides(slug, log)):
            raise Violation(f"{slug} signs that it holds {size} of {log}, of which it held another version.")
        head, missing = store.head(log), min([size, *store.missing(log, 1)])
        if store.unsynced(log) or head is None or min(head.size, missing) < size:
            raise Violation(f"{slug} signs that it holds {size} of {log}, and does not, durably: {head}")
        frontier = _grown(before, store.entries(log, before.size, size))
        if encode_base64(frontier.root()) != root:
            raise Violation(f"{slug} signs another root of {log} at {size} than that of what it holds.")
        hasher, low = EntryHasher(log), self._circle().entitled_from(slug, LogName.parse(log))
        new = range(max(low, before.size), size)
        for index in sorted({*new}.difference(store.erased(log, new.start, size))):
            entry, salt, body = store.record(log, index)
            if body is None or hasher.entry(salt, body) != entry:
                raise Violation(f"{slug} signs {size} of {log} and lacks record {index}.")
        self._cosigned[holder, log] = frontier
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
        if min([size, *store.missing(log, 1)]) < cosigned and not self._is_aside(slug, log):
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

    def _check_stopped(self, circle: Circle) -> None:
        for slug, store in self.stores.items():
            for log in store.logs():
                evidence = store.evidence(log)
                if evidence is not None:
                    true_name = log.partition("/aside/")[0]
                    may_fork = true_name in self.tainted or _slug(true_name) in self._restored
                    if _slug(true_name) in self._honest and not may_fork:
                        raise Violation(f"{slug} stopped {log}, whose author keeps the rules.")
                    verify_fork(evidence, circle)

    def _check_log(
        self, member: Member, roots: Mapping[str, Sequence[str]], stores: Mapping[str, MemoryStore]
    ) -> None:
        """All hold the same of an honest member's log, and read it as anyone does who reads it in order."""
        log, size = str(member.log), len(roots[str(member.log)])
        bodies = self._check_contents(log, size, stores)
        for slug, store in stores.items():
            witnessed = store.witnessed(log)
            fits = witnessed is None or encode_base64(witnessed.root) in roots[log][witnessed.size - 1 :][:1]
            if not fits and log not in self.tainted and member.end is None:
                raise Violation(f"{slug} witnessed {witnessed}, which {log} never was.")
        lows = {slug: self._circle().entitled_from(slug, member.log) for slug in stores}
        for low in {0, *lows.values()}:
            reader = Reader(member)
            for index in sorted(index for index in bodies if index >= low):
                reading = reader.read(index, bodies[index])
                for slug in stores:
                    read = self._readings.get((slug, log, index), reading)
                    if lows[slug] == low and read != reading and not self._is_aside(slug, log):
                        raise Violation(f"{slug} read {read}, not {reading}.")
                if not low:
                    self._check_said(member, reading, roots)

    def _check_contents(self, log: str, size: int, stores: Mapping[str, MemoryStore]) -> dict[int, bytes]:
        """All have the same entries, and the records that they have to have; returns these."""
        everything: dict[int, bytes] = {}
        entries: set[bytes] = set()
        for slug, store in stores.items():
            try:
                same, bodies, absent = originals(store, log, size)
            except ValueError as error:
                raise Violation(f"At {slug}: {error} {_sizes(stores, log)}") from error
            low = self._circle().entitled_from(slug, LogName.parse(log))
            absent = [index for index in absent if not self._is_gone(log, index, stores)]
            if wrong := why_wrong(store, slug, log, low, (bodies, absent)):
                raise Violation(wrong)
            entries.add(same)
            everything |= bodies
        if len(entries) != 1:
            raise Violation(f"{log} is not the same everywhere: {_sizes(stores, log)}")
        return everything

    def _check_said(self, member: Member, reading: Reading, roots: Mapping[str, Sequence[str]]) -> None:
        """What an honest member wrote can be read, and what it says it saw was so."""
        if not isinstance(reading, Readable):
            if str(member.log) not in self.tainted:
                raise Violation(f"{member.slug} wrote what cannot be read: {reading}")
            return
        for seen in reading.record.seen if isinstance(reading.record, Context) else ():
            if seen.log in roots and seen.log not in self.tainted and not self._was(seen, roots[seen.log]):
                raise Violation(f"{member.slug} says it saw {seen}, which that log never was.")

    def _was(self, seen: Seen, roots: Sequence[str]) -> bool:
        """Whether a log was like this; of one whose author lost records, nobody may hold them any more."""
        if seen.size <= len(roots):
            return roots[seen.size - 1] == seen.root
        author = _slug(seen.log)
        if author in self._restored:
            return True
        # Who left before the others had all of its log has it still.
        store = self.stores[author]
        head = store.head(seen.log)
        if head is None or head.size < seen.size:
            return False
        return encode_base64(tree_root(seen.size, store.read_tiles(seen.log))) == seen.root


def _has(store: MemoryStore, log: str, index: int) -> bool:
    head = store.head(log)
    return head is not None and index < head.size and store.record(log, index)[2] is not None


def _slug(name: str) -> str:
    """The member of whose log, or key, this is the name."""
    return name.split("/")[2] if name.count("/") >= 3 else ""


def _ends_so(store: MemoryStore, log: str, end: End) -> bool:
    head = store.head(log)
    return (
        head is not None and head.size >= end.size and tree_root(end.size, store.read_tiles(log)) == end.root
    )


def _held(line: Line, log: str) -> int:
    followed = line.following.log(log)
    return followed.size if followed else 0


def _longest_roots(stores: Iterable[MemoryStore], member: Member, *, tainted: bool) -> list[str]:
    """The roots of a log, as whoever has most of it has them, up to its end."""
    log, end = str(member.log), member.end
    longest = max((_roots(store, log) for store in stores), key=len, default=[])
    return longest[: end.size] if end and (end.exact or tainted) else longest


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


def _sizes(stores: Mapping[str, MemoryStore], log: str) -> dict[str, int]:
    return {slug: head.size for slug, store in stores.items() if (head := store.head(log))}
