import json
import resource
from collections.abc import Callable
from signal import SIGKILL
from typing import TypeAlias

import pytest
from tests.process.members import ORDERED, Members
from tests.process.processes import Process, until

from tocsin.core.errors import Fault

Limit: TypeAlias = Callable[[Members, Process, int | None], None]

ROOM_BYTES = 1_000_000
TOO_LARGE = ("write", 60, 30_000)
SMALL = ("write", 1, 300)
LONG = "Is there room for this? " * 1_000

pytestmark = [pytest.mark.process, pytest.mark.slow]


def limit_files(members: Members, east: Process, room_bytes: int | None) -> None:
    """No file may grow by more than that, until there is no limit."""
    _, hard = resource.prlimit(east.pid, resource.RLIMIT_FSIZE)
    sizes = [file.stat().st_size for file in members.config("east").data_folder.glob("node.sqlite3*")]
    soft = hard if room_bytes is None else max(sizes) + room_bytes
    resource.prlimit(east.pid, resource.RLIMIT_FSIZE, (soft, hard))


def limit_pages(_: Members, east: Process, room_bytes: int | None) -> None:
    """The database may not grow by more than that, until there is no limit."""
    east.do("room", *([] if room_bytes is None else [room_bytes // 4096]))


limits = pytest.mark.parametrize("limit", [limit_files, limit_pages])


def start_both(members: Members) -> Process:
    """East with north, which has confirmed its first records."""
    members.start("north")
    east = members.start("east", ORDERED)
    members.until_confirmed("east")
    return east


def fill(east: Process) -> None:
    """Write until not even a small record fits."""
    for size_bytes in (16_000, 300):
        refused = len(east.refused)
        while len(east.refused) == refused:
            east.do("write", 1, size_bytes)


@limits
def test_what_does_not_fit_is_refused_and_what_fits_goes_on(members: Members, limit: Limit) -> None:
    """With little room, a write that is too large ends in a clear error; smaller ones and pushes go on."""
    east = start_both(members)
    limit(members, east, ROOM_BYTES)

    east.do(*TOO_LARGE)
    east.do(*SMALL)
    members.write("north", "And this?")

    (refused,) = east.refused
    assert refused.startswith("storage-full ")
    assert "Next: make room" in refused
    assert len(east.wrote) == 1
    for author, holder in (("east", "north"), ("north", "east")):
        members.until_confirmed(author)
        members.check(author, holder, east.wrote if author == "east" else {})


@limits
def test_without_room_a_node_waits_until_there_is_some(members: Members, limit: Limit) -> None:
    """A node on a full disk says so, and shows what it has; with room it goes on, and has lost nothing."""
    east, client = start_both(members), members.client("east")
    limit(members, east, ROOM_BYTES)
    fill(east)

    with pytest.raises(Fault, match="Next: make room") as caught:
        members.write("east", LONG)
    assert caught.value.code == "storage-full"
    until(lambda: "storage-full" in {json.loads(line)["event"] for line in east.told})
    newest = max(east.wrote)
    assert client.records(members.id, str(members["east"].log), newest).records[0].state == "readable"
    members.write("north", LONG)

    limit(members, east, None)
    members.until_confirmed("north")
    east.do(*TOO_LARGE)
    members.until_confirmed("east")
    assert max(east.wrote) > newest
    until(lambda: client.health().status == "ok")
    members.check("east", "north", east.wrote)
    members.check("north", "east", {})


def test_a_node_starts_on_a_full_disk(members: Members) -> None:
    """Killed without room, a node starts again and shows what it has; with room, it says what it wants to."""
    east = start_both(members)
    limit_files(members, east, ROOM_BYTES)
    fill(east)
    soft, _ = resource.prlimit(east.pid, resource.RLIMIT_FSIZE)
    members.end("east", SIGKILL)
    config = members.config_file("east")
    config.write_text(config.read_text().replace("Desk east", "Night desk"))

    again = members.start("east", ("prlimit", f"--fsize={soft}:", *ORDERED))

    log = str(members["east"].log)
    assert members.client("east").records(members.id, log, max(east.wrote)).records[0].state == "readable"
    again.do(*TOO_LARGE)
    assert again.refused[0].startswith("storage-full ")
    limit_files(members, again, None)
    until(
        lambda: any(b"Night desk" in (record or b"") for record in members.kept("north", of="east").records)
    )
    members.until_confirmed("east")
    members.check("east", "north", east.wrote | again.wrote)
