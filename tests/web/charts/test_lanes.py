"""Lanes of a case, and the line of time."""

import re
from importlib.resources import files
from itertools import pairwise
from typing import get_args

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cases.picture.desks import MINUTE_MS, START_MS, terms
from tests.web.charts.made import check, circle, hostile_terms, large, repeating, say, titles, word

from tocsin.cases.delivery.view import Bound, Delivered, Reached
from tocsin.cases.picture.view import CaseView
from tocsin.core.records import CaseRecord
from tocsin.web.charts import lanes_chart
from tocsin.web.charts.axis import WHOLE, axis_of
from tocsin.web.charts.drawing.shapes import MARKS
from tocsin.web.charts.drawing.svg import Group, Path
from tocsin.web.charts.lanes import MAX_LANES, MAX_MARKED
from tocsin.web.charts.saying import moment

HOUR_MS = 60 * MINUTE_MS
TIMES = st.lists(st.integers(-(2**53), 2**53) | st.integers(START_MS, START_MS + 9 * HOUR_MS), min_size=1)


def delivered(view: CaseView) -> Delivered:
    """The case's first record, which everybody but its author received after a minute."""
    entry = view.timeline[0]
    before = Bound(at_ms=entry.record.at_ms, witness=entry.member, by="own-time")
    return Delivered(
        ref=entry.ref,
        member=entry.member,
        not_before=before,
        held_by=4,
        economies=3,
        reached=tuple(
            Reached(
                member=member,
                not_before=before,
                not_later=Bound(at_ms=entry.record.at_ms + MINUTE_MS, witness=member, by="cosignature"),
            )
            for member in ("birch", "cedar", "dogwood", "elder")
        ),
        aware=(),
    )


def test_every_kind_of_record_has_a_shape_of_its_own() -> None:
    """None is drawn as another, and each has its colour."""
    kinds = {str(kind.__struct_config__.tag) for kind in get_args(CaseRecord)}
    style = files("tocsin.web").joinpath("static/css/40-charts.css").read_text("utf-8")

    assert MARKS.keys() == kinds
    assert len(set(MARKS.values())) == len(kinds)
    assert kinds - {"report", "answer"} == {kind for kind in kinds if f".chart-{kind}" in style}


def test_every_member_has_a_lane_and_every_record_a_mark() -> None:
    """Also who said nothing; and it is said how long there was nothing, where the line is broken."""
    view = repeating()
    chart = lanes_chart(view, circle(2), say, word)

    check(chart)
    assert chart.words == (
        "Records: 7. Members that wrote: 5. Members that wrote nothing: 2. "
        "Nothing for 1 h 1 min: the time axis leaves that out."
    )
    assert [key.word for key in chart.keys] == ["report", "question", "answer", "closing"]
    assert chart.table is not None
    assert chart.table.rows[0] == ("alder", "1", "1", "0", "1")
    for drawing in chart.drawings:
        marks = [title for title in titles(drawing) if "UTC" in title]
        assert len(marks) == 7
        assert [title for title in marks if "question: 1" in title] == ["2026-05-28 20:27 UTC: question: 1"]


def test_every_time_has_room_for_the_readers_zone() -> None:
    """Below each of the line is one for the script to fill; each mark says when it is, too."""
    view = repeating()
    chart = lanes_chart(view, circle(2), say, word)

    assert chart.zones == "Times above are in UTC, those below in your zone."
    for drawing in chart.drawings:
        clocks = [text for text in drawing.texts() if re.fullmatch(r"\d\d:\d\d", text.text)]
        here = [text for text in drawing.texts() if text.here_ms is not None]
        assert [text.x for text in clocks] == [text.x for text in here]
        assert all(
            moment(one.here_ms or 0).endswith(f"{two.text} UTC")
            for one, two in zip(here, clocks, strict=True)
        )
        marks = [part for part in drawing.parts if isinstance(part, Group) and "UTC" in part.title]
        assert marks
        assert all(part.title.startswith(moment(part.here_ms or 0)) for part in marks)
        assert f'data-here-ms="{here[0].here_ms}"' in drawing.__html__()


