"""What a node shows of checks: the same whatever the order, and of others' times the median alone."""

from itertools import pairwise
from statistics import median
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.cases.delivery.test_hours import OFFICE, at, hours
from tests.checks.circle import (
    CIRCLE,
    MEMBERS,
    MINUTE_MS,
    PARTIES,
    START_MS,
    Circle,
    common,
    ref,
    said,
    terms,
)

from tocsin.checks import KEPT, ChecksView
from tocsin.checks.fold import HOUR_MS
from tocsin.core.records import CheckAnswer, NoteRecord, Record, Ref
from tocsin.core.strict_json import MAX_INTEGER
from tocsin.core.views import Cosigned, Said

OTHERS = MEMBERS[1:]
times = st.integers(0, 31 * 86_400_000)


@st.composite
def circles(draw: st.DrawFn) -> Circle:
    """Checks by anybody and answers to anything by anybody, who are members or not, in two epochs."""
    circle = Circle(me=draw(st.sampled_from([*PARTIES, "nobody"])))
    authors = st.sampled_from(sorted(PARTIES))
    refs: list[Ref] = [ref("oak", 999)]
    for index in range(1, draw(st.integers(1, 40))):
        member, epoch = draw(authors), draw(st.integers(1, 2))
        if draw(st.booleans()):
            came_ms = draw(st.integers(START_MS - 3 * HOUR_MS, START_MS + HOUR_MS))
            refs.append(circle.check(member, index, came_ms, draw(st.integers(1, 600)), epoch))
            if draw(st.booleans()):
                del circle.arrived[refs[-1]]
        else:
            took_ms = draw(st.none() | times)
            refs.append(circle.answer(member, index, draw(st.sampled_from(refs)), took_ms, epoch))
    return circle


def without_median(view: ChecksView) -> ChecksView:
    """All but the median of the others."""
    return replace(view, circle_median_ms=None)


@given(circles(), st.randoms(use_true_random=False), st.integers(START_MS - HOUR_MS, START_MS + 9 * HOUR_MS))
def test_order_and_repetition_make_no_difference(circle: Circle, random: Any, now_ms: int) -> None:  # noqa: ANN401
    """The same records give the same view, however they came, also with others among them."""
    note = NoteRecord(**common(START_MS), text="Smoke.", lang="en")
    more = [*circle.said, *circle.said, said("oak", 1_000, note)]
    random.shuffle(more)

    assert circle.view(now_ms, more) == circle.view(now_ms)


@given(circles(), st.data())
def test_of_others_times_only_the_median_is_told(circle: Circle, data: st.DataObject) -> None:
    """Whatever other times the others had: all that is shown but the median of the circle is the same."""

    def otherwise(one: Said[Record]) -> Said[Record]:
        record = one.record
        if one.member == circle.me or not isinstance(record, CheckAnswer) or record.received_at_ms is None:
            return one
        return Said(one.ref, one.member, replace(record, received_at_ms=record.at_ms - data.draw(times)))

    view, other = circle.view(), circle.view(records=[otherwise(one) for one in circle.said])

    assert without_median(view) == without_median(other)
    if view.others < 3:
        assert view == other


@given(st.dictionaries(st.sampled_from(OTHERS), st.lists(times, min_size=1, max_size=5)))
@example({"cedar": [1], "elm": [2]})
@example({"cedar": [1] * 5, "elm": [9], "oak": [7]})
def test_the_median_of_a_circle_counts_each_member_once(took_ms: dict[str, list[int]]) -> None:
    """It is that of the members' own medians, without one's own, and there from three of them on."""
    circle = Circle()
    for number, member in enumerate(("birch", *took_ms), 1):
        for index, each_ms in enumerate(took_ms.get(member, [5]), 1):
            asked = circle.check("pine" if member != "pine" else "oak", 100 * number + index)
            circle.answer(member, index, asked, each_ms)
    view = circle.view()

    medians = [int(median(some)) for some in took_ms.values()]
    assert view.others == len(medians)
    assert view.circle_median_ms == (int(median(medians)) if len(medians) >= 3 else None)
    assert (view.own_answers, view.own_median_ms) == (1, 5)


