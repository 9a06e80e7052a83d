"""Communication checks at real nodes: they ring, are answered, and outlive starts and a lost index."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.node.alertservers import HookServer
from tests.node.conftest import Run
from tests.node.nodes import Founded, confirmed, found, until
from tests.node.test_alerted import alerts
from tests.node.test_api import in_thread
from tests.node.test_api_cases import client_of, name_of

from tocsin.checks import KEPT, CheckView
from tocsin.core.errors import Refusal
from tocsin.core.records import Check, CheckAnswer, Record, Ref, encode_record, parse_record
from tocsin.core.views import Said
from tocsin.node.api.checks.types import SayCheck, SayCheckAnswer
from tocsin.node.api.types import SayErasure, SayRecord
from tocsin.node.checking.circle import CircleChecks
from tocsin.node.clock import SystemClock
from tocsin.node.node import Node


class TickingClock(SystemClock):
    """The machine's clock, on which no two moments are the same."""

    def __init__(self) -> None:
        super().__init__()
        self._read = 0

    def wall_ms(self) -> int:
        """See Clock."""
        self._read += 1
        return super().wall_ms() + self._read


OFFICER: dict[str, Any] = {"author": "duty", "author_kind": "officer"}


async def say(node: Node, circle: Founded, wish: SayCheck | SayCheckAnswer | SayErasure | SayRecord) -> str:
    """Write something that all others hold then; its name."""
    written = await in_thread(client_of(node).write, circle.id, wish)
    await confirmed(node.lines[circle.id], written.index + 1)
    return name_of(written)


async def shown(node: Node, circle: Founded, name: str) -> CheckView:
    """A check, as a program of that node sees it."""
    view = await in_thread(client_of(node).checks, circle.id)
    return next(one for one in view.checks if str(one.ref) == name)


async def rings(node: Node, circle: Founded) -> list[Ref]:
    """The checks whose bells there are now at a node."""
    bells = node.desk._check_bells
    await bells._look_at(circle.id)
    return [ring.bell.of for ring in bells.rings()]


def test_a_check_rings_and_is_answered(run: Run[None], tmp_path: Path) -> None:
    """At each other desk, until an officer answers; all see how many have, and each how soon it did."""

    async def scenario() -> None:
        async with HookServer().running() as hook:
            circle = found(tmp_path, 3)
            circle.places[1].more = alerts(circle.places[1].folder, hook.port)
            async with circle.running() as (east, north, south):
                wish = SayCheck(**OFFICER, tlp="TLP:GREEN", within_minutes=30, text="Q1\u202e", lang="en")
                asked = await say(east, circle, wish)
                await until(lambda: len(hook.calls) == 1)
                message = json.loads(hook.calls[0][1])
                assert message["lines"][0].startswith("answer the communication check by Desk east, by ")
                assert message["lines"][0].endswith(f', {asked}: "Q1\ufffd"')
                told = message["told"][0]
                assert (told["due"], told["case"], told["of"], told["audience"]) == (
                    "check",
                    asked,
                    asked,
                    "duty",
                )
                assert [str(one) for one in await rings(north, circle)] == [asked]
                assert await rings(east, circle) == []

                answered = await say(north, circle, SayCheckAnswer(**OFFICER, check=asked))
                assert await rings(north, circle) == []
                mine = await shown(north, circle, asked)
                assert (mine.state, str(mine.answer), mine.answered, mine.asked) == (
                    "answered",
                    answered,
                    1,
                    2,
                )
                record = north.desk.casework[circle.id].said(north.desk.casework[circle.id].ref(answered))
                assert record is not None
                assert isinstance(record.record, CheckAnswer)
                assert record.record.received_at_ms == mine.came_ms
                assert mine.response_ms == record.record.at_ms - mine.came_ms

                for other, state in ((east, "own"), (south, "waiting")):
                    theirs = await shown(other, circle, asked)
                    assert (theirs.state, theirs.answered, theirs.answer) == (state, 1, None)
                    assert (theirs.response_ms, theirs.unconfirmed) == (None, ())
                view = await in_thread(client_of(south).checks, circle.id)
                assert (view.others, view.circle_median_ms, view.own_median_ms) == (1, None, None)

    run(scenario())


