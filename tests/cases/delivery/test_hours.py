from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tocsin.cases.delivery.hours import MINUTE_MS, Hours, read_hours

ZONES = {"UTC": UTC, "Asia/Seoul": ZoneInfo("Asia/Seoul"), "Europe/Berlin": ZoneInfo("Europe/Berlin")}
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
OFFICE = "Mo-Fr 08:00-20:00 Asia/Seoul"
NIGHTS = "20:00-08:00 UTC"
SPLIT = "Mo,We 08:00-12:00,13:00-17:30; Sa 22:00-24:00 Europe/Berlin"
OVER_WEEKENDS = "Sa-Mo 09:00-17:00; Th 00:00-24:00 UTC"
# 2026 without the weeks in which Berlin's clocks are changed.
MOMENTS = st.datetimes(datetime(2026, 4, 2), datetime(2026, 10, 20)).map(  # noqa: DTZ001 - a zone is added
    lambda at: int(at.replace(tzinfo=UTC, second=0, microsecond=0).timestamp()) * 1000
)


def hours(text: str) -> Hours:
    """Hours that are understood."""
    found = read_hours(text, ZONES.get)
    assert found.understood
    return found


def on_duty(desk: Hours, at_ms: int) -> bool:
    """Whether somebody is on duty at that moment."""
    return desk.after(at_ms, 0) == at_ms


def at(text: str, zone: tzinfo = UTC) -> int:
    """A moment as ISO 8601 writes it, in Unix milliseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * 1000


def naively(text: str, at_ms: int) -> bool:
    """Whether the desk's clock and calendar show that somebody is on duty."""
    rules, _, zone = text.rpartition(" ")
    local = datetime.fromtimestamp(at_ms / 1000, ZONES[zone])
    for rule in rules.split("; "):
        *days, spans = rule.split(" ")
        for span in spans.split(","):
            begin, end = span.split("-")
            for day in (local, local - timedelta(days=1)):
                if days and not any(within(DAYS[day.weekday()], part) for part in days[0].split(",")):
                    continue
                minute = (local.date() - day.date()).days * 1440 + local.hour * 60 + local.minute
                first, last = (int(time[:2]) * 60 + int(time[3:]) for time in (begin, end))
                if first <= minute < (last if last > first else last + 1440):
                    return True
    return False


def within(day: str, days: str) -> bool:
    """Whether a day is one of `Mo` or `Sa-Mo`."""
    first, _, last = days.partition("-")
    place = (DAYS.index(day) - DAYS.index(first)) % 7
    return place <= (DAYS.index(last or first) - DAYS.index(first)) % 7


@given(st.sampled_from([OFFICE, NIGHTS, SPLIT, OVER_WEEKENDS]), MOMENTS)
def test_on_duty_is_what_clock_and_calendar_of_the_desk_say(text: str, at_ms: int) -> None:
    """A desk is on duty when its own clock and calendar show a time within its hours, and only then."""
    assert on_duty(hours(text), at_ms) is naively(text, at_ms)


@given(st.sampled_from([OFFICE, NIGHTS, SPLIT, OVER_WEEKENDS]), MOMENTS, st.integers(0, 3_000))
def test_time_is_counted_on_duty_alone(text: str, since_ms: int, minutes: int) -> None:
    """After so many minutes of duty means: so many on duty since then, the moment before not as many."""
    desk = hours(text)

    by_ms = desk.after(since_ms, minutes * MINUTE_MS)

    assert by_ms is not None
    assert desk.worked(since_ms, by_ms) == minutes * MINUTE_MS
    if minutes:
        assert desk.worked(since_ms, by_ms - 1) == minutes * MINUTE_MS - 1
    else:
        assert on_duty(desk, by_ms)
        assert desk.worked(since_ms, by_ms) == 0


@given(MOMENTS, st.integers(0, 10_000), st.integers(0, 10_000))
def test_counting_goes_on_where_it_stopped(since_ms: int, one: int, other: int) -> None:
    """So many minutes, and so many more after them, are all of them at once."""
    desk = hours(SPLIT)
    between_ms = desk.after(since_ms, one * MINUTE_MS)

    assert between_ms is not None
    if one and other:
        assert desk.after(between_ms, other * MINUTE_MS) == desk.after(since_ms, (one + other) * MINUTE_MS)


