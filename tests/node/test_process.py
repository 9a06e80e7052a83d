import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.node.nodes import Founded, found

from tocsin.node.api.types import SayNote
from tocsin.node.client import Client, NoAnswer

pytestmark = pytest.mark.process

RUN = (
    "import pathlib, sys\n"
    "from tocsin.node.config import load_config\n"
    "from tocsin.node.process import run_node\n"
    "run_node(load_config(pathlib.Path(sys.argv[1])))\n"
)
STUCK_S = 60


class Processes:
    """The nodes of a circle, each as a process of its own."""

    def __init__(self, circle: Founded) -> None:
        self.circle = circle
        self.clients = [Client(place.config.api_socket) for place in circle.places]
        self.running: dict[int, subprocess.Popen[str]] = {}
        self.started: list[subprocess.Popen[str]] = []

    def start(self, number: int) -> subprocess.Popen[str]:
        """Start a node, and wait until the one in that place answers, or the new one ends."""
        place = self.circle.places[number]
        config = place.folder.parent / f"{place.slug}.toml"
        config.write_text(place.toml)
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(config)],
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        self.running.setdefault(number, process)
        until(lambda: process.poll() is not None or answers(self.clients[number]))
        return process

    def join(self) -> None:
        """Join the circle, at every node."""
        for client in self.clients:
            client.join(self.circle.text, [file.decode() for file in self.circle.join_files])

    def end(self, number: int, how: signal.Signals) -> tuple[int, str]:
        """End a node by a signal; its exit code and what it printed."""
        process = self.running.pop(number)
        process.send_signal(how)
        _, printed = process.communicate(timeout=STUCK_S)
        return process.returncode, printed

    def end_all(self) -> None:
        """End all that were ever started, whatever became of them."""
        for process in self.started:
            with process:
                process.kill()

    def confirmed(self, number: int, index: int) -> bool:
        """Whether all others hold that entry of a node's log."""
        (state,) = self.clients[number].status().circles
        return all(one.confirmed and one.confirmed.size > index for one in state.members)


def answers(client: Client) -> bool:
    """Whether a node answers."""
    try:
        client.status()
    except NoAnswer:
        return False
    return True


def until(holds: Callable[[], bool]) -> None:
    """Return as soon as that holds."""
    give_up_s = time.monotonic() + STUCK_S
    while not holds():
        assert time.monotonic() < give_up_s
        time.sleep(0.01)


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[Processes]:
    """Two processes in one circle."""
    processes = Processes(found(tmp_path, 2))
    try:
        for number in range(2):
            processes.start(number)
        processes.join()
        yield processes
    finally:
        processes.end_all()


def say(text: str) -> SayNote:
    """A note."""
    return SayNote(author="duty", author_kind="officer", lang="en", text=text)


def test_a_kill_loses_nothing_that_was_acknowledged(nodes: Processes) -> None:
    """After `kill -9` of the author, every record whose write returned is there, and reaches the other."""
    circle, client = nodes.circle.id, nodes.clients[0]
    written = [client.write(circle, say(f"No. {number}.")) for number in range(20)]
    nodes.end(0, signal.SIGKILL)
    nodes.start(0)

    last = client.write(circle, say("After."))

    until(lambda: nodes.confirmed(0, last.index))
    for reader in nodes.clients:
        shown = {one.index: one.record for one in reader.records(circle, last.log).records}
        assert {one.index for one in written} <= set(shown)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_a_node_in_good_order(nodes: Processes, how: signal.Signals) -> None:
    """Each of these ends a node with code 0, is named, and ends in good order those who follow it."""
    following = nodes.clients[1].follow(newest=1)
    next(following)

    code, printed = nodes.end(1, how)

    assert code == 0, printed
    assert f'"why": "{how.name}", "event": "stopping"' in printed
    assert '"event": "stopped"' in printed
    assert all(shown.circle == nodes.circle.id for shown in following)
    assert answers(nodes.clients[0])


def test_a_second_process_on_the_folder_is_refused(nodes: Processes) -> None:
    """A second process says whose folder it is, and ends; the first goes on."""
    second = nodes.start(0)

    _, printed = second.communicate(timeout=STUCK_S)

    assert second.returncode == 1
    assert "DatabaseInUse: Expected to be the only process" in printed
    assert nodes.clients[0].write(nodes.circle.id, say("Still here.")).index


def test_a_node_that_does_not_end_is_left_behind_by_no_test(
    nodes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node that obeys no signal fails its test, and ends with it."""
    monkeypatch.setattr("tests.node.test_process.STUCK_S", 0)
    stuck = nodes.running[0]

    with pytest.raises(subprocess.TimeoutExpired):
        nodes.end(0, signal.SIGSTOP)
    nodes.end_all()

    assert stuck.returncode == -signal.SIGKILL
