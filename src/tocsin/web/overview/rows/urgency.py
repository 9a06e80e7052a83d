"""In which order cases stand, by what is owed in them; and a text for it, so that a browser can sort, too.

(1) What is real before any exercise. (2) What our own people are late with; what waits for them; what others
are late with; the rest. (3) The graver before the less grave, (4) the corroborated before the others,
(5) whose time is over first, (6) the newest first.

What is owed, and which of it is the most urgent, the cases themselves say (`tocsin.cases.duty`).
"""

from typing import Final, Literal, TypeAlias, get_args

from tocsin.core.records.cases.vocabulary import Severity
from tocsin.web.live.siren.thresholds import assumed

Standing: TypeAlias = Literal["late", "waits", "others-late", "calm"]
"""*late*: our own people are. *waits*: something waits for them. *others-late*: others are. *calm*: none."""

STANDINGS: Final[tuple[Standing, ...]] = get_args(Standing)

_MOST_MS: Final = 10**16 - 1


def order_of(
    *,
    drill: bool,
    standing: Standing,
    due_by_ms: int | None,
    severity: Severity | None,
    corroborated: bool,
    last_at_ms: int,
    name: str,
) -> str:
    """The smaller, the more urgent; of no two cases the same."""
    due = _MOST_MS if due_by_ms is None else due_by_ms
    return (
        f"{drill:d}{STANDINGS.index(standing)}{9 - assumed(severity)}{not corroborated:d}{_within(due):016}"
        f"{_MOST_MS - _within(last_at_ms):016} {name}"
    )


def _within(at_ms: int) -> int:
    """Others write times: of those beyond all calendars, the ends."""
    return min(max(at_ms, 0), _MOST_MS)
