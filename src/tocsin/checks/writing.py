"""Which answers to checks a node writes (docs/protocol.md, section 21): those that count for something.

(1) the check is here; (2) it is one, by another member.
"""

from collections.abc import Callable

from tocsin.core.records import Check, CheckAnswer, Record, Ref
from tocsin.core.records.errors import UnknownRecord, WrongKind
from tocsin.core.views import Said


def check_answer(record: CheckAnswer, member: str, known: Callable[[Ref], Said[Record] | None]) -> None:
    """That `member` may write this answer. Raises UnknownRecord, WrongKind."""
    said = known(record.check)
    # (1) here
    if said is None:
        raise UnknownRecord(f"Expected a record that is here, found none for {record.check}.")
    # (2) a check by another
    if not isinstance(said.record, Check) or said.member == member:
        found = f"a {said.record.kind} by {said.member}"
        raise WrongKind(f"Expected a check by another member, found {record.check}, {found}.")
