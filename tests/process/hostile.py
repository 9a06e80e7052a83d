"""Peers that mean no good: each holds a connection for as long as it can, and then opens the next."""

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeAlias

from tests.process.processes import until

from tocsin.circles.founding.circle import Member
from tocsin.circles.wire.http import NONCE, RECEIVER, SIGNER, HttpWire, server_name
from tocsin.circles.wire.protocol import Path
from tocsin.circles.wire.requests import NO_NONCE, sign_request
from tocsin.core.keys import SigningKey, encode_base64

Deed: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What is done with a connection, until the node ends it."""

_HEAD = "POST /tocsin/v1/push HTTP/1.1\r\nhost: x\r\n{more}content-length: {size_bytes}\r\n\r\n"
_BLOCK = bytes(2**16)
_LARGE_BYTES = 4_000_000


async def stay_silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Send nothing."""
    await reader.read()


async def send_a_byte_a_second(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Begin a request, and never end it."""
    writer.write(b"POST / HTTP/1.1\r\nx: ")
    while not reader.at_eof():
        writer.write(b"x")
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await reader.read()


async def send_too_much(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a body that is larger than any may be, as fast as possible."""
    writer.write(_HEAD.format(more="", size_bytes=10**9).encode())
    while True:
        writer.write(_BLOCK)
        await writer.drain()


def withhold_a_push(me: SigningKey, to: Member) -> Deed:
    """As a member: announce a large push, and never send it."""
    request = sign_request(me, str(to.log), Path.NONCE, b"", NO_NONCE)

    async def nonce() -> bytes:
        async with HttpWire() as wire:
            return (await wire.send([to.endpoint], request, 10)).nonce

    headers = {RECEIVER: to.log, SIGNER: request.signer, NONCE: encode_base64(asyncio.run(nonce()))}
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = _HEAD.format(more=more, size_bytes=_LARGE_BYTES).encode()

    async def withhold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        await reader.read()

    return withhold


@contextmanager
def besieged(member: Member, deed: Deed, count: int, *, tls: bool = True) -> Iterator[None]:
    """So many peers that do this to a member's node, from the moment that each has begun."""
    host, _, port = member.endpoint.url.rpartition("/")[2].partition(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if tls else None
    if context:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    name = server_name(member.endpoint.tls_spki_sha256) if tls else None
    begun: set[int] = set()
    over = threading.Event()

    async def peer(number: int) -> None:
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection(
                    host, int(port), ssl=context, server_hostname=name
                )
                try:
                    begun.add(number)
                    await deed(reader, writer)
                finally:
                    writer.transport.abort()
            begun.add(number)
            await asyncio.sleep(0.01)

    async def siege() -> None:
        peers = [asyncio.create_task(peer(number)) for number in range(count)]
        await asyncio.to_thread(over.wait)
        for one in peers:
            one.cancel()
        await asyncio.gather(*peers, return_exceptions=True)

    thread = threading.Thread(target=asyncio.run, args=(siege(),))
    thread.start()
    try:
        until(lambda: len(begun) == count)
        yield
    finally:
        over.set()
        thread.join()
