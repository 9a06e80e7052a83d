from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL

import pytest
from tests.node.nodes import found
from tests.process import hostile
from tests.process.members import ORDERED, RUN, Members

from tocsin.node.folder import Folder

SMALL = ("write", 1, 300)
LARGE = ("write", 60, 30_000)
# Most systems let a process have 1,024 open files at first, and more if it asks.
FEW_FILES = ("sh", "-c", 'ulimit -S -n 256; exec "$@"', "sh")

pytestmark = [pytest.mark.process, pytest.mark.slow]


@pytest.fixture
def members(tmp_path: Path) -> Iterator[Members]:
    """East, north and south, of which none runs."""
    members = Members(found(tmp_path, 3))
    try:
        yield members
    finally:
        members.end_all()


@pytest.mark.parametrize(
    ("deed", "count", "tls"),
    [
        (hostile.stay_silent, 400, False),
        (hostile.stay_silent, 400, True),
        (hostile.send_a_byte_a_second, 50, True),
        (hostile.send_too_much, 2, True),
        (None, 20, True),
    ],
)
def test_a_hostile_peer_delays_nobody(members: Members, deed: hostile.Deed | None, count: int, tls: bool) -> None:
    """Whatever others do to a node, it takes what a member sends, also after that was away."""
    members.start("north", (*FEW_FILES, *RUN))
    east = members.start("east", ORDERED)
    members.until_confirmed("east")
    deed = deed or hostile.withhold_a_push(Folder.of(members.config("south")).keys(members.id, 1).member.request, members["north"])
    with hostile.besieged(members["north"], deed, count, tls=tls):
        for write in (SMALL, LARGE):
            east.do(*write)
            members.until_confirmed("east")
        members.end("east", SIGKILL)
        east = members.start("east", ORDERED)
        east.do(*SMALL)
        members.until_confirmed("east")
        members.client("north").health()
