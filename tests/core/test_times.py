"""A time says by its form how exactly it is known, whoever typed it where."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.records.cases.times import is_time, read_time

_PRECISIONS = ("year", "month", "day", "hour", "minute", "second")
_ENDS = (4, 7, 10, 13, 16, 19)


@given(at=st.datetimes(timezones=st.just(UTC)), parts=st.integers(1, 6), between=st.sampled_from("T "))
def test_a_time_is_read_to_the_precision_in_which_it_is_written(
    at: datetime, parts: int, between: str
) -> None:
    """Year, month, day, hour, minute or second, in UTC where nothing else is said."""
    written = at.isoformat(between)[: _ENDS[parts - 1]]
    kept = (at.year, at.month, at.day, at.hour, at.minute, at.second)[:parts]
    begins = datetime(*[*kept, *(1, 1, 1, 0, 0, 0)[parts:]], tzinfo=UTC)  # type: ignore[misc, arg-type]

    for text in (written, *((f"{written}Z", f"{written} UTC") if parts > 3 else ())):
        assert is_time(text)
        assert read_time(text) == (int(begins.timestamp()) * 1000, _PRECISIONS[parts - 1])


@given(
    at=st.datetimes(timezones=st.just(UTC)).filter(lambda at: 2 < at.year < 9_998),
    minutes=st.integers(-14 * 60, 14 * 60),
    parts=st.integers(5, 6),
)
def test_an_offset_is_kept_to(at: datetime, minutes: int, parts: int) -> None:
    """Of whatever zone, to the minute."""
    there = at.replace(microsecond=0, second=at.second if parts == 6 else 0).replace(
        tzinfo=timezone(timedelta(minutes=minutes))
    )
    text = there.isoformat()[: _ENDS[parts - 1]] + there.isoformat()[19:]

    assert read_time(text) == (int(there.timestamp()) * 1000, _PRECISIONS[parts - 1])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "09:30",
        "2026-13",
        "2026-02-30",
        "2026-11-22 24:00",
        "2026-11-22Z",
        "2026-11-22 09:30+99:99",
        "0000",
        "0001-01-01T00+01:00",
        "２０２６",
        "2026\n",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="Expected a time"):
        read_time(text)


@given(st.text() | st.from_regex(r"[0-9:TZ +-]{1,25}", fullmatch=True))
def test_whatever_is_no_time_is_told_so(text: str) -> None:
    """What has no such form is refused, and nothing else comes of any text."""
    if not is_time(text):
        with pytest.raises(ValueError, match="Expected a time"):
            read_time(text)
        return
    with contextlib.suppress(ValueError):
        read_time(text)
