"""A line: one circle at one node, through everything that changes the circle.

    line = Line(founded, slug, keys_of, environment)
    await line.start()
    written = await line.write([record])        # durable here
    ...                                         # Confirmed events: held by others
    await line.take([opening])                  # the circle has changed, durably; all goes on
    await line.stop()

- Everything is an argument: many lines run in one process, over real or simulated wires, disks and clocks.
- The line keeps the events that change the circle, and computes from them what the circle is. What works in
  it, its *exchange*, is stopped and made anew from the store whenever the circle changes: calls and writes at
  work are let end before, and those that come meanwhile wait.
- Which member it is, it is told, and no event changes that. Which epoch is written is the circle's to say;
  the secret keys of it have to be here (`keys_of`). Otherwise nothing is written, and `own.halted` says what
  to do; all that is held stays, also where the circle does not list this member (any more).
- Where another opening of an epoch counts than the one whose log was held, that log is set aside first.
"""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.circles.authoring.own import Confirmation, OwnLog, Written
from tocsin.circles.authoring.sending import Sender, Trouble
from tocsin.circles.changing.events import Proposal
from tocsin.circles.changing.fold import acceptable, event_id
from tocsin.circles.changing.known import Known
from tocsin.circles.environment import Environment
from tocsin.circles.erasing.departing import Departure
from tocsin.circles.erasing.view import Erasures
from tocsin.circles.errors import NonMember
from tocsin.circles.events import CircleChanged, SetAside, Voided
from tocsin.circles.exchanging.exchange import Exchange, Outside
from tocsin.circles.exchanging.gate import Gate
from tocsin.circles.exchanging.kept import Kept
from tocsin.circles.exchanging.standing import Halted, KeysOf, Standing, seen_by, standing
from tocsin.circles.exchanging.start import Start
from tocsin.circles.following.accepting import Following
from tocsin.circles.following.asides import begin_anew, of_other_openings, set_aside, with_asides
from tocsin.circles.following.receipts import Receipts
from tocsin.circles.founding.circle import Circle, Member, check_mode
from tocsin.circles.wire.answers import Answer
from tocsin.circles.wire.messages import EventsRequest, Pull, Push
from tocsin.circles.wire.protocol import Path, Reply, Request
from tocsin.circles.wire.requests import Nonces
from tocsin.circles.witness import WitnessReply
from tocsin.core.errors import Refusal
from tocsin.core.names import LogName
from tocsin.log.store import StorageFull

_UNTIL_ROOM_S = 2.0
_ANOTHER_OPENING = (
    b"What was written here of our log is of another opening of its epoch than the one that counts."
)


@dataclass(frozen=True, slots=True)
class MemberStatus:
    """One member, as seen from here. `held_by_them`: of our log; `held_here`: of theirs.

    `suspended`: why we do not speak with it for now, if so.
    """

    member: Member
    held_by_them: Confirmation | None
    witnessed_by_them: Confirmation | None
    held_here: int
    known_here: int
    missing_here: bool
    stopped: bool
    trouble: Trouble | None
    suspended: str | None


@dataclass(frozen=True, slots=True)
class LineStatus:
    """One circle at this node. `halted` says why nothing is written, if so."""

    circle: Circle
    log: str
    size: int
    halted: Halted | None
    members: tuple[MemberStatus, ...]


