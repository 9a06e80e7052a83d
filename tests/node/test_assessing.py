"""What nodes make of a case's readings: the same at all of them, and apart from that what each learned."""

import asyncio
import threading
from base64 import b64decode
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from tests.node.casebook import source
from tests.node.conftest import Run
from tests.node.nodes import found, until
from tests.node.readers import SENSOR, Readers, ended
from tests.node.test_casework import ref_of, say

from tocsin.cases.picture import Case
from tocsin.core.records import Actor, Ref, encode_record
from tocsin.core.records.errors import UnknownCase
from tocsin.core.views import Evidence
from tocsin.node.casework.assessing import learning
from tocsin.node.casework.assessing.assessment import Assessed, Assessment
from tocsin.node.casework.assessing.learning import Scored
from tocsin.node.casework.assessing.lessons import lesson_of, private_view_of
from tocsin.node.casework.casework import Casework
from tocsin.node.node import Node
from tocsin.readings.overlay import Outcome, PrivateView
from tocsin.readings.scoring import Forecast, Scores, scores

encode = msgspec.json.Encoder(order="deterministic").encode


def casework_at(node: Node) -> Casework:
    """Its cases, in its only circle."""
    (casework,) = node.desk.casework.values()
    return casework


async def learned(casework: Casework) -> Scored:
    """The scores, once it has learned of all that is there."""
    while (scored := await casework.scores()).learning:  # noqa: ASYNC110 - what it waits for tells nobody
        await asyncio.sleep(0.005)
    return scored


def test_all_nodes_see_the_same(run: Run[None], tmp_path: Path) -> None:
    """Whoever has the same records has the same common view with the same course, byte for byte."""
    circle = found(tmp_path, 3)

    async def scenario() -> None:
        async with circle.running() as (east, north, south):
            book = Readers(circle.id)
            case = await say(east, circle, book.report("Smoke.", sources=(source(1), source(2))))
            supposed = await say(south, circle, book.hypothesis(case, "A stolen key."))
            who = (Actor(name="Harbour Thieves", permille=300),)
            await say(east, circle, book.reading(case, "attack", 700, who=who))
            await say(north, circle, book.reading(case, "attack", 800, sources=(SENSOR,)))
            await say(south, circle, book.reading(case, "accident", 600))
            assessments = [await casework_at(node).assessment(case) for node in (east, north, south)]
            again = await casework_at(east).assessment(case)
            casework_at(east).lost()
            anew = await casework_at(east).assessment(case)

            first = assessments[0]
            assert again is first
            assert {encode(one) for one in (*assessments, anew)} == {encode(first)}
            assert len(first.evidence.readings) == 3
            assert first.course[0].ref == supposed
            assert len(first.course) == 4
            assert first.course[-1].kinds == first.view.kinds
            assert b"Harbour" not in encode(first.view)

    run(scenario())


def test_a_withdrawn_reading_undoes_its_effect(run: Run[None], tmp_path: Path) -> None:
    """The view is what it was before it, and the course has both steps."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            book, casework = Readers(circle.id), casework_at(north)
            case = await say(east, circle, book.report("Smoke."))
            await say(east, circle, book.reading(case, "attack", 800))
            before = await casework.assessment(case)
            wrong = await say(north, circle, book.reading(case, "accident", 900, sources=(SENSOR,)))
            between = await casework.assessment(case)
            withdrawal = await say(north, circle, book.withdrawal(case, wrong))
            after = await casework.assessment(case)

            assert encode(after.view) == encode(before.view)
            assert encode(between.view) != encode(before.view)
            assert [one.ref for one in after.course[1:]] == [wrong, withdrawal]
            assert [one.kinds for one in after.course] == [one.view.kinds for one in (before, between, after)]

    run(scenario())


def test_a_case_that_nobody_reads(run: Run[None], tmp_path: Path) -> None:
    """It is undetermined, on nobody's word; and what is no case is refused."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, _):
            casework = casework_at(east)
            case = await say(east, circle, Readers(circle.id).report("Smoke."))
            assessment = await casework.assessment(case)

            assert assessment.view.what == "undetermined"
            assert (assessment.view.readings, assessment.course, assessment.earlier) == (0, (), 0)
            assert await casework.private_view(case) is None
            assert await casework.questions(case) == ()
            with pytest.raises(UnknownCase):
                await casework.assessment(ref_of(east, east.lines[circle.id], 0))

    run(scenario())


