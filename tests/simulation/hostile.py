"""A hostile member: it has a member's keys, and keeps no rule.

- `ATTACKS` are what it sends: each makes pushes by hand, properly signed, and sends them to the others.
- `LIES` are what it answers to what others send it. It tells those in `Rogue.lies`, in any order.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tests.simulation.clock import START_MS, SeededChance
from tests.simulation.memory_store import MemoryStore
from tests.simulation.wire import url_of

from tocsin.circles.authoring.calling import Caller
from tocsin.circles.founding.circle import Member
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.wire.answers import (
    Answer,
    Bodies,
    Body,
    Checkpoints,
    Hashes,
    Held,
    Later,
    Missing,
    Pushed,
    Refused,
    SizeHeld,
    encode_answer,
    status_of,
)
from tocsin.circles.wire.messages import MAX_PUSH_BYTES, Ahead, Push
from tocsin.circles.wire.protocol import Path, Reply, Request
from tocsin.circles.wire.requests import NO_NONCE, Nonces, sign_request
from tocsin.core.errors import Refusal
from tocsin.core.keys import SigningKey
from tocsin.core.note import parse_note, sign_note
from tocsin.core.records import encode_record
from tocsin.core.tlog.checkpoint import Checkpoint, SignedCheckpoint, cosign, parse_text, sign_checkpoint
from tocsin.core.tlog.chunk import Chunk, Triple
from tocsin.core.tlog.entry import EntryHasher
from tocsin.core.tlog.tree import MAX_SIZE, consistency_proof, inclusion_proof, tree_root

if TYPE_CHECKING:
    from tests.simulation.world import World

TIMEOUT_S = 5.0
FLOOD = 200

Attack = Callable[["Rogue"], Coroutine[None, None, None]]


class History:
    """One version of a log, whoever may write it."""

    def __init__(self, log: str, key: SigningKey, chance: SeededChance) -> None:
        self.log = log
        self._key = key
        self._chance = chance
        self._hasher = EntryHasher(log)
        self._store = MemoryStore("")
        with self._store.transaction():
            self._store.create(log)

    @property
    def size(self) -> int:
        """How many entries it has."""
        return self._store.edge(self.log).size

    def write(self, *records: bytes) -> None:
        """Add records."""
        salts = [(self._chance.token(32), record) for record in records]
        self.append((self._hasher.entry(salt, record), salt, record) for salt, record in salts)

    def append(self, triples: Iterable[Triple]) -> None:
        """Add entries, whatever they are."""
        chunk = Chunk.make(self.size, triples)
        with self._store.transaction():
            self._store.extend(self.log, self.size, self._store.edge(self.log).extend(chunk.entries), chunk)

    def branch(self, size: int) -> "History":
        """Another version, with the same first entries."""
        other = History(self.log, self._key, self._chance)
        other.append(self._store.record(self.log, index) for index in range(size))
        return other

    def checkpoint(self, size: int | None = None) -> SignedCheckpoint:
        """The signed checkpoint of a size."""
        size = self.size if size is None else size
        return self.sign(size, tree_root(size, self._store.read_tiles(self.log)))

    def sign(self, size: int, root: bytes) -> SignedCheckpoint:
        """A signed checkpoint, true or not."""
        return sign_checkpoint(Checkpoint(self._key.verifying.name, size, root), self._key)

    def push(self, first: int = 0, end: int | None = None, size: int | None = None) -> Push:
        """An honest push of some entries, under the checkpoint of a size."""
        end, size = self.size if end is None else end, self.size if size is None else size
        chunk = self._store.chunk(self.log, first, end - first, MAX_PUSH_BYTES)
        proof = consistency_proof(end, size, self._store.read_tiles(self.log)) if 0 < end < size else []
        return Push(self.log, chunk, self.checkpoint(size).note.encode(), tuple(proof), ())

    def ahead(self, index: int, known_size: int) -> Ahead:
        """One record ahead of others."""
        read = self._store.read_tiles(self.log)
        entry, salt, record = self._store.record(self.log, index)
        return Ahead(
            log=self.log,
            index=index,
            entry=entry,
            salt=salt,
            record=record or b"?",
            checkpoint=self.checkpoint().note.encode(),
            known_size=known_size,
            inclusion=tuple(inclusion_proof(index, self.size, read)),
            consistency=tuple(consistency_proof(known_size, self.size, read)),
        )


class Rogue:
    """The hostile member of a world. `seen` are the pushes that others sent it."""

    def __init__(self, world: "World", keys: MemberKeys) -> None:
        self.chance: SeededChance = SeededChance(world.seed, "the rogue")
        self.circle = world.circle
        self.keys = keys
        self.history = History(str(keys.log_name), keys.log, self.chance)
        self.history.write(self.circle.by_log[self.history.log].opening)
        self.lies: tuple[str, ...] = ("polite",)
        self.seen: list[Push] = []
        self.nonces = Nonces(self.chance)
        self._world = world
        self._outlet = world.wire.outlet(keys.log_name.member, url_of(keys.log_name.member))
        self._outlet.listen(self._answer)
        self._callers: dict[str, Caller] = {}

    @property
    def victims(self) -> tuple[str, ...]:
        """All others, also who joined or left meanwhile."""
        return tuple(self._world.nodes)

    def member(self, slug: str) -> Member:
        """One of them, in its present epoch, or in its last."""
        circle = self._world.circle_now
        return circle.by_slug.get(slug) or [member for member in circle.past if member.slug == slug][-1]

    def attack(self, name: str) -> None:
        """Begin an attack."""
        self.begin(ATTACKS[name](self))

    def begin(self, attack: Coroutine[None, None, None]) -> None:
        """Begin whatever this does."""
        self._world.loop.spawn(self._outlet, attack)

    def grow(self, records: int) -> None:
        """Write so many records, in the version that it shows first."""
        self.history.write(*(self.new_record() for _ in range(records)))

    def new_record(self) -> bytes:
        """A record that it did not write before."""
        return encode_record(self._world.new_note(START_MS, 300))

    async def tell(self, push: Push, *victims: str) -> None:
        """Push to some members, or to all."""
        for slug in victims or self.victims:
            await self.call(slug, Path.PUSH, push.encode())

    async def send_ahead(self, slug: str) -> None:
        """Send the newest record ahead of others, as an honest member would."""
        known_size = 0
        for _ in range(2):
            ahead = self.history.ahead(self.history.size - 1, known_size)
            answer = await self.call(slug, Path.AHEAD, ahead.encode())
            known_size = answer.size if isinstance(answer, SizeHeld) else known_size

    async def call(self, slug: str, path: Path, body: bytes) -> Answer | None:
        """Call one member, and take what comes."""
        member = self._world.circle_now.by_slug.get(slug)
        if member is None:
            return None
        try:
            return await self._caller(member).call(path, body)
        except Refusal:
            return None

    async def steal(self, slug: str, back: int, records: int, victims: Sequence[str]) -> None:
        """Write on in a member's log with its online keys, from so many records back, and push that."""
        world = self._world
        node, member = world.nodes[slug], world.circle_now.by_slug.get(slug)
        keys = node.keys.get(member.log) if member else None
        if member is None or keys is None:
            return
        log, store = str(member.log), world.truth.stores[slug]
        head = store.head(log)
        size = max(1, (head.size if head else 0) - back)
        if head is None or head.size < size:
            return
        world.offices.stolen.add(member.log)
        world.truth.tainted.add(log)
        forged = History(log, keys.log, self.chance)
        forged.append(store.record(log, index) for index in range(size))
        forged.write(*(self.new_record() for _ in range(records)))
        with world.truth.stealing():
            push = forged.push(max(0, forged.size - 100)).encode()
        for victim in victims:
            receiver = world.circle_now.by_slug.get(victim)
            if receiver and victim != slug:
                at = [receiver.endpoint]
                caller = Caller(keys, receiver, partial(list, at), self._outlet)
                with suppress(Refusal):
                    await caller.call(Path.PUSH, push)

    def _caller(self, member: Member) -> Caller:
        """What calls a member, in its present epoch."""
        log = str(member.log)
        if log not in self._callers:
            self._callers[log] = Caller(self.keys, member, lambda: [member.endpoint], self._outlet)
        return self._callers[log]

    async def send(self, request: Request, slug: str) -> None:
        """Send a request as it is."""
        try:
            await self._outlet.send([self.member(slug).endpoint], request, TIMEOUT_S)
        except Refusal:
            return

    def request(self, slug: str, path: Path, body: bytes, nonce: bytes = NO_NONCE) -> Request:
        """A request to one member, with any nonce."""
        return sign_request(self.keys.request, str(self.member(slug).log), path, body, nonce)

    async def _answer(self, request: Request) -> Reply:
        if request.path == Path.PUSH:
            self.seen.append(Push.decode(request.body))
        nonce = self.nonces.give(request.signer)
        lie = self.lies[int(self.chance.uniform(0, len(self.lies)))]
        return replace(await LIES[lie](self, request), nonce=nonce)


