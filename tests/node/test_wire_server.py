import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path as FilePath

import pytest
from tests.node.conftest import Run
from tests.node.stubs import LOG, EchoLine, Served, keys_in, request_of, served

from tocsin.circles.errors import BadRequestSignature, PushTooLarge, StaleNonce, UnknownName, UnknownPath
from tocsin.circles.wire.answers import Later, Refused, decode_answer
from tocsin.circles.wire.http import HttpWire
from tocsin.circles.wire.messages import MAX_PUSH_BYTES
from tocsin.circles.wire.protocol import Endpoint, Path, Reply, Request
from tocsin.circles.witness import MAX_REQUEST_BYTES
from tocsin.core.keys import encode_base64
from tocsin.node.folder import Folder
from tocsin.node.serving.listener import MAX_HEAD_BYTES
from tocsin.node.serving.wire import LARGE_BODY_BYTES, MAX_LARGE_BODIES, MAX_LARGE_BODIES_OF_ONE

HEAD = "POST {path} HTTP/1.1\r\nhost: x\r\n{more}content-length: {size}\r\n\r\n"


class Peer:
    """A plain connection to a listener, for what no HTTP client would do."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes | str) -> None:
        """Send these bytes."""
        self._writer.write(data.encode() if isinstance(data, str) else data)
        await self._writer.drain()

    async def answer(self) -> tuple[int, bytes]:
        """The status and body of the next answer."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        size = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length"))
        return int(head.split(b" ")[1]), await self._reader.readexactly(int(size.split(b":")[1]))

    async def body_wanted(self) -> None:
        """Waits until the other side says that it reads on (RFC 9110, section 10.1.1)."""
        assert (await self._reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")

    @property
    def over(self) -> bool:
        """Whether the other side is known to have dropped the connection."""
        return self._reader.at_eof()

    async def ended(self) -> bool:
        """Waits for the other side to drop the connection."""
        with contextlib.suppress(ConnectionError):
            return await self._reader.read(1) == b""
        return True


@contextlib.asynccontextmanager
async def peer(there: Served) -> AsyncIterator[Peer]:
    """A new connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", there.port)
    try:
        yield Peer(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def refused(body: bytes) -> str:
    """The code of a refusal."""
    answer = decode_answer(body)
    assert isinstance(answer, Refused)
    return answer.code


@pytest.mark.parametrize(
    ("size", "path"), [(MAX_PUSH_BYTES + 1, Path.PUSH), (MAX_REQUEST_BYTES + 1, Path.ADD_CHECKPOINT)]
)
def test_a_body_that_is_too_large_is_refused_unread(run_in_each: Run[None], size: int, path: Path) -> None:
    """One byte too many is 413, before any of it was sent; the line never hears of it."""

    async def scenario() -> None:
        async with served(None) as there, peer(there) as caller:
            await caller.send(HEAD.format(path=path, more="", size=size))

            status, body = await caller.answer()

            assert (status, refused(body)) == (413, PushTooLarge.code)
            assert there.line.requests == []

    run_in_each(scenario())


def test_a_body_of_unknown_size_is_refused(run_in_each: Run[None]) -> None:
    """A body that comes in chunks, without its size being said first, is 413."""

    async def scenario() -> None:
        async with served(None) as there, peer(there) as caller:
            await caller.send(
                "POST /tocsin/v1/push HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
            )

            assert (await caller.answer())[0] == 413

    run_in_each(scenario())


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/tocsin/v1/push"),
        ("POST", "/tocsin/v1/push/"),
        ("POST", "/"),
        ("POST", "/tocsin/v2/push"),
        ("POST", "/v1/status"),
        ("GET", "/v1/metrics"),
    ],
)
def test_anything_else_is_not_there(run_in_each: Run[None], method: str, path: str) -> None:
    """Other paths and methods are 404; the machine API is not on the wire's listener."""

    async def scenario() -> None:
        async with served(None) as there, peer(there) as caller:
            await caller.send(f"{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")

            status, body = await caller.answer()

            assert (status, refused(body)) == (404, UnknownPath.code)

    run_in_each(scenario())


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ("", 403, UnknownName.code),
        ("tocsin-receiver: nonsense\r\n", 403, UnknownName.code),
        (f"tocsin-receiver: example.org/{'e' * 64}/east/1\r\n", 403, UnknownName.code),
        (f"tocsin-receiver: {LOG}\r\ntocsin-nonce: ?\r\n", 401, BadRequestSignature.code),
        (f"tocsin-receiver: {LOG}\r\ntocsin-signature: YQ\r\n", 401, BadRequestSignature.code),
    ],
)
def test_headers_that_say_nothing_are_refused(
    run_in_each: Run[None], more: str, status: int, code: str
) -> None:
    """A receiver that is not here, and a nonce or signature that is not base64, are answers with a code."""

    async def scenario() -> None:
        async with served(None) as there, peer(there) as caller:
            await caller.send(HEAD.format(path=Path.PUSH, more=more, size=0))

            found, body = await caller.answer()

            assert (found, refused(body)) == (status, code)

    run_in_each(scenario())


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (f"old 0\n\n{LOG}\n1\n", 200),
        (f"old 0\n\nexample.org/{'e' * 64}/east/1\n1\n", 404),
        ("old 0\n\nsome.other/log\n1\n", 404),
        ("old 0\n", 400),
    ],
)
def test_a_witness_is_asked_by_the_name_of_the_log(run_in_each: Run[None], body: str, status: int) -> None:
    """`add-checkpoint` reaches the line of the checkpoint's circle, without headers; others are not known."""

    async def scenario() -> None:
        async with served(None) as there, peer(there) as caller:
            await caller.send(HEAD.format(path=Path.ADD_CHECKPOINT, more="", size=len(body)) + body)

            assert (await caller.answer())[0] == status

    run_in_each(scenario())