def test_what_a_node_learned_stays_in_it(run: Run[None], tmp_path: Path) -> None:
    """Who was often wrong counts less in its private view: no common view, and no other node, shows it."""
    circle = found(tmp_path, 3)

    async def scenario() -> None:
        async with circle.running() as nodes:
            east, north, south = nodes
            book, casework = Readers(circle.id), casework_at(east)
            case = await say(east, circle, book.report("Smoke."))
            await say(north, circle, book.reading(case, "accident", 900, sources=(SENSOR,)))
            await say(south, circle, book.reading(case, "attack", 700, sources=(source(1),)))
            unlearned = encode(await casework.assessment(case))
            assert await casework.private_view(case) is None
            for number in range(3):
                await ended(nodes, circle, book, number, north="accident", south="attack")
            scored = await learned(casework)
            casework.lost()
            sizes = [node.lines[circle.id].own.size for node in nodes]

            private = await casework.private_view(case)

            assert private is not None
            assert private.overlay.weights["north"] < private.overlay.weights["south"] == 1_000
            assert private.view.kinds != (await casework.assessment(case)).view.kinds
            assert {encode(await casework_at(node).assessment(case)) for node in nodes} == {unlearned}
            assert b"weights" not in unlearned
            assert (scored.cases, scored.own) == (3, None)
            assert [node.lines[circle.id].own.size for node in nodes] == sizes

    run(scenario())


