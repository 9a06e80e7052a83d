"""How soon desks answer.

- A response time runs from when a check came to the desk's node to its officer's answer, both by the clock
  of that desk, while it was on duty. It is on the desk's own word.
- Of several answers by one member to one check, the first counts; of a member, its newest so many.
- The median of a circle is one of medians, so that whoever answers most does not weigh most; it is there from
  three other members on, so that it tells of none.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol, TypeAlias

from tocsin.checks.view import KEPT
from tocsin.core.records import CheckAnswer, Record, Ref
from tocsin.core.views import Said

LEAST_OTHERS: Final = 3
LONGEST_MS: Final = 31 * 86_400_000
"""What claims to have taken longer is no response to a check: it is an answer without a time."""

Answers: TypeAlias = Mapping[str, Mapping[Ref, tuple[Ref, CheckAnswer]]]
"""By member and check, the answer that counts, and where it stands."""


class Duty(Protocol):
    """When a desk is on duty. Times are Unix milliseconds."""

    def worked(self, since_ms: int, until_ms: int) -> int:
        """How long it was on duty between two moments."""
        ...

    def after(self, since_ms: int, duty_ms: int) -> int | None:
        """The first moment on duty with so much time on duty since then; None if there is none."""
        ...


def answers_of(said: Iterable[Said[Record]]) -> Answers:
    """The answers that count, whatever they answer."""
    by_member: defaultdict[str, list[tuple[Ref, CheckAnswer]]] = defaultdict(list)
    for one in said:
        if isinstance(one.record, CheckAnswer):
            by_member[one.member].append((one.ref, one.record))
    return {member: _first(some) for member, some in by_member.items()}


def place(ref: Ref) -> tuple[int, int]:
    """Where a record stands among those of its member."""
    return ref.log_name.epoch, ref.index


def response_ms(answer: CheckAnswer, duty: Duty) -> int | None:
    """How long the desk was on duty before it answered; None if the answer does not say."""
    came_ms = answer.received_at_ms
    if came_ms is None or answer.at_ms - came_ms > LONGEST_MS:
        return None
    return duty.worked(came_ms, answer.at_ms)


def median_ms(times_ms: Sequence[int]) -> int | None:
    """The one in the middle, or the mean of the two that are."""
    if not times_ms:
        return None
    ordered, middle = sorted(times_ms), len(times_ms) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) // 2


def circle_median_ms(medians_ms: Sequence[int]) -> int | None:
    """The median of those of the others; None if they are too few to tell of none of them."""
    return median_ms(medians_ms) if len(medians_ms) >= LEAST_OTHERS else None


def _first(some: Iterable[tuple[Ref, CheckAnswer]]) -> dict[Ref, tuple[Ref, CheckAnswer]]:
    """To each check the first of the newest that one member wrote."""
    first: dict[Ref, tuple[Ref, CheckAnswer]] = {}
    for ref, answer in sorted(some, key=lambda one: place(one[0]))[-KEPT:]:
        first.setdefault(answer.check, (ref, answer))
    return first
