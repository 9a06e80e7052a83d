"""A circle of real nodes, each a process of its own, for the length of a measurement."""

import asyncio
import itertools
import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from tests.node.nodes import PLACES, Founded, Place, found

from tocsin.circles.founding.charter import Limits
from tocsin.node.node import Node

NO_LIMITS = Limits(records_per_second=10**9, bytes_per_day=10**15)
"""What is measured is what the nodes can do, not what a charter lets them."""

_PORTS = itertools.count(20_000)


def free_port() -> int:
    """A port that nobody listens on, below those that the system gives to connections."""
    for port in _PORTS:
        with socket.socket() as bound:
            if bound.connect_ex(("127.0.0.1", port)):
                return port
    raise RuntimeError("Expected a free port, found none.")


class Process:
    """One node's process."""

    def __init__(self, folder: Path) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "bench.member", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._orders = cast("IO[str]", self._child.stdin)
        self._answers = cast("IO[str]", self._child.stdout)
        self.started_s = float(self.answer()["started_s"])

    def order(self, what: str, **details: object) -> None:
        """Say what to do; `answer` waits for it."""
        self._orders.write(json.dumps({"do": what, **details}) + "\n")
        self._orders.flush()

    def answer(self) -> Any:  # noqa: ANN401 - each order has an answer of its own
        """What came of the order given first."""
        line = self._answers.readline()
        if not line:
            raise RuntimeError(f"A node ended with {self._child.wait()}.")
        return json.loads(line)

    def do(self, what: str, **details: object) -> Any:  # noqa: ANN401 - as above
        """Say what to do, and wait for it."""
        self.order(what, **details)
        return self.answer()

    def end(self) -> None:
        """Stop the node."""
        self.order("quit")
        self._child.communicate(timeout=60)


def prepare(folder: Path, members: int = 2, places: Sequence[Place] = ()) -> Founded:
    """Found a circle, and have every member join it, so that its processes find it on their start."""
    places = places or [Place(slug, folder / slug, free_port()) for slug in list(PLACES)[:members]]
    founded = found(folder, places=places, limits=NO_LIMITS)
    for place in founded.places:
        (place.folder / "tocsin.toml").write_text(place.toml)

    async def join() -> None:
        for place in founded.places:
            async with Node(place.config, log=place.node().log) as node:
                await node.join(founded.text, founded.join_files)

    asyncio.run(join())
    return founded


@contextmanager
def running(folder: Path, members: int) -> Iterator[list[Process]]:
    """So many nodes that hold each other's openings and cards."""
    founded = prepare(folder, members)
    processes = [Process(place.folder) for place in founded.places]
    try:
        for process in processes:
            process.do("one-by-one", count=3)
        yield processes
    finally:
        for process in processes:
            process.end()