def _halves(rogue: Rogue) -> tuple[Sequence[str], Sequence[str]]:
    middle = (len(rogue.victims) + 1) // 2
    return rogue.victims[:middle], rogue.victims[middle:]


async def _behave(rogue: Rogue) -> None:
    """What an honest member would send."""
    rogue.grow(2)
    await rogue.tell(rogue.history.push())


async def _fork(rogue: Rogue) -> None:
    """Two versions of one size, each to half of the members."""
    await _show_two_versions(rogue, 2, 2)


async def _fork_of_two_sizes(rogue: Rogue) -> None:
    """A version to half of the members, and a longer one that does not continue it to the others."""
    await _show_two_versions(rogue, 1, 4)


async def _show_two_versions(rogue: Rogue, records: int, other_records: int) -> None:
    other = rogue.history.branch(rogue.history.size)
    rogue.grow(records)
    other.write(*(rogue.new_record() for _ in range(other_records)))
    ours, theirs = _halves(rogue)
    await rogue.tell(rogue.history.push(), *ours)
    await rogue.tell(other.push(), *theirs)


async def _rewrite(rogue: Rogue) -> None:
    """A version to all, and then another of it to the same members."""
    rogue.grow(3)
    await rogue.tell(rogue.history.push())
    other = rogue.history.branch(rogue.history.size - 2)
    other.write(*(rogue.new_record() for _ in range(3)))
    await rogue.tell(other.push(other.size - 4))


