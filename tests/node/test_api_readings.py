"""Readings through the machine API, at real nodes."""

import asyncio
import json
import math
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from tests.node.casebook import source
from tests.node.conftest import Run
from tests.node.nodes import found
from tests.node.readers import SENSOR, Readers, cites, ended
from tests.node.test_api import exchange, in_thread
from tests.node.test_api_cases import client_of
from tests.node.test_casework import say

from tocsin.core.records import Actor, Ask, Probability, Source, Withdrawal
from tocsin.node.api.readings.types import CaseReadings
from tocsin.node.api.types import Problem
from tocsin.node.node import Node

HOSTILE = "\x1b[2J\u202eCNN\u2066 is right"

encode = msgspec.json.Encoder(order="deterministic").encode


async def given(node: Node, circle: str, case: object) -> CaseReadings:
    """What a node gives of a case, once it has learned of all others."""
    client = client_of(node)
    while (await in_thread(client.scores, circle)).learning:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.005)
    return await in_thread(client.readings, circle, str(case))


def test_what_is_common_and_what_is_private(run: Run[None], tmp_path: Path) -> None:
    """All nodes give the same bytes as common; what one learned, it gives beside them, marked as private."""
    circle = found(tmp_path, 3)

    async def scenario() -> None:
        async with circle.running() as nodes:
            east, north, south = nodes
            book = Readers(circle.id)
            for number in range(3):
                await ended(nodes, circle, book, number, north="accident", south="attack")
            case = await say(east, circle, book.report("Smoke."))
            await say(north, circle, book.reading(case, "accident", 900, sources=(source(1),)))
            await say(south, circle, book.reading(case, "attack", 700, sources=(SENSOR,)))
            answers = [await given(node, circle.id, case) for node in nodes]

            assert len({encode(one.common) for one in answers}) == 1
            private = answers[0].private
            assert private is not None
            assert private.cases == 3
            assert private.weights["north"] < 1_000
            assert private.view.kinds != answers[0].common.view.kinds
            status, body = await in_thread(
                exchange, east, "GET", f"/v1/circles/{circle.id}/cases/{case}/readings"
            )
            answer = json.loads(body)
            assert status == 200
            assert set(answer) == {"common", "private", "unread"}
            assert "weights" not in json.dumps(answer["common"])

    run(scenario())


def test_what_is_told_of_readings(run: Run[None], tmp_path: Path) -> None:
    """Sources by number, with who saw and reads them; who did it by whom, and merged nowhere."""
    circle = found(tmp_path, 3)

    async def scenario() -> None:
        async with circle.running() as (east, north, south):
            book = Readers(circle.id)
            case = await say(east, circle, book.report("Smoke."))
            supposed = await say(south, circle, book.hypothesis(case, HOSTILE))
            one = (Actor(name=HOSTILE, permille=300),)
            other = (Actor(name="Nobody at all", permille=900),)
            own = (source(0),)
            await say(east, circle, book.reading(case, "attack", 900, sources=own, who=one))
            await say(north, circle, book.reading(case, "attack", 900, sources=(SENSOR,), who=other))
            alike = (await given(south, circle.id, case)).common
            await say(south, circle, book.reading(case, "accident", 800))
            common = (await given(south, circle.id, case)).common

            assert alike.view.what == "attack"
            assert [(two.source, two.member) for two in alike.view.standing] == [(0, "east"), (1, "north")]
            assert [(read.member, read.sources, read.own, read.others) for read in common.readings] == [
                ("east", (0,), (0,), 0),
                ("north", (1,), (1,), 0),
                ("south", (0,), (), 1),
            ]
            assert [of.witnesses for of in common.sources] == [("east",), ("north",)]
            assert [of.readers for of in common.view.sources] == [("east",), ("north",)]
            assert [of.repeaters for of in common.view.sources] == [("south",), ()]
            assert not common.view.sources[0].disputed
            assert [(of.member, of.who) for of in common.responsible] == [("east", one), ("north", other)]
            assert [(of.ref, of.text) for of in common.hypotheses] == [(supposed, HOSTILE)]
            assert common.turning == tuple(x for x in common.view.without if x.what != common.view.what)
            assert "Nobody at all" not in encode(common.view).decode()
            assert len(common.course) == 4

    run(scenario())


