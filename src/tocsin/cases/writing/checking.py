"""Whether a record of a case may be written (docs/protocol.md, section 19.7).

What others wrote against these rules is read, shown and found wrong (`picture`); here it is refused before
it is written. Checks, in this order:

(1) its case is here, and so is every record that it names;
(2) each of those is of that case, and of a kind that it can be about;
(3) what it corrects, withdraws or takes over is its own organisation's;
(4) it cites more than its own organisation's records;
(5) it is no report as versions before 0.3.0 wrote them, which do not say how evidence was obtained.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from tocsin.cases.picture.places import about, case_of
from tocsin.core.records import (
    Answer,
    Ask,
    CaseRecord,
    Correction,
    Handover,
    Link,
    OfCases,
    OperatorPosition,
    Record,
    Ref,
    Report,
    Source,
    Takeover,
    Withdrawal,
)
from tocsin.core.records.errors import (
    MalformedRecord,
    NotInCase,
    NotYours,
    SelfCitation,
    UnknownCase,
    UnknownRecord,
    WrongKind,
)
from tocsin.core.views import Said

Known: TypeAlias = Callable[[Ref], Said[Record] | None]
"""The record that a reference means, if it is here and can be read."""
GoesOn: TypeAlias = Callable[[Ref], bool]
"""Whether other records of that case are here, though perhaps not the report that opened it."""


def check_wish(record: OfCases, member: str, known: Known, goes_on: GoesOn = lambda _: False) -> None:
    """That `member` may write this record.

    A case of which there are records goes on, whatever became of its first report (`goes_on`).
    Raises UnknownCase, UnknownRecord, NotInCase, WrongKind, NotYours, SelfCitation, MalformedRecord.
    """
    match record:
        case Handover():
            for case in record.cases or ():
                _check_case(case, known, goes_on)
        case Takeover():
            _check_takeover(record, member, known)
        case _:
            _check_in_case(record, member, known, goes_on)


def _check_in_case(record: CaseRecord, member: str, known: Known, goes_on: GoesOn) -> None:
    # (1) here
    if record.case is not None:
        _check_case(record.case, known, goes_on)
    if isinstance(record, Link):
        _check_case(record.other, known, goes_on)
    said = [_said(ref, known) for ref in about(record)]
    # (2) of the case, and of a kind
    for one in said:
        _check_place(one, record.case)
        if (isinstance(record, Correction) and not isinstance(one.record, Report)) or (
            isinstance(record, Answer) and not isinstance(one.record, Ask)
        ):
            raise WrongKind(f"A record of kind {record.kind} names {one.ref}, which is a {one.record.kind}.")
        # (3) its own
        if isinstance(record, Correction | Withdrawal) and one.member != member:
            raise NotYours(f"{one.ref} is a record of {one.member}: only {one.member} can change it.")
    # (4) sources
    if isinstance(record, Report | Answer | Correction | OperatorPosition):
        _check_sources(record.sources or (), record.case, member, known)
    # (5) form
    if isinstance(record, Report) and record.is_earlier:
        raise MalformedRecord("Expected `obtained` with each source, found one without.")


def _check_sources(sources: Sequence[Source], case: Ref | None, member: str, known: Known) -> None:
    cited = [_said(source.record, known) for source in sources if source.record is not None]
    for one in cited:
        _check_place(one, case)
        if not isinstance(one.record, Report | Answer):
            raise WrongKind(f"{one.ref} is a {one.record.kind}, and has no sources to cite.")
    if cited and len(cited) == len(sources) and all(one.member == member for one in cited):
        raise SelfCitation(f"Expected a source besides records of {member} itself, found none.")


def _check_takeover(record: Takeover, member: str, known: Known) -> None:
    handover = _said(record.handover, known)
    if not isinstance(handover.record, Handover):
        raise WrongKind(f"{handover.ref} is a {handover.record.kind}, and no handover.")
    if handover.member != member or handover.record.to != record.author:
        to = handover.record.to
        raise NotYours(
            f"Expected {to} of {handover.member}, to whom {handover.ref} is handed over, "
            f"found {record.author} of {member}. Next: let {to} take it over, with a key of their own."
        )


def _check_case(case: Ref, known: Known, goes_on: GoesOn) -> None:
    said = known(case)
    if said is None and goes_on(case):
        return
    if said is None or not isinstance(said.record, Report) or said.record.case is not None:
        raise UnknownCase(f"Expected a report that opens a case at {case}, found none.")


def _check_place(said: Said[Record], case: Ref | None) -> None:
    if not isinstance(said.record, CaseRecord) or case_of(said.ref, said.record) != case:
        raise NotInCase(f"{said.ref} belongs to another case, or to none.")


def _said(ref: Ref, known: Known) -> Said[Record]:
    said = known(ref)
    if said is None:
        raise UnknownRecord(f"Expected a record at {ref}, as it is named there; found none.")
    return said
