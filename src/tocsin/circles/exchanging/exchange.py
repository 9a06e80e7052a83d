"""What works in one circle at one node: it writes the log, follows the others', and keeps them up to date.

It is made anew whenever the circle changes.

- Before the first write after a start, and before the first in a new epoch of ours, it asks every member what
  it knows of the circle's logs, for two seconds at most (the design's invariant 2): a node that lost records
  must not write over them.
- It tells the others which checkpoints it knows, at most once a second; after a second without a record of
  its own it has its log witnessed. Each member is told and asked by itself: none waits for another.
- Whoever is no part of the circle (any more) asks nobody and is asked by nobody.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace

from tocsin.circles import witness
from tocsin.circles.authoring.calling import Caller, Reach
from tocsin.circles.authoring.own import OwnLog, Written
from tocsin.circles.authoring.sending import Sender
from tocsin.circles.authoring.showing import Shown
from tocsin.circles.environment import Environment
from tocsin.circles.erasing.departing import Departure
from tocsin.circles.erasing.purging import Purging
from tocsin.circles.erasing.replaying import Replay
from tocsin.circles.errors import NonMember, UnknownName
from tocsin.circles.events import (
    Arrived,
    Event,
    Known,
    OrdersCame,
    Receipted,
    RefusedThere,
    TwoVersions,
    Wrote,
)
from tocsin.circles.exchanging.announcing import Announcer
from tocsin.circles.exchanging.kept import Kept
from tocsin.circles.exchanging.standing import Standing
from tocsin.circles.exchanging.start import Start
from tocsin.circles.following.accepting import Following
from tocsin.circles.following.receipts import Receipts
from tocsin.circles.following.repair import Repair
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.serving import Serving
from tocsin.circles.wire.requests import Nonces
from tocsin.circles.witness import Witness
from tocsin.core.errors import Refusal
from tocsin.log.store import StorageFull

OPEN_AGAIN_S = 2.0
QUIET_S = 1.0

_NEWS = (Wrote, Arrived, Known, Receipted, TwoVersions)


@dataclass(frozen=True, slots=True)
class Outside:
    """What an exchange needs of its line: the circle's events by id, and whom to tell what is beyond it.

    `lost` is told that records of our log are missing here, and why that is known; `astray` that what is held
    of an ended log is another version, but for so many entries.
    """

    events: Callable[[], Mapping[bytes, bytes]]
    take: Callable[[Sequence[bytes]], Awaitable[None]]
    lost: Callable[[str], None]
    astray: Callable[[str, int], None]


class Exchange:
    """The parts of one node in one circle, and the tasks that keep them going."""

    def __init__(
        self,
        circle: Circle,
        standing: Standing,
        *,
        environment: Environment,
        kept: Kept,
        nonces: Nonces,
        start: Start,
        outside: Outside,
    ) -> None:
        store = environment.store
        with store.transaction():
            for log in circle.by_log:
                store.create(log)
        self.circle = circle
        self.standing = standing
        self._store = store
        self._start = start
        self._clock = environment.clock
        self._listener = environment.on_event
        self._on_fault = environment.on_fault
        environment = replace(environment, on_event=self._on_event)
        self.following = Following(circle, standing, environment, kept)
        self.own = OwnLog(circle, standing, environment, self.following, outside.lost)
        self.witness = Witness(circle, standing, environment)
        self.receipts = Receipts(circle, self.own, self.following, environment)
        me = standing.me
        mine = next((n for n, member in enumerate(circle.members) if member.slug == standing.member.slug), 0)
        in_turn = (*circle.members[mine:], *circle.members[:mine])
        others = [member for member in in_turn if member.slug != standing.member.slug]
        callers = {
            other.slug: Caller(me, other, Reach(other, store), environment.wire)
            for other in others
            if me and other.slug not in kept.suspended.all
        }
        self._shown = Shown(self.following.newest)
        self.senders = {
            other.slug: Sender(
                other,
                callers[other.slug],
                circle,
                self.own,
                shown=self._shown,
                receipts=self.receipts,
                may_leave=self.may_leave,
                environment=environment,
            )
            for other in others
            if standing.takes_part and other.slug in callers
        }
        self._announcer = Announcer(
            callers,
            outside.events,
            outside.take,
            environment.chance,
            told=start.told,
            takes_part=standing.takes_part,
        )
        self.purging = Purging(
            circle, standing.member.slug, environment, write=self._answer, refresh=self.following.refresh
        )
        self.departure = Departure(circle, standing.member.slug, environment, lambda: self.purging.view)
        self._replay = Replay(self.own, self.following, self.purging, environment.clock, start)
        self.serving = Serving(
            circle,
            me,
            self.own,
            self.following,
            self.receipts,
            shown=self._shown,
            environment=environment,
            kept=kept,
            nonces=nonces,
            heard=self._heard,
            may_leave=self.may_leave,
        )
        ours = str(standing.member.log).rpartition("/")[0] + "/"
        asked = [other for other in others if other.slug in self.senders]
        self._repair = Repair(
            self.following,
            self.receipts,
            asked,
            callers,
            environment=environment,
            ours=ours,
            astray=outside.astray,
        )
        self._changed = asyncio.Event()
        self._asked = asyncio.Event()
        self._witnessing: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Start the tasks. The first write waits until the others were asked."""
        for sender in self.senders.values():
            self._spawn(sender.run())
        self._spawn(self._repair.run())
        self._spawn(self._announcer.run())
        self._spawn(self.purging.run())
        self._spawn(self.departure.run())
        self._spawn(self._begin())
        self._spawn(self._tell())

    async def stop(self) -> None:
        """Stop all tasks. What was acknowledged is durable already."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._asked.set()

    async def asked(self) -> None:
        """Wait until the others were asked what they know, or until this exchange is over."""
        await self._asked.wait()

    def may_leave(self, log: str) -> bool:
        """Whether records of this log may leave: what was erased meanwhile is known, and gone."""
        return self._replay.may_leave(log)

    async def write(self, records: Sequence[bytes], *, urgent: bool) -> Written:
        """Append records that were admitted."""
        written = await self.own.append(records)
        if urgent:
            for sender in self.senders.values():
                self._spawn(sender.send_ahead(written.size - 1))
        return written

    async def _answer(self, records: Sequence[bytes]) -> None:
        """What the node itself says, once the others were asked."""
        await self._asked.wait()
        await self.own.write(records)

    def announce(self) -> None:
        """There are events that the others may not have, which changed nothing so far."""
        self._announcer.wake()

    async def _begin(self) -> None:
        """Ask the others what they know, unless that is done; write the opening if there is none; send."""
        if left_s := self._start.ask_s():
            await asyncio.gather(*(self._ask(sender, left_s) for sender in self.senders.values()))
            self._start.asked()
        self._replay.asked()
        while self.own.size == 0 and not self.own.halted:
            try:
                await self.own.open()
            except StorageFull:
                await self._clock.sleep(OPEN_AGAIN_S)
        self._asked.set()
        self._wake(gossip=True)

    async def _ask(self, sender: Sender, left_s: float) -> None:
        try:
            async with asyncio.timeout(left_s):
                notes = await sender.ask()
        except Refusal as refusal:
            self._refused(sender.member.slug, refusal.code)
            return
        except TimeoutError:
            return
        await self.following.learn(notes)
        await self.receipts.take(notes, sender.member.slug)
        self._shown.heard(sender.member, notes)

    async def _tell(self) -> None:
        """In the second after something changed, tell the others; if our log did not, have it witnessed.

        In its second half, one after the other, those first that come after us in the charter: so members
        do not all tell all others at one moment, and half of them were told by those whom they would tell.
        """
        in_turn = list(self.senders.values())
        while True:
            await self._changed.wait()
            self._changed.clear()
            size = self.own.size
            await self._clock.sleep(QUIET_S / 2)
            for sender in in_turn:
                await self._clock.sleep(QUIET_S / 2 / len(in_turn))
                sender.wake(gossip=True)
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
        if isinstance(event, _NEWS):
            self._changed.set()
        if isinstance(event, RefusedThere):
            self._refused(event.member, event.code)
        if isinstance(event, OrdersCame):
            self.purging.heard(event)
        self._listener(event)

    def _refused(self, slug: str, code: str) -> None:
        """A member that takes us for strangers may not have heard of our new keys, or we of its."""
        if code in (NonMember.code, UnknownName.code):
            self._announcer.poke(slug)

    def _wake(self, *, gossip: bool = False) -> None:
        for sender in self.senders.values():
            sender.wake(gossip=gossip)

    def _heard(self, member: Member) -> None:
        if sender := self.senders.get(member.slug):
            sender.poke()

    def _spawn(self, coroutine: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._on_fault(error)
