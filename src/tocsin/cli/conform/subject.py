"""The endpoint under test, as any member calls it.

Whatever it is asked, each reply is held against sections 9.4 and 10: an answer that can be read, the status
that goes with it, and a nonce if and only if the request's signature verified.
"""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from ssl import CERT_NONE, PROTOCOL_TLS_CLIENT, SSLContext, TLSVersion
from urllib.parse import urlsplit

from tocsin.circles.errors import StaleNonce, Unreachable
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.wire.answers import Answer, Refused, decode_answer, status_of
from tocsin.circles.wire.http import HttpWire, pinned_context, server_name
from tocsin.circles.wire.messages import Ahead, Push
from tocsin.circles.wire.protocol import Endpoint, Path, Reply, Request
from tocsin.circles.wire.requests import NO_NONCE, NONCE_BYTES, sign_request
from tocsin.cli.conform.judging import Differs, in_words
from tocsin.cli.conform.player import Player
from tocsin.core.errors import Refusal

_CALL_S = 15.0
# Refusals that may come before the signature was verified, of most calls and of `events`.
_STRANGERS = {"bad-request-signature", "drill-at-live", "live-at-drill", "non-member", "unknown-name"}
_UNVERIFIED = (_STRANGERS, _STRANGERS | {"malformed-message", "no-common-version", "push-too-large"})
_HEAD_BYTES = 65_536


class Subject:
    """The endpoint of `member`, called at `endpoint`; all others are `players`.

    Of the logs of the first two, `callers`, it is sent nothing. `content` is the file that a report of its
    names.
    """

    def __init__(
        self,
        circle: Circle,
        member: Member,
        endpoint: Endpoint,
        wire: HttpWire,
        players: Sequence[Player],
        *,
        content: bytes,
    ) -> None:
        self.circle = circle
        self.content = content
        self.players = players
        self.callers = players[0], players[1]
        self.member = member
        self.name = str(member.log)
        self.pin = endpoint.tls_spki_sha256
        self.tls = endpoint.url.startswith("https:")
        self._endpoint = endpoint
        self._wire = wire
        self._nonces: dict[str, bytes] = {}

    async def push(self, player: Player, push: Push) -> Answer:
        """The answer to a push."""
        return await self.ask(player, Path.PUSH, push.encode())

    async def ahead(self, player: Player, ahead: Ahead) -> Answer:
        """The answer to a record sent ahead."""
        return await self.ask(player, Path.AHEAD, ahead.encode())

    async def ask(self, player: Player, path: Path, body: bytes) -> Answer:
        """The answer to a call that is signed as it should be; with a stale nonce it is sent again, once."""
        # Whoever brings its own next opening has a key that is not known before.
        nonce = NO_NONCE if path is Path.EVENTS else await self.nonce(player)
        key = player.keys.request
        answer, fresh = await self.send(sign_request(key, self.name, path, body, nonce))
        if isinstance(answer, Refused) and answer.code == StaleNonce.code and fresh:
            answer, fresh = await self.send(sign_request(key, self.name, path, body, fresh))
        if fresh:
            self._nonces[key.verifying.name] = fresh
        return answer

    async def nonce(self, player: Player) -> bytes:
        """A nonce for the next request of this member: that of the last answer, or a new one."""
        nonce = self._nonces.pop(player.keys.request.verifying.name, b"")
        return nonce or await self.new_nonce(player)

    async def new_nonce(self, player: Player) -> bytes:
        """A nonce, asked for."""
        request = sign_request(player.keys.request, self.name, Path.NONCE, b"", NO_NONCE)
        answer, nonce = await self.send(request)
        if not isinstance(answer, Refused) or answer.code != StaleNonce.code:
            raise Differs("refused: stale-nonce", in_words(answer))
        return nonce

    async def send(self, request: Request) -> tuple[Answer, bytes]:
        """The answer to any request, and the nonce that it brings. Raises Differs."""
        reply = await self.reply(request)
        answer = _read(reply)
        unverified = isinstance(answer, Refused) and answer.code in _UNVERIFIED[request.path == Path.EVENTS]
        if len(reply.nonce) != NONCE_BYTES and not (unverified and not reply.nonce):
            raise Differs(f"a nonce of {NONCE_BYTES} bytes", f"{len(reply.nonce)} bytes")
        return answer, reply.nonce

    async def reply(self, request: Request) -> Reply:
        """What comes back, unread. Raises Differs if nothing does."""
        try:
            return await self._wire.send((self._endpoint,), request, _CALL_S)
        except Unreachable as error:
            raise Differs("a reply", str(error)) from error

    async def witness(self, body: bytes) -> Reply:
        """The reply to C2SP's add-checkpoint."""
        return await self.reply(Request(self.name, Path.ADD_CHECKPOINT, body, "", b"", b""))

    async def shakes_hands(self, name: str, context: SSLContext) -> bool:
        """Whether the endpoint ends a TLS handshake well, asked for the key of this server name."""
        url = urlsplit(self._endpoint.url)
        try:
            async with asyncio.timeout(_CALL_S):
                _, writer = await asyncio.open_connection(
                    url.hostname, url.port, ssl=context, server_hostname=name
                )
        except OSError:
            return False
        writer.close()
        return True

    async def raw(self, head: str, headers: Sequence[str] = ()) -> tuple[int, bytes]:
        """Status and body of what answers the head of a request, of which no body follows."""
        url = urlsplit(self._endpoint.url)
        tls = {"ssl": pinned_context(self.pin), "server_hostname": server_name(self.pin)} if self.tls else {}
        lines = (head, f"host: {url.netloc}", f"tocsin-receiver: {self.name}", *headers, "", "")
        try:
            async with asyncio.timeout(_CALL_S):
                reader, writer = await asyncio.open_connection(url.hostname, url.port, **tls)  # type: ignore[arg-type]
                with closing(writer):
                    writer.write("\r\n".join(lines).encode())
                    answered, _, rest = (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")
                    return int(answered.split()[1]), await reader.readexactly(_length(rest))
        except (OSError, EOFError, TimeoutError, IndexError, ValueError, asyncio.LimitOverrunError) as error:
            raise Differs("an HTTP answer", repr(error)) from error


def with_anybody(newest: TLSVersion = TLSVersion.MAXIMUM_SUPPORTED) -> SSLContext:
    """TLS up to this version, whatever key is shown."""
    context = SSLContext(PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = CERT_NONE
    context.maximum_version = newest
    return context


def _length(head: bytes) -> int:
    lines = (line.partition(b":") for line in head.lower().split(b"\r\n"))
    return min(_HEAD_BYTES, next((int(value) for name, _, value in lines if name == b"content-length"), 0))


def _read(reply: Reply) -> Answer:
    if reply.status == 500:
        raise Differs("an answer", "status 500: the endpoint says that it is at fault")
    try:
        answer = decode_answer(reply.body)
    except Refusal as error:
        raise Differs("an answer as in section 9.4", f"{len(reply.body)} other bytes: {error}") from error
    if reply.status != status_of(answer):
        raise Differs(f"status {status_of(answer)} with this answer", f"status {reply.status}")
    return answer


def forged(request: Request, **changes: object) -> Request:
    """A request of which something was changed after it was signed."""
    return replace(request, **changes)  # type: ignore[arg-type]
