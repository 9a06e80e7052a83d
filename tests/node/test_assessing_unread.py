"""What an organisation has seen of a case itself, and has not read it by."""

from hypothesis import given
from hypothesis import strategies as st
from tests.cases.picture.desks import MEMBERS, Desks, cites, url
from tests.cases.picture.stories import OF_SEVERAL_CASES, Step, told
from tests.node.test_assessing_course import stories

from tocsin.core.records import Closing, Correction, Source
from tocsin.node.casework.assessing.unread import unread


def found(desks: Desks, me: str) -> tuple[Source, ...]:
    """What that member has not read."""
    return unread(desks.view(), desks.evidence(), me)


@given(steps=stories(), me=st.sampled_from(MEMBERS))
def test_it_is_all_that_one_is_a_witness_of(steps: list[Step], me: str) -> None:
    """Whatever was said and taken back: of who has no reading, and could have one; else it is nothing."""
    desks = told(steps, OF_SEVERAL_CASES)
    desks.reads(next(one for one in MEMBERS if one != me), url("another"))
    before = found(desks, me)
    evidence = desks.evidence()
    is_over = evidence.closed or me in evidence.closed_by
    if is_over or any(one.said.member == me for one in evidence.readings):
        assert before == ()
        return
    assert len(set(before)) == len(before)
    for one in evidence.sources:
        assert (me in one.witnesses) is (not set(before).isdisjoint(one.citations))
    if before:
        desks.reads(me, *before)
        assert found(desks, me) == ()
        after = desks.evidence()
        (read,) = (one for one in after.readings if one.said.member == me)
        assert all(me in after.sources[number].witnesses for number in read.sources)


def test_a_corrected_report_cites_what_it_does_now() -> None:
    """And what another says was seen by that other."""
    desks = Desks()
    report = desks.reports("alder", url("one"))
    desks.reports("birch", url("two"), cites(report))
    assert (found(desks, "alder"), found(desks, "birch")) == ((url("one"),), (url("two"),))
    desks.says("alder", desks.made(Correction, of=report, sources=(url("three"),)))
    assert found(desks, "alder") == (url("three"),)
    assert found(desks, "cedar") == ()


def test_what_was_answered_counts_and_what_was_taken_back_does_not() -> None:
    """Who answers that it has seen it says by what; who withdraws a report has seen nothing."""
    desks = Desks()
    report = desks.reports("alder", url("one"))
    desks.answers("birch", desks.asks("alder"), url("two"))
    assert found(desks, "birch") == (url("two"),)
    desks.reports("alder", url("three"))
    desks.withdraws("alder", report)
    assert found(desks, "alder") == (url("three"),)


def test_where_no_reading_would_count_none_is_missing() -> None:
    """Of who has closed the case, and of all once it is closed."""
    desks = Desks()
    desks.reports("alder", url("one"))
    desks.reports("birch", url("two"))
    desks.says("birch", desks.made(Closing, outcome="incident"))
    assert (found(desks, "alder"), found(desks, "birch")) == ((url("one"),), ())
    desks.reports("cedar", url("three"))
    assert found(desks, "cedar") == (url("three"),)
    desks.says("alder", desks.made(Closing, outcome="incident"))
    assert (found(desks, "alder"), found(desks, "cedar")) == ((), ())
