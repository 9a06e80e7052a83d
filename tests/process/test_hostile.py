from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL

import pytest
from tests.node.nodes import found
from tests.process.hostile import (
    Deed,
    besieged,
    send_a_byte_a_second,
    send_too_much,
    stay_silent,
    withhold_a_push,
)
from tests.process.members import ORDERED, RUN, Members

from tocsin.node.folder import Folder

SMALL = ("write", 1, 300)
LARGE = ("write", 60, 30_000)
# Systems let a process have few open files at first, and more if it asks.
FEW_FILES = ("sh", "-c", 'ulimit -S -n 256 && exec "$@"', "sh")

pytestmark = [pytest.mark.process, pytest.mark.slow]


@pytest.fixture
def members(tmp_path: Path) -> Iterator[Members]:
    """East, north and south, none of them running yet."""
    members = Members(found(tmp_path, 3))
    try:
        yield members
    finally:
        members.end_all()


@pytest.mark.parametrize(
    ("deed", "peers", "tls"),
    [
        pytest.param(stay_silent, 400, False, id="silent"),
        pytest.param(stay_silent, 400, True, id="silent-after-the-handshake"),
        pytest.param(send_a_byte_a_second, 50, True, id="a-byte-a-second"),
        pytest.param(send_too_much, 2, True, id="too-much"),
    ],
)
def test_a_stranger_holds_nobody_up(members: Members, deed: Deed, peers: int, tls: bool) -> None:
    """Whatever strangers do to a node, what its members write is confirmed."""
    members.start("north", (*FEW_FILES, *RUN))
    members.start("east", ORDERED)
    with besieged(members["north"], deed, peers, tls=tls):
        check_confirmed(members)


def test_a_member_holds_nobody_up(members: Members) -> None:
    """While one member announces large pushes and withholds them, those of another are confirmed."""
    members.start("north")
    members.start("east", ORDERED)
    me = Folder.of(members.config("south")).keys(members.id, epoch=1).member.request
    with besieged(members["north"], withhold_a_push(me, members["north"]), 20):
        check_confirmed(members)


def check_confirmed(members: Members) -> None:
    """What east writes, little or much, is confirmed by north; also after east was away."""
    for write in (SMALL, LARGE):
        members.running["east"].do(*write)
        members.until_confirmed("east")
        members.end("east", SIGKILL)
        members.start("east", ORDERED)
    members.running["east"].do(*LARGE)
    members.until_confirmed("east")
