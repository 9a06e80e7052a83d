"""A line: one circle at one node. It writes the node's log, follows the others', and keeps them up to date.

    line = Line(circle, me, environment)
    await line.start()
    written = await line.write([record])        # durable here
    ...                                         # Confirmed events: held by others
    await line.stop()

- Everything is an argument: many lines run in one process, over real or simulated wires, disks and clocks.
- On its start a line asks every member what it knows of the circle's logs, for two seconds at most, before
  it writes (the design's invariant 2): a node that lost records must not write over them.
- It tells the others which checkpoints it knows, at most once a second; after a second without a record of
  its own it has its log witnessed. Each member is told and asked by itself: none waits for another.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace

from tocsin.circles import witness
from tocsin.circles.authoring.calling import Caller, Reach
from tocsin.circles.authoring.own import Confirmation, OwnLog, Written
from tocsin.circles.authoring.sending import Sender
from tocsin.circles.environment import Environment
from tocsin.circles.events import Arrived, Event, Known, TwoVersions, Wrote
from tocsin.circles.following.accepting import Following
from tocsin.circles.following.repair import Repair
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.serving import Serving
from tocsin.circles.wire.protocol import Reply, Request
from tocsin.circles.witness import Witness, WitnessReply
from tocsin.core.errors import Refusal
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES
from tocsin.log.store import StorageFull

ASK_S = 2.0
QUIET_S = 1.0


@dataclass(frozen=True, slots=True)
class MemberStatus:
    """One member, as seen from here. `held_by_them`: of our log; `held_here`: of theirs."""

    member: Member
    held_by_them: Confirmation | None
    witnessed_by_them: Confirmation | None
    held_here: int
    known_here: int
    missing_here: bool
    stopped: bool
    trouble: str | None


@dataclass(frozen=True, slots=True)
class LineStatus:
    """One circle at this node. `halted` says why nothing is written any more, if so."""

    circle: Circle
    log: str
    size: int
    halted: str | None
    members: tuple[MemberStatus, ...]


class Line:
    """One circle at one node."""

    def __init__(
        self,
        circle: Circle,
        me: MemberKeys,
        environment: Environment,
    ) -> None:
        store = environment.store
        with store.transaction():
            for member in circle.members:
                store.create(str(member.log))
        self.circle = circle
        self._store = store
        self._clock = environment.clock
        self._listener = environment.on_event
        self._on_fault = environment.on_fault
        environment = replace(environment, on_event=self._on_event)
        self.following = Following(circle, me, environment)
        self.own = OwnLog(circle, me, environment, self.following)
        self._witness = Witness(circle, me, environment)
        others = [member for member in circle.members if member.slug != self.own.member.slug]
        callers = {other.slug: Caller(me, other, Reach(other, store), environment.wire) for other in others}
        self.senders = {
            other.slug: Sender(other, callers[other.slug], self.own, self.following.newest, environment)
            for other in others
        }
        self._serving = Serving(circle, self.own, self.following, environment, self._heard)
        self._repair = Repair(self.following, others, callers, environment.clock)
        self._changed = asyncio.Event()
        self._asked = asyncio.Event()
        self._witnessing: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Start the line's tasks. Returns at once; the first write waits until the others were asked."""
        for sender in self.senders.values():
            self._spawn(sender.run())
        self._spawn(self._repair.run())
        self._spawn(self._begin())
        self._spawn(self._tell())

    async def stop(self) -> None:
        """Stop all tasks. What was acknowledged is durable already."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def write(self, records: Sequence[bytes], *, urgent: bool = False) -> Written:
        """Append records to our log in one commit; durable when it returns. Raises what OwnLog.write raises.

        With `urgent`, the last of them goes ahead of the backlog of members that are far behind.
        """
        await self._asked.wait()
        written = await self.own.write(records)
        if urgent:
            for sender in self.senders.values():
                if sender.backlog > MAX_CHUNK_ENTRIES:
                    self._spawn(sender.send_ahead(written.size - 1))
        return written

    def expects(self, signer: str, nonce: bytes) -> bool:
        """Whether a request with these is worth a large body: its nonce was given here, to a member."""
        return self._serving.expects(signer, nonce)

    async def handle(self, request: Request) -> Reply:
        """Answer one signed request of a member."""
        return await self._serving.handle(request)

    async def add_checkpoint(self, body: bytes) -> WitnessReply:
        """Answer C2SP's add-checkpoint, from anyone."""
        return await self._witness.add_checkpoint(body)

    def status(self) -> LineStatus:
        """Who holds what of whom."""
        members = tuple(self._member_status(sender) for sender in self.senders.values())
        return LineStatus(self.circle, self.own.name, self.own.size, self.own.halted, members)

    def _member_status(self, sender: Sender) -> MemberStatus:
        member = sender.member
        followed = self.following.log(str(member.log))
        newest = followed.newest() if followed else None
        return MemberStatus(
            member=member,
            held_by_them=self.own.held.get(member.slug),
            witnessed_by_them=self.own.witnessed.get(member.slug),
            held_here=followed.size if followed else 0,
            known_here=newest.checkpoint.size if newest else 0,
            missing_here=followed.incomplete if followed else False,
            stopped=followed.stopped if followed else False,
            trouble=sender.trouble,
        )

    async def _begin(self) -> None:
        """Ask the others what they know, write the opening if there is none, and start to send."""
        await asyncio.gather(*(self._ask(sender) for sender in self.senders.values()))
        while self.own.size == 0 and not self.own.halted:
            try:
                await self.own.open()
            except StorageFull:
                await self._clock.sleep(ASK_S)
        self._asked.set()
        self._wake(gossip=True)

    async def _ask(self, sender: Sender) -> None:
        try:
            async with asyncio.timeout(ASK_S):
                notes = await sender.ask()
        except (Refusal, TimeoutError):
            return
        await self.following.learn(notes)

    async def _tell(self) -> None:
        """A second after something changed, tell the others; if our log did not in it, have it witnessed."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            size = self.own.size
            await self._clock.sleep(QUIET_S)
            self._wake(gossip=True)
            if self.own.size == size:
                for sender in self.senders.values():
                    if sender.trouble is None and sender.member.slug not in self._witnessing:
                        self._spawn(self._have_witnessed(sender))

    async def _have_witnessed(self, sender: Sender) -> None:
        self._witnessing.add(sender.member.slug)
        try:
            await witness.ask(sender.caller, sender.member, self.own, self._store)
        except Refusal:
            return
        finally:
            self._witnessing.discard(sender.member.slug)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Wrote):
            self._wake()
        if isinstance(event, Wrote | Arrived | Known | TwoVersions):
            self._changed.set()
        self._listener(event)

    def _wake(self, *, gossip: bool = False) -> None:
        for sender in self.senders.values():
            sender.wake(gossip=gossip)

    def _heard(self, member: Member) -> None:
        self.senders[member.slug].poke()

    def _spawn(self, coroutine: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._on_fault(error)
