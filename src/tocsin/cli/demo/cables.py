"""Cables: the event loop on which the nodes of the demo run, which can cut one of them off from the others.

A node that starts within `calls_of` leaves its name in all its tasks (contextvars), so the loop knows who
connects to whom. A desk that is cut off loses its connections at that moment, in both directions, and gets no
new ones: its network is unreachable, as if somebody had pulled the plug. Nobody tells the nodes.
"""

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

LOOPBACK = "127.0.0.1"
_CALLER: ContextVar[str] = ContextVar("_CALLER", default="")


@contextlib.contextmanager
def calls_of(desk: str) -> Iterator[None]:
    """What starts within this makes its connections in the name of that desk."""
    token = _CALLER.set(desk)
    try:
        yield
    finally:
        _CALLER.reset(token)


class Cables(asyncio.SelectorEventLoop):
    """An event loop that knows the connections between desks."""

    def __init__(self) -> None:
        super().__init__()
        self._desk_at: dict[int, str] = {}
        self._cut_off: set[str] = set()
        self._connections: WeakKeyDictionary[socket.socket, frozenset[str]] = WeakKeyDictionary()

    def reserve_port(self, desk: str) -> socket.socket:
        """A free port for the desk, chosen by the system, and kept for it as long as this socket is open."""
        reserved = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        # Bound like this and not listening, it lets the node listen there, and nobody else have the port.
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind((LOOPBACK, 0))
        self._desk_at[reserved.getsockname()[1]] = desk
        return reserved

    def cut(self, desk: str) -> None:
        """Break the desk's connections, now and from now on."""
        self._cut_off.add(desk)
        for connection, ends in list(self._connections.items()):
            if desk in ends:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def mend(self, desk: str) -> None:
        """Let connections come about again."""
        self._cut_off.discard(desk)

    async def sock_accept(self, sock: socket.socket) -> tuple[socket.socket, Any]:
        """Wait until somebody comes. asyncio's own logs an error where it is cancelled at that moment."""
        while True:
            with contextlib.suppress(BlockingIOError):
                accepted, address = sock.accept()
                accepted.settimeout(0)
                return accepted, address
            come = asyncio.Event()
            self.add_reader(sock, come.set)
            try:
                await come.wait()
            finally:
                self.remove_reader(sock)

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:  # noqa: ANN401 - asyncio's word
        """Connect, unless either end is cut off."""
        ends = frozenset({_CALLER.get(), self._desk_at.get(address[1], "")})
        if ends & self._cut_off:
            raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))
        await super().sock_connect(sock, address)
        self._connections[sock] = ends