async def _withhold(rogue: Rogue) -> None:
    """Entries to all, one of which nobody gets the record of."""
    rogue.grow(3)
    push = rogue.history.push()
    await rogue.tell(replace(push, chunk=push.chunk.without(frozenset({rogue.history.size - 2}))))


async def _replay(rogue: Rogue) -> None:
    """An old push once more: with a new nonce, with a used one, with none, and one that was for another."""
    rogue.grow(1)
    old = rogue.history.push()
    await rogue.tell(old)
    rogue.grow(1)
    await rogue.tell(rogue.history.push())
    await rogue.tell(old)
    for slug in rogue.victims:
        used = rogue.request(slug, Path.PUSH, old.encode())
        for victim in rogue.victims:
            await rogue.send(used, victim)


async def _foreign_name(rogue: Rogue) -> None:
    """Pushes of logs that are not its own: of another circle, of a drill, of the receiver, of nobody."""
    own = rogue.history.push()
    domain, circle, member, epoch = own.log.split("/")
    names = [str(rogue.member(slug).log) for slug in rogue.victims]
    names += [f"{domain}/{'0' * 64}/{member}/{epoch}", f"drill.{domain}/{circle}/{member}/{epoch}"]
    names += [f"{domain}/{circle}/{member}/2", f"{domain}/{circle}/nobody/1", "../../etc/passwd"]
    for name in names:
        history = History(name, rogue.keys.log, rogue.chance)
        history.write(rogue.new_record())
        await rogue.tell(history.push())
        await rogue.tell(replace(own, log=name))


async def _copy(rogue: Rogue) -> None:
    """Entries with salt and record, as another wrote them in its log, now in this one."""
    full = [push for push in rogue.seen if push.chunk.count]
    rogue.history.append(item[1:] for push in full[-3:] for item in push.chunk.items())
    await rogue.tell(rogue.history.push())


async def _swap_records(rogue: Rogue) -> None:
    """Entries with the salts and records of others."""
    rogue.grow(2)
    push = rogue.history.push(rogue.history.size - 2)
    (_, one, salt, record), (_, other, other_salt, other_record) = push.chunk.items()
    swapped = [(one, other_salt, other_record), (other, salt, record)]
    await rogue.tell(replace(push, chunk=Chunk.make(push.chunk.first, swapped)))


