import asyncio
import contextlib
import gc
import os
import socket
import ssl
import struct
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path as FilePath

import pytest
from tests.node.conftest import Run
from tests.node.nodes import until
from tests.node.stubs import LOG, OTHER_CIRCLE, EchoLine, keys_in, request_of, served

from tocsin.circles.errors import Unreachable
from tocsin.circles.wire.answers import MAX_ANSWER_BYTES
from tocsin.circles.wire.http import HttpWire, server_name
from tocsin.circles.wire.messages import MAX_PUSH_BYTES
from tocsin.circles.wire.protocol import Endpoint, Reply
from tocsin.core.names import LogName
from tocsin.node.folder import Folder
from tocsin.node.serving.tls import TlsFiles, TlsKeys


def endpoint(url: str, pin: str) -> Endpoint:
    """Where to send."""
    return Endpoint(url=url, tls_spki_sha256=pin)


@pytest.fixture
def folder(tmp_path: FilePath) -> Folder:
    """An empty data folder."""
    return Folder(tmp_path / "data", tmp_path / "marker")


@pytest.fixture
def tls(folder: Folder) -> TlsFiles:
    """The TLS key of a node."""
    return keys_in(folder).tls


def test_a_request_arrives_as_it_was_sent(run_in_each: Run[None], tls: TlsFiles) -> None:
    """Path, names, nonce, signature and body of a request cross the wire unchanged, and so does the reply."""

    async def scenario() -> None:
        async with served(tls) as there, HttpWire() as wire:
            sent = request_of(bytes(range(256)) * 100)

            reply = await wire.send([endpoint(there.url, tls.pin)], sent, 5)

            assert there.line.requests == [sent]
            assert reply == Reply(200, sent.body, b"n" * 16)
            assert there.faults == []

    run_in_each(scenario())


def test_the_largest_push_arrives(run_in_each: Run[None], tls: TlsFiles) -> None:
    """A push of exactly 4 MiB is carried, and an answer as large as answers get."""

    async def scenario() -> None:
        line = EchoLine(reply=lambda _: Reply(200, bytes(MAX_ANSWER_BYTES), b""))
        async with served(tls, line) as there, HttpWire() as wire:
            reply = await wire.send([endpoint(there.url, tls.pin)], request_of(bytes(MAX_PUSH_BYTES)), 20)

            assert (len(line.requests[0].body), len(reply.body)) == (MAX_PUSH_BYTES, MAX_ANSWER_BYTES)

    run_in_each(scenario())


