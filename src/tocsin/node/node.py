"""One running organisation: its data folder, a line for each of its circles, and its listeners.

    async with Node(config) as node:
        await node.lines[circle].write([record])

- Everything that runs belongs to one Node and one event loop; several nodes run in one process.
- Starting: (1) the folder, and the database with its lock, so that no second process goes further; (2) the
  marker; (3) a line for each circle, with its keys; (4) the listeners; (5) the lines begin, and each
  publishes the card where it changed.
- Where the marker does not fit, this is not the database that wrote our logs: they are not written any more,
  and the marker stays as it is. Reading, holding and confirming what others write go on (the design's
  invariant 2).
- A circle in the database for which no keys are here (restored without them) is left alone, and health says
  so, until a new epoch brings some. The others go on.
- Stopping: no more requests, those at work are finished, then what waits is committed, each within its time.
"""

import asyncio
import gc
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext, suppress
from functools import partial
from types import TracebackType
from typing import Self

from structlog.typing import FilteringBoundLogger

from tocsin import __version__
from tocsin.circles.changing.fold import changed, event_id
from tocsin.circles.environment import Environment
from tocsin.circles.errors import NoKeysHere
from tocsin.circles.events import Arrived, CircleChanged, Confirmed, Event, SetAside, Witnessed, Wrote
from tocsin.circles.exchanging.kept import Kept
from tocsin.circles.following.turns import Turns
from tocsin.circles.founding.charter import circle_id
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.joining import assemble, decode_circle, encode_circle
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.line import Line
from tocsin.circles.wire.http import HttpWire
from tocsin.core.clock import Chance, Clock
from tocsin.core.errors import Refusal, TocsinError
from tocsin.core.names import LogName
from tocsin.log.committer import Committer
from tocsin.log.marker import Marker, MarkerFailed, MarkerMismatch
from tocsin.log.store import ASIDE, StorageFailed, StorageFull
from tocsin.node.api.app import make_app
from tocsin.node.api.console.types import Console
from tocsin.node.api.operations import operations_of
from tocsin.node.api.records import News
from tocsin.node.api.routes import Calls
from tocsin.node.api.types import Health, Trouble
from tocsin.node.card import Cards, officers_elsewhere
from tocsin.node.card.officers import Officers
from tocsin.node.clock import SystemChance, SystemClock
from tocsin.node.config import Config
from tocsin.node.deskwork import Deskwork
from tocsin.node.epochs import Epochs
from tocsin.node.errors import AlreadyJoined, KeysMissing, NodeFailed
from tocsin.node.folder import CIRCLES, EVENTS, Folder, NodeKeys
from tocsin.node.serving.doors import Doors
from tocsin.node.serving.tls import TlsKeys
from tocsin.node.serving.wire import WireApp
from tocsin.node.watching.circles import troubles_of
from tocsin.node.watching.clocks import Clocks
from tocsin.node.watching.health import health_of
from tocsin.node.watching.logs import make_logger
from tocsin.node.watching.measured import MeasuredStore
from tocsin.node.watching.metrics import Metrics
from tocsin.node.watching.reporting import Reporter
from tocsin.node.watching.room import Room

_RECORDS_CAME = (Arrived, Wrote)