@given(st.lists(st.integers(0, 3 * HOUR_MS), min_size=1, max_size=60), st.integers(0, 10))
def test_a_flood_rings_at_most_once_an_hour(gaps: list[int], unknown: int) -> None:
    """Of one member's checks, between two that ring there is an hour; and none while it goes on."""
    circle, came_ms, refs = Circle(), START_MS, []
    for index, gap_ms in enumerate(gaps, 1):
        came_ms += gap_ms
        refs.append(circle.check("cedar", index, came_ms))
    for of in refs[:unknown]:
        del circle.arrived[of]

    checks = sorted(circle.view(came_ms).checks, key=lambda one: one.ref.index)
    loud = [one.came_ms for one in checks if not one.quiet]

    assert [one.ref for one in checks] == refs[-KEPT:]
    assert all(later - earlier >= HOUR_MS for earlier, later in pairwise(loud))
    if len(gaps) == 1:
        assert loud


def test_who_floods_keeps_nobody_else_quiet() -> None:
    """Another member's check rings, and stands among those that are shown."""
    circle = Circle()
    for index in range(1, 200):
        circle.check("cedar", index)
    asked = circle.check("elm", 1)

    assert not circle.shown(asked).quiet
    assert len(circle.view().checks) == KEPT + 1
    assert all(one.quiet for one in circle.view().checks if one.member == "cedar")


@pytest.mark.parametrize(
    "to",
    [
        pytest.param(ref("cedar", 999), id="a check that is not here"),
        pytest.param(replace(ref("cedar", 1), entry=ref("oak", 1).entry), id="another version of a check"),
        pytest.param(ref("elm", 1), id="its own check"),
        pytest.param(ref("oak", 1), id="no check"),
    ],
)
def test_what_answers_nothing_counts_for_nothing(to: Ref) -> None:
    """Neither as an answer, nor as a time."""
    circle = Circle()
    circle.check("cedar", 1)
    circle.check("elm", 1)
    circle.answer("oak", 1, ref("cedar", 1))
    before = circle.view()
    circle.answer("elm", 2, to)

    assert circle.view() == before


@pytest.mark.parametrize("member", ["willow", "yew", "nobody"])
def test_who_is_not_asked_counts_for_nothing(member: str) -> None:
    """An observer's answer, a former member's, or that of nobody known."""
    circle = Circle()
    asked = circle.check("cedar", 1)
    before = circle.view()
    circle.answer(member, 1, asked)

    assert circle.view() == before
    assert circle.shown(asked).asked == len(MEMBERS) - 1


def test_who_left_asks_nothing() -> None:
    """Its checks are not shown; answers to them are answers still."""
    circle = Circle()
    asked = circle.check("yew", 1)
    circle.answer("birch", 1, asked)

    assert circle.view().checks == ()
    assert circle.view().own_answers == 1


def test_the_first_answer_counts() -> None:
    """Whatever comes after it, also in a later epoch."""
    circle = Circle()
    asked = circle.check("cedar", 1)
    circle.answer("birch", 1, asked, 9 * MINUTE_MS, epoch=2)
    first = circle.answer("birch", 7, asked, 5 * MINUTE_MS)
    circle.answer("birch", 8, asked, MINUTE_MS)

    shown = circle.shown(asked)
    assert (shown.answer, shown.response_ms, shown.answered) == (first, 5 * MINUTE_MS, 1)
    assert circle.view().own_answers == 1


def test_the_newest_answers_count() -> None:
    """So many of each member as are kept."""
    circle = Circle()
    for index in range(1, KEPT + 6):
        circle.answer("birch", index, circle.check("cedar", index), index)

    view = circle.view()
    assert view.own_answers == KEPT
    assert view.own_median_ms == 5 + (KEPT + 1) // 2


