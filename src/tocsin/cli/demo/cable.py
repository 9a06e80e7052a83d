"""A cable: the TCP connections to one node, which can be cut and mended. It looks into nothing.

Whoever connects to `port` is connected on to the node behind it. TLS goes through as it is, and the pin is that of the
node. Cut, the cable breaks what goes through it at that moment, and every connection that is tried from then on.
"""

import asyncio
import contextlib
import socket
from types import TracebackType
from typing import Self

LOOPBACK = "127.0.0.1"
_BLOCK_BYTES = 65_536


class Cable:
    """A cable with a port of its own. It is cut until it is mended. An async context manager."""

    def __init__(self) -> None:
        self._near = socket.create_server((LOOPBACK, 0))
        self.port = int(self._near.getsockname()[1])
        self._node_port: int | None = None
        self._server: asyncio.Server | None = None
        self._through: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, sock=self._near)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()

    def mend(self, node_port: int) -> None:
        """Lead to the node that listens on this port of the loopback."""
        self._node_port = node_port

    def cut(self) -> None:
        """Break every connection, now and from now on."""
        self._node_port = None
        for writer in self._through:
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._node_port is None:
            writer.transport.abort()
            return
        with contextlib.suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self._node_port)
            ends = {writer, far_writer}
            self._through |= ends
            try:
                pumps = [asyncio.ensure_future(_pump(reader, far_writer)), asyncio.ensure_future(_pump(far_reader, writer))]
                _, others = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
                for pump in others:
                    pump.cancel()
            finally:
                self._through -= ends
                for end in ends:
                    end.transport.abort()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Carry bytes until either side ends."""
    with contextlib.suppress(OSError):
        while block := await source.read(_BLOCK_BYTES):
            sink.write(block)
            await sink.drain()