@pytest.mark.parametrize("large", [1, 200])
def test_scores_are_of_ones_own_readings_and_of_all_together(
    run: Run[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    """Each organisation scores itself and the common view; where members differ on what it was, nobody."""
    monkeypatch.setattr(learning, "_LARGE", large)
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as nodes:
            east, north = nodes
            book = Readers(circle.id)
            assert (await learned(casework_at(east))).merged is None
            await ended(nodes, circle, book, 1, east="attack", north="accident")
            contested = await ended(nodes, circle, book, 2, east="attack", north="accident")
            await say(north, circle, book.closing(contested))
            other = await say(north, circle, book.truth(contested, "misuse"))
            await say(east, circle, book.report("Still open."))
            ours, theirs = [await learned(casework_at(node)) for node in nodes]

            assert ours.own is not None
            assert theirs.own is not None
            assert (ours.own.count, ours.own.hits) == (1, 1.0)
            assert (theirs.own.count, theirs.own.hits) == (1, 0.0)
            assert ours.merged == theirs.merged
            assert ours.cases == theirs.cases == 1

            await say(north, circle, book.withdrawal(contested, other))
            assert (await learned(casework_at(east))).cases == 2

    run(scenario())


def test_scores_are_made_once_until_lessons_change(
    run: Run[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks again gets the same; what changes nothing of what was learned changes no score."""
    circle, made = found(tmp_path), []

    def counted(forecasts: list[Forecast]) -> Scores:
        made.append(len(forecasts))
        return scores(forecasts)

    monkeypatch.setattr(learning, "scores", counted)

    async def scenario() -> None:
        async with circle.running() as nodes:
            book, casework = Readers(circle.id), casework_at(nodes[0])
            case = await ended(nodes, circle, book, 1, north="attack")
            first = await learned(casework)
            made.clear()
            await say(nodes[1], circle, book.acknowledgement(case, case))
            assert {id((await learned(casework)).merged) for _ in range(3)} == {id(first.merged)}
            assert made == []
            await ended(nodes, circle, book, 2, north="attack")
            assert (await learned(casework)).merged != first.merged
            assert made[-1] == 2

    run(scenario())


def test_a_private_view_is_made_once_until_lessons_change(
    run: Run[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It, and what it weighs by, are made in a thread, once for a picture and what was learned."""
    circle = found(tmp_path)
    made: list[tuple[threading.Thread, int]] = []

    def counted(evidence: Evidence, taught: Sequence[Sequence[Outcome]]) -> PrivateView | None:
        made.append((threading.current_thread(), len(taught)))
        return private_view_of(evidence, taught)

    monkeypatch.setattr("tocsin.node.casework.casework.private_view_of", counted)

    async def scenario() -> None:
        async with circle.running() as nodes:
            book, casework = Readers(circle.id), casework_at(nodes[0])
            await ended(nodes, circle, book, 1, north="accident")
            case = await say(nodes[0], circle, book.report("Smoke."))
            await say(nodes[1], circle, book.reading(case, "accident", 900))
            await learned(casework)
            asked = await asyncio.gather(*(casework.private_view(case) for _ in range(3)))
            assert asked[0] is not None
            assert {id(one) for one in asked} == {id(asked[0])}
            assert [count for _, count in made] == [1]
            assert made[0][0] is not threading.main_thread()

            await ended(nodes, circle, book, 2, north="accident")
            await learned(casework)
            again = await casework.private_view(case)
            assert again is not None
            assert again.overlay != asked[0].overlay
            await say(nodes[0], circle, book.acknowledgement(case, case))
            await casework.private_view(case)
            assert [count for _, count in made] == [1, 2, 2]

    run(scenario())


def test_what_somebody_read_is_learned_in_a_thread(
    run: Run[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To put readings together takes long, however few records there are; to find none does not."""
    circle = found(tmp_path)
    threads: dict[Ref, threading.Thread] = {}

    def noted(case: Case, *of: object) -> object:
        threads[case.ref] = threading.current_thread()
        return lesson_of(case, *of)  # type: ignore[arg-type]

    monkeypatch.setattr("tocsin.node.casework.assessing.learning.lesson_of", noted)

    async def scenario() -> None:
        async with circle.running() as nodes:
            book, casework = Readers(circle.id), casework_at(nodes[0])
            unread = await ended(nodes, circle, book, 1)
            read = await ended(nodes, circle, book, 2, north="attack")
            await learned(casework)
            assert threads[unread] is threading.main_thread()
            assert threads[read] is not threading.main_thread()

    run(scenario())


@pytest.mark.parametrize("change", ["anything", "a record"])
def test_what_changes_while_it_is_first_read_is_read_again(
    run: Run[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """What is being learned of a case for the first time is old as soon as the case is otherwise."""
    circle = found(tmp_path)
    begun, going_on = threading.Event(), threading.Event()
    is_changed = False
    knew = []

    def slow(case: Case, *of: object) -> object:
        knew.append(is_changed)
        begun.set()
        assert going_on.wait(10)
        return lesson_of(case, *of)  # type: ignore[arg-type]

    async def scenario() -> None:
        nonlocal is_changed
        async with circle.running() as nodes:
            book, casework = Readers(circle.id), casework_at(nodes[0])
            monkeypatch.setattr("tocsin.node.casework.assessing.learning.lesson_of", slow)
            case = await say(nodes[0], circle, book.report("Smoke."))
            await say(nodes[0], circle, book.reading(case))
            await say(nodes[0], circle, book.closing(case))
            await until(begun.is_set)
            is_changed = True
            if change == "anything":
                casework.learning.forget()
            else:
                casework.learning.noted(b64decode(case.entry), "reading")
            going_on.set()
            await learned(casework)
            assert knew[-1]

    run(scenario())


def test_a_case_teaches_nothing_about_itself(run: Run[None], tmp_path: Path) -> None:
    """Its private view is by what was learned of all others: nobody forecasts what it knows."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as nodes:
            casework = casework_at(nodes[0])
            case = await ended(nodes, circle, Readers(circle.id), 1, north="accident")
            other = await say(nodes[0], circle, Readers(circle.id).report("Another."))
            await learned(casework)

            assert casework.learning.taught(case) == []
            assert [[one.member for one in taught] for taught in casework.learning.taught(other)] == [
                ["north"]
            ]

    run(scenario())


def test_the_newest_cases_teach(run: Run[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than so many, also after all was to be learned anew."""
    monkeypatch.setattr(learning, "MOST_CASES", 2)
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as nodes:
            book, casework = Readers(circle.id), casework_at(nodes[0])
            for number in range(4):
                await ended(nodes, circle, book, number, north="accident" if number < 2 else "attack")
                assert (await learned(casework)).cases == min(number + 1, 2)
            taught = casework.learning.taught(await say(nodes[0], circle, book.report("Another.")))
            assert [(one.member, one.right) for (one,) in taught] == [("north", True)] * 2
            casework.learning.forget()
            casework.indexing.wake()
            assert casework.learning.is_learning
            assert (await learned(casework)).cases == 2
        async with circle.running() as (east, _):
            assert (await learned(casework_at(east))).cases == 2

    run(scenario())


def test_very_many_that_come_at_once(run: Run[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is noted of more cases than are learned of is found anew: it waits in no queue."""
    monkeypatch.setattr(learning, "MOST_CASES", 2)
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as nodes:
            book, casework = Readers(circle.id), casework_at(nodes[0])
            await ended(nodes, circle, book, 1, north="attack")
            await learned(casework)
            for number in range(4):
                casework.learning.noted(bytes([number]) * 32, "closing")
                assert len(casework.learning._waiting) <= 2
            casework.indexing.wake()
            assert (await learned(casework)).cases == 1

    run(scenario())


def test_a_case_that_cannot_be_learned_of_stops_nothing(
    run: Run[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect in one is said in the log, and the others teach."""
    circle = found(tmp_path)

    def failing(case: Case, *of: object) -> object:
        if case.ref == wrong[0]:
            raise RecursionError
        return lesson_of(case, *of)  # type: ignore[arg-type]

    wrong = []

    async def scenario() -> None:
        async with circle.running() as nodes:
            book = Readers(circle.id)
            wrong.append(await say(nodes[0], circle, book.report("Wrong.")))
            monkeypatch.setattr("tocsin.node.casework.assessing.learning.lesson_of", failing)
            await say(nodes[0], circle, book.closing(wrong[0]))
            await ended(nodes, circle, book, 2, north="attack")

            assert (await learned(casework_at(nodes[0]))).cases == 1
            assert "case-not-summed-up" in circle.places[0].printed.getvalue()

    run(scenario())


def test_the_loop_goes_on_meanwhile(run: Run[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes long of a large case is done in a thread; whoever asks meanwhile gets the same once."""
    circle = found(tmp_path)
    begun, going_on = threading.Event(), threading.Event()
    make = Assessed.make
    made: list[Assessment] = []

    def slow(assessed: Assessed, *of: object) -> Assessment:
        begun.set()
        assert going_on.wait(10)
        made.append(make(assessed, *of))  # type: ignore[arg-type]
        return made[-1]

    async def scenario() -> None:
        async with circle.running() as (east, _):
            monkeypatch.setattr(Assessed, "make", slow)
            book, casework = Readers(circle.id), casework_at(east)
            case = await say(east, circle, book.report("Smoke."))
            await say(east, circle, book.reading(case))
            impatient, *asked = [asyncio.ensure_future(casework.assessment(case)) for _ in range(3)]
            await until(begun.is_set)
            impatient.cancel()
            assert (await casework.view(case)).summary == "Smoke."
            going_on.set()

            assert {id(one) for one in await asyncio.gather(*asked)} == {id(made[0])}
            assert len(made) == 1

    run(scenario())


@pytest.mark.slow
def test_a_case_of_ten_thousand_records(run: Run[None], tmp_path: Path) -> None:
    """Its readings are put together while the node goes on with everything else."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            book, casework, line = Readers(circle.id), casework_at(east), east.lines[circle.id]
            await line.write([encode_record(book.report("Smoke."))])
            case = ref_of(east, line, line.own.size - 1)
            for part in range(20):
                numbers = range(500 * part, 500 * part + 499)
                said = [encode_record(book.report(case=case, sources=(source(n),))) for n in numbers]
                await line.write([*said, encode_record(book.reading(case, "attack", 600 + part))])
            await until(lambda: casework.indexing.behind(casework) == 0)
            await casework.view(case)
            turns = 0

            async def turning() -> None:
                nonlocal turns
                while True:
                    turns += 1
                    await asyncio.sleep(0)

            task = asyncio.ensure_future(turning())
            assessment = await casework.assessment(case)
            task.cancel()

            assert turns > 10
            assert len(assessment.course) == 20
            assert len(assessment.evidence.readings) == 1
            assert len(assessment.evidence.sources) > 9_000

    run(scenario())
