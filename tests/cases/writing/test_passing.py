"""A report passed on is the same report elsewhere: by its sources, and by nothing that tells where it was."""

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.charters import charter
from tests.cases.picture.contexts import Contexts
from tests.cases.writing.test_checking import POST, ref
from tests.core.case_records import earlier_reports, reports
from tests.core.record_parts import CIRCLE, COMMON

from tocsin.cases.picture import view
from tocsin.cases.writing import pass_on
from tocsin.core.errors import Refusal
from tocsin.core.records import (
    Answer,
    Ask,
    CaseRecord,
    Correction,
    Ref,
    Report,
    Source,
    Tlp,
    Withdrawal,
    encode_record,
    parse_record,
    tlp_at_most,
)
from tocsin.core.records.cases.report import Described
from tocsin.core.records.errors import PassingRefused
from tocsin.core.views import Party, Said

ELSEWHERE = "7" * 64
TERMS = charter(CIRCLE, [Party(slug, slug, "X1") for slug in ("apricot", "birch")], handling="TLP:RED")


CASE, BESIDE, ASK, ANSWER, LATER = (
    *(ref("birch", 1), ref("apricot", 1), ref("apricot", 2), ref("birch", 2), ref("birch", 3)),
)
PAPER = Source(kind="document", locator="a chart", obtained="first-hand")
SAME = [*{*get_args(Described), "lang", "translations"} - {"moments"}]
GREEN = COMMON | {"tlp": "TLP:GREEN"}
CLEAR = COMMON | {"tlp": "TLP:CLEAR"}


def passed(
    said: dict[Ref, CaseRecord], report: Ref, member: str = "birch", handling: Tlp = "TLP:RED"
) -> Report:
    """What a member writes elsewhere to pass on a report of the case that these are about."""
    record = said[report]
    case = record.case or report
    seen = view(case, [Said(at, at.log_name.member, one) for at, one in said.items()], TERMS, Contexts())
    return pass_on(
        seen, report, member=member, handling=handling, circle=ELSEWHERE, at_ms=0, author="duty-officer"
    )


def code_of(said: dict[Ref, CaseRecord], report: Ref, handling: Tlp = "TLP:RED") -> str | None:
    """Why that is refused, if it is."""
    try:
        passed(said, report, handling=handling)
    except Refusal as refusal:
        return refusal.code
    return None


def open_to_others(report: Report) -> Report:
    """The report under a label that may be passed on, with a source that is no record."""
    sources = report.sources if report.sources[0].is_earlier else (*report.sources, POST)
    return msgspec.structs.replace(report, tlp="TLP:GREEN", sources=sources)


@given((reports() | earlier_reports()).map(open_to_others), st.sampled_from(["apricot", "birch"]))
def test_what_is_passed_on_can_be_written(report: Report, member: str) -> None:
    """Whatever a report says, it can be written in the other circle, and nothing of it refers to this one."""
    new = passed({CASE: report}, CASE, member)

    assert new == parse_record(encode_record(new)).record
    assert (new.case, new.circle, new.tlp) == (None, ELSEWHERE, "TLP:GREEN")
    assert [name for name in SAME if getattr(new, name) != getattr(report, name)] == []
    assert all(source.record is None for source in new.sources)
    assert {one.clock for one in new.moments or ()} >= {one.clock for one in report.moments or ()}


@given((reports() | earlier_reports()).map(open_to_others))
def test_its_sources_are_the_same(report: Report) -> None:
    """Where its evidence was first seen stays as it was, so that it counts once there too."""
    own = {(one.locator or one.kind, one.sha256) for one in report.sources if one.record is None}

    assert {(one.locator, one.sha256) for one in passed({CASE: report}, CASE).sources} == own


@given((reports() | earlier_reports()).map(open_to_others))
def test_another_organisation_asserts_nothing_of_its_own(report: Report) -> None:
    """What a member saw and asserted, somebody else did when another member writes it down elsewhere."""
    new = passed({CASE: report}, CASE, "apricot")

    assert all(one.asserted_by != "author" for one in new.moments or ())
    assert all(one.obtained not in ("first-hand", "automatic") for one in new.sources)


