"""Rings that show how much time is gone."""

import re
from typing import get_args

import pytest
from tests.cases.picture.desks import MINUTE_MS
from tests.web.charts.made import NOW_MS, check, ref, say, word

from tocsin.cases.delivery.view import Due, State
from tocsin.web.charts import Clock, small_clock
from tocsin.web.charts.drawing.svg import Path


def clock(state: State, since: int | None = -30, until: int | None = 30) -> Clock:
    """A clock, in minutes from now."""
    moments = (None if one is None else NOW_MS + one * MINUTE_MS for one in (since, until))
    return Clock("answer", state, *moments)


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (clock("open"), "30 min left"),
        (clock("open", until=200), "3 h 20 min left"),
        (clock("open", until=None), "no end known"),
        (clock("overdue", since=-90, until=-1), "overdue by 1 min"),
        (clock("done"), "done"),
        (clock("not-received", None, None), "not received yet"),
    ],
)
def test_it_says_how_it_stands(one: Clock, told: str) -> None:
    """In words, which are those of the drawing too."""
    chart = small_clock(one, NOW_MS, say)

    assert chart.title == f"answer: {told}"
    assert chart.drawings[0].title == chart.title
    assert chart.words == told
    check(chart)


def test_every_state_has_a_shape_of_its_own() -> None:
    """Colours tell nothing that shapes do not."""
    shapes = set()
    for state in get_args(State):
        since, until = (None, None) if state == "not-received" else (-30, 30)
        drawn = small_clock(clock(state, since, until), NOW_MS, say).drawings[0].parts
        paths = [one for one in drawn if isinstance(one, Path)]
        shapes.add("".join(re.sub(r"[-0-9. ]", "", one.d) for one in paths))
    assert len(shapes) == len(get_args(State))


@pytest.mark.parametrize(
    ("since", "until", "gone"),
    [(-30, 30, 500), (0, 30, 0), (-30, 0, 1000), (10, 30, 0), (-30, -10, 1000), (0, 0, 0)],
)
def test_what_is_gone_is_between_nothing_and_all(since: int, until: int, gone: int) -> None:
    """Whatever the clocks of members say."""
    assert clock("open", since, until).gone(NOW_MS) == gone
    check(small_clock(clock("open", since, until), NOW_MS, say))


def test_it_is_made_of_what_is_owed() -> None:
    """By the charter's minutes."""
    due = Due(
        of=ref("alder", 1),
        member="birch",
        due="answer",
        state="open",
        since_ms=NOW_MS - 30 * MINUTE_MS,
        due_by_ms=NOW_MS + 30 * MINUTE_MS,
        wanted_by_ms=NOW_MS - MINUTE_MS,
    )

    assert Clock.of(due, word) == clock("open")
