"""What a node refuses to write about a case: what any other would find wrong with it."""

import pytest
from tests.core.record_parts import CIRCLE, COMMON

from tocsin.cases.writing import check_wish
from tocsin.core.errors import Refusal
from tocsin.core.records import (
    Acknowledgement,
    Answer,
    Ask,
    Closing,
    Correction,
    Handover,
    Link,
    NoteRecord,
    OfCases,
    OperatorPosition,
    Passing,
    Record,
    Ref,
    Report,
    Source,
    Takeover,
    Withdrawal,
)
from tocsin.core.views import Said


def ref(member: str, index: int) -> Ref:
    """The record of a member at an index."""
    return Ref.at(f"line.example.org/{CIRCLE}/{member}/1", index, bytes([index]) * 32)


POST = Source(kind="post", locator="https://social.example/1", obtained="published")
CASE, OTHER, NONE = ref("birch", 1), ref("birch", 2), ref("birch", 99)
MINE, THEIRS, ASK, ANSWER, NOTE, HANDOVER, ELSEWHERE, ABROAD = (
    *(ref("apricot", 3), ref("birch", 4), ref("birch", 5), ref("apricot", 6)),
    *(ref("apricot", 7), ref("apricot", 8), ref("apricot", 9), ref("birch", 10)),
)


def citing(*refs: Ref) -> tuple[Source, ...]:
    """Sources of kind record."""
    return tuple(Source(kind="record", record=one) for one in refs)


SAID: dict[Ref, Record] = {
    CASE: Report(**COMMON, sources=(POST,)),
    OTHER: Report(**COMMON, sources=(POST,)),
    MINE: Report(**COMMON, case=CASE, sources=(POST,)),
    THEIRS: Report(**COMMON, case=CASE, sources=(POST,)),
    ASK: Ask(**COMMON, case=CASE, questions=("seen",)),
    ANSWER: Answer(**COMMON, case=CASE, ask=ASK, seen="seen", sources=(POST,)),
    NOTE: NoteRecord(**COMMON, text="A note.", lang="en"),
    HANDOVER: Handover(**COMMON, to="night-officer"),
    ABROAD: Handover(**COMMON, to="night-officer"),
    ELSEWHERE: Report(**COMMON, case=OTHER, sources=(POST,)),
}


def known(one: Ref) -> Said[Record] | None:
    """The record there, if there is one."""
    return Said(one, one.log_name.member, SAID[one]) if one in SAID else None


def code_of(record: OfCases) -> str | None:
    """Why apricot may not write this record, if it may not."""
    try:
        check_wish(record, "apricot", known)
    except Refusal as refusal:
        return refusal.code
    return None


def night(handover: Ref) -> Takeover:
    """A takeover by the officer of the night."""
    return Takeover(**COMMON | {"author": "night-officer"}, handover=handover)


GOOD: list[OfCases] = [
    Report(**COMMON, sources=(POST,)),
    Report(**COMMON, case=CASE, sources=citing(MINE, THEIRS)),
    Report(**COMMON, case=CASE, sources=(POST, *citing(MINE))),
    Report(**COMMON, case=CASE, sources=citing(CASE)),
    Ask(**COMMON, case=CASE, questions=("seen",)),
    Answer(**COMMON, case=CASE, ask=ASK, seen="not-seen"),
    Acknowledgement(**COMMON, case=CASE, of=(CASE, THEIRS, ASK)),
    Correction(**COMMON, case=CASE, of=MINE, event="hazard"),
    Withdrawal(**COMMON, case=CASE, of=(MINE, ANSWER), reason="mistaken"),
    Link(**COMMON, case=CASE, other=OTHER, link="related"),
    Passing(**COMMON, case=CASE, of=(THEIRS,)),
    Closing(**COMMON, case=CASE, outcome="hazard", dissent=(THEIRS,)),
    Handover(**COMMON, to="night-officer", cases=(CASE, OTHER)),
    night(HANDOVER),
]