def test_a_line_that_fails_is_reported_and_stops_nobody(run_in_each: Run[None]) -> None:
    """What a line raises becomes an empty 500 and a report; the same connection works afterwards."""

    def fail(_: Request) -> Reply:
        raise RuntimeError("broken")

    async def scenario() -> None:
        line = EchoLine(reply=fail)
        async with served(None, line) as there, HttpWire(unsafe_loopback=True) as wire:
            to = [Endpoint(url=f"http://127.0.0.1:{there.port}", tls_spki_sha256="0" * 64)]
            assert await wire.send(to, request_of(), 5) == Reply(500, b"", b"")
            assert [str(fault) for fault in there.faults] == ["broken"]
            line.reply = lambda request: Reply(200, request.body, b"")
            assert (await wire.send(to, request_of(), 5)).status == 200

    run_in_each(scenario())


def test_slow_callers_delay_nobody(run_in_each: Run[None]) -> None:
    """While others sit on half a head or half a body, a request goes through; then they are dropped."""

    async def scenario() -> None:
        async with contextlib.AsyncExitStack() as stack:
            there = await stack.enter_async_context(served(None, request_s=0.5))
            wire = await stack.enter_async_context(HttpWire(unsafe_loopback=True))
            slow = []
            head = HEAD.format(path=Path.PUSH, more=f"tocsin-receiver: {LOG}\r\n", size=1000)
            for part in ("", "POST /tocsin", head, head + "half", "\r\n"):
                for _ in range(4):
                    slow.append(await stack.enter_async_context(peer(there)))
                    await slow[-1].send(part)
            to = [Endpoint(url=f"http://127.0.0.1:{there.port}", tls_spki_sha256="0" * 64)]

            assert (await wire.send(to, request_of(), 5)).status == 200
            assert all(await asyncio.gather(*(caller.ended() for caller in slow)))

    run_in_each(scenario())


