"""The wire's HTTP side: the calls of docs/protocol.md, sections 10.2 and 11, and nothing else.

A bare ASGI application, since it is on the path of every push. It brings bytes to the right line and back;
it verifies nothing, and looks into a body only for the name of the log that a witness is asked about. For
each request:

1. an unknown path or method: 404; 2. a body larger than the call may have: 413, before it is read; 3. a log
   of no circle here: 403, for a witness 404; 4. a large body with a nonce that no member was given: 401,
   unread, so that strangers cannot keep members' large bodies out; 5. too many large bodies on their way, of
   one member or in all: 503, so that members who never finish can neither keep the others' out nor fill the
   memory; 6. the line answers. A line that fails is an empty 500, and reported.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Protocol

from starlette.types import Receive, Scope, Send

from tocsin.circles.errors import BadRequestSignature, PushTooLarge, StaleNonce, UnknownName, UnknownPath
from tocsin.circles.wire.answers import Answer, Later, Refused, encode_answer, status_of
from tocsin.circles.wire.http import NONCE, OCTETS, RECEIVER, SIGNATURE, SIGNER
from tocsin.circles.wire.messages import MAX_PUSH_BYTES
from tocsin.circles.wire.protocol import METHOD, Path, Reply, Request
from tocsin.circles.witness import MAX_REQUEST_BYTES, WitnessReply
from tocsin.core.errors import MalformedName, Refusal, quoted
from tocsin.core.keys import decode_base64, encode_base64
from tocsin.core.names import LogName

LARGE_BODY_BYTES = 64 * 1024
MAX_LARGE_BODIES = 16
MAX_LARGE_BODIES_OF_ONE = 4
_BUSY = Later(1_000)
_CALLS = frozenset(Path)
_PLAIN = "text/plain; charset=utf-8"
_MAX_LENGTH_DIGITS = 9


class Answering(Protocol):
    """What a line does for the wire. See tocsin.circles.line.Line."""

    def expects(self, signer: str, nonce: bytes) -> bool:
        """Whether a request with these is worth a large body."""
        ...

    async def handle(self, request: Request) -> Reply:
        """Answer one signed request of a member."""
        ...

    async def add_checkpoint(self, body: bytes) -> WitnessReply:
        """Answer C2SP's add-checkpoint, from anyone."""
        ...


class _PeerGone(Exception):
    """The peer went away before its request was whole."""


class _TooMuchAtOnce(Exception):
    """Too many large bodies are on their way."""


class WireApp:
    """Answers members by the line of their circle's id; lines may be added while it serves."""

    def __init__(self, lines: Mapping[str, Answering], on_fault: Callable[[BaseException], None]) -> None:
        self._lines = lines
        self._on_fault = on_fault
        self._large_bodies: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request (ASGI)."""
        path, headers = scope["path"], dict(scope["headers"])
        try:
            if scope["method"] != METHOD or path not in _CALLS:
                # (1) unknown path
                refusal = UnknownPath(f"There is no call {scope['method']} {quoted(path)}.")
                await _send_answer(send, Refused.because(refusal))
            elif path == Path.ADD_CHECKPOINT:
                # (2) too large
                _stated_bytes(headers, MAX_REQUEST_BYTES)
                answer = await self._add_checkpoint(await _whole(receive))
                await _send(send, answer.status, answer.content_type, answer.body)
            else:
                reply = await self._call(path, headers, receive)
                await _send(send, reply.status, OCTETS, reply.body, reply.nonce)
        except _PeerGone:
            return
        except _TooMuchAtOnce:
            await _send_answer(send, _BUSY)
        except Refusal as refusal:
            await _send_answer(send, Refused.because(refusal))
        except Exception as fault:  # noqa: BLE001 - whatever it is, it must stop neither this listener nor other members
            self._on_fault(fault)
            await _send(send, 500, OCTETS, b"")

    async def _read_large(self, receive: Receive, signer: str, *, expected: bool) -> bytes:
        """A large body. Raises StaleNonce, _TooMuchAtOnce or _PeerGone."""
        # (4) of nobody known
        if not expected:
            raise StaleNonce
        # (5) too much at once
        coming = self._large_bodies
        if coming[signer] >= MAX_LARGE_BODIES_OF_ONE or coming.total() >= MAX_LARGE_BODIES:
            raise _TooMuchAtOnce
        coming[signer] += 1
        try:
            return await _whole(receive)
        finally:
            coming[signer] -= 1

    async def _call(self, path: str, headers: Mapping[bytes, bytes], receive: Receive) -> Reply:
        # (2) too large
        size_bytes = _stated_bytes(headers, MAX_PUSH_BYTES)
        receiver, signer, nonce, signature = (
            headers.get(name.encode(), b"").decode("latin-1") for name in (RECEIVER, SIGNER, NONCE, SIGNATURE)
        )
        spent = decode_base64(nonce, BadRequestSignature)
        # (3) known here
        line = self._line_of(receiver)
        if size_bytes > LARGE_BODY_BYTES:
            body = await self._read_large(receive, signer, expected=line.expects(signer, spent))
        else:
            body = await _whole(receive)
        request = Request(
            receiver=receiver,
            path=path,
            body=body,
            signer=signer,
            nonce=spent,
            signature=decode_base64(signature, BadRequestSignature),
        )
        # (6) answered
        return await line.handle(request)

    async def _add_checkpoint(self, body: bytes) -> WitnessReply:
        """The log asked about stands in the first line behind the first empty one."""
        head, blank, checkpoint = body.partition(b"\n\n")
        if not (blank and head.startswith(b"old ")):
            return WitnessReply(400, _PLAIN, b"Expected an old size, an empty line and a checkpoint.\n")
        origin = checkpoint.partition(b"\n")[0]
        # (3) known here
        try:
            line = self._line_of(origin.decode("utf-8", "replace"))
        except UnknownName as refusal:
            return WitnessReply(404, _PLAIN, f"{refusal}\n".encode())
        # (6) answered
        return await line.add_checkpoint(body)

    def _line_of(self, log: str) -> Answering:
        """The line of the circle that a log's name says. Raises UnknownName."""
        try:
            return self._lines[LogName.parse(log).circle]
        except (MalformedName, KeyError):
            raise UnknownName(f"Expected a log of a circle here, found {quoted(log)}.") from None


def _stated_bytes(headers: Mapping[bytes, bytes], max_bytes: int) -> int:
    """How large the body is said to be. Raises PushTooLarge."""
    stated = headers.get(b"content-length", b"")
    if not stated.isdigit() or len(stated) > _MAX_LENGTH_DIGITS or int(stated) > max_bytes:
        raise PushTooLarge(f"Expected content-length up to {max_bytes}, found {quoted(stated)}.")
    return int(stated)


async def _whole(receive: Receive) -> bytes:
    """All of a body, whose length uvicorn has bounded by what was stated. Raises _PeerGone."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _PeerGone
        parts.append(message["body"])
        if not message["more_body"]:
            return b"".join(parts)


async def _send_answer(send: Send, answer: Answer) -> None:
    await _send(send, status_of(answer), OCTETS, encode_answer(answer))


async def _send(send: Send, status: int, content_type: str, body: bytes, nonce: bytes = b"") -> None:
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", b"%d" % len(body)),
    ]
    if nonce:
        headers.append((NONCE.encode(), encode_base64(nonce).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
