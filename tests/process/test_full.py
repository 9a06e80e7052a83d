import resource
from collections.abc import Callable
from signal import SIGKILL

import pytest
from tests.process.members import ORDERED, Members
from tests.process.processes import Process, until

from tocsin.core.errors import Fault

ROOM_BYTES = 1_000_000
LARGE = ("write", 60, 30_000)
MIDDLE = ("write", 1, 16_000)
SMALL = ("write", 1, 300)

pytestmark = [pytest.mark.process, pytest.mark.slow]


def limit_files(members: Members, east: Process, room_bytes: int | None) -> None:
    """No file may grow much larger than the largest is now."""
    _, hard = resource.prlimit(east.pid, resource.RLIMIT_FSIZE)
    sizes = [file.stat().st_size for file in members.config("east").data_folder.glob("node.sqlite3*")]
    soft = hard if room_bytes is None else max(sizes) + room_bytes
    resource.prlimit(east.pid, resource.RLIMIT_FSIZE, (soft, hard))


def limit_pages(_: Members, east: Process, room_bytes: int | None) -> None:
    """The database may have only few pages more than now."""
    east.do("room", *([] if room_bytes is None else [room_bytes // 4096]))


@pytest.mark.parametrize("limit", [limit_files, limit_pages])
def test_a_full_disk(members: Members, limit: Callable[[Members, Process, int | None], None]) -> None:
    """Own writes without room end in a clear error; what fits goes on, and all of it once there is room."""
    members.start("north")
    east = members.start("east", ORDERED)
    members.until_confirmed("east")
    client = members.client("east")

    limit(members, east, ROOM_BYTES)
    east.do(*LARGE)
    assert [reason.split()[0] for reason in east.refused] == ["storage-full"]
    assert "Next: make room" in east.refused[0]

    # what fits
    east.do(*SMALL)
    assert len(east.wrote) == 1
    members.write("north", "Is there room for this?")
    for slug in ("east", "north"):
        members.until_confirmed(slug)

    # until nothing does
    for write in (MIDDLE, SMALL):
        refused = len(east.refused)
        while len(east.refused) == refused:
            east.do(*write)
    assert [trouble.code for trouble in client.health().troubles] == ["storage-full"]
    waiting = members.write("north", "And for this?" * 1000)
    with pytest.raises(Fault, match="Next: make room") as caught:
        members.write("east", "And for more?" * 1000)
    assert caught.value.code == "storage-full"
    newest = max(east.wrote)
    assert client.records(members.id, str(members["east"].log), newest).records[0].state == "readable"

    limit(members, east, None)
    for slug in ("north", "east"):
        members.until_confirmed(slug)
    east.do(*LARGE)
    members.until_confirmed("east")
    assert max(east.wrote) >= newest + LARGE[1]
    assert client.health().status == "ok"
    members.check("east", "north", east.wrote)
    members.check("north", "east", {})
    assert len(members.kept("east", of="north").entries) > waiting.index
    (told,) = (line for line in east.told if "storage-full" in line)
    assert "Traceback" not in told


def test_a_node_starts_on_a_full_disk(members: Members) -> None:
    """Killed without room, a node starts again and shows what it has; with room, it says what it wants to."""
    members.start("north")
    east = members.start("east", ORDERED)
    members.until_confirmed("east")
    limit_files(members, east, ROOM_BYTES)
    while not east.refused:
        east.do(*MIDDLE)
    soft, _ = resource.prlimit(east.pid, resource.RLIMIT_FSIZE)
    members.end("east", SIGKILL)
    config = members.config_file("east")
    config.write_text(config.read_text().replace("Desk east", "Night desk"))

    again = members.start("east", ("prlimit", f"--fsize={soft}:", *ORDERED))

    log = str(members["east"].log)
    assert members.client("east").records(members.id, log, max(east.wrote)).records[0].state == "readable"
    again.do(*MIDDLE)
    assert again.refused[0].startswith("storage-full ")
    limit_files(members, again, None)
    again.do(*MIDDLE)
    members.until_confirmed("east")
    members.check("east", "north", east.wrote | again.wrote)
    until(
        lambda: any(b"Night desk" in (record or b"") for record in members.kept("north", of="east").records)
    )
