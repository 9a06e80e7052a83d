"""The sockets of one node: the wire's, and those of the machine API.

The machine API is never on the wire's socket, nor the other way round.
"""

import os
import socket
from contextlib import AsyncExitStack
from pathlib import Path

from starlette.types import ASGIApp

from tocsin.node.api.app import TokenGate
from tocsin.node.config import Address, Config
from tocsin.node.errors import CannotListen, UnsafeFile
from tocsin.node.folder import read_secret
from tocsin.node.serving.listener import Listener, bind_tcp, bind_unix
from tocsin.node.serving.tls import TlsKeys

GRACE_S = 5.0
_LEAST_TOKEN_BYTES = 32
_MAX_SOCKET_PATH_BYTES = 107


class Doors:
    """The doors of one node. `wire_port` is where members reach it, once they are open."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.wire_port = config.wire.address.port

    async def open(self, wire: ASGIApp, api: ASGIApp, tls: TlsKeys, stack: AsyncExitStack) -> None:
        """Serve, until the stack is closed. Raises CannotListen, or what is wrong with the token file."""
        config = self._config
        wire_socket = _bound(stack, config.wire.address)
        self.wire_port = wire_socket.getsockname()[1]
        api_socket = _bound_unix(stack, config.api_socket)
        if config.api.address and config.api.token_file:
            gate = TokenGate(api, _token(config.api.token_file))
            await _serve(stack, gate, _bound(stack, config.api.address))
        await _serve(stack, api, api_socket)
        await _serve(stack, wire, wire_socket, tls if config.wire.tls else None)


async def _serve(
    stack: AsyncExitStack, app: ASGIApp, bound: socket.socket, tls: TlsKeys | None = None
) -> None:
    listener = Listener(app)
    await listener.start(bound, tls.context if tls else None)
    stack.push_async_callback(listener.stop, GRACE_S)


def _bound(stack: AsyncExitStack, address: Address) -> socket.socket:
    try:
        bound = bind_tcp(*address)
    except OSError as error:
        raise CannotListen(
            f"Expected to listen on {address.host}, port {address.port}, found: {error.strerror}. "
            "Next: stop what listens there, or configure another address."
        ) from error
    stack.callback(bound.close)
    return bound


def _bound_unix(stack: AsyncExitStack, path: Path) -> socket.socket:
    size_bytes = len(os.fsencode(path))
    if size_bytes > _MAX_SOCKET_PATH_BYTES:
        raise CannotListen(
            f"Expected a socket path of at most {_MAX_SOCKET_PATH_BYTES} bytes, found {size_bytes}: {path}. "
            "Next: set `socket` under [api] to a shorter one."
        )
    try:
        bound = bind_unix(path)
    except OSError as error:
        raise CannotListen(f"Expected to listen on {path}, found: {error.strerror}.") from error
    stack.callback(path.unlink, missing_ok=True)
    stack.callback(bound.close)
    return bound


def _token(path: Path) -> bytes:
    token = read_secret(path).strip()
    if len(token) < _LEAST_TOKEN_BYTES:
        raise UnsafeFile(
            f"Expected a token of at least {_LEAST_TOKEN_BYTES} characters in {path}, found {len(token)}. "
            "Next: `openssl rand -hex 32`."
        )
    return token
