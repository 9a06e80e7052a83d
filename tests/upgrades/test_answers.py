"""The calls that released versions recorded, answered by this one: byte for byte what they answered."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from tests.fixtures.test_fixtures import recorded, world
from tests.fixtures.world import TIME_S, Hashed, Log, World
from tests.simulation.clock import VirtualClock
from tests.simulation.loop import VirtualLoop, new_loop
from tests.upgrades.older import VERSIONS, write_database

from tocsin.circles.environment import Environment
from tocsin.circles.errors import Unreachable
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.line import Line
from tocsin.circles.wire.protocol import Endpoint, Reply, Request
from tocsin.circles.wire.protocol import Path as Call
from tocsin.circles.wire.requests import NO_NONCE, sign_request
from tocsin.core.names import LogName
from tocsin.log.committer import Committer
from tocsin.log.sqlite import SqliteStore

pytestmark = pytest.mark.parametrize("version", VERSIONS)


class Recorded(VirtualClock):
    """A Clock that shows the time of the fixtures, while virtual time passes."""

    def wall_ms(self) -> int:
        """The time of the fixtures."""
        return TIME_S * 1000


_ASKED_S, _LIMIT_S = 70.0, 300.0


class Nobody:
    """A Wire on which nobody is reached."""

    async def send(self, to: Sequence[Endpoint], request: Request, timeout_s: float) -> Reply:
        """Raises Unreachable."""
        del to, request, timeout_s
        raise Unreachable


class Desk:
    """A node of this version at the place of one member of the fixtures, and how others call it."""

    def __init__(self, line: Line, written: dict[str, bytes]) -> None:
        self._line = line
        self._written = written

    async def ask(self, by: Log, path: Call, name: str) -> bytes:
        """What is answered to the recorded message of that name, when this member sends it."""
        reply = await self._send(by, path, self._written[name], NO_NONCE)
        assert reply.status == 401
        return (await self._send(by, path, self._written[name], reply.nonce)).body

    async def asked_the_others(self) -> None:
        """Returns when it has asked all others in vain for what it may have missed, erasures among it."""
        await self._line.start()
        await asyncio.sleep(_ASKED_S)

    async def _send(self, by: Log, path: Call, body: bytes, nonce: bytes) -> Reply:
        return await self._line.handle(sign_request(by.keys.request, self._line.own.name, path, body, nonce))


@asynccontextmanager
async def desk(of: World, own: Log, version: str, path: Path, loop: VirtualLoop) -> AsyncIterator[Desk]:
    """The node of that member, with the database at `path`."""
    faults: list[BaseException] = []
    with closing(SqliteStore(path, Hashed("none"))) as store:
        environment = Environment(
            store=store,
            committer=Committer(store, lambda _: None),
            wire=Nobody(),
            clock=Recorded(loop),
            chance=Hashed("none"),
            on_event=lambda _: None,
            on_fault=faults.append,
        )

        def keys_of(log: LogName) -> MemberKeys | None:
            return own.keys if log == own.keys.log_name else None

        line = Line(of.circle, own.keys.log_name.member, keys_of, environment)
        yield Desk(line, {one.name: one.data for one in recorded(version)})
        await line.stop()
    assert faults == []


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    """Virtual time."""
    with closing(new_loop()) as loop:
        yield loop


def test_pushes(version: str, tmp_path: Path, loop: VirtualLoop) -> None:
    """A push of a part is answered with the size held, the push of the rest with the same cosignature."""
    of = world(version)
    answers = {one.name: one.data for one in recorded(version) if one.kind == "answer"}

    async def run() -> None:
        async with desk(of, of.birch, version, tmp_path / "node.sqlite3", loop) as birch:
            assert await birch.ask(of.ash, Call.PUSH, "push") == answers["answer 2"]
            assert await birch.ask(of.ash, Call.PUSH, "push of the rest") == answers["answer 1"]

    loop.run(run(), _LIMIT_S)


def test_what_is_kept(version: str, tmp_path: Path, loop: VirtualLoop) -> None:
    """From a database that an earlier version kept, pulls and proofs are answered as it answered them."""
    of = world(version)
    write_database(version, tmp_path / "node.sqlite3")
    answers = {one.name: one.data for one in recorded(version) if one.kind == "answer"}

    async def run() -> None:
        async with desk(of, of.ash, version, tmp_path / "node.sqlite3", loop) as ash:
            await ash.asked_the_others()
            assert await ash.ask(of.cedar, Call.PULL, "pull") == answers["answer 6"]
            assert await ash.ask(of.cedar, Call.PROOF, "request for a proof") == answers["answer 7"]

    loop.run(run(), _LIMIT_S)
