"""A time as people write it, which says by its form how exactly it is known.

`2026`, `2026-11`, `2026-11-22`, `2026-11-22 09`, `… 09:30` or `… 09:30:00`; a `T` may stand for the space.
Behind an hour an offset may follow (`Z`, `UTC`, `+09:00`); without one it is UTC.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from tocsin.core.records.cases.vocabulary import Precision

_TIME: Final = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)(?:[T ](?P<hour>\d\d)"
    r"(?::(?P<minute>\d\d)(?::(?P<second>\d\d))?)?"
    r"(?: ?(?P<offset>Z|UTC|[+-](?:[01]\d|2[0-3]):[0-5]\d))?)?)?)?",
    re.ASCII,
)
_PRECISIONS: Final[tuple[Precision, ...]] = ("year", "month", "day", "hour", "minute", "second")
_SHOWN_CHARACTERS: Final = 64


def is_time(text: str) -> bool:
    """Whether it has the form of a time; whether there is such a time, `read_time` says."""
    return _TIME.fullmatch(text) is not None


def read_time(text: str) -> tuple[int, Precision]:
    """Unix milliseconds, and how exactly they are meant. Raises ValueError."""
    shown = text[:_SHOWN_CHARACTERS]
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"Expected a time such as 2026-11-22T09:30Z, found {shown!r}.")
    given = [int(found[part]) for part in _PRECISIONS if found[part] is not None]
    year, month, day, hour, minute, second = [*given, *(1, 1, 1, 0, 0, 0)[len(given) :]]
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=UTC) - _offset(found["offset"])
        return int(at.timestamp()) * 1000, _PRECISIONS[len(given) - 1]
    except (ValueError, OverflowError):
        raise ValueError(f"Expected a time that there is, found {shown!r}.") from None


def _offset(text: str | None) -> timedelta:
    if text is None or not text.startswith(("+", "-")):
        return timedelta()
    hours, minutes = text[1:].split(":")
    span = timedelta(hours=int(hours), minutes=int(minutes))
    return -span if text[0] == "-" else span
