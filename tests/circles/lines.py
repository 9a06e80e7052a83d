"""A few lines in one process on virtual time, and puppets: members whose every word a test writes by hand.

    with Lines() as lines:
        ash, birch = lines.start("ash"), lines.puppet("birch")
        answer = birch.push("ash", birch.history.push())

A puppet has a member's keys, and no rules.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, Self, TypeVar

from tests.circles.party import DOMAIN, PLACES, card_of, note_bytes, note_record, officer_key, party
from tests.simulation.clock import SeededChance, VirtualClock
from tests.simulation.hostile import History
from tests.simulation.loop import VirtualLoop, new_loop
from tests.simulation.memory_store import MemoryStore
from tests.simulation.wire import MemoryWire, Outlet, Trace

from tocsin.circles.attaching.contents import Contents, NoContents
from tocsin.circles.authoring.calling import Caller
from tocsin.circles.changing.fold import event_id
from tocsin.circles.environment import Environment
from tocsin.circles.events import Arrived, Event
from tocsin.circles.following.followed import Followed
from tocsin.circles.founding.charter import Limits
from tocsin.circles.founding.draft import DEFAULT_LIMITS
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.line import Line
from tocsin.circles.reading import Reading
from tocsin.circles.wire.answers import Answer, Held, Later, Refused, SizeHeld, encode_answer, status_of
from tocsin.circles.wire.messages import Ahead, Push
from tocsin.circles.wire.protocol import Path, Reply, Request
from tocsin.circles.wire.requests import NO_NONCE, Nonces, sign_request
from tocsin.core.note import parse_note
from tocsin.core.records import sign_record
from tocsin.core.tlog.checkpoint import Checkpoint, cosign, parse_text, verify_cosignature
from tocsin.log.committer import Committer
from tocsin.log.store import Head

E = TypeVar("E", bound=Event)
T = TypeVar("T")

LIMIT_S = 60.0
OFFICER = "duty"
LATER: Answer = Later(5_000)

Says = Callable[[Request], Answer | Reply | None]
"""What a puppet answers to a request; None for nothing at all."""


class Lines:
    """A circle whose members run here, or are puppets, or are not there."""

    def __init__(
        self,
        domain: str = DOMAIN,
        chosen: tuple[tuple[str, str, str], ...] = PLACES,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.party = party(domain=domain, chosen=chosen, limits=limits)
        self.circle = self.party.circle
        self.loop: VirtualLoop = new_loop()
        self.wire = MemoryWire(self.loop, 1, Trace(self.loop))
        self.desks: dict[str, Desk] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for desk in self.desks.values():
            desk.end()
        self.loop.close()
        if kind is None:
            assert [fault for desk in self.desks.values() for fault in desk.faults] == []

    def start(
        self, slug: str, store: MemoryStore | None = None, committing: type[Committer] = Committer
    ) -> "Desk":
        """A member's node, which has written its opening. The others are asked for what they know first."""
        desk = self.desks[slug] = Desk(self, slug, store or MemoryStore(slug), committing)
        desk.start()
        return desk

    def join(self, keys: MemberKeys, *events: bytes) -> "Desk":
        """The node of a member that joined by an amendment, with the events that it got with it."""
        slug, store = keys.log_name.member, MemoryStore(keys.log_name.member)
        with store.transaction():
            for event in events:
                store.put_document(f"events/{self.circle.id}", event_id(event).hex(), event)
        desk = self.desks[slug] = Desk(self, slug, store, keys=keys)
        desk.start()
        return desk

    def puppet(self, slug: str, says: Says = lambda _: LATER) -> "Puppet":
        """A member without a node."""
        return Puppet(self, slug, says)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """What the coroutine returns, whatever time it takes."""
        return self.loop.run(coroutine, LIMIT_S)

    def run_for(self, seconds: float) -> None:
        """Let time pass."""
        self.loop.run_for(seconds)

    def outlet(self, slug: str) -> Outlet:
        """A new connection to the network for this member."""
        return self.wire.outlet(slug, f"https://{slug}.example:8443")

    def log(self, slug: str) -> str:
        """The name of a member's log."""
        return str(self.circle.by_slug[slug].log)