def test_large_bodies_that_never_end_keep_nobody_else_out(run_in_each: Run[None]) -> None:
    """So many are awaited of one member, and so many in all: the next is sent away, a small one let in."""

    async def scenario() -> None:
        async with contextlib.AsyncExitStack() as stack:
            there = await stack.enter_async_context(served(None))

            async def call(signer: int, size: int, body: str = "") -> Peer:
                caller = await stack.enter_async_context(peer(there))
                nonce = encode_base64(b"n" * 16)
                more = f"tocsin-receiver: {LOG}\r\ntocsin-signer: {signer}\r\ntocsin-nonce: {nonce}\r\n"
                await caller.send(HEAD.format(path=Path.PUSH, more=more, size=size) + body)
                return caller

            async def is_sent_away(caller: Peer) -> bool:
                status, body = await caller.answer()
                return status == 503 and isinstance(decode_answer(body), Later)

            for signer in range(MAX_LARGE_BODIES // MAX_LARGE_BODIES_OF_ONE):
                for _ in range(MAX_LARGE_BODIES_OF_ONE):
                    await call(signer, LARGE_BODY_BYTES + 1)
                assert await is_sent_away(await call(signer, LARGE_BODY_BYTES + 1))
            assert await is_sent_away(await call(-1, LARGE_BODY_BYTES + 1))
            assert await (await call(0, 4, "body")).answer() == (200, b"body")

    run_in_each(scenario())


def test_a_large_body_of_a_stranger_is_refused_unread(run_in_each: Run[None]) -> None:
    """Who has no nonce of this node gets 401 for a large body, before any of it was sent."""

    async def scenario() -> None:
        async with served(None) as there, peer(there) as caller:
            more = f"tocsin-receiver: {LOG}\r\n"
            await caller.send(HEAD.format(path=Path.PUSH, more=more, size=LARGE_BODY_BYTES + 1))

            status, body = await caller.answer()

            assert (status, refused(body)) == (401, StaleNonce.code)
            assert there.line.requests == []

    run_in_each(scenario())


def test_a_head_without_end_is_dropped(run_in_each: Run[None]) -> None:
    """A caller that sends header after header is told so and dropped, long before its time is over."""

    async def scenario() -> None:
        async with served(None) as there, peer(there) as caller, peer(there) as reader:
            await reader.send(b"POST / HTTP/1.1\r\nx: " + b"x" * MAX_HEAD_BYTES)
            status, why = await reader.answer()
            assert (status, str(MAX_HEAD_BYTES) in why.decode()) == (431, True)
            await caller.send("POST / HTTP/1.1\r\n")
            with contextlib.suppress(ConnectionError):
                for _ in range(64):
                    await caller.send(b"x: " + b"x" * MAX_HEAD_BYTES + b"\r\n")
            with contextlib.suppress(ConnectionError):
                await caller.answer()
            assert await caller.ended()

    run_in_each(scenario())


def test_a_new_connection_takes_the_place_of_the_idlest(run_in_each: Run[None]) -> None:
    """Where there is no room for one more connection, the one that did nothing for longest goes."""

    async def scenario() -> None:
        async with contextlib.AsyncExitStack() as stack:
            there = await stack.enter_async_context(served(None, max_connections=3))
            request = HEAD.format(path=Path.PUSH, more=f"tocsin-receiver: {LOG}\r\n", size=4) + "body"
            callers = [await stack.enter_async_context(peer(there)) for _ in range(3)]
            for caller in (callers[1], callers[2], callers[0]):
                await caller.send(request)
                await caller.answer()
            newest = await stack.enter_async_context(peer(there))

            assert await callers[1].ended()
            for caller in (callers[2], callers[0], newest):
                await caller.send(request)
                assert await caller.answer() == (200, b"body")

    run_in_each(scenario())


class StreamingLine(EchoLine):
    """Answers only once `finish` is set, as a stream to an open page does; `begun` counts."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Semaphore(0)
        self.finish = asyncio.Event()

    async def handle(self, request: Request) -> Reply:
        """See Answering."""
        self.begun.release()
        await self.finish.wait()
        return await super().handle(request)


def test_what_is_being_answered_does_not_make_room(run_in_each: Run[None]) -> None:
    """However many come and say nothing, or half of something: streams that are open stay."""
    head = HEAD.format(path=Path.PUSH, more=f"tocsin-receiver: {LOG}\r\nexpect: 100-continue\r\n", size=4)

    async def scenario() -> None:
        async with contextlib.AsyncExitStack() as stack:
            line = StreamingLine()
            there = await stack.enter_async_context(served(None, line, max_connections=4))
            first = [await stack.enter_async_context(peer(there)) for _ in range(4)]
            for one in first:
                await one.send(head)
                await one.body_wanted()
            streams, halves = first[:2], first[2:]
            for stream in streams:
                await stream.send("body")
                await line.begun.acquire()
            silent = [await stack.enter_async_context(peer(there)) for _ in range(8)]

            assert all(await asyncio.gather(*(one.ended() for one in (*halves, *silent[:6]))))
            line.finish.set()
            for stream in streams:
                assert await stream.answer() == (200, b"body")

    run_in_each(scenario())


def test_streams_keep_nobody_out(run_in_each: Run[None]) -> None:
    """Where an answer is due on every connection, the oldest makes room for whoever comes."""
    request = HEAD.format(path=Path.PUSH, more=f"tocsin-receiver: {LOG}\r\n", size=4) + "body"

    async def scenario() -> None:
        async with contextlib.AsyncExitStack() as stack:
            line = StreamingLine()
            there = await stack.enter_async_context(served(None, line, max_connections=3))
            streams = []
            for _ in range(4):
                streams.append(await stack.enter_async_context(peer(there)))
                await streams[-1].send(request)
                await line.begun.acquire()

            assert await streams[0].ended()
            line.finish.set()
            for stream in streams[1:]:
                assert await stream.answer() == (200, b"body")

    run_in_each(scenario())


def test_a_new_handshake_takes_the_place_of_the_oldest(run_in_each: Run[None], tmp_path: FilePath) -> None:
    """Who connects and shows nothing costs no more than so many connections, and keeps nobody out."""
    tls = keys_in(Folder(tmp_path / "data", tmp_path / "marker")).tls

    async def scenario() -> None:
        async with contextlib.AsyncExitStack() as stack:
            there = await stack.enter_async_context(served(tls, max_connections=3))
            wire = await stack.enter_async_context(HttpWire())
            silent = [await stack.enter_async_context(peer(there)) for _ in range(10)]

            assert all(await asyncio.gather(*(caller.ended() for caller in silent[:7])))
            to = [Endpoint(url=there.url, tls_spki_sha256=tls.pin)]
            assert (await wire.send(to, request_of(), 5)).status == 200
            assert not silent[-1].over

    run_in_each(scenario())


def test_stopping_finishes_what_is_at_work(run_in_each: Run[None]) -> None:
    """What is being answered when the listener stops is answered; a connection that waits is closed."""

    async def scenario() -> None:
        async with contextlib.AsyncExitStack() as stack:
            working, finish = asyncio.Event(), asyncio.Event()

            class SlowLine(EchoLine):
                async def handle(self, _: Request) -> Reply:
                    working.set()
                    await finish.wait()
                    return Reply(200, b"finished", b"")

            there = await stack.enter_async_context(served(None, SlowLine()))
            idle = await stack.enter_async_context(peer(there))
            caller = await stack.enter_async_context(peer(there))
            await caller.send(
                HEAD.format(path=Path.PUSH, more=f"tocsin-receiver: {LOG}\r\n", size=4) + "body"
            )
            await working.wait()
            stopping = asyncio.ensure_future(there.listener.stop(10))
            assert await idle.ended()
            assert not stopping.done()
            finish.set()

            assert await caller.answer() == (200, b"finished")
            await stopping

    run_in_each(scenario())


def test_stopping_does_not_wait_for_ever(run_in_each: Run[None]) -> None:
    """A request that does not end is dropped when the time to stop is over."""

    async def scenario() -> None:
        async with contextlib.AsyncExitStack() as stack:
            working = asyncio.Event()

            class StuckLine(EchoLine):
                async def handle(self, _: Request) -> Reply:
                    working.set()
                    await asyncio.Event().wait()
                    raise AssertionError

            there = await stack.enter_async_context(served(None, StuckLine()))
            caller = await stack.enter_async_context(peer(there))
            await caller.send(
                HEAD.format(path=Path.PUSH, more=f"tocsin-receiver: {LOG}\r\n", size=4) + "body"
            )
            await working.wait()

            await there.listener.stop(0.05)

            assert await caller.ended()

    run_in_each(scenario())


def test_a_flood_of_nonsense_says_nothing(
    run_in_each: Run[None], tmp_path: FilePath, capfd: pytest.CaptureFixture[str]
) -> None:
    """Garbage on the port, with TLS and without, leaves no trace on standard error, which it could fill."""
    tls = keys_in(Folder(tmp_path, tmp_path / "marker")).tls

    async def scenario() -> None:
        for keys in (None, tls):
            async with served(keys) as there:
                for nonsense in (b"\x16\x03\x01garbage\r\n\r\n", b"\x00" * 100, b"GET \xff HTTP/9\r\n\r\n"):
                    async with peer(there) as caller:
                        await caller.send(nonsense)
                        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                            await caller.answer()

    run_in_each(scenario())
    assert capfd.readouterr().err == ""