@pytest.mark.parametrize(("later_ms", "known"), [(0, True), (60_000, False)])
def test_a_check_is_answered_in_the_moment_it_came(
    run: Run[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, later_ms: int, known: bool
) -> None:
    """Its answer is never before it: when it came is not said where our clock was set back since."""

    async def scenario() -> None:
        circle = found(tmp_path, 2)
        clocks = [TickingClock(), TickingClock()]
        for place, clock in zip(circle.places, clocks, strict=True):
            place.clock = clock
        monkeypatch.setattr(CircleChecks, "came_ms", lambda *_: clocks[1].wall_ms() + later_ms)
        async with circle.running() as (east, north):
            asked = await say(east, circle, SayCheck(**OFFICER, tlp="TLP:GREEN"))
            answered = await say(north, circle, SayCheckAnswer(**OFFICER, check=asked))
            casework = north.desk.casework[circle.id]
            said = casework.said(casework.ref(answered))
            assert said is not None
            assert isinstance(said.record, CheckAnswer)
            assert (said.record.received_at_ms is not None) == known

    run(scenario())


def test_it_is_known_after_a_start(run: Run[None], tmp_path: Path) -> None:
    """What came when, and what is answered; of an index that is made anew, no longer when it came."""

    async def scenario() -> None:
        circle = found(tmp_path)
        async with circle.running() as (east, north):
            first = await say(east, circle, SayCheck(**OFFICER))
            await say(north, circle, SayCheckAnswer(**OFFICER, check=first))
            before = [await shown(node, circle, first) for node in (east, north)]
            last = await say(east, circle, SayCheck(**OFFICER))
            came_ms = (await shown(north, circle, last)).came_ms
        async with circle.running() as (east, north):
            assert [await shown(node, circle, first) for node in (east, north)] == before
            assert (await shown(north, circle, last)).came_ms == came_ms
        north.folder.index.unlink()
        async with circle.running() as (east, north):
            again = await shown(north, circle, last)
            assert (again.came_ms, again.state) == (again.record.at_ms, "waiting")
            answered = await say(north, circle, SayCheckAnswer(**OFFICER, check=last))
            mine = await shown(north, circle, last)
            assert (str(mine.answer), mine.response_ms) == (answered, None)
            assert (await shown(north, circle, first)).response_ms == before[1].response_ms

    run(scenario())


def test_what_is_erased_is_not_there(run: Run[None], tmp_path: Path) -> None:
    """A check whose answer was erased waits again; with the check, its answers count for nothing."""

    async def scenario() -> None:
        circle = found(tmp_path)
        async with circle.running() as (east, north):
            asked = await say(east, circle, SayCheck(**OFFICER))
            answered = await say(north, circle, SayCheckAnswer(**OFFICER, check=asked))
            assert (await shown(north, circle, asked)).state == "answered"
            order = {**OFFICER, "lang": "en", "reason": "A slip.", "ordered_by": "Duty"}
            await say(north, circle, SayErasure(**order, indices=(int(answered.rpartition(".")[2]),)))
            while (await shown(north, circle, asked)).state != "waiting":  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
            await say(east, circle, SayErasure(**order, indices=(int(asked.rpartition(".")[2]),)))
            while (await in_thread(client_of(north).checks, circle.id)).checks:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            assert await rings(north, circle) == []

    run(scenario())


def test_what_only_grew_is_not_read_again(
    run: Run[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what is here, only what has come since is read; once something was erased, all of it."""
    read: list[int] = []

    async def scenario() -> None:
        circle = found(tmp_path)
        async with circle.running() as (east, north):
            asked = await say(east, circle, SayCheck(**OFFICER))
            answered = await say(north, circle, SayCheckAnswer(**OFFICER, check=asked))
            # Not the desk's own, at which its bells look.
            line, casework = north.lines[circle.id], north.desk.casework[circle.id]
            checks = CircleChecks(line, casework, north.store, north.clock)
            before, at = await checks.view(), checks._sayings.at

            def noted(log: str, index: int) -> Said[Record] | None:
                read.append(index)
                return at(log, index)

            monkeypatch.setattr(checks._sayings, "at", noted)
            assert (await checks.view()).checks == before.checks
            assert read == []

            last = await say(east, circle, SayCheck(**OFFICER))
            read.clear()
            assert len((await checks.view()).checks) == 2
            assert read == [int(last.rpartition(".")[2])]

            order = {**OFFICER, "lang": "en", "reason": "A slip.", "ordered_by": "Duty"}
            await say(north, circle, SayErasure(**order, indices=(int(answered.rpartition(".")[2]),)))
            change = north.store.newest_change
            await until(lambda: change() > 0)
            read.clear()
            assert [one.state for one in (await checks.view()).checks] == ["waiting", "waiting"]
            assert len(read) >= 2

    run(scenario())


def test_a_flood_shows_and_rings_little(run: Run[None], tmp_path: Path) -> None:
    """A member that writes thousands of checks rings once; answers to nothing change nothing."""

    async def scenario() -> None:
        circle = found(tmp_path)
        async with circle.running() as (east, north):
            line = east.lines[circle.id]
            first = await say(east, circle, SayCheck(**OFFICER))
            assert [str(one) for one in await rings(north, circle)] == [first]
            common = {**OFFICER, "circle": circle.id, "at_ms": 1, "tlp": "TLP:GREEN"}
            for _ in range(3):
                written = await line.write([encode_record(Check(**common, within_minutes=9))] * 100)
            nothing = replace(east.desk.casework[circle.id].ref(first), index=2**40)
            answers = [encode_record(CheckAnswer(**common, check=nothing))] * 100
            written = await line.write(answers)
            await confirmed(line, written.size)

            assert await rings(north, circle) == []
            view = await in_thread(client_of(north).checks, circle.id)
            assert len(view.checks) == KEPT
            assert all(one.quiet for one in view.checks)
            assert view.others == 0

    run(scenario())


def test_the_node_writes_no_answer_that_counts_for_nothing(run: Run[None], tmp_path: Path) -> None:
    """To no check, to its own, by a machine; drafted or signed elsewhere, it is the same."""

    async def scenario() -> None:
        circle = found(tmp_path)
        async with circle.running() as (east, north):
            asked = await say(east, circle, SayCheck(**OFFICER))
            client = client_of(east)
            for name, code in (
                ("north.1.99", "unknown-record"),
                (asked, "wrong-kind"),
                ("north.1.1", "wrong-kind"),
            ):
                for write in (client.write, client.draft):
                    with pytest.raises(Refusal) as refused:
                        await in_thread(write, circle.id, SayCheckAnswer(**OFFICER, check=name))
                    assert refused.value.code == code
            drafted = await in_thread(
                client_of(north).draft, circle.id, SayCheckAnswer(**OFFICER, check=asked)
            )
            answer = parse_record(drafted).record
            assert isinstance(answer, CheckAnswer)
            own = encode_record(replace(answer, check=east.desk.casework[circle.id].ref("north.1.1")))
            with pytest.raises(Refusal) as refused:
                await in_thread(client_of(north).write, circle.id, SayRecord(record=own))
            assert refused.value.code == "wrong-kind"
            await say(north, circle, SayRecord(record=drafted))
            assert (await shown(north, circle, asked)).state == "answered"

    run(scenario())


def test_the_charters_time_is_the_usual(run: Run[None], tmp_path: Path) -> None:
    """Without another, a check is to be answered within the time to acknowledge a report."""

    async def scenario() -> None:
        circle = found(tmp_path)
        async with circle.running("east") as (east,):
            asked = name_of(await in_thread(client_of(east).write, circle.id, SayCheck(**OFFICER)))
            check = await shown(east, circle, asked)
            clocks = east.lines[circle.id].circle.charter.clocks
            assert check.record.within_minutes == clocks.acknowledge_within_minutes
            assert check.unconfirmed == ("north",)

    run(scenario())