@given(st.integers(2, 70), st.integers(1, MAX_MARKED + 100), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_marks_never_cover_each_other(count: int, records: int, seed: int) -> None:
    """Those that would are one, with their number; of very many there are bars."""
    view = large(1, count, records, seed)
    chart = lanes_chart(view, circle(count), say, word)

    check(chart)
    for drawing in chart.drawings:
        marks = [part for part in drawing.parts if isinstance(part, Group) and "UTC: " in part.title]
        shown = sum(
            int(number) for part in marks for number in re.findall(r": (\d+)", part.title.split("UTC")[1])
        )
        if records <= MAX_MARKED and count <= MAX_LANES:
            assert shown == records
        places: dict[str, list[float]] = {}
        for part in marks:
            head = part.parts[0]
            assert isinstance(head, Path)
            if len(part.parts) == 1:
                x, y = re.findall(r"M([-\d.]+) ([-\d.]+)", head.d)[0]
                places.setdefault(y, []).append(float(x))
        assert all(b - a >= 16.8 for xs in places.values() for a, b in pairwise(sorted(xs)))


def test_ten_thousand_records_are_bars() -> None:
    """The drawing does not grow with the records."""
    chart = lanes_chart(large(1, 64, 10_000), circle(64), say, word)

    assert max(len(drawing.__html__()) for drawing in chart.drawings) < 60_000
    assert [key.word for key in chart.keys] == ["number of records"]


def test_when_it_was_received_stands_below_a_lane() -> None:
    """A stroke in the lane of whoever received it."""
    view = repeating()
    without, chart = (lanes_chart(view, terms(), say, word, those) for those in ((), (delivered(view),)))
    strokes = [
        part for part in chart.drawings[1].parts if isinstance(part, Path) and part.css == "chart-received"
    ]

    assert len(strokes) == 1
    assert strokes[0].d.count("M") == 4
    assert "received from another member" in {key.word for key in chart.keys}
    assert "received from another member" not in {key.word for key in without.keys}


def test_what_does_not_count_is_an_outline() -> None:
    """And the key says what that means."""
    view = repeating()
    first = msgspec.structs.replace(view.timeline[0], standing="withdrawn")
    chart = lanes_chart(
        msgspec.structs.replace(view, timeline=(first, *view.timeline[1:])), terms(), say, word
    )

    assert "does not count" in {key.word for key in chart.keys}
    assert chart.drawings[0].__html__().count("chart-void") == 1


def test_hostile_labels_stay_in_their_place() -> None:
    """Names of any length and script."""
    check(lanes_chart(repeating(), hostile_terms(), say, word))


def test_a_time_that_nobody_believes_does_not_push_the_others_together() -> None:
    """It stands at an end, and is counted."""
    view = repeating()
    last = view.timeline[-1]
    record = msgspec.structs.replace(last.record, at_ms=2**52)
    far = msgspec.structs.replace(last, record=record)
    chart = lanes_chart(
        msgspec.structs.replace(view, timeline=(*view.timeline[:-1], far)), terms(), say, word
    )

    assert "Records with a time that is far off: 1. They stand at the ends." in chart.words
    check(chart)


@given(TIMES)
def test_the_line_keeps_the_order_of_times(times: list[int]) -> None:
    """Later is never left of earlier, everything is on the line, and no tick lies over another."""
    axis = axis_of(times)
    places = axis.places(sorted(times))

    assert places == sorted(places)
    assert places[0] >= 0
    assert places[-1] <= WHOLE + 1e-6
    assert sorted(axis.places(times)) == places
    ticks = [at for at, _ in axis.ticks(500, 60)]
    assert all(b - a >= 119 for a, b in pairwise(ticks))
    assert len(ticks) <= 9


def test_a_long_silence_takes_little_room() -> None:
    """What happened within minutes can be told apart, though the end came days later."""
    times = [START_MS + minute * MINUTE_MS for minute in range(10)] + [START_MS + 72 * HOUR_MS]
    axis = axis_of(times)
    places = axis.places(times)

    assert [span for _, _, span in axis.gaps()] == [72 * HOUR_MS - 9 * MINUTE_MS]
    assert min(b - a for a, b in pairwise(places)) > 50
