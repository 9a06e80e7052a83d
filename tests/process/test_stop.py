import json
from pathlib import Path
from signal import SIGHUP, SIGTERM
from threading import Thread

import pytest
from tests.cli.desks import desk, joined
from tests.process.members import RUN, Members
from tests.process.processes import Process, until
from tests.process.tracing import Trace

from tocsin.core.errors import TocsinError

WRITERS = 4

pytestmark = pytest.mark.process


def test_a_stopped_node_has_what_it_acknowledged(members: Members) -> None:
    """SIGTERM under load ends a node by itself, with code 0, and nothing that was acknowledged is lost."""
    for slug in ("north", "east"):
        members.start(slug)
    written: list[tuple[int, str]] = []
    writers = [Thread(target=write_on, args=(members, str(name), written)) for name in range(WRITERS)]
    for writer in writers:
        writer.start()
    until(lambda: len(written) > 100)

    stopped = members.running["east"]
    code = members.end("east", SIGTERM)

    for writer in writers:
        writer.join()
    assert code == 0
    assert json.loads(stopped.told[-1])["event"] == "stopped"
    members.start("east")
    members.until_confirmed("east")
    records = members.kept("north", of="east").records
    for index, text in written:
        assert json.loads(records[index] or b"")["text"] == text
    members.check("east", "north", {})


def write_on(members: Members, name: str, written: list[tuple[int, str]]) -> None:
    """Write one record after the other, until the node does not take them any more."""
    try:
        while True:
            text = f"No. {len(written)} of {name}."
            written.append((members.write("east", text).index, text))
    except TocsinError:
        return


def test_a_node_outlives_its_log(members: Members) -> None:
    """Where what it tells its operator cannot be written, a node goes on."""
    members.start("east", ("sh", "-c", 'exec "$@" 2>/dev/full', "sh", *RUN))
    until(lambda: members.unreached("east", "north"))
    members.start("north")

    members.write("east", "Does this arrive?")

    members.until_confirmed("east")


def test_a_node_outlives_its_terminal(members: Members) -> None:
    """With `nohup`, a node goes on when its terminal is gone; SIGTERM still ends it."""
    east = members.start("east", ("nohup", *RUN))
    east.send(SIGHUP)

    members.write("east", "Is anyone still there?")

    assert members.end("east", SIGTERM) == 0
    (stopping,) = (line for line in map(json.loads, east.told) if line["event"] == "stopping")
    assert stopping["why"] == "SIGTERM"


def test_no_organisation_key_is_opened(tmp_path: Path) -> None:
    """A node in a circle opens its own keys and never an organisation key; it warns of one that it finds."""
    trace = Trace(tmp_path / "trace", "open,openat,openat2")
    apricot, birch = (desk(tmp_path, slug) for slug in ("apricot", "birch"))
    joined(tmp_path, apricot, birch)
    stray = apricot.key.rename(apricot.data / apricot.key.name)

    with birch.running(), Process(*trace.before, *RUN, apricot.config) as running:
        until(lambda: any('"started"' in line for line in running.told))
        apricot.done("note", "Is anyone there?", "--wait", "30")
        running.end(SIGTERM)

    opened = trace.text()
    assert '/log.key"' in opened
    assert f'{stray.name}"' not in opened
    (warning,) = (line for line in map(json.loads, running.told) if line["event"] == "stray-key")
    assert warning["path"] == str(stray)