async def _too_large(rogue: Rogue) -> None:
    """More bytes, more entries, and a longer record than allowed."""
    push = rogue.history.push()
    head = push.encode()[: 2 + 1 + len(push.log) + 8]
    bodies = [bytes(MAX_PUSH_BYTES + 1), head + (1025).to_bytes(4, "big") + bytes(1025 * 68)]
    bodies += [head + (1).to_bytes(4, "big") + bytes(64) + (65_537).to_bytes(4, "big") + bytes(65_600)]
    bodies += [head + b"\xff" * 4]
    for body in bodies:
        for slug in rogue.victims:
            await rogue.call(slug, Path.PUSH, body)


async def _malformed(rogue: Rogue) -> None:
    """Anything, to every call."""
    rogue.grow(1)
    whole = rogue.history.push().encode()
    for path in Path:
        cut = int(rogue.chance.uniform(0, len(whole)))
        flipped = bytearray(whole)
        flipped[cut] ^= 1 << int(rogue.chance.uniform(0, 8))
        for body in (b"", rogue.chance.token(200), whole[:cut], bytes(flipped), whole + b"\x00"):
            for slug in rogue.victims:
                await rogue.call(slug, path, body)


async def _flood(rogue: Rogue) -> None:
    """Hundreds of pushes at once, most of them with the same entries."""
    rogue.grow(5)
    pushes = [rogue.history.push(0, end) for end in range(1, rogue.history.size + 1)]
    bodies = [push.encode() for push in pushes]
    calls = [
        rogue.call(slug, Path.PUSH, bodies[number % len(bodies)])
        for number in range(FLOOD)
        for slug in rogue.victims
    ]
    await asyncio.gather(*calls)


async def _false_roots(rogue: Rogue) -> None:
    """Checkpoints over roots that nothing leads to: of this size, of a huge one, among the newest."""
    push = rogue.history.push()
    size = rogue.history.size
    for false in (
        rogue.history.sign(size + 1, bytes(32)),
        rogue.history.sign(MAX_SIZE, rogue.chance.token(32)),
    ):
        await rogue.tell(replace(push, checkpoint=false.note.encode(), consistency=(bytes(32),)))
        await rogue.tell(replace(push, newest=(false.note.encode(),)))


async def _slander(rogue: Rogue) -> None:
    """Newest checkpoints of others' logs that they never signed: with a broken signature, with its own."""
    notes = []
    for slug in rogue.victims:
        log = str(rogue.member(slug).log)
        text = Checkpoint(log, 1_000_000, rogue.chance.token(32)).text()
        by_rogue = sign_note(text, rogue.keys.log)
        false = by_rogue.signatures[0]
        named = replace(false, name=log, key_id=rogue.member(slug).log_key.key_id)
        notes += [by_rogue.encode(), replace(by_rogue, signatures=(named,)).encode()]
        notes += [text.encode() + b"\n", log.encode() + b"\n"]
    for note in notes:
        await rogue.tell(replace(rogue.history.push(), newest=(note,)))


async def _ahead(rogue: Rogue) -> None:
    """Records ahead of others: one as it should be, then some whose proofs, sizes and records do not fit."""
    rogue.grow(3)
    last = rogue.history.size - 1
    true = rogue.history.ahead(last, 0)
    aheads = [
        true,
        replace(true, index=last - 1),
        replace(true, known_size=last),
        replace(true, known_size=MAX_SIZE),
    ]
    aheads += [replace(true, record=b"other"), replace(true, inclusion=()), replace(true, index=MAX_SIZE)]
    for slug in rogue.victims:
        await rogue.send_ahead(slug)
        for ahead in aheads:
            await rogue.call(slug, Path.AHEAD, ahead.encode())


async def _ahead_and_otherwise(rogue: Rogue) -> None:
    """A record ahead, and then a version of the log in which another stands in its place."""
    other = rogue.history.branch(rogue.history.size)
    rogue.grow(3)
    other.write(*(rogue.new_record() for _ in range(3)))
    for slug in rogue.victims:
        await rogue.send_ahead(slug)
        await rogue.tell(other.push(), slug)


ATTACKS: dict[str, Attack] = {
    "behave": _behave,
    "fork": _fork,
    "fork of two sizes": _fork_of_two_sizes,
    "rewrite": _rewrite,
    "withhold": _withhold,
    "replay": _replay,
    "foreign name": _foreign_name,
    "copy": _copy,
    "swap records": _swap_records,
    "too large": _too_large,
    "malformed": _malformed,
    "flood": _flood,
    "false roots": _false_roots,
    "slander": _slander,
    "ahead": _ahead,
    "ahead and otherwise": _ahead_and_otherwise,
}

