"""The map of lines."""

import random
import re
from dataclasses import replace

import pytest
from tests.web.charts.made import HOSTILE, NOW_MS, check, lines, say, titles

from tocsin.web.charts import Line, line_map
from tocsin.web.charts.drawing.svg import Path
from tocsin.web.charts.lines import MAX_LINES, STATES

GOOD = Line(
    "birch", "Birch", "good", ours=9, confirmed=9, held=4, known=4, heard_ms=NOW_MS - 65_000, on_duty=True
)


def test_a_line_is_told_in_words() -> None:
    """What it confirmed, what we hold and how old that is, and whether somebody is there."""
    waits = replace(GOOD, slug="ash", state="waits", confirmed=7, on_duty=None)
    chart = line_map("alder", "Alder", [GOOD, waits], NOW_MS, say)

    assert chart.words == "Something waits: 1. All confirmed and held: 1."
    assert chart.table is not None
    news = "news 1 min ago"
    assert [row[1:] for row in chart.table.rows] == [
        (
            "something waits",
            "of ours: 7 of 9 confirmed",
            "of theirs: all 4 here",
            f"hours unknown · {news}",
        ),
        ("all confirmed and held", "of ours: all 9 confirmed", "of theirs: all 4 here", f"on duty · {news}"),
    ]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 23, MAX_LINES, MAX_LINES + 6])
def test_every_member_stands_there_once(count: int) -> None:
    """In both layouts, with hostile names too; how many are not shown is said."""
    chart = line_map("us", HOSTILE[2], lines(count), NOW_MS, say)

    check(chart)
    for drawing in chart.drawings:
        told = titles(drawing)
        assert len(told) == min(count, MAX_LINES) + 1
        assert all(
            sum(f"(desk-{number:02})" in one for one in told) == 1 for number in range(min(count, MAX_LINES))
        )
    assert ("Members not shown: 6." in chart.words) is (count > MAX_LINES)


def test_it_does_not_depend_on_the_order() -> None:
    """Of the lines that are given."""
    turned = lines(20)
    random.Random(3).shuffle(turned)

    assert line_map("us", "Us", turned, NOW_MS, say) == line_map("us", "Us", lines(20), NOW_MS, say)


def test_every_state_has_a_shape_of_its_own() -> None:
    """Lines differ by more than their colour: but for how they are broken, each has a sign."""
    chart = line_map("us", "Us", lines(40), NOW_MS, say)
    drawn = {
        key.word: tuple(re.sub(r"[-0-9. ]", "", one.d) for one in key.sample.parts if isinstance(one, Path))
        for key in chart.keys
    }

    assert len(drawn) == len(set(drawn.values())) == len(STATES)


def test_who_is_alone_is_told_so() -> None:
    """A circle without other members has no lines."""
    assert line_map("us", "Us", [], NOW_MS, say).drawings == ()