class Node:
    """A node, started and stopped once."""

    def __init__(
        self,
        config: Config,
        *,
        clock: Clock | None = None,
        chance: Chance | None = None,
        log: FilteringBoundLogger | None = None,
    ) -> None:
        self.config = config
        self.clock: Clock = clock or SystemClock()
        self.folder = Folder.of(config)
        self.doors = Doors(config)
        self.lines: dict[str, Line] = {}
        self.keys: dict[str, NodeKeys] = {}
        self._keyless: dict[str, Trouble] = {}
        self.news = News()
        self.console: Console | None = None
        self.started_at_ms = self.clock.wall_ms()
        self.chance: Chance = chance or SystemChance()
        self.log = log or make_logger(config.log)
        self._listeners: list[Callable[[str, Event], None]] = []
        self._metrics = Metrics(self.clock)
        self._reporter = Reporter(self.log, self.clock)
        self.clocks = Clocks(self.clock)
        self._tls = TlsKeys()
        self._room = Room(config.data_folder, config.storage.reserve_mb)
        self._turns = Turns()
        self._failure: BaseException | None = None
        self._stopping = asyncio.Event()
        self._why_stopping = "asked"
        self._joining = asyncio.Lock()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start everything. Raises, with nothing left running, what keeps the node from it."""
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise

    async def _start(self) -> None:
        # (1) folder and database
        self.folder.create()
        for stray in self.folder.stray_keys():
            self.log.warning("stray-key", path=str(stray), next="move it to another machine")
        self.store = MeasuredStore(self.folder.database, self.chance, self.clock, self._metrics.committed)
        self._stack.callback(self.store.close)
        self.store.start_wal_thread()
        # (2) marker
        marker = Marker(self.folder.marker / "marker")
        mismatches = marker.check(self.store)
        self._stack.callback(marker.close)
        self.committer = Committer(self.store, marker.note, self._fail)
        self._stack.push_async_callback(self._finish_commits)
        await self._begin_marker(marker, mismatches)
        self.officers = Officers(self.store, self.committer, self._officers_changed)
        self.cards = Cards(
            self.config,
            self.folder,
            self.store,
            self.keys,
            clock=self.clock,
            chance=self.chance,
            log=self.log,
        )
        self.desk = Deskwork(
            self.config,
            self.folder,
            self.store,
            self.committer,
            clock=self.clock,
            log=self.log,
            has_room=self._room.for_others,
            on_fault=self._fail,
        )
        self._stack.push_async_callback(self.desk.close)
        # (3) lines
        wire = HttpWire(unsafe_loopback=self.config.wire.unsafe_loopback)
        self._wire = await self._stack.enter_async_context(wire)
        self._stack.push_async_callback(self._stop_lines)
        for data in self.store.documents(CIRCLES).values():
            self._find_line(decode_circle(data))
        for vkey in officers_elsewhere(self.config, self.lines.values()):
            self.log.warning("officer-of-no-circle", key=vkey, next="compare its name with `tocsin status`")
        # (4) listeners
        api = make_app(operations_of(Calls(self)), self.call_failed)
        await self.doors.open(WireApp(self.lines, self.call_failed), api, self._tls, self._stack)
        # (5) begin
        self.store.drop_old_copies()
        self.desk.start()
        for line in self.lines.values():
            await self._begin(line)
        self.log.info("started", version=__version__, circles=len(self.lines), wire=self.config.wire.public)

    async def stop(self) -> None:
        """Stop everything, within a few seconds. What was acknowledged was durable before."""
        self.log.info("stopping", why=self._why_stopping)
        self.news.end()
        await self._stack.aclose()
        self.log.info("stopped")

    async def run(
        self, beside: Callable[["Node"], AbstractAsyncContextManager[object]] = nullcontext
    ) -> None:
        """Run until `request_stop`, with what stands `beside` it: open once it has started, closed before it.

        Raises what the node cannot go on with: the disk's errors, NodeFailed; and what `beside` does.
        """
        async with self, beside(self):
            # What a start makes stays. To look through it for garbage again and again costs each record 5 %.
            gc.freeze()
            await self._stopping.wait()
        if isinstance(self._failure, TocsinError):
            raise self._failure
        if self._failure:
            raise NodeFailed(
                f"Expected every part of the node to go on, found {self._failure!r}. Next: run it again, and "
                "report this, with the line `failed` of its log."
            ) from self._failure

    def listen(self, heard: Callable[[str, Event], None]) -> Callable[[], None]:
        """Have `heard` told the id of a circle and what happened there. Returns what ends that."""
        self._listeners.append(heard)
        return lambda: self._listeners.remove(heard)

    def request_stop(self, why: str = "asked") -> None:
        """Let `run` end."""
        self._why_stopping = why
        self._stopping.set()

    async def join(self, charter: str, join_files: Sequence[bytes]) -> Line:
        """Found a circle with its other members, durably, and start its line.

        (1) not yet in it: AlreadyJoined; (2) signed by all its members: the refusals of `assemble`; then what
        `_join` raises.
        """
        async with self._joining:
            # (1) not yet in it
            self._check_new(circle_id(charter))
            # (2) signed by all
            circles = [line.circle for line in self.lines.values()]
            return await self._join(assemble(charter, join_files, circles), ())

    async def join_later(self, founded: Circle, events: Sequence[bytes]) -> Line:
        """Join a circle that has changed since it was founded, durably, and start its line.

        (1) not yet in it: AlreadyJoined; then what `_join` raises.
        """
        async with self._joining:
            # (1) not yet in it
            self._check_new(founded.id)
            return await self._join(founded, events)

    def _check_new(self, circle: str) -> None:
        if circle in self.lines:
            raise AlreadyJoined(f"Expected a circle that is new here, found {circle}.")

    async def _join(self, founded: Circle, events: Sequence[bytes]) -> Line:
        """(1) with the keys of our newest epoch: KeysMissing; (2) commit: StorageFull; (3) the line."""
        # (1) our keys
        if self.folder.newest_keys(changed(founded, events)) is None:
            raise KeysMissing(
                "Expected the keys that our newest opening names, found none or others. Next: put back the "
                "folder `keys` as it was when the opening was signed."
            )
        # (2) commit
        documents = {(CIRCLES, founded.id): encode_circle(founded)} | {
            (f"{EVENTS}/{founded.id}", event_id(event).hex()): event for event in events
        }
        await self.committer.submit(lambda: self._put(documents))
        # (3) line
        line = self._add_line(founded)
        self._keyless.pop(founded.id, None)
        await self._begin(line)
        self.log.info("joined", circle=founded.id, own=line.own.name)
        return line

    def _put(self, documents: Mapping[tuple[str, str], bytes]) -> None:
        for (space, key), data in documents.items():
            self.store.put_document(space, key, data)

    def epochs(self, circle: str) -> Epochs:
        """The epochs of our log in that circle, and drafts of new ones."""
        line, url = self.lines[circle], self.config.wire.public
        return Epochs(line, self.folder, self.store, self.clock, self.chance, url)

    def health(self) -> Health:
        """What is not as it should be."""
        reserve_only = not self._room.for_others()
        return health_of(
            list(self.lines.values()),
            self._failure,
            full=self.store.full,
            reserve_only=reserve_only,
            clock=self.clocks.warning(),
            circles=[
                *self._keyless.values(),
                *(
                    trouble
                    for line in self.lines.values()
                    for trouble in troubles_of(line, self.clock.wall_ms(), self.config.keys.rotate_after_days)
                ),
                *self.desk.troubles(),
            ],
        )

    def metrics(self) -> bytes:
        """All metrics, as Prometheus reads them."""
        ahead_ms = self.clocks.ahead_ms()
        return self._metrics.render(self.lines.values(), self.folder.database, self._room, ahead_ms)

    def latency_ms(self, circle: str, member: str) -> int | None:
        """How long a member's last measured confirmation took."""
        return self._metrics.latency_ms(circle, member)

    async def _begin_marker(self, marker: Marker, mismatches: Sequence[MarkerMismatch]) -> None:
        """Where the marker does not fit, no epoch that was written is ever written again, durably.

        Then it is begun anew, since it has to fit what is here from now on.
        """
        if mismatches:
            why = " ".join(mismatch.text for mismatch in mismatches)
            self.log.error("marker", why=why, next="`tocsin doctor`")
            promised = marker.promised()
            for data in self.store.documents(CIRCLES).values():
                await self._lose(decode_circle(data), why, promised)
            marker.forget()
        marker.begin(self.store)
        if mismatches:
            marker.note([head for log in self.store.logs() if (head := self.store.head(log)) and head.size])

    async def _lose(
        self, founded: Circle, why: str, promised: Mapping[str, tuple[int, bytes]] | None
    ) -> None:
        """Of which member we are, the keys tell. Where there are none, they may be put back: it may be any.

        The marker may know epochs that are not known here any more, and the store some that do not count now.
        """
        events = self.store.documents(f"{EVENTS}/{founded.id}").values()
        known = {member.log for member in changed(founded, events).members}
        marked, stored = (
            sorted((LogName.parse(log.partition(ASIDE)[0]) for log in named), key=lambda log: log.epoch)
            for named in (promised or (), self.store.logs())
        )
        newest = {(log.circle, log.member): log for log in stored}
        logs = [log for log in {*known, *marked, *newest.values()} if log.circle == founded.id]
        keys = [self.folder.keys(founded.id, epoch) for epoch in self.folder.epochs(founded.id)]
        slugs = {key.member.log_name.member for key in keys}
        ours = [log for log in logs if log.member in slugs]
        await Kept(founded.id, self.store, self.committer).lose(ours or logs, why, promised)

    def _find_line(self, founded: Circle) -> None:
        """The line of a circle that is in the database; restored without its keys, it waits for new ones."""
        try:
            self._add_line(founded)
        except NoKeysHere as refusal:
            self._keyless[founded.id] = Trouble(
                code=refusal.code,
                circle=founded.id,
                explanation=f"{refusal} Next: put back the folder `keys`, or `tocsin circle recover`.",
            )
            self.log.error(  # noqa: TRY400 - a refusal says in words what there is to know
                refusal.code, circle=founded.id, why=str(refusal), next="`tocsin doctor`"
            )

    def _add_line(self, founded: Circle) -> Line:
        environment = Environment(
            store=self.store,
            committer=self.committer,
            wire=self._wire,
            clock=self.clock,
            chance=self.chance,
            on_event=partial(self._heard, founded.id),
            on_fault=self._fail,
            has_room=self._room.for_others,
            turns=self._turns,
            contents=self.desk.attachments.of(founded.id),
        )
        line = Line(founded, self.folder.member_in(founded.id), self._member_keys, environment)
        self.lines[founded.id] = line
        self.desk.add(line)
        for epoch in self.folder.epochs(founded.id):
            # Until others know our newest key, they ask for the one before.
            self._tls.add(self.folder.keys(founded.id, epoch).tls)
        self._take_keys(line)
        return line

    def _member_keys(self, log: LogName) -> MemberKeys | None:
        """Our secret keys of one epoch, if they are here."""
        keys = self.folder.keys_of(log)
        return keys.member if keys else None

    def _take_keys(self, line: Line) -> None:
        """Use the keys of the epoch that is ours now."""
        circle = line.circle
        self.keys.pop(circle.id, None)
        # A change of the circle comes from others: keys that cannot be used stop nothing here.
        with suppress(Refusal):
            if keys := self.folder.newest_keys(circle):
                self.keys[circle.id] = keys
                self._tls.add(keys.tls)

    async def _begin(self, line: Line) -> None:
        await line.start()
        self.cards.publish(line)
        self.desk.begin(line)

    def _officers_changed(self, log: str) -> None:
        """The card of a log is published anew, if the log is still written."""
        for line in self.lines.values():
            if line.own.name == log:
                self.cards.publish(line)

    async def _stop_lines(self) -> None:
        await self.cards.stop()
        await self.desk.stop()
        await asyncio.gather(*(line.stop() for line in self.lines.values()))

    async def _finish_commits(self) -> None:
        # A storage that failed has told so before; here it must not keep the rest from being closed.
        with suppress(Exception):
            await self.committer.submit(lambda: None)

    def _heard(self, circle: str, event: Event) -> None:
        self._metrics.heard(self.lines[circle], event)
        self._compare_clocks(self.lines[circle], event)
        if isinstance(event, CircleChanged):
            self._take_keys(self.lines[circle])
            self.cards.publish(self.lines[circle])
        self.desk.heard(self.lines[circle], event)
        if isinstance(event, SetAside):
            self.news.set_aside(event.log, event.kept)
        if isinstance(event, _RECORDS_CAME):
            self.news.tell()
        else:
            self._reporter.heard(circle, event)
        for heard in list(self._listeners):
            heard(circle, event)

    def _compare_clocks(self, line: Line, event: Event) -> None:
        """What a member signed just now says what time it is there."""
        if isinstance(event, Witnessed) or (isinstance(event, Confirmed) and event.by_way is None):
            member = line.circle.by_slug[event.member]
            self.clocks.heard(member.organisation_key.public, event.time_s)

    def _fail(self, error: BaseException) -> None:
        """A part of this node ended that must not: the whole ends, since a half is worse than none."""
        self._metrics.fault()
        self._failure = self._failure or error
        self.request_stop("failed")
        self.log.error("failed", exc_info=error, next="run it again; report what is no fault of the disk")

    def call_failed(self, error: BaseException) -> None:
        """A call ended in an error of ours. By that alone no caller may stop the node."""
        if isinstance(error, StorageFailed | MarkerFailed):
            self._fail(error)
        elif isinstance(error, StorageFull):
            self.log.error(error.code, why=str(error))
        else:
            self._metrics.fault()
            self.log.error("call-failed", exc_info=error)
