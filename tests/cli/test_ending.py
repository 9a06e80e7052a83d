import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGTERM, Signals

import pytest
from tests.cli.desks import TOCSIN, Desk
from tests.process.processes import Process

from tocsin.cli.demo.cables import LOOPBACK, Cables

pytestmark = pytest.mark.process


@pytest.fixture
def desk(three_desks: list[Desk]) -> Iterator[Desk]:
    """A desk of which a backup cannot come to its end: half of a key is a pipe, into which nobody writes."""
    (public,) = three_desks[0].folder.glob("*.pub")
    public.unlink()
    os.mkfifo(public)
    yield three_desks[0]
    public.unlink(missing_ok=True)


@pytest.mark.parametrize("number", [SIGINT, SIGTERM, SIGHUP])
def test_what_is_told_to_end_takes_back_what_it_began(desk: Desk, tmp_path: Path, number: Signals) -> None:
    """Nothing half done is left, nothing is said of a fault, and the exit code is that of the signal."""
    folder = tmp_path / "stick"
    folder.mkdir()

    with _backup(desk, folder / "copy") as process:
        assert process.end(number) == 128 + number

    assert "".join(process.told + process.said) == ""
    assert list(folder.iterdir()) == []
    (public,) = desk.folder.glob("*.pub")
    public.unlink()
    desk.done("backup", folder / "copy")


def test_who_has_hung_up_does_not_end_what_shall_go_on(desk: Desk, tmp_path: Path) -> None:
    """With `nohup`, a command outlives its terminal."""
    with _backup(desk, tmp_path / "copy", "nohup") as process:
        process.send(SIGHUP)
        (public,) = desk.folder.glob("*.pub")
        public.write_text("half of a key")
        assert process.ended() == 0


def test_who_comes_as_a_node_of_the_demo_ends_is_no_error() -> None:
    """A connection and the end at one turn of the loop: nobody is told of a fault."""

    async def end_as_somebody_comes() -> list[object]:
        loop, faults = asyncio.get_running_loop(), list[object]()
        loop.set_exception_handler(lambda _, context: faults.append(context))
        with socket.create_server((LOOPBACK, 0)) as server:
            server.setblocking(False)
            accepting = loop.create_task(loop.sock_accept(server))
            await asyncio.sleep(0)
            with socket.create_connection(server.getsockname()):
                loop.call_soon(accepting.cancel)
                await asyncio.wait([accepting])
        return faults

    with asyncio.Runner(loop_factory=Cables) as runner:
        assert runner.run(end_as_somebody_comes()) == []


def _backup(desk: Desk, folder: Path, *before: str) -> Process:
    """A backup that waits for half of a key."""
    process = Process(*before, TOCSIN, "backup", folder, "--config", desk.config)
    process.until((folder.with_name(f"{folder.name}.unfinished") / "tocsin.toml").exists)
    return process