@pytest.mark.parametrize("handling", get_args(Tlp))
@pytest.mark.parametrize("label", get_args(Tlp))
def test_refused_above_the_label(label: Tlp, handling: Tlp) -> None:
    """Up to TLP:GREEN, and what the other circle handles, is passed on; one label above that refuses all."""
    may = tlp_at_most(label, "TLP:GREEN") and tlp_at_most(label, handling)
    labelled: dict[str, Any] = COMMON | {"tlp": label}
    alone: dict[Ref, CaseRecord] = {CASE: Report(**labelled, sources=(POST,))}
    corrected: dict[Ref, CaseRecord] = {
        CASE: Report(**CLEAR, sources=(POST,)),
        LATER: Correction(**labelled, case=CASE, of=CASE, event="hazard"),
    }
    citing: dict[Ref, CaseRecord] = {
        BESIDE: Report(**labelled, case=CASE, sources=(POST,)),
        CASE: Report(**CLEAR, sources=(POST,)),
        LATER: Report(**CLEAR, case=CASE, sources=(Source(kind="record", record=BESIDE),)),
    }

    for said, report in ((alone, CASE), (corrected, CASE), (citing, LATER)):
        if may:
            assert passed(said, report, handling=handling).tlp == label
        else:
            assert code_of(said, report, handling) == "passing-refused"


@pytest.mark.parametrize(("handling", "most"), [("TLP:CLEAR", "TLP:CLEAR"), ("TLP:RED", "TLP:GREEN")])
def test_what_is_expected_is_one_label(handling: Tlp, most: str) -> None:
    """That of the other circle, or TLP:GREEN, whichever lets fewer people read it."""
    labelled: dict[str, Any] = COMMON | {"tlp": "TLP:AMBER"}
    said: dict[Ref, CaseRecord] = {CASE: Report(**labelled, sources=(POST,))}
    with pytest.raises(PassingRefused, match=f"^Expected at most {most}, found TLP:AMBER.$"):
        passed(said, CASE, handling=handling)


def test_citations_are_followed() -> None:
    """In place of the records that a report cites stand the sources that they lead to, each once."""
    said: dict[Ref, CaseRecord] = {
        CASE: Report(**GREEN, sources=(POST,)),
        ASK: Ask(**COMMON, case=CASE, questions=("seen",)),
        ANSWER: Answer(
            **CLEAR, case=CASE, ask=ASK, seen="seen", sources=(PAPER, Source(kind="record", record=CASE))
        ),
        LATER: Report(**CLEAR, case=CASE, sources=(Source(kind="record", record=ANSWER), POST)),
    }
    new = passed(said, LATER)

    assert new.sources == (POST, PAPER)
    assert new.tlp == "TLP:GREEN"


def test_as_its_corrections_leave_it() -> None:
    """A report is passed on as it stands now, and not at all if it was withdrawn."""
    said: dict[Ref, CaseRecord] = {
        CASE: Report(**GREEN, event="incident", sources=(POST,)),
        ANSWER: Correction(**GREEN, case=CASE, of=CASE, event="near-miss", sources=(PAPER,)),
    }

    assert (passed(said, CASE).event, passed(said, CASE).sources) == ("near-miss", (PAPER,))
    said[LATER] = Withdrawal(**GREEN, case=CASE, of=(CASE,), reason="mistaken")
    assert code_of(said, CASE) == "unknown-record"


def test_what_rests_on_nothing_that_may_leave() -> None:
    """A report that cites only records that are not here has no source that could be named elsewhere."""
    said: dict[Ref, CaseRecord] = {CASE: Report(**GREEN, sources=(Source(kind="record", record=BESIDE),))}

    assert code_of(said, CASE) == "passing-refused"


def test_what_a_withdrawn_record_rests_on_is_not_passed_on() -> None:
    """A citation leads on to what counts alone."""
    said: dict[Ref, CaseRecord] = {
        CASE: Report(**GREEN, sources=(POST,)),
        BESIDE: Report(**GREEN, case=CASE, sources=(PAPER,)),
        ANSWER: Report(**GREEN, case=CASE, sources=(POST, Source(kind="record", record=BESIDE))),
    }
    assert passed(said, ANSWER).sources == (POST, PAPER.told)
    said[ASK] = Withdrawal(**GREEN, case=CASE, of=(BESIDE,), reason="mistaken")

    assert passed(said, ANSWER).sources == (POST,)
