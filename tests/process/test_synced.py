from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.node.nodes import found, free_port
from tests.process.members import RUN, Members, Plain
from tests.process.tracing import Call, Trace

CALLS = "write,writev,pwrite64,pwritev,sendto,sendmsg,fsync,fdatasync"
RECORDS = 10

pytestmark = pytest.mark.process


@pytest.fixture
def members(tmp_path: Path) -> Iterator[Members]:
    """East and north, without encryption."""
    places = [Plain(slug, tmp_path / slug, free_port()) for slug in ("east", "north")]
    members = Members(found(tmp_path, places=places))
    try:
        yield members
    finally:
        members.end_all()


def test_synced_before_acknowledged(members: Members, tmp_path: Path) -> None:
    """An author syncs each record before it acknowledges it, and before it sends it to anyone."""
    trace = Trace(tmp_path / "trace", CALLS)
    members.start("north")
    members.start("east", (*trace.before, *RUN))
    written = [members.write("east", f"Record {number}.") for number in range(RECORDS)]
    members.until_confirmed("east")

    calls = list(trace.calls())
    for number, one in enumerate(written):
        kept = first(calls, keeps, f"Record {number}.")
        synced = first(calls, syncs, after=kept)
        acknowledged = first(calls, leaves, rf"\"index\":{one.index},")
        sent = first(calls, leaves, f"Record {number}.")
        assert kept < synced < min(acknowledged, sent) <= max(acknowledged, sent) < len(calls)


def test_synced_before_confirmed(members: Members, tmp_path: Path) -> None:
    """A follower syncs each record before its confirmation goes out."""
    trace = Trace(tmp_path / "trace", CALLS)
    members.start("north", (*trace.before, *RUN))
    members.start("east")
    for number in range(RECORDS):
        members.write("east", f"Record {number}.")
        members.until_confirmed("east")

    calls = list(trace.calls())
    kept = [first(calls, keeps, f"Record {number}.") for number in range(RECORDS)]
    for this, following in zip(kept, [*kept[1:], len(calls)], strict=True):
        synced = first(calls, syncs, after=this)
        assert this < synced < first(calls, leaves, "/holder ", after=this) < following


def keeps(call: Call) -> bool:
    """Whether this writes to the write-ahead log."""
    return call.name.startswith(("write", "pwrite")) and call.file.endswith("-wal")


def syncs(call: Call) -> bool:
    """Whether this syncs the write-ahead log."""
    return call.name in {"fsync", "fdatasync"} and call.file.endswith("-wal")


def leaves(call: Call) -> bool:
    """Whether this goes out of the process."""
    return call.file.startswith(("socket:", "TCP:", "UNIX"))


def first(calls: list[Call], does: Callable[[Call], bool], words: str = "", after: int = -1) -> int:
    """The place of the first call after that one that does so with these words; the end if there is none."""
    places = (
        place for place, call in enumerate(calls) if place > after and does(call) and words in call.rest
    )
    return next(places, len(calls))
