"""A node that takes orders: `python -m tests.process.ordered <configuration>`.

It runs as `tocsin run` does. Besides, it obeys lines on standard input, in its one circle:

    load 3000         write so many records as fast as possible, several writes at a time
    write 30 60000    write so many records of so many bytes in one commit
    room 20           let the database grow by so many pages; without a number, by any
    move              from now on, move the write-ahead log into the database almost all the time

It says on standard output, each line by one write(2), what came of it:

    wrote <index> <SHA-256 of the record>    it is acknowledged
    refused <code> <reason>                  it is not
    confirmed <size>                         a holder cosignature is verified and stored
    done <order>
"""

import asyncio
import hashlib
import itertools
import os
import random
import signal
import sys
from pathlib import Path

import uvloop
from tests.node.nodes import note

from tocsin.circles.events import Confirmed, Event
from tocsin.core.errors import TocsinError
from tocsin.log.sqlite import wal
from tocsin.node.config import Config, load_config
from tocsin.node.node import Node

_WRITES_AT_ONCE = 6
_NO_LIMIT = 2**32 - 2


def say(*words: object) -> None:
    """Say it at once, whole."""
    os.write(sys.stdout.fileno(), " ".join(map(str, words)).encode() + b"\n")


class Ordered:
    """The node, and what it was told to do."""

    def __init__(self, config: Config) -> None:
        self.node = Node(config)
        self.node.listen(self._heard)
        self._name = f"{os.getpid()} at {self.node.started_at_ms}"
        self._numbers = itertools.count()
        self._chance = random.Random(self._name)

    async def obey(self, orders: asyncio.StreamReader) -> None:
        """Carry out each order in turn."""
        while order := (await orders.readline()).decode().split():
            match order:
                case ["load", count]:
                    await self._load(int(count))
                case ["write", count, size_bytes]:
                    await self._write(int(count), int(size_bytes))
                case ["room", *pages]:
                    self._leave_room(*map(int, pages))
                case ["move"]:
                    wal.MOVE_AT_BYTES = wal.MOVE_IDLE_AT_BYTES = 1
            say("done", *order)

    async def _load(self, count: int) -> None:
        left = count

        async def author() -> None:
            nonlocal left
            while left:
                some = min(left, self._chance.randrange(1, 20))
                left -= some
                await self._write(some, self._chance.randrange(300, 3000))

        await asyncio.gather(*(author() for _ in range(_WRITES_AT_ONCE)))

    async def _write(self, count: int, size_bytes: int) -> None:
        (line,) = self.node.lines.values()
        records = [self._record(line.circle.id, size_bytes) for _ in range(count)]
        try:
            written = await line.write(records)
        except TocsinError as error:
            say("refused", error.code, error)
            return
        for index, record in enumerate(records, written.first):
            say("wrote", index, hashlib.sha256(record).hexdigest())

    def _record(self, circle: str, size_bytes: int) -> bytes:
        """A note that says what no other says."""
        return note(circle, f"No. {next(self._numbers)} of {self._name}. ".ljust(size_bytes, "."))

    def _leave_room(self, pages: int = _NO_LIMIT) -> None:
        connection = self.node.store._database._connection
        (now,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {min(now + pages, _NO_LIMIT)}").fetchone()

    def _heard(self, _: str, event: Event) -> None:
        if isinstance(event, Confirmed):
            say("confirmed", event.size)


async def main(config: Config) -> None:
    """Run until SIGTERM."""
    ordered, loop = Ordered(config), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, ordered.node.request_stop)
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    async with asyncio.TaskGroup() as tasks:
        obeying = tasks.create_task(ordered.obey(orders))
        await ordered.node.run()
        obeying.cancel()


if __name__ == "__main__":
    uvloop.run(main(load_config(Path(sys.argv[1]))))
