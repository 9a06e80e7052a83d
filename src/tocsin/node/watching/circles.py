"""What is not as it should be with a circle itself: its charter, its members' epochs, the age of our keys."""

from collections.abc import Iterator

from tocsin.circles.founding.opening import read_opening
from tocsin.circles.line import Line
from tocsin.node.api.types import Trouble

_DAY_MS = 86_400_000


def troubles_of(line: Line, now_ms: int, rotate_after_days: int) -> Iterator[Trouble]:
    """Each with its next step."""
    circle, own = line.circle, line.standing.member
    if circle.frozen:
        words = (
            f"There are two versions {circle.charter.version + 1} of the charter, both signed by enough "
            "members: it is not amended any more, and all else goes on. Next: settle who signed both, and "
            "found a circle in its place (`tocsin circle draft --continues ID`)."
        )
        yield Trouble(code="frozen", explanation=words, circle=circle.id)
    for member in circle.members:
        if member.disputed and member.slug != own.slug:
            words = (
                f"There are two openings of its epoch {member.log.epoch + 1}, both signed by its "
                "organisation key. Next: talk to them by another way; with a new key of theirs, `tocsin "
                "circle amend draft`."
            )
            yield Trouble(code="disputed-epoch", explanation=words, circle=circle.id, member=member.slug)
    for status in line.status().members:
        if status.suspended:
            words = f"It is suspended: {status.suspended} Next: `tocsin circle resume {status.member.slug}`."
            yield Trouble(code="suspended", explanation=words, circle=circle.id, member=status.member.slug)
    age_days = (now_ms - read_opening(own.opening).at_ms) // _DAY_MS
    if line.standing.takes_part and age_days >= rotate_after_days:
        words = f"The keys of this node are {age_days} days old. Next: `tocsin epoch draft`."
        yield Trouble(code="keys-old", explanation=words, circle=circle.id)