class Desk:
    """One member's node: a disk that stays, and a line that comes and goes.

    `on_leaving` is called when a commit is durable, before anyone is told. `committing` makes its committer.
    """

    def __init__(
        self,
        lines: Lines,
        slug: str,
        store: MemoryStore,
        committing: type[Committer] = Committer,
        keys: MemberKeys | None = None,
    ) -> None:
        self.slug = slug
        self.committing = committing
        keys = keys or lines.party.keys[slug]
        self.log = str(keys.log_name)
        self.keys = {keys.log_name: keys}
        self.store = store
        self.events: list[Event] = []
        self.faults: list[BaseException] = []
        self.on_event: Callable[[Event], None] = self.events.append
        self.line: Line
        self.on_leaving: Callable[[], object] = lambda: None
        self.has_room = True
        self.contents: Contents = NoContents()
        self.lines = lines
        self._outlet: Outlet | None = None

    def start(self) -> None:
        """Start from what the disk has."""
        self.events.clear()
        lines, outlet = self.lines, self.lines.outlet(self.slug)
        self._outlet = outlet
        environment = Environment(
            store=self.store,
            committer=self.committing(self.store, self._leaving),
            wire=outlet,
            clock=VirtualClock(lines.loop),
            chance=SeededChance(1, self.slug),
            on_event=self._heard,
            on_fault=self.faults.append,
            has_room=lambda: self.has_room,
            contents=self.contents,
        )
        lines.loop.spawn(outlet, self._run(environment, outlet))
        lines.run_for(0.5)

    async def _run(self, environment: Environment, outlet: Outlet) -> None:
        self.line = Line(self.lines.circle, self.slug, self.keys.get, environment)
        outlet.listen(partial(_handle, self.line))
        await self.line.start()

    def _heard(self, event: Event) -> None:
        self.on_event(event)

    def _leaving(self, _: Sequence[Head]) -> None:
        self.on_leaving()

    def end(self) -> None:
        """End the process; what it committed is on its disk."""
        if self._outlet:
            self.store = self.store.reopen(lambda: None)
            self._outlet.unplug()
            self.lines.loop.cancel_tasks_of(self._outlet)
            self._outlet = None

    def restart(self) -> None:
        """End it, and start it again."""
        self.end()
        self.start()

    def write(self, *records: bytes, urgent: bool = False) -> None:
        """Write records, or a note, and let them be sent."""
        records = records or (note_bytes(self.line.own.member.log, "Nothing to report."),)
        self.lines.run(self.line.write(records, urgent=urgent))
        self.lines.run_for(0.2)

    def heard(self, kind: type[E]) -> list[E]:
        """What of this kind happened since the start."""
        return [event for event in self.events if isinstance(event, kind)]

    def follows(self, slug: str) -> Followed:
        """The log of another member, as it is held here."""
        followed = self.line.following.log(self.lines.log(slug))
        assert followed is not None
        return followed

    def readings(self, slug: str) -> list[Reading]:
        """What was read of another member's log, in the order in which it came."""
        log = self.lines.log(slug)
        return [reading for event in self.heard(Arrived) if event.log == log for reading in event.readings]