@pytest.mark.parametrize("took_ms", [None, 31 * 86_400_000 + 1, START_MS])
def test_an_answer_without_a_time_is_an_answer(took_ms: int | None) -> None:
    """Also with one that nobody would wait for: it was answered, and no time is counted."""
    circle = Circle()
    asked = circle.check("cedar", 1)
    circle.answer("birch", 1, asked, took_ms)

    shown = circle.shown(asked)
    assert (shown.state, shown.response_ms) == ("answered", None)
    assert circle.view().own_median_ms is None


@given(st.integers(0, MAX_INTEGER), st.integers(0, MAX_INTEGER), st.integers(0, 31 * 86_400_000))
def test_clocks_that_are_far_off_measure_as_any_other(asked_ms: int, at_ms: int, took_ms: int) -> None:
    """A time is between two readings of one clock, whatever it shows; nobody else's has a say."""
    assume(took_ms <= at_ms)
    circle = Circle()
    asked = circle.check("cedar", 1, asked_ms)
    late = CheckAnswer(**common(at_ms), check=asked, received_at_ms=at_ms - took_ms)
    circle.said.append(said("birch", 1, late))

    assert circle.view().own_median_ms == took_ms


def test_states() -> None:
    """A check waits until we answer it, or its time is over; then it can be answered all the same."""
    circle = Circle()
    asked = circle.check("cedar", 1, within_minutes=30)
    own = circle.check("birch", 1)
    end_ms = START_MS + 30 * MINUTE_MS

    assert circle.shown(asked).due_by_ms == end_ms
    assert circle.shown(asked, end_ms - 1).state == "waiting"
    assert circle.shown(asked, end_ms).state == "missed"
    assert circle.shown(own).state == "own"
    circle.answer("birch", 2, asked)
    assert circle.shown(asked, end_ms).state == "answered"
    circle.me = "willow"
    assert circle.shown(asked).state == "not-asked"


def test_a_check_that_came_in_the_future_waits_from_now_on() -> None:
    """A clock was set back, or its author's is ahead where nobody knows any more when it came."""
    circle = Circle()
    asked = circle.check("cedar", 1, MAX_INTEGER)

    assert (circle.shown(asked).came_ms, circle.shown(asked).state) == (START_MS, "waiting")


def test_time_runs_on_duty() -> None:
    """For what is asked as for what it took: nobody is late who was not there."""
    friday = at("2026-11-20T10:50")
    circle = Circle(hours={"birch": hours(OFFICE)})
    asked = circle.check("cedar", 1, friday, within_minutes=30)
    monday = at("2026-11-22T23:05")
    late = CheckAnswer(**common(monday), check=asked, received_at_ms=friday)
    circle.said.append(said("birch", 1, late))

    shown = circle.shown(asked, monday)
    assert shown.due_by_ms == at("2026-11-22T23:20")
    assert shown.response_ms == 15 * MINUTE_MS


def test_who_has_not_confirmed_receipt() -> None:
    """Of our own checks, those that are asked and whose node has not confirmed it; of others', nobody."""
    circle = Circle()
    own, other = circle.check("birch", 5), circle.check("cedar", 5)
    log = f"example.org/{CIRCLE}/birch/1"
    circle.cosigned[log] = {"cedar": (Cosigned(6, 1),), "elm": (Cosigned(5, 9),), "willow": (Cosigned(1, 1),)}

    assert circle.shown(own).unconfirmed == ("elm", "oak", "pine")
    assert circle.shown(other).unconfirmed == ()


def test_the_newest_come_first() -> None:
    """By when they came here, which nobody else can say."""
    circle = Circle()
    first, last = circle.check("elm", 1, START_MS - 2), circle.check("cedar", 1, START_MS - 1)

    assert [one.ref for one in circle.view().checks] == [last, first]


def test_a_circle_of_nothing() -> None:
    """No records, no view of anybody; and a node that is no member any more is asked nothing."""
    assert Circle().view().checks == ()
    gone = Circle(me="birch", terms=terms(birch=replace_party("birch")))
    asked = gone.check("cedar", 1)
    assert gone.shown(asked).state == "not-asked"


def replace_party(slug: str) -> Any:  # noqa: ANN401
    """The member, who has left."""
    return type(PARTIES[slug])(slug, PARTIES[slug].label, PARTIES[slug].economy, present=False)
