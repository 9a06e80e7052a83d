"""Whether a record of a case may be written (docs/protocol.md, section 19.7).

What others wrote against these rules is read, shown and found wrong (`picture`); here it is refused before
it is written. Checks, in this order:

(1) its case is here, and so is every record that it names;
(2) each of those is of that case, and of a kind that it can be about;
(3) what it corrects, withdraws or takes over is its own organisation's;
(4) it cites more than its own organisation's records, but for a ground truth, which others do not rest on;
(5) it is no report as versions before 0.3.0 wrote them, which do not say how evidence was obtained;
(6) a hypothesis or reading is of a case that neither its own organisation has closed nor the one that opened
    it, a ground truth of one that its own organisation has closed;
(7) no hypothesis that it names was withdrawn, and that of a ground truth is of the kind which it says.
"""

from collections.abc import Callable
from typing import TypeAlias

from tocsin.cases.picture.places import about, case_of, sources_of
from tocsin.cases.writing.assessing import Ended, check_assessment
from tocsin.core.records import (
    Answer,
    Ask,
    CaseRecord,
    Correction,
    GroundTruth,
    Handover,
    Hypothesis,
    Link,
    OfCases,
    Reading,
    Record,
    Ref,
    Report,
    Takeover,
    Withdrawal,
)
from tocsin.core.records.errors import (
    MalformedRecord,
    NotInCase,
    NotYours,
    SelfCitation,
    UnknownCase,
    UnknownHypothesis,
    UnknownRecord,
    WrongKind,
)
from tocsin.core.views import Said

Known: TypeAlias = Callable[[Ref], Said[Record] | None]
"""The record that a reference means, if it is here and can be read."""
GoesOn: TypeAlias = Callable[[Ref], bool]
"""Whether other records of that case are here, though perhaps not the report that opened it."""
EndedIn: TypeAlias = Callable[[Ref], Ended]
"""What has ended in that case."""


def check_wish(
    record: OfCases,
    member: str,
    known: Known,
    goes_on: GoesOn = lambda _: False,
    ended: EndedIn = lambda _: Ended(),
) -> None:
    """That `member` may write this record.

    A case of which there are records goes on, whatever became of its first report (`goes_on`). What has
    `ended` in it is asked for hypotheses, readings and ground truths alone.
    Raises UnknownCase, UnknownRecord, NotInCase, WrongKind, UnknownHypothesis, NotYours, SelfCitation,
    MalformedRecord, CaseClosed, CaseOpen.
    """
    match record:
        case Handover():
            for case in record.cases or ():
                _check_case(case, known, goes_on)
        case Takeover():
            _check_takeover(record, member, known)
        case _:
            _check_in_case(record, member, known, goes_on)
            # (6), (7) what has ended
            if isinstance(record, Hypothesis | Reading | GroundTruth):
                named = [_said(ref, known) for ref in about(record)]
                check_assessment(record, member, ended(record.case), named)


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
        _check_kind(record, one)
        # (3) its own
        if isinstance(record, Correction | Withdrawal) and one.member != member:
            raise NotYours(f"{one.ref} is a record of {one.member}: only {one.member} can change it.")
    # (4) sources
    _check_sources(record, member, known)
    # (5) form
    if isinstance(record, Report) and record.is_earlier:
        raise MalformedRecord("Expected `obtained` with each source, found one without.")


def _check_kind(record: CaseRecord, one: Said[Record]) -> None:
    if isinstance(record, Reading | GroundTruth):
        if not isinstance(one.record, Hypothesis):
            raise UnknownHypothesis(
                f"Expected a hypothesis of this case at {one.ref}, found a {one.record.kind}. "
                "Next: write it down as a hypothesis first, and name that."
            )
    elif (isinstance(record, Correction) and not isinstance(one.record, Report)) or (
        isinstance(record, Answer) and not isinstance(one.record, Ask)
    ):
        raise WrongKind(f"A record of kind {record.kind} names {one.ref}, which is a {one.record.kind}.")


def _check_sources(record: CaseRecord, member: str, known: Known) -> None:
    sources, own = sources_of(record), 0
    for source in sources:
        if source.record is None:
            continue
        cited = _said(source.record, known)
        _check_place(cited, record.case)
        if not isinstance(cited.record, Report | Answer):
            raise WrongKind(f"{cited.ref} is a {cited.record.kind}, and has no sources to cite.")
        # What one saw oneself one may read oneself, if it stands in a record that names its sources.
        own += cited.member == member and not (isinstance(record, Reading) and cited.record.sources)
    if sources and own == len(sources) and not isinstance(record, GroundTruth):
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
