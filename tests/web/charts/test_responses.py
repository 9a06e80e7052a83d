"""Our answers to communication checks beside the circle's median."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.web.charts.made import NOW_MS, check, say

from tocsin.web.charts import Check, response_chart
from tocsin.web.charts.drawing.svg import Group
from tocsin.web.charts.responses import MAX_CHECKS

TIMES = st.none() | st.integers(0, 10**12)
CHECKS = st.builds(Check, st.integers(0, NOW_MS), TIMES, TIMES)


def test_it_says_both_medians() -> None:
    """Ours, and the circle's; and what we did not answer."""
    chart = response_chart(
        [Check(NOW_MS, 45_000, 60_000), Check(NOW_MS - 1, None, 80_000), Check(NOW_MS - 2, 61_000, None)], say
    )

    check(chart)
    assert chart.words == ("Checks: 3. Not answered by us: 1. Our median: 45 s. Median of the circle: 1 min.")
    assert chart.table is not None
    assert [row[1:] for row in chart.table.rows] == [
        ("45 s", "1 min"),
        ("no answer", "1 min"),
        ("1 min", "no answer"),
    ]


def test_every_check_has_room_for_the_readers_zone() -> None:
    """Below its moment in UTC is one for the script to fill."""
    checks = [Check(NOW_MS - n * 3_600_000, 45_000, 60_000) for n in range(3)]
    chart = response_chart(checks, say)

    check(chart)
    assert chart.zones == "Times above are in UTC, those below in your zone."
    (drawing,) = chart.drawings
    assert [text.here_ms for text in drawing.texts() if text.here_ms] == [one.at_ms for one in checks]


@given(st.lists(CHECKS, max_size=20), st.randoms())
@settings(deadline=None)
def test_any_times_are_drawn_whatever_their_order(checks: list[Check], chance: Random) -> None:
    """The newest twelve, each in a row of its own."""
    chart = response_chart(checks, say)
    turned = list(checks)
    chance.shuffle(turned)

    check(chart)
    assert response_chart(turned, say) == chart
    for drawing in chart.drawings:
        assert sum(isinstance(part, Group) for part in drawing.parts) == min(len(checks), MAX_CHECKS)
