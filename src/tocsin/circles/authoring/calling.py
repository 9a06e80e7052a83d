"""Signed calls to one other member (docs/protocol.md, section 10).

The caller keeps the nonces that the member's answers brought. Where it has none, or the one it used is not
known there any more (the member restarted), it takes a fresh one and sends the call again, once.
"""

from collections import deque
from collections.abc import Callable, Sequence

from tocsin.circles.founding.circle import Member
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.wire.answers import Answer, decode_answer
from tocsin.circles.wire.protocol import Endpoint, Path, Reply, Request, Wire
from tocsin.circles.wire.requests import NO_NONCE, sign_request
from tocsin.core.records import Card, parse_record
from tocsin.core.tlog.tree import MAX_SIZE
from tocsin.log.store import Store

TIMEOUT_S = 5.0
_NO_INDEX = -1
_MAX_NONCES = 8
_UNAUTHENTICATED = 401


class Caller:
    """Calls one member. `endpoints` says where the member is reached now, by its newest card."""

    def __init__(
        self, me: MemberKeys, member: Member, endpoints: Callable[[], Sequence[Endpoint]], wire: Wire
    ) -> None:
        self._me = me
        self._receiver = str(member.log)
        self._endpoints = endpoints
        self._wire = wire
        self._nonces: deque[bytes] = deque(maxlen=_MAX_NONCES)

    @property
    def has_nonce(self) -> bool:
        """Whether the next call needs no other before it."""
        return bool(self._nonces)

    async def call(self, path: Path, body: bytes) -> Answer:
        """The member's answer. Raises Unreachable, and MalformedMessage for an answer that is none.

        Events go without a nonce where there is none: they may bring the key that signs this call.
        """
        if not self._nonces and path is not Path.EVENTS:
            await self._send(Path.NONCE, b"", NO_NONCE)
        reply = await self._send(path, body, self._nonces.popleft() if self._nonces else NO_NONCE)
        if reply.status == _UNAUTHENTICATED and reply.nonce:
            # Those from before a new start are all forgotten there.
            self._nonces.clear()
            reply = await self._send(path, body, reply.nonce)
        return decode_answer(reply.body)

    async def probe(self) -> None:
        """Find out whether the member answers at all. Raises Unreachable."""
        await self._send(Path.NONCE, b"", NO_NONCE)

    async def add_checkpoint(self, body: bytes) -> Reply:
        """The member's witness answers C2SP's add-checkpoint: no signature, no nonce. Raises Unreachable."""
        request = Request(self._receiver, Path.ADD_CHECKPOINT, body, "", b"", b"")
        return await self._wire.send(self._endpoints(), request, TIMEOUT_S)

    async def _send(self, path: Path, body: bytes, nonce: bytes) -> Reply:
        request = sign_request(self._me.request, self._receiver, path, body, nonce)
        reply = await self._wire.send(self._endpoints(), request, TIMEOUT_S)
        if reply.nonce:
            self._nonces.append(reply.nonce)
        return reply


class Reach:
    """Where a member is reached now: by its newest card, and by its opening until it has written one."""

    def __init__(self, member: Member, store: Store) -> None:
        self._log = str(member.log)
        self._store = store
        self._card = _NO_INDEX
        self._endpoints: Sequence[Endpoint] = [member.endpoint]

    def __call__(self) -> Sequence[Endpoint]:
        """The endpoints, in the order to try them."""
        index = self._store.card_before(self._log, MAX_SIZE)
        if index is not None and index != self._card:
            _, _, body = self._store.record(self._log, index)
            record = parse_record(body).record if body else None
            if isinstance(record, Card):
                self._endpoints = record.endpoints
            self._card = index
        return self._endpoints
