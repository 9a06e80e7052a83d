"""A world: the nodes of one circle in one process, on one virtual clock, from one seed.

    with World(seed=1) as world:
        world.start()
        world.write("ash", records=3)
        world.cut("ash", "birch")
        world.cut_power("cedar")
        world.settle()

Each node is what runs in reality, with another store, wire, clock and chance. Whoever drives a world stands
outside of time: nothing happens between two calls. What must always hold is watched all the while.
"""

import gc
from collections.abc import Sequence
from contextlib import ExitStack
from functools import lru_cache, partial
from typing import Literal, Self

from tests.simulation.clock import START_MS, SeededChance, VirtualClock
from tests.simulation.hostile import Rogue
from tests.simulation.invariants import Truth, Violation, watched
from tests.simulation.loop import VirtualLoop, new_loop
from tests.simulation.memory_store import MemoryStore
from tests.simulation.offices import Offices
from tests.simulation.wire import CALM, MemoryWire, Outlet, Trace, Weather, url_of

from tocsin.circles.environment import Environment
from tocsin.circles.errors import WritesHalted
from tocsin.circles.events import (
    Arrived,
    CircleChanged,
    Event,
    Purged,
    Recovered,
    SetAside,
    Unentitled,
    Voided,
)
from tocsin.circles.founding.charter import CharterMember, Limits, circle_id
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.draft import DEFAULT_LIMITS, draft_charter
from tocsin.circles.founding.joinfile import make_join_file
from tocsin.circles.founding.joining import assemble
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.founding.opening import make_opening
from tocsin.circles.line import Line
from tocsin.circles.wire.protocol import Path, Reply, Request
from tocsin.core.keys import SignatureType, SigningKey
from tocsin.core.names import LogName, organisation_name
from tocsin.core.records import (
    Card,
    Desk,
    Endpoint,
    NoteRecord,
    Officer,
    encode_record,
    sign_record,
)
from tocsin.core.records.errors import MalformedRecord, OfficerUnknown
from tocsin.log.committer import Committer
from tocsin.log.store import StorageFailed, StorageFull

DOMAIN = "simulated.example"
SLUGS = ("ash", "birch", "cedar", "elm", "fir", "gorse", "holly")
ROGUE = "rogue"
ECONOMIES = ("KR", "JP", "SG", "TW", "TJ", "KZ", "KR")
FOUNDINGS = 16
"""How many circles there are of each size: to found one takes a tenth of a simulation."""

START_LIMIT_S = 30.0
SETTLE_LIMIT_S = 120.0

_LOOK_EVERY_S = 0.25
_LARGEST_SKEW_MS = 600_000
_BYTES_BESIDE_TEXT = 200
_ROLE = "duty"


@lru_cache(maxsize=FOUNDINGS * len(SLUGS))
def found(
    seed: int, slugs: tuple[str, ...], limits: Limits = DEFAULT_LIMITS
) -> tuple[Circle, dict[str, MemberKeys]]:
    """A circle of these members, and their keys."""
    chance = SeededChance(seed, "founding")
    signing = {
        slug: SigningKey.generate(organisation_name(DOMAIN, slug), SignatureType.ED25519, chance)
        for slug in slugs
    }
    text = draft_charter(
        domain=DOMAIN,
        title="A simulated circle",
        purpose="To find out what holds.",
        members=[
            CharterMember(
                slug=slug, label=slug.title(), economy=economy, organisation_key=key.verifying.encode()
            )
            for (slug, key), economy in zip(signing.items(), ECONOMIES, strict=False)
        ],
        nonce=chance.token(32),
        limits=limits,
    )
    keys = {slug: MemberKeys.generate(LogName(DOMAIN, circle_id(text), slug, 1), chance) for slug in slugs}
    join_files = [
        make_join_file(text, opening, signing[slug]).encode()
        for slug in slugs
        for opening in [
            make_opening(
                keys[slug],
                signing[slug],
                Endpoint(tls_spki_sha256=chance.token(32).hex(), url=url_of(slug)),
                at_ms=START_MS,
                tlp="TLP:GREEN",
            )
        ]
    ]
    return assemble(text, join_files), keys


