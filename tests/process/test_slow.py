"""A line that carries 100 kB a second, between real processes."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.node.nodes import Place, found, free_port
from tests.process.members import ORDERED, Members

BYTES_PER_S = 100_000
LARGE = ("write", 20, 30_000)

pytestmark = [pytest.mark.process, pytest.mark.slow]


@dataclass
class Far(Place):
    """A place at the other end of a slow line."""

    far_port: int = field(default_factory=free_port)

    @property
    def toml(self) -> str:
        """Its configuration, as a file."""
        return super().toml.replace(
            f'listen = "127.0.0.1:{self.port}', f'listen = "127.0.0.1:{self.far_port}'
        )


class SlowLine:
    """Carries connections from one port to another, and so many bytes a second of each."""

    def __init__(self, far_port: int) -> None:
        self._far_port = far_port
        self._writers: set[asyncio.StreamWriter] = set()

    async def serve(self, near_port: int, over: threading.Event) -> None:
        """Until it is over."""
        server = await asyncio.start_server(self._connect, "127.0.0.1", near_port, limit=8192)
        await asyncio.to_thread(over.wait)
        server.close()
        for writer in self._writers:
            writer.close()
        with suppress(OSError):
            await asyncio.gather(*(writer.wait_closed() for writer in self._writers))

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._far_port)
            self._writers.add(far_writer)
            there = self._carry(reader, far_writer, BYTES_PER_S)
            await asyncio.gather(there, self._carry(far_reader, writer, float("inf")))

    async def _carry(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, bytes_per_s: float
    ) -> None:
        with suppress(OSError):
            while data := await source.read(4096):
                await asyncio.sleep(len(data) / bytes_per_s)
                target.write(data)
                await target.drain()
        target.close()


@contextmanager
def slow_line(near_port: int, far_port: int) -> Iterator[None]:
    """Such a line, on a thread of its own."""
    over = threading.Event()
    thread = threading.Thread(target=asyncio.run, args=(SlowLine(far_port).serve(near_port, over),))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_slow_line_carries_a_backlog(tmp_path: Path) -> None:
    """What a line cannot carry within the time of one call arrives in smaller parts."""
    north = Far("north", tmp_path / "north", free_port())
    members = Members(found(tmp_path, places=[Place("east", tmp_path / "east", free_port()), north]))
    try:
        with slow_line(north.port, north.far_port):
            members.start("north")
            east = members.start("east", ORDERED)
            east.do(*LARGE)
            members.until_confirmed("east")
            members.check("east", "north", east.wrote)
    finally:
        members.end_all()
