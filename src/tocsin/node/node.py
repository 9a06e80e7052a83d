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
- Stopping: no more requests, those at work are finished, then what waits is committed, each within its time.
"""

import asyncio
import gc
import resource
import signal
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from functools import partial
from types import TracebackType
from typing import Self

import uvloop
from structlog.typing import FilteringBoundLogger

from tocsin import __version__
from tocsin.circles.environment import Environment
from tocsin.circles.events import Arrived, Event, Wrote
from tocsin.circles.founding.charter import circle_id
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.joining import assemble, decode_circle, encode_circle
from tocsin.circles.line import Line
from tocsin.circles.wire.http import HttpWire
from tocsin.core.clock import Chance, Clock
from tocsin.core.errors import TocsinError
from tocsin.core.records import encode_record
from tocsin.log.committer import Committer
from tocsin.log.marker import Marker, MarkerFailed
from tocsin.log.store import Head, StorageFailed, StorageFull
from tocsin.node.api.app import make_app
from tocsin.node.api.operations import operations_of
from tocsin.node.api.records import News
from tocsin.node.api.routes import Calls
from tocsin.node.api.types import Health
from tocsin.node.card import new_card, officers_elsewhere
from tocsin.node.clock import SystemChance, SystemClock
from tocsin.node.config import Config
from tocsin.node.errors import AlreadyJoined, KeysMissing
from tocsin.node.folder import Folder, NodeKeys
from tocsin.node.serving.doors import Doors
from tocsin.node.serving.tls import TlsKeys
from tocsin.node.serving.wire import WireApp
from tocsin.node.watching.health import health_of
from tocsin.node.watching.logs import make_logger
from tocsin.node.watching.measured import MeasuredStore
from tocsin.node.watching.metrics import Metrics
from tocsin.node.watching.reporting import Reporter

_CIRCLES = "circle"
_FIRST_EPOCH = 1
_UNTIL_ROOM_S = 2.0


class Node:
    """A node, started and stopped once. `on_event` is told the id of a circle and what happened there."""

    def __init__(
        self,
        config: Config,
        *,
        clock: Clock | None = None,
        chance: Chance | None = None,
        log: FilteringBoundLogger | None = None,
        on_event: Callable[[str, Event], None] | None = None,
    ) -> None:
        self.config = config
        self.clock: Clock = clock or SystemClock()
        self.folder = Folder.of(config)
        self.doors = Doors(config)
        self.lines: dict[str, Line] = {}
        self.keys: dict[str, NodeKeys] = {}
        self.news = News()
        self.started_at_ms = self.clock.wall_ms()
        self._chance: Chance = chance or SystemChance()
        self._log = log or make_logger(config.log)
        self._on_event = on_event
        self._metrics = Metrics(self.clock)
        self._reporter = Reporter(self._log, self.clock)
        self._tls = TlsKeys()
        self._mismatch: str | None = None
        self._promised: dict[str, int] = {}
        self._failure: BaseException | None = None
        self._stopping = asyncio.Event()
        self._publishing: set[asyncio.Task[None]] = set()
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
            self._log.warning("stray-key", path=str(stray), next="move it to another machine")
        self.store = MeasuredStore(self.folder.database, self._chance, self.clock, self._metrics.committed)
        self._stack.callback(self.store.close)
        self.store.start_wal_thread()
        # (2) marker
        self._committer = Committer(self.store, self._begin_marker())
        self._stack.push_async_callback(self._finish_commits)
        # (3) lines
        wire = HttpWire(unsafe_loopback=self.config.wire.unsafe_loopback)
        self._wire = await self._stack.enter_async_context(wire)
        self._stack.push_async_callback(self._stop_lines)
        for data in self.store.documents(_CIRCLES).values():
            self._add_line(decode_circle(data))
        for vkey in officers_elsewhere(self.config, self.lines.values()):
            self._log.warning("officer-of-no-circle", key=vkey, next="compare its name with `tocsin status`")
        # (4) listeners
        api = make_app(operations_of(Calls(self)), self._call_failed)
        await self.doors.open(WireApp(self.lines, self._call_failed), api, self._tls, self._stack)
        # (5) begin
        for line in self.lines.values():
            await self._begin(line)
        self._log.info("started", version=__version__, circles=len(self.lines), wire=self.config.wire.public)

    async def stop(self) -> None:
        """Stop everything, within a few seconds. What was acknowledged was durable before."""
        self._log.info("stopping")
        self.news.end()
        await self._stack.aclose()
        self._log.info("stopped")

    async def run(self) -> None:
        """Run until `request_stop`. Raises what the node cannot go on with."""
        async with self:
            # What a start makes stays. To look through it for garbage again and again costs each record 5 %.
            gc.freeze()
            await self._stopping.wait()
        if self._failure:
            raise self._failure

    def request_stop(self) -> None:
        """Let `run` end."""
        self._stopping.set()

    async def join(self, charter: str, join_files: Sequence[bytes]) -> Line:
        """Join a circle, durably, and start its line.

        (1) not yet in it: AlreadyJoined; (2) signed by all its members: the refusals of `assemble`; (3) with
        the keys that our opening names: KeysMissing; (4) commit: StorageFull.
        """
        async with self._joining:
            # (1) not yet in it
            if circle_id(charter) in self.lines:
                raise AlreadyJoined(f"Expected a circle that is new here, found {circle_id(charter)}.")
            # (2) signed by all
            circle = assemble(charter, join_files, [line.circle for line in self.lines.values()])
            # (3) our keys
            self._keys_of(circle)
            # (4) commit
            document = encode_circle(circle)
            await self._committer.submit(lambda: self.store.put_document(_CIRCLES, circle.id, document))
            line = self._add_line(circle)
        await self._begin(line)
        self._log.info("joined", circle=circle.id, own=line.own.name)
        return line

    def health(self) -> Health:
        """What is not as it should be."""
        return health_of(list(self.lines.values()), self._failure, full=self.store.full)

    def metrics(self) -> bytes:
        """All metrics, as Prometheus reads them."""
        return self._metrics.render(self.lines.values(), self.folder.database)

    def latency_ms(self, circle: str, member: str) -> int | None:
        """How long a member's last measured confirmation took."""
        return self._metrics.latency_ms(circle, member)

    def _begin_marker(self) -> Callable[[Sequence[Head]], None]:
        """What is to be called before anything leaves. A marker that does not fit is left as it is."""
        marker = Marker(self.folder.marker / "marker")
        if mismatches := marker.check(self.store):
            self._promised = marker.sizes()
            self._mismatch = " ".join(mismatch.text for mismatch in mismatches)
            return lambda _: None
        marker.begin(self.store)
        self._stack.callback(marker.close)
        return marker.note

    def _add_line(self, circle: Circle) -> Line:
        keys = self.keys[circle.id] = self._keys_of(circle)
        environment = Environment(
            store=self.store,
            committer=self._committer,
            wire=self._wire,
            clock=self.clock,
            chance=self._chance,
            on_event=partial(self._heard, circle.id),
            on_fault=self._fail,
        )
        line = self.lines[circle.id] = Line(circle, keys.member, environment)
        self._tls.add(keys.tls)
        if self._mismatch:
            line.own.halt(self._mismatch)
            for followed in line.following:
                followed.promised = self._promised.get(followed.name, 0)
        return line

    def _keys_of(self, circle: Circle) -> NodeKeys:
        """The keys that our opening names. Raises KeysMissing, or what says that a key cannot be used."""
        keys = self.folder.keys(circle.id, _FIRST_EPOCH)
        log, member = str(keys.member.log_name), keys.member
        mine = tuple(key.verifying for key in (member.log, member.holder, member.witness, member.request))
        named = circle.by_log.get(log)
        if named is None or (named.online_keys(), named.endpoint.tls_spki_sha256) != (mine, keys.tls.pin):
            raise KeysMissing(
                f"Expected the keys that the opening of {log} names, found others. "
                "Next: put back the folder `keys` as it was when the charter was signed."
            )
        return keys

    async def _begin(self, line: Line) -> None:
        await line.start()
        publishing = asyncio.get_running_loop().create_task(self._publish_card(line))
        self._publishing.add(publishing)
        publishing.add_done_callback(self._publishing.discard)

    async def _publish_card(self, line: Line) -> None:
        """Publish the card if it says anything new, as soon as there is room for it."""
        pin = self.keys[line.circle.id].tls.pin
        while card := new_card(self.config, line, pin, self.clock.wall_ms(), self.store):
            try:
                await line.write([encode_record(card)])
            except StorageFull:
                await self.clock.sleep(_UNTIL_ROOM_S)
            except TocsinError as error:
                self._log.warning(
                    "card-not-published", circle=line.circle.id, code=error.code, why=str(error)
                )
                return

    async def _stop_lines(self) -> None:
        for task in self._publishing:
            task.cancel()
        await asyncio.gather(*self._publishing, return_exceptions=True)
        await asyncio.gather(*(line.stop() for line in self.lines.values()))

    async def _finish_commits(self) -> None:
        # A storage that failed has told so before; here it must not keep the rest from being closed.
        with suppress(Exception):
            await self._committer.submit(lambda: None)

    def _heard(self, circle: str, event: Event) -> None:
        self._metrics.heard(self.lines[circle], event)
        if isinstance(event, Arrived | Wrote):
            self.news.tell()
        else:
            self._reporter.heard(circle, event)
        if self._on_event:
            self._on_event(circle, event)

    def _fail(self, error: BaseException) -> None:
        """A part of this node ended that must not: the whole ends, since a half is worse than none."""
        self._metrics.fault()
        self._log.error("failed", exc_info=error)
        self._failure = self._failure or error
        self._stopping.set()

    def _call_failed(self, error: BaseException) -> None:
        """A call ended in an error of ours. By that alone no caller may stop the node."""
        if isinstance(error, StorageFailed | MarkerFailed):
            self._fail(error)
        elif isinstance(error, StorageFull):
            self._log.error(error.code, why=str(error))
        else:
            self._metrics.fault()
            self._log.error("call-failed", exc_info=error)


def run_node(config: Config) -> None:
    """Run a node as this process until SIGTERM or SIGINT. Raises what it cannot start or go on with.

    It takes as many open files as it may have: each connection is one, and strangers must not use them up.
    """
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))

    async def run() -> None:
        node = Node(config)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, node.request_stop)
        await node.run()

    uvloop.run(run())