@pytest.mark.parametrize(
    ("since", "minutes", "by"),
    [
        ("2026-11-20T10:00", 15, "2026-11-20T10:15"),  # a Friday, on duty
        ("2026-11-20T19:50", 15, "2026-11-23T08:05"),  # ten minutes on Friday, five on Monday
        ("2026-11-20T20:00", 15, "2026-11-23T08:15"),
        ("2026-11-21T03:00", 15, "2026-11-23T08:15"),
        ("2026-11-20T19:45", 15, "2026-11-20T20:00"),  # by the end of duty is in time
    ],
)
def test_outside_its_hours_a_desk_has_time_until_it_is_back(since: str, minutes: int, by: str) -> None:
    """Within hours the minutes are minutes; what is left of them when duty ends is there when it begins."""
    seoul = ZONES["Asia/Seoul"]

    assert hours(OFFICE).after(at(since, seoul), minutes * MINUTE_MS) == at(by, seoul)


@pytest.mark.parametrize(
    ("text", "since", "minutes", "by"),
    [
        # On the night of 2026-03-29 there is no 02:00 to 03:00 in Berlin, on that of 2026-10-25 it is twice.
        ("00:00-06:00 Europe/Berlin", "2026-03-28T23:00", 300, "2026-03-29T04:00"),
        ("00:00-06:00 Europe/Berlin", "2026-10-24T22:00", 420, "2026-10-25T05:00"),
        ("22:00-02:30 Europe/Berlin", "2026-03-28T21:00", 270, "2026-03-29T01:30"),
    ],
)
def test_clocks_that_are_changed_change_the_time_on_duty(
    text: str, since: str, minutes: int, by: str
) -> None:
    """An hour that a night does not have is no time on duty, and one that it has twice counts twice."""
    assert hours(text).after(at(since), minutes * MINUTE_MS) == at(by)


def test_always_on_duty() -> None:
    """24/7 is every minute, and so is a desk that says nothing of its hours."""
    for text in ("24/7", None):
        desk = read_hours(text, ZONES.get)
        assert desk.understood
        assert on_duty(desk, at("2026-12-25T03:00"))
        assert desk.after(17, 5) == 22


@pytest.mark.parametrize(
    "text",
    [
        "every day, 24 hours",
        "",
        " ",
        "24/7 UTC",
        "Mo-Fr 08:00-20:00",  # no zone
        "Mo-Fr 08:00-20:00 Asia/Nowhere",
        "Mo-Fr 08:00-20:00 ../../etc/passwd",
        "Mo-Fr 8:00-20:00 UTC",
        "Mo-Fr 08:00-25:00 UTC",
        "Mo-Fr 08:60-09:00 UTC",
        "Mo-Fr 24:00-08:00 UTC",
        "Mo-Fr 08:00-08:00 UTC",
        "Mo-Fr 13:00-17:00,08:00-12:00 UTC",
        "Mo-Fr 08:00-13:00,12:00-17:00 UTC",
        "Mo-Fr 08:00-12:00; Fr 13:00-17:00 UTC",  # which of the two, only an order of rules would say
        "Mo,Mo 08:00-12:00 UTC",
        "mo-fr 08:00-20:00 UTC",
        "Mo-Fr 08:00-20:00  UTC",
        "Mo-Fr 08:00-20:00;Sa 09:00-10:00 UTC",
        "Mo-Fr 08:00-20:00; PH off UTC",
        "Mo-Fr sunrise-sunset UTC",
        "Mo-Fr 08:00-20:00 UTC\n",
        "Mo-Fr ٠٨:00-20:00 UTC",
        "Mo 08:00-09:00" + ",10:00-11:00" * 20 + " UTC",
    ],
)
def test_what_is_not_understood_is_kept_and_counts_as_always(text: str) -> None:
    """Words for people stay as they are; nobody gets more time by them, and it shows that they are words."""
    found = read_hours(text, ZONES.get)

    assert (found.text, found.understood) == (text, False)
    assert on_duty(found, at("2026-11-21T03:00"))


@given(st.text(alphabet="MoTuWeThFrSaSu0123456789:-,; /UTC", max_size=60))
@example("Mo" * 100)
def test_any_text_is_read(text: str) -> None:
    """Whatever a card says, it is read without an error, and kept."""
    assert read_hours(text, ZONES.get).text == text


@given(
    st.integers(-(2**70), 2**70),
    st.integers(0, 2**60),
    st.sampled_from([OFFICE, NIGHTS, "We 12:00-12:01 UTC"]),
)
def test_any_moment_can_be_asked_about(since_ms: int, duty_ms: int, text: str) -> None:
    """A time beyond all calendars, and a period without end, have no deadline, and do no harm."""
    by_ms = hours(text).after(since_ms, duty_ms)

    assert by_ms is None or since_ms <= by_ms <= since_ms + 400 * 86_400_000
    assert hours(text).worked(since_ms, since_ms + duty_ms) <= duty_ms
