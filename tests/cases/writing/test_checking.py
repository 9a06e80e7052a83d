"""What a node refuses to write about a case: what any other would find wrong with it."""

import msgspec
import pytest
from tests.core.record_parts import CIRCLE, COMMON

from tocsin.cases.writing import Ended, check_wish
from tocsin.core.errors import Refusal
from tocsin.core.records import (
    Acknowledgement,
    Answer,
    Ask,
    Closing,
    Correction,
    GroundTruth,
    Handover,
    Hypothesis,
    Link,
    NoteRecord,
    OfCases,
    OperatorPosition,
    Passing,
    Probability,
    Reading,
    Record,
    Ref,
    Report,
    Source,
    Takeover,
    Withdrawal,
)
from tocsin.core.records.errors import WrongKind
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
SUPPOSED, OF_ANOTHER, UNSEEN, PRANK = ref("birch", 11), ref("birch", 12), ref("apricot", 13), ref("birch", 14)


def citing(*refs: Ref) -> tuple[Source, ...]:
    """Sources of kind record."""
    return tuple(Source(kind="record", record=one) for one in refs)


WORM = Hypothesis(**COMMON, case=CASE, under="attack", text="A worm.", lang="en")
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
    SUPPOSED: WORM,
    OF_ANOTHER: msgspec.structs.replace(WORM, case=OTHER),
    PRANK: msgspec.structs.replace(WORM, under="misuse"),
    UNSEEN: Answer(**COMMON, case=CASE, ask=ASK, seen="not-seen"),
}


def known(one: Ref) -> Said[Record] | None:
    """The record there, if there is one."""
    return Said(one, one.log_name.member, SAID[one]) if one in SAID else None


def code_of(record: OfCases, *closed_by: str, withdrawn: tuple[Ref, ...] = ()) -> str | None:
    """Why apricot may not write this record, if it may not, in a case that these have closed."""
    ended = {CASE: Ended(closed_by=closed_by, withdrawn=withdrawn)}
    try:
        check_wish(record, "apricot", known, ended=ended.__getitem__)
    except Refusal as refusal:
        return refusal.code
    return None


def reading(hypothesis: Ref | None = None, *sources: Source) -> Reading:
    """A reading, which gives a hypothesis all there is."""
    of = Probability(permille=1_000, **({"hypothesis": hypothesis} if hypothesis else {"what": "attack"}))
    return Reading(**COMMON, case=CASE, probabilities=(of,), confidence="low", sources=sources or (POST,))


def truth(hypothesis: Ref | None = None, *sources: Source) -> GroundTruth:
    """What it was."""
    return GroundTruth(**COMMON, case=CASE, what="attack", hypothesis=hypothesis, sources=sources or None)


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
    Hypothesis(**COMMON, case=CASE, under="misuse", text="A prank.", lang="en"),
    reading(SUPPOSED),
    reading(None, *citing(MINE, THEIRS)),
    reading(None, *citing(MINE, ANSWER)),
    reading(None, POST, *citing(MINE)),
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
    ("an unknown hypothesis", "unknown-record", reading(NONE)),
    ("a hypothesis of another case", "not-in-case", reading(OF_ANOTHER)),
    ("no hypothesis", "unknown-hypothesis", reading(THEIRS)),
    ("an unknown source of a reading", "unknown-record", reading(None, *citing(NONE))),
    ("another case's source of a reading", "not-in-case", reading(None, *citing(ELSEWHERE))),
    ("no source of a reading", "wrong-kind", reading(None, *citing(SUPPOSED))),
    ("oneself alone, who saw nothing, read", "self-citation", reading(None, *citing(UNSEEN))),
    ("a hypothesis of an unknown case", "unknown-case", msgspec.structs.replace(WORM, case=NONE)),
]


def test_what_may_be_written() -> None:
    """A record whose case and records are here, of that case, and one's own where they have to be, passes."""
    assert [(record, code) for record in GOOD if (code := code_of(record))] == []


