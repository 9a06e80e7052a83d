"""Every route of the machine API (docs/api.md)."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
from starlette.responses import Response, StreamingResponse

from tocsin import __version__
from tocsin.circles.authoring.own import Confirmation
from tocsin.circles.line import Line, MemberStatus
from tocsin.core.records import encode_record
from tocsin.node.api import types
from tocsin.node.api.carrying import CarryFile, given_out, taken_in
from tocsin.node.api.cases.calls import CaseCalls
from tocsin.node.api.changes import ChangeCalls
from tocsin.node.api.console.calls import ConsoleCalls
from tocsin.node.api.erasures import erasures_of, order_of
from tocsin.node.api.evidences import evidence_at
from tocsin.node.api.hosting import Hosting, line_of
from tocsin.node.api.operations import Call, openapi, operation, operations_of
from tocsin.node.api.phone import PhoneCalls
from tocsin.node.api.proofs import Prover
from tocsin.node.api.readings.calls import ReadingCalls
from tocsin.node.api.records import Follower, Shelf
from tocsin.node.errors import KeysMissing

_HEARTBEAT_S = 15.0


class Metrics(Response):
    """Metrics as Prometheus reads them."""

    media_type = "text/plain; version=0.0.4; charset=utf-8"


class ProofFile(Response):
    """A proof file."""

    media_type = "text/plain; charset=utf-8"


class Events(StreamingResponse):
    """Server-sent events, each with one ShownRecord as its data."""

    media_type = "text/event-stream"


class Document(Response):
    """A JSON document."""

    media_type = "application/json"


class Calls(ChangeCalls, PhoneCalls, ConsoleCalls, CaseCalls, ReadingCalls):
    """The operations of one node."""

    def __init__(self, node: Hosting) -> None:
        self._node = node

    @operation("GET", "/v1/health")
    async def health(self, _: Call[None, None]) -> types.Health:
        """Say whether this node does its part, and what is not as it should be."""
        return self._node.health()

    @operation("GET", "/v1/status")
    async def status(self, _: Call[None, None]) -> types.Status:
        """Say who holds what of whom."""
        return types.Status(
            version=__version__,
            started_at_ms=self._node.started_at_ms,
            clock_ahead_ms=self._node.clocks.ahead_ms(),
            circles=tuple(self.state(line) for line in self._node.lines.values()),
        )

    @operation("GET", "/v1/metrics")
    async def metrics(self, _: Call[None, None]) -> Metrics:
        """Give all metrics, as Prometheus reads them."""
        return Metrics(self._node.metrics())

    @operation("GET", "/v1/openapi.json")
    async def describe(self, _: Call[None, None]) -> Document:
        """Give this API as an OpenAPI 3.1 document."""
        return Document(msgspec.json.encode(openapi(operations_of(self))))

    @operation("POST", "/v1/circles")
    async def join(self, call: Call[None, types.Join]) -> types.Joined:
        """Join a circle.

        The node must have its keys, made when its organisation signed. It is in the circle when this returns.
        """
        files = tuple(file.encode() for file in call.body.join_files)
        line = await self._node.join(call.body.charter, files)
        return types.Joined(circle=line.circle.id, log=line.own.name)

    @operation("POST", "/v1/circles/{circle}/records")
    async def write(self, call: Call[types.WriteQuery, types.Say]) -> types.Written:
        """Write a record in our own log.

        It is durable here when this returns. Who else holds it by then, the records and the status say.
        """
        line = self._line(call.path["circle"])
        record = await self._record(line, call.body)
        written = await line.write([record], urgent=call.query.urgent)
        return types.Written(log=written.log, index=written.size - 1, checkpoint=written.checkpoint.decode())

    @operation("GET", "/v1/circles/{circle}/records")
    async def records(self, call: Call[types.RecordsQuery, None]) -> types.Records:
        """Read entries of one log from a place on, or the newest of all."""
        shelf = self._shelf(self._line(call.path["circle"]))
        query = call.query
        if query.log is None:
            records = shelf.newest(query.limit)
        else:
            records = list(shelf.read(query.log, query.first, query.limit))
        return types.Records(records=tuple(records), sizes={log: shelf.size(log) for log in shelf.logs})

    @operation("GET", "/v1/follow")
    async def follow(self, call: Call[types.FollowQuery, None]) -> Events:
        """Follow records as they come, as server-sent events.

        The data of each event is a ShownRecord. A record that was missing comes when it is there. Where
        another version of a log was shown than the true one, that is said, and the true one comes.
        """
        lines = [self._line(call.query.circle)] if call.query.circle else list(self._node.lines.values())
        shelves = [self._shelf(line) for line in lines]
        return Events(self._events(shelves, call.query.newest), headers={"cache-control": "no-store"})

    @operation("GET", "/v1/circles/{circle}/proof")
    async def proof(self, call: Call[types.ProofQuery, None]) -> ProofFile:
        """Make a proof file of one entry: who wrote it and who holds it, for anyone to verify offline."""
        node, circle = self._node, call.path["circle"]
        line = self._line(circle)
        if circle not in node.keys:
            raise KeysMissing("Expected our keys of this epoch, found none: we can vouch for nothing.")
        me = node.keys[circle].member
        now_s = max(1, node.clock.wall_ms() // 1000)
        return ProofFile(Prover(line, me, node.store, now_s).prove(call.query.log, call.query.index))

    @operation("GET", "/v1/circles/{circle}/evidence")
    async def evidence(self, call: Call[None, None]) -> types.EvidenceList:
        """Give the evidence that is kept here: of two versions of a log, of what was signed after its end."""
        line = self._line(call.path["circle"])
        return types.EvidenceList(evidence=tuple(evidence_at(line, self._node.store)))

    @operation("GET", "/v1/circles/{circle}/carry")
    async def give_out(self, call: Call[types.CarryQuery, None]) -> CarryFile:
        """Give a carry file: all that a member, or any member, lacks as far as is known here."""
        return given_out(self._line(call.path["circle"]), self._node.store, call.query, self._node.clock)

    @operation("POST", "/v1/circles/{circle}/carry")
    async def take_in(self, call: Call[None, bytes]) -> types.Carried:
        """Take a carry file, or a part of one that is a carry file itself.

        It has the checks of what members send. What is refused stops nothing else.
        """
        return await taken_in(self._line(call.path["circle"]), call.body)

    @operation("GET", "/v1/circles/{circle}/erasures")
    async def erasures(self, call: Call[None, None]) -> types.Erasures:
        """Say what was ordered to be erased, who has answered, and which holds of ours stop it here."""
        return erasures_of(self._line(call.path["circle"]))

    async def _record(self, line: Line, say: types.Say) -> bytes:
        """The bytes of what is to be said. Raises what `order_of` and `drafted` raise."""
        if isinstance(say, types.SayRecord):
            await self.check_signed(line, say.record)
            self.check_signed_answer(line, say.record)
            return say.record
        if isinstance(say, types.SayOrder):
            return encode_record(order_of(line, say, self._node.clock.wall_ms(), self._node.store))
        return await self.drafted(line, say)

    def _line(self, circle: str) -> Line:
        return line_of(self._node, circle)

    def _shelf(self, line: Line) -> Shelf:
        return Shelf(line, self._node.store)

    async def _events(self, shelves: list[Shelf], limit: int) -> AsyncIterator[bytes]:
        news = self._node.news
        followers = [Follower(shelf) for shelf in shelves]
        with news.heard(followers) as something:
            newest = [record for shelf in shelves for record in shelf.newest(limit)]
            yield b": following\n\n"
            for record in newest:
                yield _event(record)
            while True:
                something.clear()
                # Asked first: what came before the end is shown, and nothing comes after it.
                over = news.over
                for follower in followers:
                    for record in follower.news():
                        yield _event(record)
                if over:
                    return
                try:
                    async with asyncio.timeout(_HEARTBEAT_S):
                        await something.wait()
                except TimeoutError:
                    # Otherwise nobody would notice that the other side is gone.
                    yield b": nothing new\n\n"

    def state(self, line: Line) -> types.CircleState:
        """A circle, as the status tells it."""
        status, own = line.status(), line.own.member
        charter = line.circle.charter
        return types.CircleState(
            id=line.circle.id,
            title=charter.title,
            domain=charter.domain,
            drill=line.circle.drill,
            handling=charter.handling,
            member=own.slug,
            label=own.label,
            log=status.log,
            size=status.size,
            halted=status.halted.explanation if status.halted else None,
            members=tuple(self._member_state(line.circle.id, member) for member in status.members),
        )

    def _member_state(self, circle: str, status: MemberStatus) -> types.MemberState:
        member = status.member
        return types.MemberState(
            slug=member.slug,
            label=member.label,
            economy=member.economy,
            log=str(member.log),
            confirmed=_confirmation(status.held_by_them),
            witnessed=_confirmation(status.witnessed_by_them),
            latency_ms=self._node.latency_ms(circle, member.slug),
            held=status.held_here,
            known=status.known_here,
            missing=status.missing_here,
            stopped=status.stopped,
            trouble=status.trouble.explanation if status.trouble else None,
            suspended=status.suspended,
        )


def _confirmation(found: Confirmation | None) -> types.Confirmation | None:
    if found is None:
        return None
    return types.Confirmation(size=found.size, time_s=found.time_s, by_way=found.by_way)


def _event(record: types.ShownRecord) -> bytes:
    return b"data: %b\n\n" % msgspec.json.encode(record)
