import asyncio
import contextlib
import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from tests.node.conftest import Run
from tests.node.nodes import Founded, confirmed, found, note, until

from tocsin.circles.errors import WritesHalted
from tocsin.circles.events import Confirmed, Lost, Reached, RefusedHere
from tocsin.circles.line import Line
from tocsin.circles.wire.http import HttpWire
from tocsin.circles.wire.messages import MAX_PUSH_BYTES
from tocsin.circles.wire.protocol import Path as WirePath
from tocsin.circles.wire.protocol import Request
from tocsin.core.records import Card, Endpoint, parse_record
from tocsin.log.sqlite.lock import DatabaseInUse
from tocsin.node.errors import AlreadyJoined, CannotListen, KeysMissing, NodeFailed
from tocsin.node.node import Node


def said(node: Node, log: str) -> list[str]:
    """The kinds of all records of a log, as a node has them."""
    head = node.store.head(log)
    bodies = [node.store.record(log, index)[2] for index in range(head.size if head else 0)]
    return [parse_record(body).record.kind for body in bodies if body]


def test_a_record_reaches_the_other_and_is_confirmed(run: Run[None], tmp_path: Path) -> None:
    """What one node writes is held by the other, over pinned TLS, and the confirmation comes back."""
    circle = found(tmp_path, 2)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            line = east.lines[circle.id]
            written = await line.write([circle.note("Smoke over the harbour.")])
            await confirmed(line, written.size)

            held = north.store.record(line.own.name, written.size - 1)[2]
            assert held == circle.note("Smoke over the harbour.")
            assert [event.member for event in circle.places[0].events if isinstance(event, Confirmed)]

    run(scenario())


def test_five_nodes_in_one_loop(run: Run[None], tmp_path: Path) -> None:
    """Five nodes in one process each write, and each hears of four confirmations."""
    circle = found(tmp_path, 5)

    async def scenario() -> None:
        async with circle.running() as nodes:
            lines = [node.lines[circle.id] for node in nodes]
            written = await asyncio.gather(
                *(line.write([circle.note(f"From {line.own.member.slug}.")]) for line in lines)
            )
            for line, one in zip(lines, written, strict=True):
                await confirmed(line, one.size)
                assert all("note" in said(node, line.own.name) for node in nodes)

    run(scenario())


def test_a_node_in_two_circles_keeps_them_apart(run: Run[None], tmp_path: Path) -> None:
    """On one port, each circle has its own TLS key, and what is said in one is not in the other."""
    first = found(tmp_path, 2)
    second = found(tmp_path, 2, "drill.loopback.example", first.places)

    async def scenario() -> None:
        async with first.running() as nodes:
            for node in nodes:
                await node.join(second.text, second.join_files)
            east, north = nodes
            for circle in (first, second):
                written = await east.lines[circle.id].write([circle.note(f"In {circle.id}.")])
                await confirmed(east.lines[circle.id], written.size)
            pins = {node.keys[circle.id].tls.pin for node in nodes for circle in (first, second)}
            assert len(pins) == 4
            logs = [north.lines[circle.id].circle.by_slug["east"].log for circle in (first, second)]
            assert all(north.store.head(str(log)) for log in logs)
            assert note(first.id, f"In {first.id}.") not in [
                north.store.record(str(logs[1]), index)[2] for index in range(3)
            ]

    run(scenario())


def test_a_node_goes_on_where_it_stopped(run: Run[None], tmp_path: Path) -> None:
    """After a restart, circles, logs and confirmations are there, and what was missed arrives."""
    circle = found(tmp_path, 2)

    async def scenario() -> None:
        async with circle.running() as (east, _):
            line = east.lines[circle.id]
            await confirmed(line, (await line.write([circle.note("Before.")])).size)
        async with circle.running("east") as (east,):
            line = east.lines[circle.id]
            assert line.own.held["north"].size > 0
            written = await line.write([circle.note("While the other is away.")])
            await until(lambda: line.senders["north"].trouble is not None)
            async with circle.running("north") as (north,):
                await confirmed(line, written.size)
                assert "note" in said(north, line.own.name)
        kinds = [type(event) for event in circle.places[0].events]
        assert Lost in kinds
        assert Reached in kinds

    run(scenario())


def test_a_second_node_on_one_folder_is_refused(run: Run[None], tmp_path: Path) -> None:
    """Two nodes never work on one data folder, and the refused one leaves the other alone."""
    circle = found(tmp_path, 2)

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            with pytest.raises(DatabaseInUse, match="Next: "):
                await circle.places[0].node().start()

            assert (await east.lines[circle.id].write([circle.note("Still here.")])).size

    run(scenario())


