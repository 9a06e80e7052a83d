"""How much more an asker may ask: a bucket that fills by the hour, up to a height, and is drawn from.

All in whole numbers, so that whatever the moments asked at, no stretch of time gives more than the height and
what flowed in during it. A clock that goes back fills nothing until it is where it was.
"""

from msgspec import Struct

_HOUR_MS = 3_600_000


class Bucket(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is in it at a moment: in parts of which 3,600,000 are one question."""

    at_ms: int
    parts: int


def filled(bucket: Bucket | None, per_hour: int, burst: int, now_ms: int) -> Bucket:
    """The bucket now; a new one is full."""
    most = burst * _HOUR_MS
    if bucket is None:
        return Bucket(at_ms=now_ms, parts=most)
    flowed = max(0, now_ms - bucket.at_ms) * per_hour
    return Bucket(at_ms=max(now_ms, bucket.at_ms), parts=min(most, bucket.parts + flowed))


def drawn(bucket: Bucket, questions: int) -> Bucket | None:
    """The bucket without so many questions; None if they are not in it."""
    parts = bucket.parts - questions * _HOUR_MS
    return None if parts < 0 else Bucket(at_ms=bucket.at_ms, parts=parts)
