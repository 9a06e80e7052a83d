"""What a closed case teaches: who was right before it was told what it was, and nothing that came later."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.cases.picture.desks import MEMBERS, Desks, cites, url, words
from tests.cases.picture.stories import WILD, Step, told, told_more
from tests.node.casebook import source
from tests.node.conftest import Run
from tests.node.nodes import found
from tests.node.readers import SENSOR, Readers, ended
from tests.node.test_assessing import casework_at, learned
from tests.node.test_casework import say

from tocsin.cases.picture import Case
from tocsin.core.records import Closing, Correction, GroundTruth, Hypothesis, Probability, Ref
from tocsin.node.casework.assessing.lessons import Lesson, lesson_of

_OTHERS = MEMBERS[1:]
_ACCIDENT = (Probability(what="accident", permille=1_000),)


def _suppose(desks: Desks, member: str, *_: int) -> None:
    desks.says(member, desks.made(Hypothesis, under="attack", text="A worm", lang="en"))


# Whether anybody says another thing than who opened the case, is the one thing that may change later.
_ANYTHING = {name: step for name, step in WILD.items() if name != "assess"} | {"suppose": _suppose}


def _steps(members: st.SearchStrategy[int]) -> st.SearchStrategy[list[Step]]:
    kind = st.sampled_from(("read", "see")) | st.sampled_from(sorted(_ANYTHING))
    return st.lists(st.tuples(members, kind, st.integers(0, 50), st.integers(0, 50)), max_size=20)


def case_of(desks: Desks) -> Case:
    """The case as it is now."""
    case = Case(desks.case)
    for said in desks.said:
        case.add(said)
    return case


def lesson(desks: Desks, me: str = "birch") -> Lesson | None:
    """What it teaches `me`."""
    return lesson_of(case_of(desks), desks.knowledge, me)


def taught(found: Lesson | None) -> tuple[Sequence[int], dict[str, bool]]:
    """The forecast of all together, and who was right."""
    assert found is not None
    assert found.merged is not None
    return found.merged.permille, {one.member: one.right for one in found.outcomes}


def tells(desks: Desks, what: str = "accident") -> tuple[Ref, Ref]:
    """Alder closes its case, having seen all, and says what it was."""
    desks.sees("alder", *_OTHERS)
    closing = desks.says("alder", desks.made(Closing, outcome="incident"))
    return closing, desks.says("alder", desks.made(GroundTruth, what=what))


@pytest.fixture
def desks() -> Desks:
    """A case that alder opened, and which alder and birch read as an attack."""
    desks = Desks()
    desks.reports("alder", url("a"))
    desks.reports("birch", words("the operator"))
    desks.reads("alder", url("a"), attack=800)
    desks.reads("birch", words("the operator"), attack=800)
    return desks


# What holds of all


@given(before=_steps(st.integers(0, 4)), later=_steps(st.integers(1, 4)), me=st.sampled_from(MEMBERS))
def test_nothing_that_others_do_later_is_learned_of(before: list[Step], later: list[Step], me: str) -> None:
    """Whatever they read, take back, correct, suppose or close once it was told: it teaches the same."""
    desks = told(before, _ANYTHING)
    desks.reads("cedar", url("one"))
    tells(desks)
    first = lesson(desks, me)
    assume(first is not None and first.merged is not None)
    told_more(desks, later, _ANYTHING)

    assert lesson(desks, me) == first


@given(before=_steps(st.integers(0, 4)), later=_steps(st.integers(0, 4)))
def test_what_it_was_is_told_once(before: list[Step], later: list[Step]) -> None:
    """Also if who opened it takes back that it was, opens it again, and closes it anew: forecasts stay."""
    desks = told(before, _ANYTHING)
    desks.reads("cedar", url("one"))
    closing, truth = tells(desks)
    first = lesson(desks)
    assume(first is not None and first.merged is not None)
    desks.epochs["alder"] = truth.log_name.epoch
    desks.withdraws("alder", closing, truth)
    told_more(desks, later, _ANYTHING)
    desks.epochs["alder"] = desks.epochs.get("alder", 1) + 1
    tells(desks)

    assert taught(lesson(desks)) == taught(first)


# What it is


def test_who_reads_once_it_is_told_forecasts_nothing(desks: Desks) -> None:
    """Neither a first reading nor another one, on whatever sources, counts for its member or for all."""
    tells(desks)
    first = lesson(desks)
    for member in _OTHERS:
        desks.sees(member, "alder")
        desks.reads(member, url(f"sham/{member}"), probabilities=_ACCIDENT)

    assert taught(first)[1] == {"alder": False, "birch": False}
    assert lesson(desks) == first


def test_who_was_wrong_stays_so(desks: Desks) -> None:
    """To withdraw a reading, or what it rests on, once it is told, undoes nothing: it had been said."""
    tells(desks)
    first = lesson(desks)
    _, report, _, reading = (said.ref for said in desks.said[:4])
    desks.withdraws("birch", reading)
    desks.withdraws("birch", report)

    assert first is not None
    assert first.own is not None
    assert lesson(desks) == first


def test_a_later_correction_changes_no_forecast(desks: Desks) -> None:
    """Of who opened the case neither: what its report said then is what was read."""
    desks.reads("cedar", cites(desks.case), attack=700)
    tells(desks)
    first, read = case_of(desks).forecast(desks.knowledge), desks.evidence()
    desks.says("alder", desks.made(Correction, of=desks.case, sources=(cites(desks.said[1].ref),)))

    assert case_of(desks).forecast(desks.knowledge) == first
    assert first.readings == read.readings != desks.evidence().readings


def test_what_was_withdrawn_before_teaches_nothing(desks: Desks) -> None:
    """Who took its reading back in time had none."""
    desks.withdraws("birch", desks.said[3].ref)
    tells(desks)

    assert taught(lesson(desks))[1] == {"alder": False}


def test_what_had_not_come_to_who_closed_the_case_is_late(desks: Desks) -> None:
    """Written earlier by its own time or not: by contexts, nobody can have read it before it was told."""
    desks.sees("alder", *_OTHERS)
    desks.reads("cedar", url("c"), attack=700)
    desks.says("alder", desks.made(Closing, outcome="incident"))
    desks.says("alder", desks.made(GroundTruth, what="accident"))

    assert taught(lesson(desks))[1] == {"alder": False, "birch": False}


def test_a_case_that_is_closed_again_was_told_before(desks: Desks) -> None:
    """Of several closings that stand the first is where forecasts end."""
    tells(desks)
    first = lesson(desks)
    desks.reads("cedar", url("c"), probabilities=_ACCIDENT)
    tells(desks)

    assert lesson(desks) == first


def test_a_closing_that_was_withdrawn_told_nothing(desks: Desks) -> None:
    """Who opens a case again, of which it said nothing yet, has it read further."""
    desks.sees("alder", *_OTHERS)
    desks.withdraws("alder", desks.says("alder", desks.made(Closing, outcome="incident")))
    desks.reads("cedar", url("c"), probabilities=_ACCIDENT)
    tells(desks)

    assert taught(lesson(desks))[1] == {"alder": False, "birch": False, "cedar": True}


def test_another_member_may_say_another_thing_later(desks: Desks) -> None:
    """What it was is as it stands now: if members that closed the case differ on it, nothing is scored."""
    tells(desks)
    contrary = desks.says("cedar", desks.made(GroundTruth, what="misuse"))
    scored = lesson(desks)
    assert scored != Lesson()

    desks.says("cedar", desks.made(Closing, outcome="incident"))
    assert lesson(desks) == Lesson()
    desks.withdraws("cedar", contrary)
    assert lesson(desks) == scored


def test_no_node_learns_of_what_was_said_afterwards(run: Run[None], tmp_path: Path) -> None:
    """Whoever writes by other rules, and is right afterwards, is neither trusted nor scored for it."""
    circle = found(tmp_path, 3)

    async def scenario() -> None:
        async with circle.running() as nodes:
            east, north, south = nodes
            book = Readers(circle.id)
            case = await ended(nodes, circle, book, 1, east="attack", north="accident")
            other = await say(east, circle, book.report("Another.", sources=(source(9),)))
            (wrong,) = [
                one.said.ref
                for one in (await casework_at(north).assessment(case)).evidence.readings
                if one.said.member == "north"
            ]
            before = [await learned(casework_at(node)) for node in nodes]
            trusted = [casework_at(node).learning.taught(other) for node in nodes]
            await say(south, circle, book.reading(case, "attack", 1_000, sources=(SENSOR,)))
            right = await say(north, circle, book.reading(case, "attack", 1_000, sources=(SENSOR,)))
            await say(north, circle, book.withdrawal(case, *sorted((wrong, right))))
            read = (await casework_at(east).assessment(case)).evidence.readings

            assert [one.said.member for one in read] == ["east", "south"]
            assert [await learned(casework_at(node)) for node in nodes] == before
            assert [casework_at(node).learning.taught(other) for node in nodes] == trusted
            assert before[1].own is not None
            assert before[1].own.hits == 0
            assert before[2].own is None

    run(scenario())