@contextlib.asynccontextmanager
async def listening(tls: TlsFiles, heard: bytearray) -> AsyncIterator[int]:
    """A TLS server that shows this key whatever it is asked for, and keeps every byte it hears."""
    done = asyncio.Event()

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            heard.extend(await reader.read())
        writer.close()
        done.set()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls.certificate, tls.secret)
    server = await asyncio.start_server(hear, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.fixture
def resetting() -> Iterator[int]:
    """The port of somebody who resets every connection at once."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def reset() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    connection.close()

        thread = threading.Thread(target=reset)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_whoever_resets_connections_closes_nothing_else(run_in_each: Run[None], resetting: int) -> None:
    """A connection that comes to nothing gives back its own file descriptor, once, and no other."""

    async def scenario() -> None:
        opened = []
        async with HttpWire() as wire:
            for _ in range(400):
                with pytest.raises(Unreachable, match="reset by peer"):
                    await wire.send([endpoint(f"https://127.0.0.1:{resetting}", "0" * 64)], request_of(), 5)
                opened.append(os.open(os.devnull, os.O_RDONLY))
        gc.collect()
        for descriptor in opened:
            os.close(descriptor)

    run_in_each(scenario())


def test_a_wrong_key_is_sent_nothing(run_in_each: Run[None], folder: Folder, tls: TlsFiles) -> None:
    """Whoever shows another key than the pinned one hears not one byte of the request."""
    impostor = keys_in(folder, LogName("example.org", OTHER_CIRCLE, "east", 1)).tls

    async def scenario() -> None:
        heard = bytearray()
        async with listening(impostor, heard) as port, HttpWire() as wire:
            with pytest.raises(Unreachable, match=f"expected the TLS key {tls.pin}, found {impostor.pin}"):
                await wire.send([endpoint(f"https://127.0.0.1:{port}", tls.pin)], request_of(), 5)

        assert heard == b""

    run_in_each(scenario())


def test_the_right_key_is_sent_the_request(run_in_each: Run[None], tls: TlsFiles) -> None:
    """The server of the test before hears a request if its key is the pinned one."""

    async def scenario() -> None:
        heard = bytearray()
        async with listening(tls, heard) as port:
            async with HttpWire() as wire:
                with pytest.raises(Unreachable, match=r"no answer within 0\.3 s"):
                    await wire.send([endpoint(f"https://127.0.0.1:{port}", tls.pin)], request_of(), 0.3)
            await until(lambda: bool(heard))

        assert heard.startswith(b"POST /tocsin/v1/push HTTP/1.1\r\n")

    run_in_each(scenario())


def test_a_kept_connection_is_not_lent_to_another_pin(run_in_each: Run[None], tls: TlsFiles) -> None:
    """A connection that was checked against one pin carries nothing for another pin of the same address."""

    async def scenario() -> None:
        async with served(tls) as there, HttpWire() as wire:
            await wire.send([endpoint(there.url, tls.pin)], request_of(), 5)

            with pytest.raises(Unreachable):
                await wire.send([endpoint(there.url, "0" * 64)], request_of(), 5)

            assert len(there.line.requests) == 1

    run_in_each(scenario())


def test_one_port_has_a_key_for_each_circle(run_in_each: Run[None], folder: Folder, tls: TlsFiles) -> None:
    """A listener shows each caller the key it asks for, and no key at all to who asks for none."""
    other = keys_in(folder, LogName("example.org", OTHER_CIRCLE, "east", 1)).tls
    keys = TlsKeys()
    keys.add(tls)
    keys.add(other)

    async def scenario() -> None:
        async def ignore(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        server = await asyncio.start_server(ignore, "127.0.0.1", 0, ssl=keys.context)
        port = server.sockets[0].getsockname()[1]

        async def shown(name: str | None) -> bytes:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            _, writer = await asyncio.open_connection(
                "127.0.0.1", port, ssl=context, server_hostname=name or ""
            )
            try:
                certificate: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
                return certificate
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()

        async with server:
            for files in (tls, other):
                expected = ssl.PEM_cert_to_DER_cert(files.certificate.read_text())
                assert await shown(server_name(files.pin)) == expected
            for name in (None, "example.org", server_name("0" * 64)):
                with pytest.raises((ssl.SSLError, ConnectionError)):
                    await shown(name)

    run_in_each(scenario())


def test_only_tls_1_3_is_spoken(run_in_each: Run[None], tls: TlsFiles) -> None:
    """A caller that offers TLS 1.2 at most gets no connection."""

    async def scenario() -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        async with served(tls) as there:
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await asyncio.open_connection(
                    "127.0.0.1", there.port, ssl=context, server_hostname=server_name(tls.pin)
                )

    run_in_each(scenario())


@pytest.mark.parametrize(
    ("url", "unsafe_loopback"),
    [
        ("http://127.0.0.1:1", False),
        ("http://192.0.2.1:1", True),
        ("http://localhost:1", True),
        ("ftp://127.0.0.1:1", True),
        ("nonsense", True),
        ("https://[:1", True),
    ],
)
def test_without_tls_only_loopback_and_only_if_allowed(
    run_in_each: Run[None], url: str, unsafe_loopback: bool
) -> None:
    """Plain http is refused before a connection is made, except to 127.0.0.1 where the operator allows it."""

    async def scenario() -> None:
        async with HttpWire(unsafe_loopback=unsafe_loopback) as wire:
            with pytest.raises(Unreachable, match="expected https://host:port"):
                await wire.send([endpoint(url, "0" * 64)], request_of(), 5)

    run_in_each(scenario())


def test_plain_loopback_works_where_allowed(run_in_each: Run[None]) -> None:
    """With UnsafeLoopback, a request reaches 127.0.0.1 without TLS."""

    async def scenario() -> None:
        async with served(None) as there, HttpWire(unsafe_loopback=True) as wire:
            there_ = endpoint(f"http://127.0.0.1:{there.port}", "0" * 64)

            assert (await wire.send([there_], request_of(), 5)).body == b"body"

    run_in_each(scenario())


def test_an_answer_that_is_too_large_is_not_read(run_in_each: Run[None], tls: TlsFiles) -> None:
    """One byte more than any answer may have, and there is no answer."""

    async def scenario() -> None:
        line = EchoLine(reply=lambda _: Reply(200, bytes(MAX_ANSWER_BYTES + 1), b""))
        async with served(tls, line) as there, HttpWire() as wire:
            with pytest.raises(Unreachable, match="found more"):
                await wire.send([endpoint(there.url, tls.pin)], request_of(), 10)

    run_in_each(scenario())


def test_endpoints_are_tried_in_order_and_the_good_one_is_remembered(
    run_in_each: Run[None], tls: TlsFiles
) -> None:
    """A dead first endpoint costs one try, not one for each request."""

    async def scenario() -> None:
        async with served(tls) as there, HttpWire() as wire:
            tried: list[str] = []
            send_to = wire._send_to

            async def counted(endpoint: Endpoint, *rest: object) -> Reply:
                tried.append(endpoint.url)
                return await send_to(endpoint, *rest)  # type: ignore[arg-type]

            wire._send_to = counted  # type: ignore[assignment]
            dead = endpoint("https://127.0.0.1:1", tls.pin)
            for _ in range(2):
                await wire.send([dead, endpoint(there.url, tls.pin)], request_of(), 5)

            assert tried == [dead.url, there.url, there.url]

    run_in_each(scenario())


def test_every_failure_says_why(run_in_each: Run[None], tls: TlsFiles) -> None:
    """Nobody there, no TLS, no HTTP, no answer: each becomes Unreachable, in its own words."""

    async def answering(data: bytes | None, context: ssl.SSLContext | None) -> asyncio.Server:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                await reader.read(1)
                if data is not None:
                    writer.write(data)
                    await writer.drain()
            writer.close()

        return await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)

    async def reason(url: str) -> str:
        async with HttpWire() as wire:
            with pytest.raises(Unreachable) as caught:
                await wire.send([endpoint(url, tls.pin)], request_of(), 5)
            return str(caught.value).removeprefix(f"{url}: ")

    async def scenario() -> None:
        keys = TlsKeys()
        keys.add(tls)
        assert await reason("https://127.0.0.1:1") == "no connection (Connection refused)"
        assert await reason("https://no-such-host.invalid:1") == "its name leads to no address"
        for data, context, expected in (
            (b"220 mail\r\n", None, "no TLS 1.3 connection came about"),
            (b"220 mail\r\n\r\n", keys.context, "what came back is no HTTP answer"),
            (None, keys.context, "the connection broke off"),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort", keys.context, "the connection broke off"),
        ):
            server = await answering(data, context)
            async with server:
                assert await reason(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}") == expected

    run_in_each(scenario())


def test_a_kept_connection_that_was_closed_costs_nothing(run_in_each: Run[None], tls: TlsFiles) -> None:
    """When a server restarts, the request after it goes over a new connection, and nobody notices."""

    async def scenario() -> None:
        async with HttpWire() as wire, served(tls) as there:
            await wire.send([endpoint(there.url, tls.pin)], request_of(), 5)
            for connection in list(there.listener._connections):
                connection.transport.abort()

            assert (await wire.send([endpoint(there.url, tls.pin)], request_of(), 5)).status == 200

    run_in_each(scenario())


def test_a_nonce_that_is_none_is_no_answer(run_in_each: Run[None], tls: TlsFiles) -> None:
    """A reply whose nonce is not base64 is refused."""
    line = EchoLine(reply=lambda _: Reply(200, b"", b"n"))

    async def scenario() -> None:
        async with served(tls, line) as there, HttpWire() as wire:
            assert (await wire.send([endpoint(there.url, tls.pin)], request_of(), 5)).nonce == b"n"

    run_in_each(scenario())
    assert LOG.request