Lie = Callable[[Rogue, Request], Awaitable[Reply]]


def _says(answer: Callable[[Rogue, Request], Answer]) -> Lie:
    async def say(rogue: Rogue, request: Request) -> Reply:
        said = answer(rogue, request)
        return Reply(status_of(said), encode_answer(said), b"")

    return say


def _says_bytes(status: int, body: Callable[[Rogue], bytes]) -> Lie:
    async def say(rogue: Rogue, _: Request) -> Reply:
        return Reply(status, body(rogue), b"")

    return say


async def _silence(_: Rogue, __: Request) -> Reply:
    return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]


def _polite(rogue: Rogue, request: Request) -> Answer:
    """What a member that holds everything would say."""
    if request.path != Path.PUSH or not (push := Push.decode(request.body)).checkpoint:
        return Checkpoints(()) if request.path == Path.CHECKPOINTS else SizeHeld(0)
    return _held(rogue, push, 0)


def _held(rogue: Rogue, push: Push, more: int) -> Answer:
    checkpoint = parse_text(parse_note(push.checkpoint).text)
    beyond = replace(checkpoint, size=checkpoint.size + more)
    return Held(beyond.size, cosign(beyond, rogue.keys.holder, 1))


def _held_beyond(rogue: Rogue, request: Request) -> Answer:
    if request.path != Path.PUSH or not (push := Push.decode(request.body)).checkpoint:
        return SizeHeld(0)
    return _held(rogue, push, 7)


def _held_by_another(rogue: Rogue, request: Request) -> Answer:
    """A cosignature by the wrong key."""
    polite = _polite(rogue, request)
    if isinstance(polite, Held):
        return replace(polite, cosignature=replace(polite.cosignature, name=f"{request.receiver}/witness"))
    return polite


def _other_s_records(rogue: Rogue, request: Request) -> Answer:
    """To whoever pulls, or asks for records: those of another log."""
    if request.path == Path.PULL and rogue.seen:
        return Pushed(rogue.seen[-1])
    return Bodies((Body(1, bytes(32), b"{}"),))


def _false_checkpoints(rogue: Rogue, request: Request) -> Answer:
    """To whoever asks what is known: a checkpoint of the asker's own log, which it never signed."""
    log = request.signer.removesuffix("/request") or request.receiver
    text = Checkpoint(log, 1_000_000, bytes(32)).text()
    return Checkpoints((sign_note(text, rogue.keys.log).encode(), log.encode() + b"\n?"))


LIES: dict[str, Lie] = {
    "polite": _says(_polite),
    "silence": _silence,
    "has nothing": _says(lambda _, __: SizeHeld(0)),
    "has more": _says(lambda _, __: SizeHeld(1_000)),
    "has all there could be": _says(lambda _, __: SizeHeld(MAX_SIZE)),
    "misses all": _says(lambda _, __: Missing(2, (0, 1))),
    "misses what never was": _says(lambda _, __: Missing(MAX_SIZE, (MAX_SIZE - 1,))),
    "later": _says(lambda _, __: Later(2**32 - 1)),
    "now": _says(lambda _, __: Later(0)),
    "refuses": _says(lambda _, __: Refused("no-such-code", 0, "Because.")),
    "rolls back": _says(lambda _, __: Refused("rollback", 1_000_000, "Because.")),
    "forgets nonces": _says(lambda _, __: Refused("stale-nonce", 0, "Because.")),
    "calls it a fork": _says(lambda _, __: Refused("fork", 3, "Because.")),
    "held beyond": _says(_held_beyond),
    "held by another": _says(_held_by_another),
    "others' records": _says(_other_s_records),
    "false checkpoints": _says(_false_checkpoints),
    "hashes": _says(lambda _, __: Hashes((bytes(32),) * 63)),
    "noise": _says_bytes(200, lambda rogue: rogue.chance.token(100)),
    "nothing": _says_bytes(200, lambda _: b""),
    "too much": _says_bytes(200, lambda _: bytes(2 * MAX_PUSH_BYTES)),
    "fails": _says_bytes(500, lambda _: b"<html>"),
    "conflict": _says_bytes(409, lambda _: b"9007199254740991\n"),
}