@lru_cache(maxsize=FOUNDINGS * len(SLUGS))
def organisations(seed: int, slugs: tuple[str, ...]) -> dict[str, SigningKey]:
    """The organisation keys of a circle of these members."""
    chance = SeededChance(seed, "founding")
    return {
        slug: SigningKey.generate(organisation_name(DOMAIN, slug), SignatureType.ED25519, chance)
        for slug in slugs
    }


class Node:
    """One member's computer: a disk that stays, and a process that comes and goes.

    `keys` are the secret keys on it, by log; `to_adopt` the events that its organisation signed for it.
    """

    def __init__(self, keys: MemberKeys, clock: VirtualClock, store: MemoryStore) -> None:
        self.slug = keys.log_name.member
        self.keys = {keys.log_name: keys}
        self.to_adopt: list[bytes] = []
        self.card_of: LogName | None = None
        self.clock = clock
        self.store = store
        self.starts = 0
        self.outlet: Outlet | None = None
        self.line: Line | None = None


class World:
    """The nodes of one circle; see the module. `members` counts the honest ones."""

    def __init__(
        self,
        seed: int,
        members: int = 5,
        *,
        rogue: bool = False,
        memoised: bool = True,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.seed = seed
        self.loop: VirtualLoop = new_loop()
        self.trace = Trace(self.loop)
        self.wire = MemoryWire(self.loop, seed, self.trace)
        honest = SLUGS[:members]
        self.circle, keys = found(seed % FOUNDINGS, (*honest, ROGUE) if rogue else honest, limits)
        self.nodes = {slug: self._computer(slug, keys[slug]) for slug in honest}
        self.offices = Offices(self, organisations(seed % FOUNDINGS, (*honest, ROGUE) if rogue else honest))
        self.truth = Truth(self.circle, honest, lambda: self.circle_now)
        self._memoised = memoised
        self._chance = SeededChance(seed, "what is written")
        self._faults: list[BaseException] = []
        self.events: dict[str, list[Event]] = {slug: [] for slug in honest}
        self._within = ExitStack()
        self.rogue = Rogue(self, keys[ROGUE]) if rogue else None

    def admit(self, keys: MemberKeys) -> Node:
        """The computer of a member that joins; its node is not started yet."""
        slug = keys.log_name.member
        node = self.nodes[slug] = self._computer(slug, keys)
        self.events[slug] = []
        self.truth.admit(slug)
        return node

    def _computer(self, slug: str, keys: MemberKeys) -> Node:
        chance = SeededChance(self.seed, f"{slug}'s computer")
        skew_ms = int(chance.uniform(-_LARGEST_SKEW_MS, _LARGEST_SKEW_MS))
        return Node(keys, VirtualClock(self.loop, skew_ms), MemoryStore(chance.token(16).hex()))

    def __enter__(self) -> Self:
        gc.disable()  # what a world makes dies with it; looking for it meanwhile takes a third of the time
        self._within.enter_context(watched(self.truth.signing, memoised=self._memoised))
        return self

    def __exit__(self, *_: object) -> None:
        for node in self.nodes.values():
            if node.outlet:
                node.outlet.unplug()
        self.loop.close()
        self._within.close()
        gc.enable()

    # What a schedule does

    def start(self) -> None:
        """Start every node, and wait until each has written its opening and all hold it."""
        for slug in self.nodes:
            self.restart(slug)
        self._wait_until_settled(START_LIMIT_S)

    def run_for(self, seconds: float) -> None:
        """Let time pass."""
        self.loop.run_for(seconds)
        if self._faults:
            raise Violation(f"A node found itself at fault: {self._faults[0]!r}") from self._faults[0]

    def write(self, slug: str, records: int = 1, size_bytes: int = 900, *, urgent: bool = False) -> None:
        """Have a member write so many notes at once, one call each; nothing if its node is down."""
        node = self.nodes[slug]
        for _ in range(records):
            note = self.new_note(node.clock.wall_ms(), size_bytes)
            log = node.line.own.member.log if node.line else None
            signed = log is not None and node.card_of == log and self._chance.uniform(0, 3) < 1
            record = sign_record(note, self._officer(log)) if signed and log else encode_record(note)
            self._write(node, record, urgent=urgent)

    def introduce_officer(self, slug: str) -> None:
        """Have a member write a card that names its officer, who signs some of its notes from then on."""
        node = self.nodes[slug]
        if node.line is None:
            return
        line_member = node.line.own.member
        log = line_member.log
        card = Card(
            circle=self.circle.id,
            at_ms=node.clock.wall_ms(),
            author="desk",
            author_kind="machine",
            tlp="TLP:GREEN",
            lang="en",
            endpoints=(line_member.endpoint,),
            desk=Desk(name=slug.title()),
            officers=(Officer(role=_ROLE, key=self._officer(log).verifying.encode()),),
        )
        self._write(node, encode_record(card), card_of=log)

    def _officer(self, log: LogName) -> SigningKey:
        """The key of the officer on duty in that epoch."""
        chance = SeededChance(self.seed, f"officer of {log.member} {log.epoch}")
        return SigningKey.generate(log.officer(_ROLE), SignatureType.ED25519, chance)

    def new_note(self, at_ms: int, size_bytes: int) -> NoteRecord:
        """A note that nobody wrote before; its record has about that size."""
        text = f"Observed {self._chance.token(8).hex()}. "
        return NoteRecord(
            circle=self.circle.id,
            at_ms=at_ms,
            author=_ROLE,
            author_kind="officer",
            tlp="TLP:GREEN",
            lang="en",
            text=text.ljust(size_bytes - _BYTES_BESIDE_TEXT, "."),
        )

    def _write(
        self, node: Node, record: bytes, *, urgent: bool = False, card_of: LogName | None = None
    ) -> None:
        if node.line and node.outlet:
            work = self._write_one(node, node.line, node.outlet, record, urgent=urgent, card_of=card_of)
            self.loop.spawn(node.outlet, work)

    async def _write_one(
        self, node: Node, line: Line, outlet: Outlet, record: bytes, *, urgent: bool, card_of: LogName | None
    ) -> None:
        try:
            written = await line.write([record], urgent=urgent)
        except (StorageFull, WritesHalted, OfficerUnknown, MalformedRecord):
            # The last two: a new epoch has begun, whose officers its own card names.
            return
        except StorageFailed:
            if outlet.plugged:
                raise
            return
        self.truth.acknowledged(node.slug, written, record)
        node.card_of = card_of or node.card_of

    def kill(self, slug: str) -> None:
        """End a node's process; nothing if it is down."""
        node = self.nodes[slug]
        if node.line and node.outlet:
            node.store.end()
            self._ended(node, node.outlet)
            self.run_for(0)

    def cut_power(self, slug: str) -> None:
        """Take a node's power away; nothing if it is down."""
        if self.nodes[slug].line:
            self.nodes[slug].store.fail()
            self.run_for(0)

    def cut_power_at_commit(self, slug: str, commits: int, moment: Literal["before", "after"]) -> None:
        """Take a node's power away at the end of a coming transaction, just before or after its sync."""
        self.nodes[slug].store.strike(commits, moment)

    def restart(self, slug: str) -> None:
        """Start a node from what its disk kept; nothing if it is up."""
        node = self.nodes[slug]
        if node.line:
            return
        node.starts += 1
        outlet = node.outlet = self.wire.outlet(slug, url_of(slug))
        node.store = node.store.reopen(partial(self._ended, node, outlet))
        self.truth.restarted(slug, node.store)
        environment = Environment(
            store=node.store,
            committer=Committer(node.store, partial(self.truth.committed, slug)),
            wire=outlet,
            clock=node.clock,
            chance=SeededChance(self.seed, f"{slug}, start {node.starts}"),
            on_event=partial(self._event, slug),
            on_fault=partial(self._fault, outlet),
        )
        self.loop.spawn(outlet, self._run(node, outlet, environment))
        self.run_for(0)

    async def _run(self, node: Node, outlet: Outlet, environment: Environment) -> None:
        line = node.line = Line(self.circle, node.slug, node.keys.get, environment)
        self.opened(node, line)
        outlet.listen(partial(_handle, line))
        await line.start()
        await self.offices.adopt(node, line)

    def opened(self, node: Node, line: Line) -> None:
        """A node has a line, which is not started yet: what works with its records begins here."""

    def leave_room(self, slug: str, room_bytes: int | None) -> None:
        """Leave a node's disk only so much room; None for enough."""
        self.nodes[slug].store.room_bytes = room_bytes

    def cut(self, sender: str, receiver: str) -> None:
        """Nothing that `sender` sends reaches `receiver` any more; the other direction works."""
        self.wire.cut(sender, receiver)

    def part(self, *groups: Sequence[str]) -> None:
        """Cut both directions between every two members of different groups."""
        for group in groups:
            for other in groups:
                for a in group if other is not group else ():
                    for b in other:
                        self.cut(a, b)

    def heal(self) -> None:
        """Mend every cut."""
        self.wire.heal()

    def set_weather(self, weather: Weather) -> None:
        """From now on, messages fare like this."""
        self.wire.weather = weather

    def restore(self, slug: str, copy: MemoryStore) -> None:
        """Start a node that is down from a copy of its disk; it keeps no promise that is younger."""
        self.truth.forget(slug)
        self.nodes[slug].store = copy
        self.nodes[slug].card_of = None
        self.restart(slug)

    @property
    def rogue_log(self) -> str:
        """The name of the rogue's log."""
        return str(self.circle.by_slug[ROGUE].log)

    @property
    def circle_now(self) -> Circle:
        """The circle as all events leave it that any organisation ever signed."""
        return self.offices.circle

    def rogue_attacks(self, attack: str) -> None:
        """The rogue begins an attack of `hostile.ATTACKS`; nothing without a rogue."""
        if self.rogue:
            self.rogue.attack(attack)

    def rogue_steals(self, slug: str, back: int, records: int, victims: Sequence[str]) -> None:
        """The rogue writes with a member's keys, to some of the others; nothing without a rogue."""
        if self.rogue:
            self.rogue.begin(self.rogue.steal(slug, back, records, victims))

    def rogue_lies(self, *lies: str) -> None:
        """From now on, the rogue answers with any of these of `hostile.LIES`; nothing without a rogue."""
        if self.rogue:
            self.rogue.lies = lies

    def settle(self) -> None:
        """Mend everything, start every node, wait until all hold the same, and check all that must hold."""
        self.heal()
        self.set_weather(CALM)
        for slug, node in self.nodes.items():
            node.store.calm()
            self.restart(slug)
        self.offices.settle()
        self.run_for(1)
        self._wait_until_settled(SETTLE_LIMIT_S)
        self.truth.check()

    @property
    def lines(self) -> dict[str, Line]:
        """The lines that are up, by member."""
        return {slug: node.line for slug, node in self.nodes.items() if node.line}

    def _wait_until_settled(self, limit_s: float) -> None:
        end_s = self.loop.time() + limit_s
        while lacking := self.truth.lacking(self.lines) or self.truth.disagreement(self.lines):
            if self.loop.time() > end_s:
                raise Violation(f"After {limit_s} s without any trouble, {lacking}.")
            self.run_for(_LOOK_EVERY_S)

    # What nodes do to the world

    def _ended(self, node: Node, outlet: Outlet) -> None:
        self.trace.add(f"{node.slug} is down")
        outlet.unplug()
        node.line = None
        self.loop.cancel_tasks_of(outlet)

    def _event(self, slug: str, event: Event) -> None:
        self.trace.add(f"{slug}: {type(event).__name__}")
        if isinstance(event, CircleChanged | Voided | SetAside | Recovered):
            self.events[slug].append(event)
        if isinstance(event, Arrived):
            self.truth.arrived(slug, event)
        if isinstance(event, Purged):
            self.truth.purged(slug, event)
        if isinstance(event, Unentitled):
            self.truth.unentitled(slug, event)

    def _fault(self, outlet: Outlet, error: BaseException) -> None:
        if outlet.plugged:
            self._faults.append(error)


async def _handle(line: Line, request: Request) -> Reply:
    if request.path == Path.ADD_CHECKPOINT:
        reply = await line.add_checkpoint(request.body)
        return Reply(reply.status, reply.body, b"")
    return await line.handle(request)
