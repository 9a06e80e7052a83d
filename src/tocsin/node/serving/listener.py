"""One listening socket that speaks HTTP/1.1, whoever connects to it.

The protocol is uvicorn's (on httptools), without uvicorn's server around it: that one takes over signals,
wakes ten times a second, and leaves open how long a peer may take. What it is not: the application reads
bodies itself, and says how large they may be.

Nobody can hold anything up:

- A request must be whole within `REQUEST_S` of its first byte, and its head within `MAX_HEAD_BYTES`. A TLS
  handshake must be done within `HANDSHAKE_S`.
- After `IDLE_S`, a connection is dropped on which nothing happens, or whose answer nobody reads.
- At `MAX_CONNECTIONS`, the one makes room that got no answer for longest, of those on which no answer is due:
  so whoever opens very many mostly closes their own, and no stream that is open, which the application gives
  to whom it knows. Only where an answer is due on all is it the oldest of them: nobody who comes is kept out.
- As many more may be in their handshake, where the oldest makes room: the loop's own server would let there
  be any number of them.
"""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections import OrderedDict
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

MAX_CONNECTIONS = 1_024
MAX_HEAD_BYTES = 16 * 1_024
REQUEST_S = 60.0
HANDSHAKE_S = 10.0
IDLE_S = 75
_BACKLOG = 256
_ACCEPT_AGAIN_S = 0.1
_TOO_LARGE = f"The request line and the header fields are more than {MAX_HEAD_BYTES} bytes.\n".encode()
_HEAD_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n\r\n%b" % (len(_TOO_LARGE), _TOO_LARGE)
)

# uvicorn reports every malformed request to the process's log, which a peer could fill in this way. What an
# application does wrong, it reports itself.
_SILENT = logging.Logger("silent", logging.CRITICAL + 1)  # noqa: LOG001 - no configuration may make it speak


class Listener:
    """Serves one ASGI application on one socket, from `start` to `stop`."""

    def __init__(
        self, app: ASGIApp, *, max_connections: int = MAX_CONNECTIONS, request_s: float = REQUEST_S
    ) -> None:
        self.request_s = request_s
        self.state = ServerState()
        self.config = uvicorn.Config(
            app,
            http="httptools",
            interface="asgi3",
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            timeout_keep_alive=IDLE_S,
        )
        self.config.load()
        self._max_connections = max_connections
        self._connections: OrderedDict[_Connection, None] = OrderedDict()
        self._server: asyncio.Server | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._in_handshake: OrderedDict[asyncio.Task[None], None] = OrderedDict()

    async def start(self, bound: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Serve on a socket that is bound, and is this listener's from now on."""
        loop = asyncio.get_running_loop()
        if bound.family == socket.AF_UNIX:
            self._server = await loop.create_unix_server(
                lambda: _Connection(self), sock=bound, backlog=_BACKLOG
            )
        elif tls:
            bound.setblocking(False)  # noqa: FBT003 - the standard library's
            bound.listen(_BACKLOG)
            self._accepting = loop.create_task(self._accept(bound, tls))
        else:
            self._server = await loop.create_server(lambda: _Connection(self), sock=bound, backlog=_BACKLOG)

    async def stop(self, grace_s: float) -> None:
        """Take no more requests; let those at work finish for `grace_s` seconds, then drop what is left."""
        if self._server:
            self._server.close()
        if self._accepting:
            self._accepting.cancel()
            await asyncio.wait([self._accepting])
        for task in self._in_handshake:
            task.cancel()
        for connection in list(self._connections):
            connection.shutdown()
        if self.state.tasks:
            await asyncio.wait(self.state.tasks, timeout=grace_s)
        for task in self.state.tasks:
            task.cancel()
        for connection in list(self._connections):
            connection.transport.abort()
        if self._server:
            await self._server.wait_closed()

    async def _accept(self, bound: socket.socket, tls: ssl.SSLContext) -> None:
        """Let everyone begin a handshake; of more than may be in theirs, the oldest makes room."""
        loop = asyncio.get_running_loop()
        with bound:
            while True:
                try:
                    accepted, _ = await loop.sock_accept(bound)
                except OSError:
                    # For example where no more files may be open: who comes waits in the system.
                    await asyncio.sleep(_ACCEPT_AGAIN_S)
                    continue
                task = loop.create_task(self._shake_hands(accepted, tls))
                self._in_handshake[task] = None
                task.add_done_callback(lambda task: self._in_handshake.pop(task, None))
                if len(self._in_handshake) > self._max_connections:
                    oldest, _ = self._in_handshake.popitem(last=False)
                    oldest.cancel()

    async def _shake_hands(self, accepted: socket.socket, tls: ssl.SSLContext) -> None:
        with contextlib.suppress(OSError):
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: _Connection(self), accepted, ssl=tls, ssl_handshake_timeout=HANDSHAKE_S
            )

    def admit(self, connection: "_Connection") -> None:
        """A new connection; where there is no room, another one makes some."""
        if len(self._connections) >= self._max_connections:
            idle = (one for one in self._connections if not one.answers)
            oldest = next(idle, None) or next(iter(self._connections))
            del self._connections[oldest]
            oldest.transport.abort()
        self._connections[connection] = None

    def answered(self, connection: "_Connection") -> None:
        """The connection got an answer."""
        if connection in self._connections:
            self._connections.move_to_end(connection)

    def forget(self, connection: "_Connection") -> None:
        """The connection is gone."""
        self._connections.pop(connection, None)


class _Connection(HttpToolsProtocol):
    """uvicorn's protocol, with an end to everything that a peer may do slowly."""

    def __init__(self, listener: Listener) -> None:
        super().__init__(listener.config, listener.state, {})
        self.logger = _SILENT
        self._listener = listener
        self._deadline: asyncio.TimerHandle | None = None
        self._in_head = False
        self._head_bytes = 0

    @property
    def answers(self) -> bool:
        """Whether a request came, whole, and its answer is not out yet."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.more_body and not cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._listener.admit(self)
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._listener.forget(self)
        self._request_is_whole()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._await_request()
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse_head()

    def on_message_begin(self) -> None:
        self._in_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._request_is_whole()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self._listener.answered(self)
        super().on_response_complete()

    def timeout_keep_alive_handler(self) -> None:
        # Not close(), which would wait for an answer to be read that nobody reads.
        self.transport.abort()

    def _refuse_head(self) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        if cycle and not cycle.response_complete:
            # Behind an answer that is not out yet, there is no place for another.
            self.transport.abort()
            return
        self.transport.write(_HEAD_TOO_LARGE)
        self.transport.close()

    def _await_request(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self._listener.request_s, self.transport.abort)

    def _request_is_whole(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def bind_tcp(host: str, port: int) -> socket.socket:
    """A socket bound to an IP address and port; port 0 takes a free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches delays off (TCP_NODELAY) only on connections whose socket names the protocol.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def bind_unix(path: Path) -> socket.socket:
    """A socket bound to a path; only its owner may connect. An old socket there goes. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        if path.is_socket():
            path.unlink()
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        bound.bind(str(path))
        # Before listen(), so that nobody can connect in between.
        path.chmod(0o600)
    except OSError:
        bound.close()
        raise
    return bound