def test_on_whose_word_a_result_is_held_back(run: Run[None], tmp_path: Path) -> None:
    """One witness is no two: who is there is told, so that people see who is missing."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            book = Readers(circle.id)
            case = await say(east, circle, book.report("Smoke.", sources=(SENSOR, source(1))))
            await say(east, circle, book.reading(case, "attack", 1_000, sources=(SENSOR, source(1))))
            await say(north, circle, book.reading(case, "attack", 990))
            common = (await given(north, circle.id, case)).common

            assert (common.view.what, common.view.held_back) == ("undetermined", True)
            assert {one.member for one in common.view.standing} == {"east"}

    run(scenario())


def test_who_repeats_lifts_nothing(run: Run[None], tmp_path: Path) -> None:
    """Two who saw it and leave nearly all open, and one who is sure by their records: as if it were not."""
    circle = found(tmp_path, 3)

    async def scenario() -> None:
        async with circle.running() as (east, north, south):
            book = Readers(circle.id)
            case = await say(east, circle, book.report("Smoke.", sources=(source(1),)))
            await say(east, circle, book.reading(case, "attack", 30, sources=(source(1),)))
            seen = await say(north, circle, book.report(case=case, sources=(SENSOR,)))
            await say(north, circle, book.reading(case, "attack", 30, sources=(SENSOR,)))
            before = (await given(south, circle.id, case)).common
            await say(south, circle, book.reading(case, "attack", 950, sources=(cites(case), cites(seen))))
            common = (await given(south, circle.id, case)).common

            assert [(read.own, read.others) for read in common.readings] == [((0,), 0), ((1,), 0), ((), 2)]
            assert common.view.kinds == before.view.kinds
            assert (common.view.what, common.view.held_back) == ("undetermined", False)
            assert [two.member for two in common.view.standing] == ["east", "north"]

    run(scenario())


def test_what_members_wrote_stands_there_whole(run: Run[None], tmp_path: Path) -> None:
    """A reading's text and which of its hypotheses count as undetermined, a ground truth's sources."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            book = Readers(circle.id)
            case = await say(east, circle, book.report("Smoke."))
            supposed = await say(north, circle, book.hypothesis(case, HOSTILE))
            of = (Probability(permille=900, hypothesis=supposed), Probability(permille=100, what="attack"))
            read_so = book.reading(case, probabilities=of[::-1], text=HOSTILE, lang="en")
            await say(east, circle, read_so)
            await say(north, circle, book.reading(case))
            one, other = (await given(north, circle.id, case)).common.readings
            assert [(read.text, read.lang, read.as_undetermined) for read in (one, other)] == [
                (HOSTILE, "en", ()),
                (None, None, ()),
            ]

            withdrawal = Withdrawal(**book._common(), case=case, of=(supposed,), reason="mistaken")
            await say(north, circle, withdrawal)
            await say(east, circle, book.closing(case))
            await say(east, circle, replace(book.truth(case), sources=(SENSOR,)))
            await say(north, circle, book.closing(case))
            await say(north, circle, book.truth(case))
            common = (await given(north, circle.id, case)).common
            assert [read.as_undetermined for read in common.readings] == [(supposed,), ()]
            assert [truth.sources for truth in common.truths] == [(SENSOR,), ()]

    run(scenario())