@pytest.mark.parametrize(("code", "record"), [pytest.param(*case, id=name) for name, *case in BAD])
def test_what_may_not_be_written(code: str, record: OfCases) -> None:
    """A record that every other node would find something wrong with is refused before it is written."""
    assert code_of(record) == code


TRUTHS: list[tuple[str, str | None, GroundTruth]] = [
    ("what it was", None, truth()),
    ("a hypothesis", None, truth(SUPPOSED)),
    ("sources", None, truth(None, POST, *citing(THEIRS))),
    ("a report of one's own, on which nobody rests", None, truth(None, *citing(MINE))),
    ("an unknown hypothesis", "unknown-record", truth(NONE)),
    ("a hypothesis of another case", "not-in-case", truth(OF_ANOTHER)),
    ("no hypothesis", "unknown-hypothesis", truth(MINE)),
    ("a hypothesis of another kind", "wrong-kind", truth(PRANK)),
    ("an unknown source", "unknown-record", truth(None, *citing(NONE))),
    ("no source", "wrong-kind", truth(None, *citing(ASK))),
]


@pytest.mark.parametrize(("code", "record"), [pytest.param(*case, id=name) for name, *case in TRUTHS])
def test_what_it_was_may_be_written(code: str | None, record: GroundTruth) -> None:
    """By who has closed the case, of a hypothesis of that case, and with sources as in any record."""
    assert code_of(record, "apricot") == code


@pytest.mark.parametrize("record", [reading(SUPPOSED), truth(SUPPOSED)], ids=["reading", "ground truth"])
def test_a_withdrawn_hypothesis_is_named_by_nobody(record: OfCases) -> None:
    """It counts as undetermined: whoever names it would say nothing. What else is withdrawn keeps nobody."""
    closed_by = ("apricot",) if isinstance(record, GroundTruth) else ()

    assert code_of(record, *closed_by, withdrawn=(SUPPOSED,)) == "unknown-hypothesis"
    assert code_of(record, *closed_by, withdrawn=(PRANK, MINE)) is None


def test_of_a_hypothesis_of_another_kind_the_next_step_is_said() -> None:
    """Both kinds stand there, and what to write instead."""
    with pytest.raises(WrongKind, match=r"under attack.*under misuse.*Next: say misuse"):
        check_wish(truth(PRANK), "apricot", known, ended=lambda _: Ended(closed_by=("apricot",)))


@pytest.mark.parametrize("record", [reading(), WORM], ids=["reading", "hypothesis"])
@pytest.mark.parametrize("closed_by", [("apricot",), ("birch",), ("apricot", "birch", "cedar")])
def test_a_closed_case_is_not_read(record: OfCases, closed_by: tuple[str, ...]) -> None:
    """Closed by one's own organisation, or by the one that opened it; another's closing keeps nobody."""
    assert code_of(record, *closed_by) == "case-closed"
    assert code_of(record, "cedar") is None


@pytest.mark.parametrize("closed_by", [(), ("birch",), ("birch", "cedar")])
def test_of_an_open_case_nobody_says_what_it_was(closed_by: tuple[str, ...]) -> None:
    """Open is what one's own organisation has not closed, whoever else has."""
    assert code_of(truth(), *closed_by) == "case-open"


def test_everything_else_is_written_in_a_closed_case() -> None:
    """Nothing keeps anybody from going on: nobody is asked who closed it."""
    others = [one for one in GOOD if not isinstance(one, Reading | Hypothesis)]

    assert [code for record in others if (code := code_of(record, "apricot", "birch"))] == []


def test_the_form_of_earlier_versions() -> None:
    """Reports of earlier versions are read, and none is written: it does not say how it was obtained."""
    source = Source(kind="post", locator="https://social.example/1")

    assert code_of(Report(**COMMON, summary="A picture.", lang="en", sources=(source,))) == "malformed-record"


def test_another_version_is_no_record_that_is_known() -> None:
    """A reference to the same place with other bytes means nothing that is here."""
    other_bytes = Ref.at(ASK.log, ASK.index, bytes(32))

    assert code_of(Answer(**COMMON, case=CASE, ask=other_bytes, seen="not-seen")) == "unknown-record"