BAD: list[tuple[str, str, OfCases]] = [
    ("an unknown case", "unknown-case", Ask(**COMMON, case=NONE, questions=("seen",))),
    ("a case that no report opens", "unknown-case", Ask(**COMMON, case=ASK, questions=("seen",))),
    ("a report that opens none", "unknown-case", Report(**COMMON, case=MINE, sources=(POST,))),
    ("a link to no case", "unknown-case", Link(**COMMON, case=CASE, other=MINE, link="related")),
    ("a handover of no case", "unknown-case", Handover(**COMMON, to="night-officer", cases=(NONE,))),
    ("an unknown ask", "unknown-record", Answer(**COMMON, case=CASE, ask=NONE, seen="not-seen")),
    ("an unknown source", "unknown-record", Report(**COMMON, case=CASE, sources=citing(NONE))),
    ("an unknown handover", "unknown-record", night(NONE)),
    ("an ask of another case", "not-in-case", Answer(**COMMON, case=OTHER, ask=ASK, seen="not-seen")),
    ("another case's report", "not-in-case", Acknowledgement(**COMMON, case=CASE, of=(ELSEWHERE,))),
    ("another case", "not-in-case", Acknowledgement(**COMMON, case=CASE, of=(OTHER,))),
    ("a record of no case", "not-in-case", Withdrawal(**COMMON, case=CASE, of=(NOTE,), reason="mistaken")),
    ("a source of another case", "not-in-case", Report(**COMMON, case=CASE, sources=citing(ELSEWHERE))),
    ("a source of no case yet", "not-in-case", Report(**COMMON, sources=(POST, *citing(THEIRS)))),
    ("no ask", "wrong-kind", Answer(**COMMON, case=CASE, ask=THEIRS, seen="not-seen")),
    ("no report", "wrong-kind", Correction(**COMMON, case=CASE, of=ANSWER, event="hazard")),
    ("no source", "wrong-kind", Report(**COMMON, case=CASE, sources=citing(ASK))),
    ("no handover", "wrong-kind", night(MINE)),
    ("another's report", "not-yours", Correction(**COMMON, case=CASE, of=THEIRS, event="hazard")),
    ("another's record", "not-yours", Withdrawal(**COMMON, case=CASE, of=(MINE, ASK), reason="mistaken")),
    ("another's shift", "not-yours", Takeover(**COMMON, handover=HANDOVER)),
    ("another member's shift", "not-yours", night(ABROAD)),
    ("itself, corrected", "self-citation", Correction(**COMMON, case=CASE, of=MINE, sources=citing(ANSWER))),
    (
        "an unknown source of an operator",
        "unknown-record",
        OperatorPosition(
            **COMMON, case=CASE, operator="Maker", role="provider", position="disputes", sources=citing(NONE)
        ),
    ),
    ("oneself alone", "self-citation", Report(**COMMON, case=CASE, sources=citing(MINE, ANSWER))),
]


def test_what_may_be_written() -> None:
    """A record whose case and records are here, of that case, and one's own where they have to be, passes."""
    assert [(record, code) for record in GOOD if (code := code_of(record))] == []


@pytest.mark.parametrize(("code", "record"), [pytest.param(*case, id=name) for name, *case in BAD])
def test_what_may_not_be_written(code: str, record: OfCases) -> None:
    """A record that every other node would find something wrong with is refused before it is written."""
    assert code_of(record) == code


def test_the_form_of_earlier_versions() -> None:
    """Reports of earlier versions are read, and none is written: it does not say how it was obtained."""
    source = Source(kind="post", locator="https://social.example/1")

    assert code_of(Report(**COMMON, summary="A picture.", lang="en", sources=(source,))) == "malformed-record"


def test_another_version_is_no_record_that_is_known() -> None:
    """A reference to the same place with other bytes means nothing that is here."""
    other_bytes = Ref.at(ASK.log, ASK.index, bytes(32))

    assert code_of(Answer(**COMMON, case=CASE, ask=other_bytes, seen="not-seen")) == "unknown-record"