def test_the_end_of_a_case(run: Run[None], tmp_path: Path) -> None:
    """What it was is told, and that members differ on it."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as nodes:
            book = Readers(circle.id)
            case = await ended(list(nodes), circle, book, 1, north="attack")
            common = (await given(nodes[0], circle.id, case)).common
            assert (common.truth, common.contested, common.closed) == ("attack", False, True)
            await say(nodes[1], circle, book.closing(case))
            await say(nodes[1], circle, book.truth(case, "misuse"))
            common = (await given(nodes[0], circle.id, case)).common
            assert (common.truth, common.contested) == (None, True)
            assert [(one.member, one.what) for one in common.truths] == [
                ("east", "attack"),
                ("north", "misuse"),
            ]
            assert (await in_thread(client_of(nodes[0]).questions, circle.id, str(case))).questions == ()

    run(scenario())


def test_the_next_questions(run: Run[None], tmp_path: Path) -> None:
    """They are to others, shared no further than what cites the source, and nothing is written for them."""
    circle = found(tmp_path, 3)

    async def scenario() -> None:
        async with circle.running() as (east, north, _):
            book = Readers(circle.id)
            report = book.report("Smoke.", sources=(SENSOR, source(1)))
            case = await say(east, circle, replace(report, tlp="TLP:AMBER"))
            await say(north, circle, book.reading(case, "attack", 700, sources=(source(1),)))
            size = north.lines[circle.id].own.size
            found_ = await in_thread(client_of(north).questions, circle.id, str(case))

            assert found_.case == case
            first = found_.questions[0]
            assert first.question.member == "east"
            assert first.tlp == "TLP:AMBER"
            assert first.source.citations == (SENSOR,)
            assert "camera 7" in first.wording.text
            assert {one.question.member for one in found_.questions} <= {"east", "south"}
            gains = [one.question.gain_millibits for one in found_.questions]
            assert gains == sorted(gains, reverse=True)
            assert north.lines[circle.id].own.size == size

            ask = Ask(
                **book._common(),
                case=case,
                questions=("other",),
                to=("east",),
                text=first.wording.text,
                lang="en",
            )
            await say(north, circle, ask)
            again = await in_thread(client_of(north).questions, circle.id, str(case))
            assert ("east", first.question.source) not in {
                (one.question.member, one.question.source) for one in again.questions
            }

    run(scenario())


def test_what_we_saw_and_have_not_read(run: Run[None], tmp_path: Path) -> None:
    """Each node is told its own: what it cites itself, until a reading of its stands, or none would count."""
    circle = found(tmp_path, 3)

    async def scenario() -> None:
        async with circle.running() as nodes:
            east, north, south = nodes

            async def unread() -> list[tuple[Source, ...]]:
                return [(await given(node, circle.id, case)).unread for node in nodes]

            book = Readers(circle.id)
            case = await say(east, circle, book.report("Smoke.", sources=(SENSOR, source(1))))
            await say(north, circle, book.report(case=case, sources=(cites(case),)))
            own = await say(south, circle, book.report(case=case, sources=(source(2), cites(case))))
            assert await unread() == [(SENSOR, source(1)), (), (source(2),)]
            read = await say(east, circle, book.reading(case, "attack", 700))
            assert await unread() == [(), (), (source(2),)]

            withdrawal = Withdrawal(**book._common(), case=case, of=(read,), reason="mistaken")
            await say(east, circle, withdrawal)
            withdrawal = Withdrawal(**book._common(), case=case, of=(own,), reason="mistaken")
            await say(south, circle, withdrawal)
            assert await unread() == [(SENSOR, source(1)), (), ()]
            await say(south, circle, book.report(case=case, sources=(source(2),)))
            await say(south, circle, book.closing(case))
            assert await unread() == [(SENSOR, source(1)), (), ()]
            await say(east, circle, book.closing(case))
            assert await unread() == [(), (), ()]

    run(scenario())


def test_scores_have_what_to_be_compared_with(run: Run[None], tmp_path: Path) -> None:
    """Also where nothing is scored yet: what it costs to hold five kinds equally likely, always."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            status, body = await in_thread(exchange, east, "GET", f"/v1/circles/{circle.id}/scores")
            answer = json.loads(body)
            assert (status, answer["own"]) == (200, None)
            assert answer["baseline"] == {
                "brier": pytest.approx(4 * 0.2**2 + 0.8**2),
                "log_score": pytest.approx(math.log(5)),
                "hits": pytest.approx(1 / 5),
            }

    run(scenario())


@pytest.mark.parametrize("part", ["readings", "readings/questions"])
def test_what_is_no_case(run: Run[None], tmp_path: Path, part: str) -> None:
    """It is refused as what it is, and so is what is no circle here."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            for id_, case, refused in (
                (circle.id, "east.1.99", (404, "unknown-record")),
                (circle.id, "%1b%5b2J", (404, "unknown-record")),
                ("0" * 64, "east.1.1", (404, "no-such-circle")),
            ):
                target = f"/v1/circles/{id_}/cases/{case}/{part}"
                status, body = await in_thread(exchange, east, "GET", target)
                assert (status, msgspec.json.decode(body, type=Problem).code) == refused
            status, body = await in_thread(exchange, east, "GET", f"/v1/circles/{'0' * 64}/scores")
            assert msgspec.json.decode(body, type=Problem).code == "no-such-circle"

    run(scenario())
