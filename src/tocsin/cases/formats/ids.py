"""Identifiers and times that follow from what they are of: exported twice, a record is the same object.

UUIDs are version 5 (RFC 9562) of a namespace of this format's own and a record's full reference, which
nobody can read back out of them.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from tocsin.core.records import Ref

NAMESPACE: Final = UUID("6a1e1d5c-33c0-4b0f-9a55-0e2f7c1b8d94")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def uuid_of(what: str, *names: str) -> str:
    """The identifier of `what` of the thing of these names."""
    return str(uuid5(NAMESPACE, "\n".join((what, *names))))


def name_of(ref: Ref) -> str:
    """A record's full reference, as one name."""
    return f"{ref.log}/{ref.index}/{ref.entry}"


def is_uuid(text: str) -> bool:
    """Whether it is a UUID as it is written everywhere, in lowercase."""
    return _UUID.fullmatch(text) is not None


def stamp(at_ms: int) -> str | None:
    """That moment as RFC 3339 has it, in UTC; None before the year 1 and after 9999."""
    try:
        moment = _EPOCH + timedelta(milliseconds=at_ms)
    except OverflowError:
        return None
    return f"{moment.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def parse_stamp(text: str) -> int | None:
    """The moment, to the millisecond; None if it is not written so, or is none."""
    if not _STAMP.fullmatch(text):
        return None
    seconds, _, fraction = text.removesuffix("Z").partition(".")
    try:
        moment = datetime.fromisoformat(f"{seconds}+00:00")
    except ValueError:
        return None
    return (moment - _EPOCH) // timedelta(seconds=1) * 1000 + int(fraction.ljust(3, "0")[:3])


def parse_day(text: str) -> int | None:
    """The first moment of a day in UTC; None if this is none."""
    return parse_stamp(f"{text}T00:00:00Z") if _DAY.fullmatch(text) else None


def day(at_ms: int) -> str | None:
    """The day of that moment in UTC."""
    text = stamp(at_ms)
    return None if text is None else text[:10]