class Puppet:
    """A member without a node: it has the keys, a log in as many versions as it likes, and no rules.

    `asked` are the requests that others sent it.
    """

    def __init__(self, lines: Lines, slug: str, says: Says, url: str = "") -> None:
        self.slug = slug
        self.log = lines.log(slug)
        self.member = lines.circle.by_slug[slug]
        self.keys = lines.party.keys[slug]
        self.history = History(self.log, self.keys.log, SeededChance(2, slug))
        self.history.write(self.member.opening)
        self.asked: list[Request] = []
        self.says = says
        self.lines = lines
        self._nonces = Nonces(SeededChance(3, slug))
        self._never = asyncio.Event()
        self._outlet = lines.wire.outlet(slug, url) if url else lines.outlet(slug)
        self._outlet.listen(self._answer)

    def note(self, text: str = "Nothing to report.") -> bytes:
        """A record for its log."""
        return note_bytes(self.member.log, text)

    def card(self, seed: int = 1) -> bytes:
        """A card that lists an officer of the role `duty`, with a key from this seed."""
        return card_of(self.member.log, officer_key(self.member.log, OFFICER, seed))

    def signed(self, seed: int = 1, author: str = OFFICER) -> bytes:
        """A note signed with that key."""
        key = officer_key(self.member.log, OFFICER, seed)
        return sign_record(note_record(self.member.log, f"Signed by {author}.", author), key)

    def push(self, to: str, push: Push, *newest: bytes) -> Answer:
        """Push to a desk; what it answers."""
        whole = Push(push.log, push.chunk, push.checkpoint, push.consistency, push.newest + newest)
        return self.call(to, Path.PUSH, whole.encode())

    def tell(self, to: str, *newest: bytes) -> Answer:
        """Push newest checkpoints alone."""
        empty = self.history.push(0, 0)
        return self.call(to, Path.PUSH, Push(self.log, empty.chunk, b"", (), newest).encode())

    def ahead(self, to: str, ahead: Ahead) -> Answer:
        """Send a record ahead to a desk; what it answers."""
        return self.call(to, Path.AHEAD, ahead.encode())

    def call(self, to: str, path: Path, body: bytes) -> Answer:
        """Call a desk, as its client does; what it answers."""
        return self.lines.run(self.calling(to, path, body))

    async def calling(self, to: str, path: Path, body: bytes) -> Answer:
        """The same, for several at once."""
        known = self.lines.circle.by_slug
        member = known[to] if to in known else self.lines.desks[to].line.own.member
        return await Caller(self.keys, member, lambda: [member.endpoint], self._outlet).call(path, body)

    def request(self, to: str, path: Path, body: bytes, nonce: bytes = NO_NONCE) -> Request:
        """A request with any nonce."""
        return sign_request(self.keys.request, self.lines.log(to), path, body, nonce)

    def send(self, to: str, request: Request) -> Reply:
        """Send a request as it is."""
        endpoint = self.lines.circle.by_slug[to].endpoint
        return self.lines.run(self._outlet.send([endpoint], request, 5.0))

    def pushed(self) -> list[Push]:
        """The pushes that others sent it."""
        return [Push.decode(request.body) for request in self.asked if request.path == Path.PUSH]

    async def _answer(self, request: Request) -> Reply:
        nonce = self._nonces.give(request.signer)
        if request.path != Path.NONCE:
            self.asked.append(request)
        said = Refused("stale-nonce", 0, "Because.") if request.path == Path.NONCE else self.says(request)
        if said is None:
            await self._never.wait()
        if isinstance(said, Reply):
            return Reply(said.status, said.body, nonce)
        assert said is not None
        return Reply(status_of(said), encode_answer(said), nonce)


async def _handle(line: Line, request: Request) -> Reply:
    if request.path == Path.ADD_CHECKPOINT:
        reply = await line.add_checkpoint(request.body)
        return Reply(reply.status, reply.body, b"")
    return await line.handle(request)


def codes(answers: Sequence[Answer]) -> list[str]:
    """Each answer's code, or its name where it is no refusal."""
    return [answer.code if isinstance(answer, Refused) else type(answer).__name__ for answer in answers]


def held(puppet: Puppet, answer: Answer) -> bool:
    """Whether ash signs that it holds all of the puppet's log."""
    if not isinstance(answer, Held):
        return False
    ash = puppet.lines.circle.by_slug["ash"]
    verify_cosignature(puppet.history.checkpoint(answer.size).checkpoint, answer.cosignature, ash.holder_key)
    return answer.size == puppet.history.size


def triples(push: Push) -> list[tuple[bytes, bytes, bytes | None]]:
    """Entry, salt and record of each."""
    return [(entry, salt, record) for _, entry, salt, record in push.chunk.items()]


def checkpoint_of(push: Push) -> Checkpoint:
    """What a push is signed for."""
    return parse_text(parse_note(push.checkpoint).text)


def holds_all(puppet: Puppet) -> Callable[[Request], Answer]:
    """A member that says it holds whatever it is pushed."""
    held = 0

    def says(request: Request) -> Answer:
        nonlocal held
        if request.path != Path.PUSH:
            return LATER
        push = Push.decode(request.body)
        if not push.checkpoint:
            return SizeHeld(held)
        checkpoint = checkpoint_of(push)
        held = checkpoint.size
        return Held(checkpoint.size, cosign(checkpoint, puppet.keys.holder, 7))

    return says
