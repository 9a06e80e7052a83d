import resource
from collections.abc import Callable

import pytest
from tests.process.members import ORDERED, Members
from tests.process.processes import Process, until

from tocsin.core.errors import Fault
from tocsin.node.folder import Folder

Limit = Callable[[Members, Process], None]

LARGE = ("write", 60, 30_000)
MIDDLE = ("write", 1, 16_000)
SMALL = ("write", 1, 300)

pytestmark = [pytest.mark.process, pytest.mark.slow]


def limit_files(members: Members, process: Process, room_bytes: int | None) -> None:
    """Let no file of the node's grow by more than that."""
    folder = Folder.of(members.config("east")).data
    largest = max(file.stat().st_size for file in folder.glob("node.sqlite3*"))
    _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    soft = hard if room_bytes is None else largest + room_bytes
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (soft, hard))


def limit_pages(_: Members, process: Process, room_bytes: int | None) -> None:
    """Let the database grow by no more pages than that."""
    process.do("room", *([] if room_bytes is None else [room_bytes // 4096]))


@pytest.mark.parametrize("limit", [limit_files, limit_pages])
def test_full(members: Members, limit: Limit) -> None:
    """Without room, own writes stop with a clear error; what fits goes on, and all of it once there is room."""
    north = members.start("north", ORDERED)
    east = members.start("east", ORDERED)
    members.until_confirmed("east")
    limit(members, east, 1_000_000)

    # no room for this
    east.do(*LARGE)
    print(east.refused)
    # what fits
    east.do(*SMALL)
    print(east.refused, len(east.wrote))
    members.until_confirmed("east")
    members.write("north", "To a full disk.")
    members.until_confirmed("north")
    print(members.client("east").health())
    n = 0
    for what in (MIDDLE, SMALL):
        before = len(east.refused)
        while len(east.refused) == before:
            east.do(*what)
            n += 1
    print(n, east.refused[-2:])
    print(members.client("east").health())
    written = members.write("north", "To a fuller disk.")
    with pytest.raises(Fault) as e:
        members.write("east", "More " * 6000)
    print(e.value.code, e.value)
    print(members.client("east").records(members.id, written.log).records[-1])
    limit(members, east, None)
    members.until_confirmed("north")
    east.do(*LARGE)
    members.until_confirmed("east")
    print(members.client("east").health())
    for of in ("east", "north"):
        a, b = (members.kept(s, of=of) for s in ("east", "north"))
        a.check()
        b.check()
        assert a.records == b.records
