"""What the author of a record held when it wrote it, by its contexts (docs/protocol.md, section 19.6)."""

from collections.abc import Callable, Mapping
from math import inf

from tocsin.cases.picture.places import member_and_epoch
from tocsin.core.records import Ref
from tocsin.core.views import Knowledge


def held_for(record: Ref, knowledge: Knowledge) -> Callable[[Ref], bool]:
    """Tells of others whether the author of this one held them: of its own, all that it had written."""
    saw = knowledge.saw(record.log, record.index)
    sizes: dict[str, float] = {}

    def is_held(other: Ref) -> bool:
        if other.log not in sizes:
            sizes[other.log] = _size(other.log, record, saw)
        return other.index < sizes[other.log]

    return is_held


def _size(log: str, record: Ref, saw: Mapping[str, int]) -> float:
    (member, epoch), (author, its_epoch) = member_and_epoch(log), member_and_epoch(record.log)
    if member != author:
        return saw.get(log, 0)
    if epoch == its_epoch:
        return record.index
    return inf if epoch < its_epoch else 0
