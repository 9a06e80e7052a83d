"""Three running nodes, two of which never reach each other."""

import contextlib
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.cli.desks import Desk, desk, flat, joined
from tests.node.nodes import free_port

pytestmark = pytest.mark.process

_HEAD_BYTES = 16_384
_TRIES = 120


class Door:
    """What stands in front of a node, and closes to callers whom it does not know by their key's name."""

    def __init__(self, port: int, to_port: int, shut_to: str) -> None:
        self._to_port = to_port
        self._shut_to = f"/{shut_to}/".encode()
        self._listening = socket.create_server(("127.0.0.1", port))

    def serve(self) -> None:
        """Until it is closed."""
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(connection,), daemon=True).start()

    def close(self) -> None:
        """Nobody comes in any more."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _pass_on(self, caller: socket.socket) -> None:
        with caller, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head and (part := caller.recv(_HEAD_BYTES)):
                head += part
            signer = re.search(rb"tocsin-signer: (\S+)", head, re.IGNORECASE)
            if signer is None or self._shut_to in signer[1]:
                return
            with socket.create_connection(("127.0.0.1", self._to_port)) as node:
                node.sendall(head)
                back = threading.Thread(target=_copy, args=(node, caller), daemon=True)
                back.start()
                _copy(caller, node)
                back.join()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(65_536):
            sink.sendall(part)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


def behind(door_port: int, one: Desk) -> int:
    """Let a desk's node listen behind a door; the port where it does."""
    port = free_port()
    text = re.sub("listen = .*", f'listen = "127.0.0.1:{port}"', one.config.read_text(), count=1)
    public = f'public = "http://127.0.0.1:{door_port}"\nunsafe_loopback = true'
    one.config.write_text(re.sub("public = .*", public, text, count=1))
    return port


@pytest.fixture
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Desk]]:
    """`apricot`, `birch` and `cedar`, running; apricot and cedar let each other in by no door."""
    folder: Path = tmp_path_factory.mktemp("three")
    shut_to = {"apricot": "cedar", "birch": "nobody", "cedar": "apricot"}
    desks = {slug: desk(folder, slug) for slug in shut_to}
    with contextlib.ExitStack() as stack:
        for slug, one in desks.items():
            door_port = free_port()
            door = Door(door_port, behind(door_port, one), shut_to[slug])
            threading.Thread(target=door.serve, daemon=True).start()
            stack.callback(door.close)
        joined(folder, *desks.values())
        for one in desks.values():
            stack.enter_context(one.running())
        yield desks


def until(found: Callable[[], bool]) -> None:
    """Look again and again, for a minute."""
    wait = threading.Event()
    for _ in range(_TRIES):
        if found():
            return
        wait.wait(0.5)
    raise AssertionError("it did not come")


def member(one: Desk, slug: str) -> dict[str, object]:
    """Another member, as this desk sees it."""
    members = json.loads(one.done("status", "--json"))["circles"][0]["members"]
    found: dict[str, object] = next(each for each in members if each["slug"] == slug)
    return found


@pytest.mark.slow
def test_what_cannot_go_directly_goes_by_way_of_a_third(three: dict[str, Desk]) -> None:
    """Apricot's note reaches cedar by way of birch, and so does cedar's confirmation on its way back."""
    apricot, cedar = three["apricot"], three["cedar"]
    apricot.done("note", "Smoke over the harbour.")
    size = json.loads(apricot.done("status", "--json"))["circles"][0]["size"]

    until(lambda: "Smoke over the harbour." in cedar.done("records"))
    until(lambda: (member(apricot, "cedar")["confirmed"] or {}).get("size") == size)  # type: ignore[attr-defined]

    assert member(apricot, "cedar")["trouble"]
    assert "by way of birch" in flat(apricot.done("status"))