class Line:
    """One circle at the node of its member `slug`. Raises NoKeysHere if that one never was a member."""

    def __init__(self, founded: Circle, slug: str, keys_of: KeysOf, environment: Environment) -> None:
        self._slug = slug
        self._keys_of = keys_of
        self._environment = environment
        self._committer = environment.committer
        self._kept = Kept(founded.id, environment.store, environment.committer)
        self._known = Known.of(founded, self._kept.events.all.values())
        self._nonces = Nonces(environment.chance)
        self._start = Start(environment.clock)
        self._gate = Gate()
        self._stale = asyncio.Event()
        self._renewed = asyncio.Event()
        self._wanted = self._made = 0
        self._astray: dict[str, int] = {}
        self._found_lost: dict[str, bytes] = {}
        self._openings: dict[str, bytes] = {}
        self._begun_anew: list[SetAside] = []
        self._running = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._exchange = self._make()

    # What the circle is now

    @property
    def circle(self) -> Circle:
        """The circle as it is now."""
        return self._exchange.circle

    @property
    def standing(self) -> Standing:
        """What this node may do in it."""
        return self._exchange.standing

    @property
    def own(self) -> OwnLog:
        """The log that this node writes, in its newest epoch."""
        return self._exchange.own

    @property
    def erasures(self) -> Erasures:
        """What was ordered to be erased, what our holds keep, and who has answered."""
        return self._exchange.purging.view

    @property
    def departure(self) -> Departure:
        """What is still here of the others once we are gone, and purging it."""
        return self._exchange.departure

    @property
    def following(self) -> Following:
        """All other logs of the circle, our own earlier epochs among them."""
        return self._exchange.following

    @property
    def receipts(self) -> Receipts:
        """What others confirmed to each other."""
        return self._exchange.receipts

    @property
    def senders(self) -> Mapping[str, Sender]:
        """By slug, what brings our log to each member."""
        return self._exchange.senders

    @property
    def events(self) -> tuple[bytes, ...]:
        """The events that are known here, those that do not count (yet) among them, sorted by id."""
        return tuple(event for _, event in sorted(self._kept.events.all.items()))

    def void_evidence(self, log: str) -> bytes | None:
        """A checkpoint that the key of an ended log signed beyond its end, or beside it, if one is known."""
        return self._kept.void.all.get(log)

    def status(self) -> LineStatus:
        """Who holds what of whom."""
        own = self.own
        others = (member for member in self.circle.members if member.slug != own.member.slug)
        return LineStatus(self.circle, own.name, own.size, own.halted, tuple(map(self._status_of, others)))

    def _status_of(self, member: Member) -> MemberStatus:
        followed = self.following.log(str(member.log))
        newest = followed.newest() if followed else None
        sender = self.senders.get(member.slug)
        return MemberStatus(
            member=member,
            held_by_them=self.own.held.get(member.slug),
            witnessed_by_them=self.own.witnessed.get(member.slug),
            held_here=followed.size if followed else 0,
            known_here=newest.checkpoint.size if newest else 0,
            missing_here=followed.incomplete if followed else False,
            stopped=followed.stopped if followed else False,
            trouble=sender.trouble if sender else None,
            suspended=self._kept.suspended.text(member.slug),
        )

    # Running

    async def start(self) -> None:
        """Start the line's tasks. Returns at once; the first write waits until the others were asked."""
        self._running = True
        self._tell_begun_anew()
        self._exchange.start()
        self._spawn(self._renew())

    async def stop(self) -> None:
        """Stop all tasks. What was acknowledged is durable already."""
        self._running = False
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._exchange.stop()
        self._gate.open()
        self._renewed.set()

    async def write(self, records: Sequence[bytes], *, urgent: bool = False) -> Written:
        """Append records to our log in one commit; durable when it returns. Raises what OwnLog.write raises.

        With `urgent`, the last of them goes ahead of the backlog of members that are far behind.
        """
        while True:
            exchange = self._exchange
            await exchange.asked()
            # Outside the gate: what waits for its limits keeps no change of the circle waiting.
            await exchange.own.admit(records, urgent=urgent)
            await self._gate.enter()
            try:
                if exchange is self._exchange:
                    return await exchange.write(records, urgent=urgent)
            finally:
                self._gate.leave()

    def expects(self, signer: str, nonce: bytes) -> bool:
        """Whether a request with these is worth a large body: its nonce was given here, to a member."""
        return self._exchange.serving.expects(signer, nonce)

    async def handle(self, request: Request) -> Reply:
        """Answer one signed request of a member."""
        if request.path == Path.EVENTS:
            return await self._answer_events(request)
        await self._gate.enter()
        try:
            return await self._exchange.serving.handle(request)
        finally:
            self._gate.leave()

    async def _answer_events(self, request: Request) -> Reply:
        """Take the events that it brings; then is it signed by a member, as the circle is now?"""
        try:
            check_mode(request.signer, drill=self.circle.drill)
            asked = EventsRequest.decode(request.body)
        except Refusal as refusal:
            return self._exchange.serving.refuse(refusal)
        await self._take_what_counts(asked.events)
        return self._exchange.serving.answer_events(request, asked, self._known.events)

    def pull(self, pull: Pull, to: str) -> Answer:
        """What that member gets that asks for entries, to be carried to it by hand. Raises UnknownName."""
        return self._exchange.serving.pull(pull, to)

    def may_leave(self, log: str) -> bool:
        """Whether records of this log may leave the node already, in whatever way (section 18.3)."""
        return self._exchange.may_leave(log)

    def newest(self, to: str) -> tuple[bytes, ...]:
        """What a member gets that asks for the newest checkpoints; `to` is nobody's slug for anyone."""
        return self._exchange.serving.newest(to)

    async def add_checkpoint(self, body: bytes) -> WitnessReply:
        """Answer C2SP's add-checkpoint, from anyone."""
        await self._gate.enter()
        try:
            return await self._exchange.witness.add_checkpoint(body)
        finally:
            self._gate.leave()

    async def accept(self, push: Push, sender: Member) -> Answer:
        """Take a push that came by another way than a call. Raises the refusals of section 9.2."""
        await self._gate.enter()
        try:
            return await self.following.push(push, sender)
        finally:
            self._gate.leave()

    async def learn(self, notes: Sequence[bytes], by_way: str) -> None:
        """Take newest checkpoints, with receipts, that came by another way than a call."""
        await self._gate.enter()
        try:
            await self.following.learn(notes)
            await self.receipts.take(notes, by_way)
        finally:
            self._gate.leave()

    # What changes it

    async def take(self, events: Sequence[bytes]) -> None:
        """Keep these events durably, from wherever they come, and go on in the circle as they leave it.

        Raises StorageFull, and, once all others are kept, the refusal of one that may not be kept.
        """
        fresh, refusal = acceptable(self._known, events)
        if fresh:
            await self._kept.events.put({event_id(event.data).hex(): event.data for event in fresh})
            for event in fresh:
                self._known.add(event)
            if any(isinstance(event, Proposal) for event in fresh):
                # A member may have refused what waits for it.
                self._start.told.clear()
            await self._go_on()
        if refusal:
            raise refusal

    async def suspend(self, slug: str, reason: str) -> None:
        """Do not speak with this member: neither push nor answer, but for a refusal. Durable.

        Raises NonMember, StorageFull.
        """
        self._check_other(slug)
        await self._kept.suspended.put({slug: reason.encode() or b"suspended"})
        await self._go_on(anyway=True)

    async def resume(self, slug: str) -> None:
        """Speak with this member again. Durable. Raises NonMember, StorageFull."""
        self._check_other(slug)
        await self._kept.suspended.put({slug: b""})
        await self._go_on(anyway=True)

    async def pause_writing(self, why: str) -> None:
        """Write our log no more in this epoch, until `go_on_writing`; what is written is durable, and stays.

        For an end that is about to be stated exactly. Raises StorageFull.
        """
        await self._kept.paused.put({self.own.name: why.encode()})
        await self._go_on(anyway=True)

    async def go_on_writing(self) -> None:
        """Undo `pause_writing`. Raises StorageFull."""
        await self._kept.paused.put({self.own.name: b""})
        await self._go_on(anyway=True)

    async def lose(self, why: str, promised: Mapping[str, tuple[int, bytes]] | None) -> None:
        """This database may not be the one that wrote our log last: never write this epoch again.

        What is missing is got back from the others. `promised` are sizes and roots, by log, up to which this
        node spoke of what it holds; it confirms nothing that does not continue them, and without them
        nothing at all. Durable. Raises StorageFull.
        """
        await self._kept.lose([self.own.member.log], why, promised)
        await self._go_on(anyway=True)

    def _check_other(self, slug: str) -> None:
        if slug not in self.circle.by_slug or slug == self.own.member.slug:
            raise NonMember(f"Expected another member of this circle, found {slug!r}.")

    async def _take_what_counts(self, events: Sequence[bytes]) -> None:
        """Take events from a member: what may not be kept says nothing about those that may."""
        try:
            await self.take(events)
        except (Refusal, StorageFull):
            return

    async def _go_on(self, *, anyway: bool = False) -> None:
        """Go on in the circle as it is now, if it is another one; `anyway`, if what we do in it is."""
        if not anyway and self._seen() == self.circle:
            self._exchange.announce()
        elif not self._running:
            self._exchange = self._make()
        else:
            self._wanted += 1
            wanted = self._wanted
            self._stale.set()
            while self._made < wanted and self._running:
                await self._renewed.wait()

    async def _renew(self) -> None:
        """Make the exchange anew, whenever it is stale."""
        while True:
            await self._stale.wait()
            await self._start.may_renew()
            self._stale.clear()
            await self._gate.close()
            await self._exchange.stop()
            # What it had begun to write is written.
            await self._committer.submit(lambda: None, synced=False)
            wanted = self._wanted
            before, self._exchange = self._exchange, await self._make_anew()
            self._made = wanted
            self._exchange.start()
            self._gate.open()
            renewed, self._renewed = self._renewed, asyncio.Event()
            renewed.set()
            self._tell(before.circle)

    async def _make_anew(self) -> Exchange:
        """The exchange of the circle as it is now, as soon as there is room for its new logs."""
        while True:
            try:
                await self._set_aside()
                exchange = self._make()
                await self._keep_void(exchange.following)
            except StorageFull:
                await self._environment.clock.sleep(_UNTIL_ROOM_S)
            else:
                return exchange

    def _seen(self) -> Circle:
        """The circle as the events that are kept leave it."""
        return seen_by(self._slug, self._known, self._keys_of)

    def _make(self) -> Exchange:
        kept, circle, store = self._kept, self._seen(), self._environment.store
        counting = (*circle.members, *circle.past)
        # What was held under this opening before is not held under another one now.
        fresh = [member for member in counting if self._openings.get(str(member.log)) != member.opening]
        if others := of_other_openings(fresh, store, kept.events.all):
            with store.transaction():
                begun = [begin_anew(log, store) for log in others]
            self._begun_anew += begun
        self._openings |= {str(member.log): member.opening for member in fresh}
        # Another version of our own log was held here: this is not the database that wrote the true one.
        lost = dict.fromkeys(with_asides(store), _ANOTHER_OPENING) | self._found_lost | kept.lost.all
        mine = standing(circle, self._slug, self._keys_of, lost, kept.paused.all)
        self._start.go_on(str(mine.member.log), lost=mine.lost)
        outside = Outside(lambda: self._known.events, self._take_what_counts, self._lost, self._went_astray)
        return Exchange(
            circle,
            mine,
            environment=self._environment,
            kept=kept,
            nonces=self._nonces,
            start=self._start,
            outside=outside,
        )

    async def _set_aside(self) -> None:
        circle = self._seen()
        for log, keep in list(self._astray.items()):
            low = circle.entitled_from(self._slug, LogName.parse(log))
            await set_aside(log, keep, self._environment, entitled_from=low)
            del self._astray[log]

    async def _keep_void(self, following: Following) -> None:
        """Where void entries are held, a checkpoint that speaks for them is kept as evidence."""
        for followed in following:
            if followed.voided and followed.name not in self._kept.void.all:
                beyond = self._environment.store.checkpoints_above(followed.name, followed.size)
                await self._kept.void.put({followed.name: beyond[0]} if beyond else {})

    def _tell_begun_anew(self) -> None:
        told, self._begun_anew = self._begun_anew, []
        for event in told:
            self._environment.on_event(event)

    def _tell(self, before: Circle) -> None:
        self._tell_begun_anew()
        listener = self._environment.on_event
        if self.circle != before:
            listener(CircleChanged(self.circle.charter.version, self.own.member.log.epoch))
        for followed in self.following:
            known = before.by_log.get(followed.name)
            if followed.voided and (known is None or known.end != followed.end):
                listener(Voided(followed.name, followed.voided.start, followed.voided.stop))

    def _lost(self, why: str) -> None:
        """Others hold more of our log than we do, or another version of it."""
        self._found_lost[self.own.name] = why.encode()
        self._spawn(self._lose_quietly(why))

    async def _lose_quietly(self, why: str) -> None:
        try:
            # How far our holder had signed was in what went back: nobody knows it any more.
            await self.lose(why, None)
        except StorageFull:
            # It is found again at the next start; until then, nothing is written.
            return

    def _went_astray(self, log: str, keep: int) -> None:
        self._astray[log] = keep
        self._stale.set()

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._environment.on_fault(error)
