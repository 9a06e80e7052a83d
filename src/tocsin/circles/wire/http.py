"""The wire between real nodes: HTTP/1.1 over TLS 1.3, and the other side's key pinned.

The formats are those of docs/protocol.md, sections 8.3 and 10.1.

What it is not: it looks into no body, signs nothing, and decides nothing about a reply, which may still say
anything.

- The pin is checked inside the TLS handshake. A connection to another key never comes to be, so that no byte
  of a request can go over it. No name, date or issuer is looked at.
- The pin stands in the server name too, so that a node with another key in each of its circles shows the
  right one.
- Plain `http` goes to 127.0.0.1 alone, and only if the operator allows it (`unsafe_loopback`).
- A reply is capped while it is read; redirects, compression, cookies, proxies and environment settings are
  off.
- Endpoints are tried in the order given, except that the one that answered last goes first. Each gets its
  share of the time.
- Whatever goes wrong becomes Unreachable, with the reason in plain words.
"""

import asyncio
import os
import socket
import ssl
from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from tocsin.circles.errors import Unreachable
from tocsin.circles.wire.answers import MAX_ANSWER_BYTES
from tocsin.circles.wire.protocol import Endpoint, Reply, Request
from tocsin.core.certificate import MalformedCertificate, pin_of
from tocsin.core.errors import quoted
from tocsin.core.keys import decode_base64, encode_base64

RECEIVER = "tocsin-receiver"
SIGNER = "tocsin-signer"
NONCE = "tocsin-nonce"
SIGNATURE = "tocsin-signature"
OCTETS = "application/octet-stream"

_KEEPALIVE_S = 60.0
# From here on aiohttp wants a body in slices, between which it lets others have the loop.
_SLICED_BYTES = 2**20


class HttpWire:
    """A Wire over one pool of kept connections. An async context manager, of the loop that sends."""

    def __init__(self, *, unsafe_loopback: bool = False) -> None:
        self._unsafe_loopback = unsafe_loopback
        self._answered_last: dict[str, Endpoint] = {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,
                keepalive_timeout=_KEEPALIVE_S,
                socket_factory=lambda address: _LoopsSocket(*address[:3]),
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
            timeout=aiohttp.ClientTimeout(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def send(self, to: Sequence[Endpoint], request: Request, timeout_s: float) -> Reply:
        """The reply of the first of these endpoints that gives one. Raises Unreachable."""
        last = self._answered_last.get(request.receiver)
        reasons = []
        for endpoint in sorted(to, key=lambda endpoint: endpoint != last):
            try:
                reply = await self._send_to(endpoint, request, timeout_s / len(to))
            except Unreachable as unreachable:
                reasons.append(f"{endpoint.url}: {unreachable}")
            else:
                self._answered_last[request.receiver] = endpoint
                return reply
        raise Unreachable("; ".join(reasons) or "no endpoint is known")

    async def _send_to(self, endpoint: Endpoint, request: Request, timeout_s: float) -> Reply:
        try:
            async with asyncio.timeout(timeout_s):
                try:
                    return await self._post(endpoint, request)
                except aiohttp.ClientConnectorError:
                    raise
                except aiohttp.ClientConnectionError:
                    # The other side may have closed a kept connection at the moment we took it up again.
                    return await self._post(endpoint, request)
        except TimeoutError:
            raise Unreachable(f"no answer within {timeout_s:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(_reason(error)) from error

    async def _post(self, endpoint: Endpoint, request: Request) -> Reply:
        if self._session is None:
            raise Unreachable("this node is stopping")
        base, context = self._target(endpoint)
        body = request.body
        async with self._session.post(
            base.with_path(request.path),
            data=body if len(body) < _SLICED_BYTES else BytesIO(body),
            headers=_headers(request),
            ssl=context,
            server_hostname=server_name(endpoint.tls_spki_sha256) if context else None,
            allow_redirects=False,
        ) as response:
            nonce = response.headers.get(NONCE, "")
            return Reply(response.status, await _read(response.content), decode_base64(nonce, Unreachable))

    def _target(self, endpoint: Endpoint) -> tuple[URL, ssl.SSLContext | bool]:
        """Where to connect to, and the context that pins it; none for plain loopback."""
        try:
            url = URL(endpoint.url)
        except ValueError:
            url = URL()
        if url.scheme == "https" and url.host:
            return url, pinned_context(endpoint.tls_spki_sha256)
        if url.scheme == "http" and url.host == "127.0.0.1" and self._unsafe_loopback:
            return url, False
        raise Unreachable(f"expected https://host:port, found {quoted(endpoint.url)}")


class _LoopsSocket(socket.socket):
    """A socket whose file descriptor the event loop closes, and nobody else."""

    def __del__(self) -> None:
        # Where the other side resets a connection at once, uvloop closes the descriptor and does not tell the
        # socket. That would close its number again when it is collected: by then it is another connection's,
        # or the database's.
        pass


@lru_cache(maxsize=256)
def pinned_context(pin: str) -> ssl.SSLContext:
    """TLS 1.3, with whoever proves to have the key of this pin (64 hex digits), and nobody else.

    One context for each pin, which makes the pool keep connections to different keys apart.
    """

    class PinnedConnection(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            certificate = self.getpeercert(binary_form=True) or b""
            try:
                found = pin_of(certificate)
            except MalformedCertificate:
                found = "a certificate that cannot be read"
            if found != pin:
                raise ssl.SSLCertVerificationError(1, f"expected the TLS key {pin}, found {found}")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.sslobject_class = PinnedConnection
    return context


def server_name(pin: str) -> str:
    """The server name that asks a node for the key of this pin: its hex digits, as two labels of 32."""
    return f"{pin[:32]}.{pin[32:]}"


def _headers(request: Request) -> dict[str, str]:
    headers = {"content-type": OCTETS, RECEIVER: request.receiver}
    if request.signer:
        headers[SIGNER] = request.signer
        headers[NONCE] = encode_base64(request.nonce)
        headers[SIGNATURE] = encode_base64(request.signature)
    return headers


async def _read(content: aiohttp.StreamReader) -> bytes:
    """The whole body. Raises Unreachable as soon as it is longer than any answer."""
    body = bytearray()
    async for part in content.iter_any():
        body += part
        if len(body) > MAX_ANSWER_BYTES:
            raise Unreachable(f"expected an answer of at most {MAX_ANSWER_BYTES} bytes, found more")
    return bytes(body)


def _reason(error: Exception) -> str:
    """Why there is no reply, in plain words; nothing in them is the other side's."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return str(error.certificate_error.args[-1])
        case aiohttp.ClientConnectorSSLError():
            return "no TLS 1.3 connection came about"
        case aiohttp.ClientConnectorDNSError():
            return "its name leads to no address"
        case aiohttp.ClientConnectorError():
            number = error.os_error.errno
            return f"no connection ({os.strerror(number)})" if number else "the connection broke off"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientPayloadError() | OSError():
            return "the connection broke off"
        case _:
            return "what came back is no HTTP answer"
