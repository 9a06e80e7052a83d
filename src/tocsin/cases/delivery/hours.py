"""When a desk is on duty: `desk.hours` of its card, where it is written so that a machine understands it.

    hours = "24/7" / rule *("; " rule) " " zone
    rule  = [days " "] spans                    days  = day ["-" day] *("," day ["-" day])
    day   = Mo / Tu / We / Th / Fr / Sa / Su    spans = time "-" time *("," time "-" time)
    time  = 00:00 to 24:00                      zone  = an IANA zone's name, such as Asia/Seoul or UTC

The form is a part of OpenStreetMap's `opening_hours`, with a zone, and means what it means there: no days are
all days, `Sa-Mo` goes on into the next week, and `20:00-08:00` into the next day. What would depend on the
order of rules is no part of it: a day stands in one rule.

- Everything else is words for people. They are kept, and the desk counts as always on duty: nobody is given
  more time because of a slip of the pen.
- What a local time means on a day when clocks are changed is PEP 495's, fold 0.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import TypeAlias

Zones: TypeAlias = Callable[[str], tzinfo | None]
"""The zone of that IANA name; None if there is none."""

MINUTE_MS = 60_000

_MAX_CHARACTERS = 200
_LONGEST_DAYS = 400
_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY = "(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_SPAN = r"\d\d:\d\d-\d\d:\d\d"
_RULE = re.compile(rf"(?:({_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*) )?({_SPAN}(?:,{_SPAN})*)", re.ASCII)
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,3}")
_DAY_MINUTES = 24 * 60
_DAY_MS = _DAY_MINUTES * MINUTE_MS
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_MAX_DAY = date.max.toordinal() - _EPOCH_DAY - 2

_Week: TypeAlias = tuple[tuple[tuple[int, int], ...], ...]
"""Of each day from Monday on, the spans that begin on it, in minutes from its start."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When a desk is on duty: always, or in the spans of a `week` in a `zone`.

    `text` is what the card says. Not `understood`, it says something else than this form does.
    """

    text: str | None = None
    understood: bool = True
    week: _Week | None = None
    zone: tzinfo = UTC

    def after(self, since_ms: int, duty_ms: int) -> int | None:
        """The first moment on duty, from `since_ms` on, with so much time on duty since then.

        None if that is not within 400 days, or beyond what a calendar has.
        """
        if self.week is None:
            return since_ms + duty_ms
        for begin_ms, end_ms in self._spans(since_ms):
            start_ms = max(begin_ms, since_ms)
            if start_ms + duty_ms < end_ms or (duty_ms and start_ms + duty_ms == end_ms):
                return start_ms + duty_ms
            duty_ms -= end_ms - start_ms
        return None

    def worked(self, since_ms: int, until_ms: int) -> int:
        """How long somebody was on duty between two moments, within 400 days of the first."""
        if self.week is None:
            return max(0, until_ms - since_ms)
        worked_ms = 0
        for begin_ms, end_ms in self._spans(since_ms):
            if begin_ms >= until_ms:
                break
            worked_ms += min(end_ms, until_ms) - max(begin_ms, since_ms)
        return worked_ms

    def _spans(self, since_ms: int) -> Iterator[tuple[int, int]]:
        """The spans on duty that end after that, in Unix milliseconds: in order, and none touches another."""
        if self.week is None or not 2 * _DAY_MS <= since_ms < _MAX_DAY * _DAY_MS:
            return
        # A local day may begin before the UTC day of its name, and its spans end in the next one.
        first = since_ms // _DAY_MS - 2
        open_span: tuple[int, int] | None = None
        for day in range(first, min(first + _LONGEST_DAYS, _MAX_DAY)):
            for begin_ms, end_ms in _spans_of_day(self.week, self.zone, day):
                if end_ms <= since_ms:
                    continue
                if open_span and begin_ms <= open_span[1]:
                    open_span = open_span[0], max(open_span[1], end_ms)
                    continue
                if open_span:
                    yield open_span
                open_span = begin_ms, end_ms
        if open_span:
            yield open_span


def read_hours(text: str | None, zone: Zones) -> Hours:
    """The hours that a card states; without any, and where they are not understood: always."""
    if text is None or text == "24/7":
        return Hours(text)
    rules, _, name = text.rpartition(" ")
    if len(text) > _MAX_CHARACTERS or not _ZONE.fullmatch(name):
        return Hours(text, understood=False)
    week, found = _week(rules), zone(name)
    if week is None or found is None:
        return Hours(text, understood=False)
    return Hours(text, week=week, zone=found)


def _week(rules: str) -> _Week | None:
    week: dict[int, tuple[tuple[int, int], ...]] = {}
    for rule in rules.split("; "):
        match = _RULE.fullmatch(rule)
        spans = _spans(match[2]) if match else None
        if match is None or spans is None:
            return None
        for day in _days(match[1]):
            if day in week:
                return None
            week[day] = spans
    return tuple(week.get(day, ()) for day in range(7))


def _days(text: str | None) -> Iterator[int]:
    for part in text.split(",") if text else ("Mo-Su",):
        first, _, last = part.partition("-")
        begin = _DAYS.index(first)
        length = (_DAYS.index(last or first) - begin) % 7 + 1
        yield from ((begin + offset) % 7 for offset in range(length))


def _spans(text: str) -> tuple[tuple[int, int], ...] | None:
    """Spans of a day: in order, and none before the end of another; None for what is no such thing."""
    spans: list[tuple[int, int]] = []
    for part in text.split(","):
        begin, end = (_minutes(time) for time in part.split("-"))
        if begin is None or end is None or begin in {_DAY_MINUTES, end}:
            return None
        if spans and begin < spans[-1][1]:
            return None
        spans.append((begin, end if begin < end else end + _DAY_MINUTES))
    return tuple(spans)


def _minutes(time: str) -> int | None:
    hours, minutes = int(time[:2]), int(time[3:])
    total = hours * 60 + minutes
    return total if minutes < 60 and total <= _DAY_MINUTES else None


@lru_cache(maxsize=4096)
def _spans_of_day(week: _Week, zone: tzinfo, day: int) -> tuple[tuple[int, int], ...]:
    """The spans that begin on that local day, counted from 1970-01-01, in Unix milliseconds."""
    midnight = datetime.combine(date.fromordinal(_EPOCH_DAY + day), datetime.min.time())
    spans = []
    for begin, end in week[midnight.weekday()]:
        begin_ms, end_ms = (_unix_ms(midnight + timedelta(minutes=at), zone) for at in (begin, end))
        if begin_ms < end_ms:
            spans.append((begin_ms, end_ms))
    return tuple(spans)


def _unix_ms(local: datetime, zone: tzinfo) -> int:
    # Not `timestamp()`: a float has no room for every millisecond.
    return (local.replace(tzinfo=zone) - _EPOCH) // timedelta(milliseconds=1)
