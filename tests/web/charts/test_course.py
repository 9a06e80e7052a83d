"""How likely each kind was held to be as a case went on: a strip for each, with its range."""

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.cases.picture.desks import DAY_MS, terms
from tests.readings.evidences import Desk, ref, source
from tests.readings.test_fusion import desks
from tests.web.charts.made import NOW_MS, check, hostile_terms

from tocsin.node.casework.assessing import Point
from tocsin.readings import CommonView, fuse
from tocsin.readings.likelihood import Likelihood
from tocsin.web.charts import course_chart
from tocsin.web.languages import LANGUAGES

ENGLISH = LANGUAGES["en"]
TIMES = st.integers(0, 2**53)


def point(view: CommonView, at_ms: int = NOW_MS, member: str = "alder") -> Point:
    """The common view after a record of that member."""
    return Point(
        ref=ref(member, 7),
        member=member,
        at_ms=at_ms,
        what=view.what,
        kinds=view.kinds,
        held_back=view.held_back,
    )


def undetermined() -> CommonView:
    """What is known where nobody says anything."""
    return fuse(Desk([]).evidence)


def attack() -> CommonView:
    """By two witnesses of two classes."""
    desk = Desk([source("sensor", "ash", name="a"), source("person", "birch", name="b")])
    return fuse(desk.read("ash", {"attack": 900}, 0).read("birch", {"attack": 900}, 1).evidence)


def test_it_says_in_words_what_it_shows() -> None:
    """How it began, how it stands, how often it turned, and what is not shown."""
    course = [point(undetermined()), point(attack(), NOW_MS + 60_000)]
    chart = course_chart(course, 3, terms(), ENGLISH.say, ENGLISH.word)
    number = max(one.permille for one in attack().kinds) / 10
    check(chart)
    assert chart.words == (
        f"Steps: 2. At first: undetermined. Now: attack {number:g} %. Changes of what is likely: 1. "
        "Earlier steps not shown: 3."
    )
    assert chart.table is not None
    assert [row[2] for row in chart.table.rows] == ["attack", "undetermined"]


def test_without_a_step_there_are_words_alone() -> None:
    """No empty frame stands for nothing."""
    chart = course_chart([], 0, terms(), ENGLISH.say, ENGLISH.word)
    assert (chart.drawings, chart.table, bool(chart.words)) == ((), None, True)


def test_the_likeliest_now_is_on_top() -> None:
    """Whatever it was before."""
    chart = course_chart([point(undetermined()), point(attack())], 0, terms(), ENGLISH.say, ENGLISH.word)
    for drawing in chart.drawings:
        names = [text.text for text in drawing.texts() if text.bold]
        assert names == ["attack", "accident", "cascade", "misuse", "no AI involved"]


@given(st.lists(st.tuples(desks(), TIMES), min_size=1, max_size=8))
@settings(deadline=None, max_examples=30)
def test_any_course_is_drawn(steps: list[tuple[Desk, int]]) -> None:
    """Whatever the clocks of those who wrote say; hostile names, too; and each step is in its table."""
    course = [point(fuse(desk.evidence), at_ms) for desk, at_ms in steps]
    chart = course_chart(course, 0, hostile_terms(), ENGLISH.say, ENGLISH.word)
    check(chart)
    assert chart.table is not None
    assert len(chart.table.rows) == len(course)


def test_a_clock_that_goes_wrong_moves_no_step_before_another() -> None:
    """Lines go from left to right, also where somebody's clock is a day behind."""
    course = [point(undetermined(), NOW_MS), point(attack(), NOW_MS - DAY_MS), point(attack(), NOW_MS + 1)]
    for drawing in course_chart(course, 0, terms(), ENGLISH.say, ENGLISH.word).drawings:
        for part in drawing.parts:
            if getattr(part, "css", "") == "judged-line":
                xs = [float(one.split("V")[0]) for one in part.d.split("H")[1:]]  # type: ignore[union-attr]
                assert xs == sorted(xs)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_words_of_ours_are_cut(tag: str) -> None:
    """An ellipsis is for what others wrote: in every language, for each word of likelihood."""
    language = LANGUAGES[tag]
    for word in get_args(Likelihood):
        view = attack()
        kinds = tuple(structs.replace(one, permille=999, likelihood=word) for one in view.kinds)
        chart = course_chart(
            [point(structs.replace(view, kinds=kinds))], 0, terms(), language.say, language.word
        )
        check(chart)
        texts = [text.text for drawing in chart.drawings for text in drawing.texts()]
        assert [text for text in texts if text.endswith("…")] == []
