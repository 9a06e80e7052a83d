"""Where records stand, what they name, and to which case they belong."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias, TypeGuard, TypeVar

from tocsin.core.records import (
    Acknowledgement,
    Answer,
    CaseRecord,
    Closing,
    Correction,
    GroundTruth,
    Link,
    OperatorPosition,
    Passing,
    Reading,
    Ref,
    Reminder,
    Report,
    Source,
    Withdrawal,
)
from tocsin.core.views import Said

_Kind = TypeVar("_Kind", bound=CaseRecord)
Place: TypeAlias = tuple[int, int, str]
"""Epoch, index and entry: the order in which one member said what it said."""


def case_of(ref: Ref, record: CaseRecord) -> Ref:
    """The case that a record's own bytes say it belongs to: a report that names none opens one."""
    return ref if record.case is None else record.case


def says(said: Said[CaseRecord], kind: type[_Kind]) -> TypeGuard[Said[_Kind]]:
    """Whether the record is of that kind."""
    return isinstance(said.record, kind)


def place(ref: Ref) -> Place:
    """Where a record stands among those of its member."""
    return member_and_epoch(ref.log)[1], ref.index, ref.entry


def is_of_one_member(ref: Ref, other: Ref) -> bool:
    """Whether both stand in logs of one member, of whatever epochs."""
    return member_and_epoch(ref.log)[0] == member_and_epoch(other.log)[0]


@lru_cache(maxsize=1024)
def member_and_epoch(log: str) -> tuple[str, int]:
    """A log's member, with its domain and circle, and its epoch."""
    member, _, epoch = log.rpartition("/")
    return member, int(epoch)


def about(record: CaseRecord) -> Sequence[Ref]:
    """The records of its case that a record is about."""
    match record:
        case Answer():
            return (record.ask,)
        case Correction() | Reminder():
            return (record.of,)
        case Acknowledgement() | Withdrawal() | Passing():
            return record.of
        case Closing():
            return record.dissent or ()
        case Reading():
            return tuple(one.hypothesis for one in record.probabilities if one.hypothesis is not None)
        case GroundTruth():
            return () if record.hypothesis is None else (record.hypothesis,)
        case _:
            return ()


def named(record: CaseRecord) -> Iterator[Ref]:
    """What a record names, besides its case."""
    yield from about(record)
    if isinstance(record, Link):
        yield record.other
    yield from (source.record for source in sources_of(record) if source.record is not None)


def sources_of(record: CaseRecord) -> Sequence[Source]:
    """The sources that a record cites, whether they count for anything or not."""
    if isinstance(record, Report | Correction | Answer | OperatorPosition | Reading | GroundTruth):
        return record.sources or ()
    return ()