def test_a_port_that_is_taken_is_a_readable_error(run: Run[None], tmp_path: Path) -> None:
    """A node whose port is taken says so and leaves nothing running: it starts when the port is free."""
    first, second = found(tmp_path / "a", 2), found(tmp_path / "b", 2)
    second.places[0].port = first.places[0].port

    async def scenario() -> None:
        async with first.running("east"):
            with pytest.raises(CannotListen, match=f"port {first.places[0].port}.*Next: "):
                await second.places[0].node().start()
        async with second.places[0].node():
            pass

    run(scenario())


def test_an_impostor_with_another_key_gets_nothing(run: Run[None], tmp_path: Path) -> None:
    """Whoever listens at a member's address without its TLS key is sent no record."""
    circle = found(tmp_path, 2)
    other = found(tmp_path / "impostor", 2)
    other.places[1].port = circle.places[1].port

    async def scenario() -> None:
        async with circle.running("east") as (east,), other.running("north") as (impostor,):
            line = east.lines[circle.id]
            await line.write([circle.note("For north alone.")])
            await until(lambda: "broke off" in str(line.senders["north"].trouble))

            assert not [event for event in other.places[1].events if isinstance(event, RefusedHere)]
            assert impostor.store.logs()

    run(scenario())


def request_to(line: Line, body: bytes) -> Request:
    """An unsigned push to this line."""
    return Request(line.own.name, WirePath.PUSH, body, line.own.name + "/request", bytes(16), bytes(64))


@pytest.mark.parametrize(("size", "status"), [(0, 401), (MAX_PUSH_BYTES, 401), (MAX_PUSH_BYTES + 1, 413)])
def test_a_stranger_is_answered_and_changes_nothing(
    run: Run[None], tmp_path: Path, size: int, status: int
) -> None:
    """Pushes without a member's signature are 401, larger ones than a push may be 413."""
    circle = found(tmp_path, 2)

    async def scenario() -> None:
        async with circle.running("east") as (east,), HttpWire() as wire:
            line = east.lines[circle.id]
            endpoint = Endpoint(url=east.config.wire.public, tls_spki_sha256=east.keys[circle.id].tls.pin)

            reply = await wire.send([endpoint], request_to(line, bytes(size)), 10)

            assert reply.status == status
            assert east.store.head(str(line.circle.by_slug["north"].log)).size == 0  # type: ignore[union-attr]

    run(scenario())


def test_a_member_that_accepts_and_never_answers_delays_nobody(run: Run[None], tmp_path: Path) -> None:
    """While one member's address takes connections and says nothing, the others confirm."""
    circle = found(tmp_path, 3)

    async def scenario() -> None:
        async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                await reader.read()
            writer.close()

        silent = await asyncio.start_server(swallow, "127.0.0.1", circle.places[2].port)
        async with silent, circle.running("east", "north") as (east, _):
            line = east.lines[circle.id]
            for number in range(3):
                written = await line.write([circle.note(f"No. {number}.")])
                await confirmed(line, written.size, by=1)

            assert "south" not in line.own.held

    run(scenario())


def test_the_card_follows_the_configuration(run: Run[None], tmp_path: Path) -> None:
    """The card is published when the configuration says something new, and not otherwise."""
    circle = found(tmp_path, 2)

    async def cards() -> list[Card]:
        async with circle.running("east") as (east,):
            log = east.lines[circle.id].own.name
            await until(lambda: not east.cards.publishing)
            size = east.lines[circle.id].own.size
            records = [parse_record(east.store.record(log, index)[2] or b"").record for index in range(size)]
            return [record for record in records if isinstance(record, Card)]

    async def scenario() -> None:
        assert [card.desk.name for card in await cards()] == ["Desk east"]
        assert len(await cards()) == 1
        circle.places[0].more = 'hours = "at night"'
        first, second = await cards()
        assert (first.desk.hours, second.desk.hours) == (None, "at night")
        assert second.endpoints[0].url == circle.places[0].config.wire.public

    run(scenario())


