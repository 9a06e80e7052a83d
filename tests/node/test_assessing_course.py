"""How a common view came about: each step as if nothing had come since, however that is worked out."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.picture.desks import MEMBERS, Desks, cites, lying, url
from tests.cases.picture.stories import OF_SEVERAL_CASES, Step, told

from tocsin.cases.picture import Case, CaseView, case_of
from tocsin.core.records import (
    Acknowledgement,
    Ask,
    CaseRecord,
    Correction,
    Hypothesis,
    Link,
    OperatorPosition,
    Reading,
    Reminder,
    Report,
    Withdrawal,
)
from tocsin.core.views import Evidence
from tocsin.node.casework.assessing import course as courses
from tocsin.node.casework.assessing.course import MOST_POINTS, Course, Point
from tocsin.readings import CommonView, fuse


def stories(most: int = 25) -> st.SearchStrategy[list[Step]]:
    """Stories of any malice, a third of which reads."""
    kind = st.sampled_from(("read", "assess", "withdraw", *sorted(OF_SEVERAL_CASES)))
    step = st.tuples(st.integers(0, len(MEMBERS) - 1), kind, st.integers(0, 50), st.integers(0, 50))
    return st.lists(step, max_size=most)


def points(view: CaseView, most: int | None = None) -> tuple[Point, ...]:
    """The course of a case, at once."""
    course = Course(view.case)
    course.go_on(view.timeline[:most])
    return course.points


def plainly(desks: Desks, view: CaseView, number: int) -> tuple[object, ...]:
    """The common view of the first so many records of a timeline, and of all of other cases."""
    here = {entry.ref for entry in view.timeline[:number]}
    case = Case(desks.case)
    for said in desks.said:
        if said.ref in here or case_of(said.ref, said.record) != desks.case:
            case.add(said)
    found = fuse(case.evidence(desks.knowledge))
    return found.what, found.kinds, found.held_back


def check(desks: Desks) -> None:
    """Each point is the view of the records up to there."""
    view = desks.view()
    judging, expected = set(), []
    for number, entry in enumerate(view.timeline, 1):
        if isinstance(entry.record, Reading | Hypothesis):
            judging.add(entry.ref)
        elif not (isinstance(entry.record, Withdrawal) and judging & set(entry.record.of)):
            continue
        expected.append((entry.ref, entry.member, *plainly(desks, view, number)))

    came = [(one.ref, one.member, one.what, one.kinds, one.held_back) for one in points(view)]
    assert came == expected[-MOST_POINTS:]


@given(steps=stories())
def test_each_point_is_the_view_of_the_records_up_to_there(steps: list[Step]) -> None:
    """After each reading, hypothesis and withdrawal of one, as if nothing had been said since."""
    check(told(steps, OF_SEVERAL_CASES))


def _in_a_chain(desks: Desks) -> None:
    """What is read cites another record alone, and that the source."""
    relayed = desks.cites("birch", desks.case)
    desks.reads("cedar", cites(relayed), attack=900)
    desks.reads("dogwood", url("one"), attack=100)


def _as_corrected(desks: Desks) -> None:
    """What is read cites another source since it was corrected, which somebody else reads."""
    desks.says("alder", desks.made(Correction, of=desks.case, sources=(url("two"),)))
    desks.reads("cedar", cites(desks.case), attack=900)
    desks.reads("dogwood", url("one"), attack=900)


def _as_answered_again(desks: Desks) -> None:
    """What is read counts no more, for its author answered anew by a source that nobody reads."""
    ask = desks.asks("alder")
    first = desks.answers("birch", ask, url("two"))
    desks.answers("birch", ask, url("three"))
    desks.reads("cedar", cites(first), attack=900)


def _as_answer_to_no_ask(desks: Desks) -> None:
    """What is read answers a report, which nobody reads, and counts for nothing."""
    report = desks.reports("birch", url("two"))
    answer = desks.answers("cedar", report, url("three"))
    desks.reads("dogwood", cites(answer), attack=900)


@pytest.mark.parametrize("tell", [_in_a_chain, _as_corrected, _as_answered_again, _as_answer_to_no_ask])
def test_what_bears_on_what_is_read_is_reckoned(tell: Callable[[Desks], None]) -> None:
    """Also a record that cites none of the sources that are read."""
    desks = Desks()
    desks.reports("alder", url("one"))
    tell(desks)
    check(desks)


@given(steps=stories(), data=st.data())
def test_a_course_that_goes_on_is_one_made_anew(steps: list[Step], data: st.DataObject) -> None:
    """Whoever looks in between, as records come in any order, sees in the end what everybody sees."""
    desks = told(steps, OF_SEVERAL_CASES)
    course = Course(desks.case)
    coming = data.draw(st.permutations(desks.said[1:]))
    for number in range(len(coming) + 1):
        if number == len(coming) or data.draw(st.booleans()):
            view = desks.view([desks.said[0], *coming[:number]])
            course.go_on(view.timeline)
            assert course.points == points(view)


_LATE: dict[str, Callable[[Desks], CaseRecord]] = {
    "acknowledgement": lambda desks: desks.made(Acknowledgement, of=(desks.case,)),
    "ask": lambda desks: desks.made(Ask, questions=("seen",)),
    "dangling reminder": lambda desks: desks.made(
        Reminder, of=lying(desks.case), member="birch", due="answer", due_by_ms=0, step="reminder"
    ),
    "link": lambda desks: desks.made(Link, other=lying(desks.case), link="same-case"),
    "position": lambda desks: desks.made(
        OperatorPosition, operator="Maker", role="provider", position="disputes", sources=(url("one"),)
    ),
    "report that nobody reads": lambda desks: desks.made(Report, sources=(url("other"),)),
}


@pytest.mark.parametrize("late", _LATE)
def test_what_comes_late_and_bears_on_nothing_makes_nothing_anew(
    monkeypatch: pytest.MonkeyPatch, late: str
) -> None:
    """Wherever it stands, the course goes on from where it was."""
    fused: list[Evidence] = []

    def counted(evidence: Evidence) -> CommonView:
        fused.append(evidence)
        return fuse(evidence)

    monkeypatch.setattr(courses, "fuse", counted)
    desks = Desks()
    source = cites(desks.reports("alder", url("one")))
    desks.reads("birch", source)
    ref = desks.says("elder", _LATE[late](desks))
    desks.reads("cedar", source)
    course = Course(desks.case)
    course.go_on(desks.view([said for said in desks.said if said.ref != ref]).timeline)
    before, fused[:] = course.points, []

    course.go_on(desks.view().timeline)
    assert [entry.ref for entry in desks.view().timeline].index(ref) == 2
    assert (course.points, fused) == (before, [])

    desks.reads("dogwood", source)
    course.go_on(desks.view().timeline)
    assert len(fused) == 1
    assert course.points == points(desks.view())


def test_what_was_passed_over_bears_on_what_is_read_later() -> None:
    """A report that came late, and that nobody had read, is reckoned once somebody reads it."""
    desks = Desks()
    source = cites(desks.reports("alder", url("one")))
    late = desks.reports("birch", url("two"))
    desks.reads("cedar", source, attack=900)
    course = Course(desks.case)
    course.go_on(desks.view([said for said in desks.said if said.ref != late]).timeline)
    course.go_on(desks.view().timeline)
    desks.reads("dogwood", cites(late), attack=900)
    course.go_on(desks.view().timeline)

    assert late in course._here
    assert course.points == points(desks.view())
    check(desks)


def test_the_newest_points_are_kept_and_the_others_counted() -> None:
    """Of 70 steps the newest 64 are there, whether they came at once or one after the other."""
    desks = Desks()
    source = cites(desks.reports("alder", url("one")))
    going_on = Course(desks.case)
    for _ in range(70):
        desks.reads("birch", source)
        going_on.go_on(desks.view().timeline)
    at_once = Course(desks.case)
    at_once.go_on(desks.view().timeline)

    for course in (going_on, at_once):
        assert [one.ref for one in course.points] == [said.ref for said in desks.said[-MOST_POINTS:]]
        assert course.earlier == 6


def test_of_a_large_case_only_what_bears_on_readings_is_reckoned() -> None:
    """Ten thousand reports that nobody reads cost a course nothing but a look at each."""
    desks = Desks()
    read = desks.reports("alder", url("one"))
    for number in range(10_000):
        desks.reports("birch", url(f"other/{number}"))
    repeated = desks.reports("cedar", url("one"))
    desks.reads("dogwood", cites(read))
    course = Course(desks.case)

    course.go_on(desks.view().timeline)

    assert set(course._here) == {read, repeated, desks.said[-1].ref}
    assert len(course.points) == 1


def test_where_nobody_reads_nothing_is_reckoned() -> None:
    """A case without readings has no course."""
    desks = Desks()
    desks.reports("alder", url("one"))
    course = Course(desks.case)

    course.go_on(desks.view().timeline)

    assert (course.points, course.earlier, course._here) == ((), 0, {})
    assert courses.MOST_POINTS == 64
