"""Room kept for our own log, limits at a real node, and errors on a bare turn of its loop."""

import asyncio
import json
import os
from pathlib import Path

import pytest
from tests.node.conftest import Run
from tests.node.nodes import confirmed, found, until

from tocsin.circles.errors import LimitReached
from tocsin.circles.events import Arrived, Event, ToldLater
from tocsin.circles.founding.charter import Limits
from tocsin.core.errors import Fault
from tocsin.node.watching.room import Room

ALL = "[storage]\nreserve_mb = 1_000_000_000"


def test_room_is_what_the_disk_has(tmp_path: Path) -> None:
    """What is free is what an ordinary user may still write; the reserve is in megabytes."""
    free_bytes = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
    room = Room(tmp_path, 1)
    assert abs(room.free_bytes() - free_bytes) < 10**9
    assert room.for_others()
    assert room.reserve_bytes == 10**6
    assert not Room(tmp_path, 10**9).for_others()


def test_below_the_reserve_only_our_own_is_written(run: Run[None], tmp_path: Path) -> None:
    """The other's records wait, ours are written and confirmed, and health, metrics and log say so."""
    circle = found(tmp_path, 2)
    circle.places[0].more = ALL

    async def scenario() -> None:
        async with circle.running() as (east, north):
            line, other = east.lines[circle.id], north.lines[circle.id]
            await other.write([circle.note("Waits.")])
            await until(lambda: any(isinstance(e, ToldLater) for e in circle.places[0].events))
            await confirmed(line, (await line.write([circle.note("Goes.")])).size)
            followed = line.following.log(other.own.name)
            assert followed
            assert followed.size == 0
            (trouble,) = east.health().troubles
            assert (trouble.code, east.health().status) == ("storage-low", "failing")
            metrics = east.metrics().decode()
            assert 'why="room"' in metrics
            assert "tocsin_disk_reserve_bytes 1e+15" in metrics

    run(scenario())
    told = [json.loads(line) for line in circle.places[0].printed.getvalue().splitlines()]
    assert [one["why"] for one in told if one["event"] == "told-later"] == ["room"]


def test_an_author_far_beyond_its_limit_is_told(run: Run[None], tmp_path: Path) -> None:
    """The error says when to try again; whatever was written before is confirmed."""
    circle = found(tmp_path, 2, limits=Limits(records_per_second=1, bytes_per_day=10**9))

    async def scenario() -> None:
        async with circle.running() as (east, _):
            line = east.lines[circle.id]
            written = await line.write([circle.note("Once.")] * 30)
            with pytest.raises(LimitReached, match="Next: try again in"):
                await line.write([circle.note("Again.")])
            await confirmed(line, written.size)

    run(scenario())


class Unready(list[Event]):
    """Whoever is told fails at it."""

    def append(self, event: Event) -> None:
        """Fail, once something arrived."""
        if isinstance(event, Arrived):
            raise Fault("Nobody expected this.")


def test_an_error_where_nobody_waits_stops_the_node(run: Run[None], tmp_path: Path) -> None:
    """What goes wrong while records are shown ends the node, and does not only stand in its log."""
    circle = found(tmp_path, 2)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            circle.places[1].events = Unready()
            await east.lines[circle.id].write([circle.note("Smoke.")])
            await asyncio.wait_for(north._stopping.wait(), 10)
            circle.places[1].events = []
            assert north.health().troubles[0].code == "failed"

    run(scenario())


def test_a_failed_marker_stops_the_node(run: Run[None], tmp_path: Path) -> None:
    """Where nothing can be written any more, the node ends, whoever wrote last."""
    circle = found(tmp_path, 2)

    async def scenario() -> None:
        async with circle.running() as (east, _):
            await east.lines[circle.id].write([circle.note("First.")])

            def fail(_: object) -> None:
                raise OSError("No marker.")

            east.committer._before_leaving = fail
            with pytest.raises(OSError, match="No marker"):
                await east.lines[circle.id].write([circle.note("Smoke.")])
            await asyncio.wait_for(east._stopping.wait(), 10)

    run(scenario())