def test_joining_needs_the_keys_that_were_signed(run: Run[None], tmp_path: Path) -> None:
    """A node without the keys that its opening names cannot join, nor join twice."""
    circle, other = found(tmp_path / "a", 2), found(tmp_path / "b", 2)
    place = circle.places[0]
    keys = place.folder / "keys" / circle.id

    async def scenario() -> None:
        async with place.node() as east:
            keys.rename(tmp_path / "away")
            with pytest.raises(KeysMissing, match="Next: "):
                await east.join(circle.text, circle.join_files)
            shutil.copytree(other.places[0].folder / "keys" / other.id, keys)
            with pytest.raises(KeysMissing, match="Next: "):
                await east.join(circle.text, circle.join_files)
            shutil.rmtree(keys)
            (tmp_path / "away").rename(keys)
            await east.join(circle.text, circle.join_files)
            with pytest.raises(AlreadyJoined):
                await east.join(circle.text, circle.join_files)

    run(scenario())


def restored(circle: Founded, run_first: Path) -> None:
    """Put an older copy of the first place's database back."""
    folder = circle.places[0].folder
    for old in folder.glob("node.sqlite3*"):
        old.unlink()
    shutil.copy(run_first, folder / "node.sqlite3")


def test_an_old_copy_of_the_database_is_not_written(run: Run[None], tmp_path: Path) -> None:
    """A restored database writes nothing in its own log, says what to do, and holds what others write."""
    circle = found(tmp_path, 2)
    copy = tmp_path / "copy"

    async def scenario() -> None:
        async with circle.running() as (east, _):
            line = east.lines[circle.id]
            await confirmed(line, (await line.write([circle.note("First.")])).size)
            with contextlib.closing(sqlite3.connect(circle.places[0].folder / "node.sqlite3")) as database:
                database.execute(f"VACUUM INTO '{copy}'")
            await confirmed(line, (await line.write([circle.note("Second.")])).size)
        restored(circle, copy)
        for _ in range(2):
            await stays_halted()

    async def stays_halted() -> None:
        """Also at the next start, when the marker fits again."""
        async with circle.running() as (east, north):
            line = east.lines[circle.id]
            with pytest.raises(WritesHalted, match="Next: "):
                await line.write([circle.note("Third.")])
            written = await north.lines[circle.id].write([circle.note("Heard?")])
            await confirmed(north.lines[circle.id], written.size)
            assert east.health().status == "failing"

    run(scenario())


def test_stopping_ends_everything(run: Run[None], tmp_path: Path) -> None:
    """A stopped node leaves no task, no socket and no lock behind."""
    circle = found(tmp_path, 2)

    async def scenario() -> None:
        before = asyncio.all_tasks()
        async with circle.running() as (east, _):
            await east.lines[circle.id].write([circle.note("Last words.")])
        assert asyncio.all_tasks() == before
        assert not (circle.places[0].folder / "api.sock").exists()
        async with circle.places[0].node():
            pass

    run(scenario())


def test_logs_hold_no_record_and_no_secret(run: Run[None], tmp_path: Path) -> None:
    """Whatever happens, what is said and what is secret stays out of the log; it is JSON, line by line."""
    circle = found(tmp_path, 2)
    circle.places[0].more = '[log]\nlevel = "debug"'
    secret = (circle.places[0].folder / "keys" / circle.id / "1" / "log.key").read_text().strip()

    async def scenario() -> None:
        async with circle.running() as (east, north):
            line = east.lines[circle.id]
            await confirmed(line, (await line.write([circle.note("Unspeakable.")])).size)
            await north.stop()
            await line.write([circle.note("Unspeakable.")])
            await until(lambda: line.senders["north"].trouble is not None)

    run(scenario())
    printed = circle.places[0].printed.getvalue()
    events = [json.loads(line)["event"] for line in printed.splitlines()]
    assert {"started", "joined", "member-lost", "stopping", "stopped"} <= set(events)
    assert "Unspeakable" not in printed
    assert secret[-40:] not in printed


def test_a_part_that_ends_ends_all_and_says_why(run: Run[None], tmp_path: Path) -> None:
    """A defect in a part of a node ends it: its log says what happened, and its last words what to do."""
    (place, _) = found(tmp_path, 2).places

    async def scenario() -> None:
        node = place.node()
        running = asyncio.ensure_future(node.run())
        await until(lambda: "started" in place.printed.getvalue())
        node._fail(RuntimeError("never seen"))
        with pytest.raises(NodeFailed, match=r"never seen.* Next: run it again"):
            await running

    run(scenario())
    events = [json.loads(line)["event"] for line in place.printed.getvalue().splitlines()]
    assert events == ["started", "failed", "stopping", "stopped"]
