"""Alerts of real nodes: a record that one writes rings at the other."""

import asyncio
import json
from pathlib import Path

from tests.node.alertservers import HookServer
from tests.node.conftest import Run
from tests.node.nodes import Founded, confirmed, found, free_port, until

from tocsin.cases.delivery import delivery
from tocsin.core.records import Acknowledgement, Ask, Ref, Report, Source, encode_record
from tocsin.node.alerting.desks import Desks
from tocsin.node.node import Node


def alerts(folder: Path, port: int) -> str:
    """A webhook, as the configuration has it."""
    secret = folder / "hook.secret"
    secret.parent.mkdir(parents=True, exist_ok=True)
    secret.write_text("s" * 32)
    secret.chmod(0o600)
    return f"""
        hours = "00:00-24:00 Asia/Seoul"
        [[alerts]]
        kind = "webhook"
        name = "hook"
        url = "http://127.0.0.1:{port}/"
        secret_file = "{secret}"
        max_tlp = "TLP:GREEN"
        unsafe_loopback = true
    """


def common(circle: Founded, node: Node, tlp: str = "TLP:GREEN") -> dict[str, object]:
    """What every record has."""
    return {
        "circle": circle.id,
        "at_ms": node.clock.wall_ms(),
        "author": "duty",
        "author_kind": "officer",
        "tlp": tlp,
    }


async def write(node: Node, circle: Founded, record: Report | Ask | Acknowledgement) -> Ref:
    """Write a record, and wait until all others hold it."""
    line = node.lines[circle.id]
    written = await line.write([encode_record(record)])
    await confirmed(line, written.size)
    return node.desk.casework[circle.id].ref(f"{line.own.member.slug}.1.{written.size - 1}")


def test_an_ask_rings_at_the_other_until_an_officer_is_aware(run: Run[None], tmp_path: Path) -> None:
    """The other's people are called for it; what they may not be told stays; once they are aware, no more."""

    async def scenario() -> None:
        async with HookServer().running() as hook:
            circle = found(tmp_path)
            circle.places[1].more = alerts(circle.places[1].folder, hook.port)
            async with circle.running() as (east, north):
                report = Report(
                    **common(circle, east),  # type: ignore[arg-type]
                    summary="Bridge\u202e closed",
                    lang="en",
                    sources=(Source(kind="website", locator="https://e.example/1", obtained="published"),),
                )
                case = await write(east, circle, report)
                await until(lambda: len(hook.calls) == 1)
                message = json.loads(hook.calls[0][1])
                assert message["told"][0]["case"] == str(case)
                assert message["lines"][0].startswith("acknowledge the report by Desk east, by ")
                assert message["lines"][0].endswith('"Bridge\ufffd closed"')

                aware = Acknowledgement(**common(circle, north), case=case, of=(case,))  # type: ignore[arg-type]
                await write(north, circle, aware)
                secret = Ask(**common(circle, east, "TLP:AMBER"), case=case, questions=("seen",))  # type: ignore[arg-type]
                await write(east, circle, secret)
                await until(lambda: len(hook.calls) == 2)
                message = json.loads(hook.calls[1][1])
                assert message["lines"] == ["something at TLP:AMBER waits for you at Desk north"]
                assert message["told"] == []

                casework = east.desk.casework[circle.id]
                told = delivery(
                    await casework.view(case),
                    await casework.holdings(case),
                    casework.knowledge(),
                    casework.terms,
                    hours=Desks(east.store).hours(east.lines[circle.id].circle),
                    now_ms=east.clock.wall_ms(),
                )
                opening = told.records[0]
                assert (opening.held_by, [one.member for one in opening.aware]) == (1, ["north"])
                assert {(due.due, due.state) for due in told.dues} == {
                    ("acknowledgement", "done"),
                    ("acknowledgement", "open"),
                    ("answer", "open"),
                }

    run(scenario())


def test_a_new_start_does_not_ring_twice(run: Run[None], tmp_path: Path) -> None:
    """What went out is remembered with everything else, and waits for its next moment."""

    async def scenario() -> None:
        async with HookServer().running() as hook:
            circle = found(tmp_path)
            circle.places[1].more = alerts(circle.places[1].folder, hook.port)
            async with circle.running() as (east, _):
                report = Report(
                    **common(circle, east),  # type: ignore[arg-type]
                    sources=(Source(kind="website", locator="https://e.example/1", obtained="published"),),
                )
                await write(east, circle, report)
                await until(lambda: len(hook.calls) == 1)
            async with circle.running("north") as (north,):
                await until(lambda: north.desk.alerts._alerting.watch.whole)
                await asyncio.sleep(0.5)
            assert len(hook.calls) == 1

    run(scenario())


def test_alerts_that_do_not_go_out_are_no_health(run: Run[None], tmp_path: Path) -> None:
    """As long as the last one did not go out, health says so, and what to do."""

    async def scenario() -> None:
        circle = found(tmp_path)
        circle.places[1].more = alerts(circle.places[1].folder, free_port())
        async with circle.running() as (east, north):
            assert north.health().status == "ok"
            report = Report(
                **common(circle, east),  # type: ignore[arg-type]
                sources=(Source(kind="website", locator="https://e.example/1", obtained="published"),),
            )
            await write(east, circle, report)
            await until(lambda: north.health().status == "degraded")
            (trouble,) = north.health().troubles
            assert trouble.code == "alert-failed"
            assert trouble.explanation.endswith("Next: `tocsin alert test hook`.")

    run(scenario())


def test_hours_that_are_words_are_told_to_the_operator(run: Run[None], tmp_path: Path) -> None:
    """The desk counts as always on duty then; the node's log says so when it starts."""

    async def scenario() -> None:
        circle = found(tmp_path)
        circle.places[0].more = 'hours = "office hours"'
        async with circle.running("east"):
            assert "hours-not-understood" in circle.places[0].printed.getvalue()

    run(scenario())
