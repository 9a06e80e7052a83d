"""Stand-ins for what is above or below the HTTP side of a node."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from tocsin.circles.wire.protocol import Path, Reply, Request
from tocsin.circles.witness import WitnessReply
from tocsin.core.names import LogName
from tocsin.node.clock import SystemChance
from tocsin.node.folder import Folder, NodeKeys
from tocsin.node.serving.listener import Listener, bind_tcp
from tocsin.node.serving.tls import TlsFiles, TlsKeys
from tocsin.node.serving.wire import WireApp

CIRCLE = "c" * 64
OTHER_CIRCLE = "d" * 64
LOG = LogName("example.org", CIRCLE, "east", 1)


STRANGE = b""


@dataclass
class EchoLine:
    """Answers every call with what it was sent, after `answer` says so."""

    requests: list[Request] = field(default_factory=list)
    reply: Callable[[Request], Reply] = lambda request: Reply(200, request.body, b"n" * 16)

    def expects(self, signer: str, nonce: bytes) -> bool:  # noqa: ARG002 - see Answering
        """See Answering."""
        return nonce != STRANGE

    async def handle(self, request: Request) -> Reply:
        """See Answering."""
        self.requests.append(request)
        return self.reply(request)

    async def add_checkpoint(self, body: bytes) -> WitnessReply:
        """See Answering."""
        return WitnessReply(200, "text/plain; charset=utf-8", body)


def request_of(body: bytes = b"body", path: Path = Path.PUSH, receiver: str = str(LOG)) -> Request:
    """A request whose signature is anything."""
    return Request(receiver, path, body, LOG.request, b"0" * 16, b"s" * 64)


@dataclass
class Served:
    """A wire listener that serves a line on loopback."""

    line: EchoLine
    port: int
    pin: str
    faults: list[BaseException]
    listener: Listener

    @property
    def url(self) -> str:
        """Its endpoint, with TLS."""
        return f"https://127.0.0.1:{self.port}"


@contextlib.asynccontextmanager
async def served(
    keys: TlsFiles | None, line: EchoLine | None = None, **limits: float
) -> AsyncIterator[Served]:
    """Serve a line; with TLS where there are keys."""
    line = line or EchoLine()
    faults: list[BaseException] = []
    listener = Listener(WireApp({CIRCLE: line}, faults.append), **limits)  # type: ignore[arg-type]
    bound = bind_tcp("127.0.0.1", 0)
    port = bound.getsockname()[1]
    tls = TlsKeys()
    if keys:
        tls.add(keys)
    await listener.start(bound, tls.context if keys else None)
    try:
        yield Served(line, port, keys.pin if keys else "0" * 64, faults, listener)
    finally:
        await listener.stop(1.0)


def keys_in(folder: Folder, log: LogName = LOG) -> NodeKeys:
    """New keys in a folder."""
    folder.create()
    return folder.create_keys(log, SystemChance())
