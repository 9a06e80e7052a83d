"""Hypotheses, readings and ground truths as records of a case: which stand, and what is found wrong."""

from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.picture.desks import DAY_MS, MEMBERS, Desks, cites, encode, lying, terms, url
from tests.cases.picture.stories import WILD, stories, told_more

from tocsin.cases.picture import Case, CaseSummary, CaseView, summary
from tocsin.cases.picture.view import Finding
from tocsin.core.records import Closing, Correction, GroundTruth, Hypothesis, Probability, Ref


@pytest.fixture
def desks() -> Desks:
    """A case that alder opened."""
    desks = Desks()
    desks.reports("alder", url("a"))
    return desks


def supposes(desks: Desks, member: str, **fields: object) -> Ref:
    """The member writes down a hypothesis."""
    given = {"under": "attack", "text": "A worm in the update", "lang": "en"}
    return desks.says(member, desks.made(Hypothesis, **{**given, **fields}))


def finds(desks: Desks, member: str, **fields: object) -> Ref:
    """The member says what it was."""
    return desks.says(member, desks.made(GroundTruth, **{"what": "accident", **fields}))


def closes(desks: Desks, member: str) -> Ref:
    """The member closes the case."""
    return desks.says(member, desks.made(Closing, outcome="incident"))


def standings(desks: Desks, *refs: Ref) -> list[str]:
    """What these count for."""
    return [desks.entry(ref).standing for ref in refs]


def test_a_newer_reading_supersedes_an_older_one(desks: Desks) -> None:
    """Of a member's, in whatever epoch; withdrawn, the older counts again."""
    first = desks.reads("birch")
    others = desks.reads("cedar")
    desks.epochs["birch"] = 2
    second, third = desks.reads("birch"), desks.reads("birch")
    assert standings(desks, first, second, third, others) == ["superseded", "superseded", "counts", "counts"]

    desks.withdraws("birch", third)
    assert standings(desks, first, second, third) == ["superseded", "counts", "withdrawn"]
    desks.withdraws("birch", first, second)
    assert standings(desks, first, second, others) == ["withdrawn", "withdrawn", "counts"]


def test_a_newer_ground_truth_supersedes_an_older_one(desks: Desks) -> None:
    """Of a member's; withdrawn, the older counts again. Another member's stands beside it."""
    first, other, second = finds(desks, "alder"), finds(desks, "birch"), finds(desks, "alder", what="attack")
    assert standings(desks, first, other, second) == ["superseded", "counts", "counts"]

    desks.withdraws("alder", second)
    assert standings(desks, first, other, second) == ["counts", "counts", "withdrawn"]


def test_a_hypothesis_supersedes_none(desks: Desks) -> None:
    """There may be many of one member."""
    refs = [supposes(desks, "birch"), supposes(desks, "birch")]

    assert standings(desks, *refs) == ["counts", "counts"]


def test_what_is_read_after_ones_own_closing(desks: Desks) -> None:
    """It counts for nothing, and what was read before stands; a closing taken back was none."""
    before = desks.reads("birch")
    closing = closes(desks, "birch")
    late, later = desks.reads("birch"), desks.reads("birch")
    others = desks.reads("cedar")
    assert standings(desks, before, late, later, others) == ["counts", "refused", "refused", "counts"]
    assert [desks.found(ref) for ref in (before, late, later)] == [
        set(),
        {"after-closing"},
        {"after-closing"},
    ]

    desks.withdraws("birch", closing)
    assert standings(desks, before, late, later) == ["superseded", "superseded", "counts"]
    assert desks.found(later) == set()


def test_another_closing_covers_what_was_read_before_it(desks: Desks) -> None:
    """As of everything that is said after a closing, the newest that counts is what counts."""
    before = desks.reads("birch")
    closes(desks, "birch")
    between = desks.reads("birch")
    again = closes(desks, "birch")
    assert standings(desks, before, between) == ["superseded", "counts"]

    desks.withdraws("birch", again)
    assert standings(desks, before, between) == ["counts", "refused"]


def test_what_says_more_after_ones_own_closing(desks: Desks) -> None:
    """A hypothesis counts, and says so; a ground truth is said by who has closed the case."""
    closes(desks, "birch")
    late, truth = supposes(desks, "birch"), finds(desks, "birch")

    assert standings(desks, late, truth) == ["counts", "counts"]
    assert [desks.found(ref) for ref in (late, truth)] == [{"after-closing"}, set()]


def test_what_is_taken_back_gives_way_while_the_case_goes_on(desks: Desks) -> None:
    """Readings, closings and ground truths, taken back in any order: each time as made anew."""
    closings = []
    readings = [desks.reads("birch")]
    for number in range(3):
        closings.append(closes(desks, "birch"))
        readings.append(desks.reads("birch", url(f"{number}")))
    truths = [finds(desks, "birch", what=what) for what in ("accident", "attack", "misuse")]
    supposed = supposes(desks, "birch")
    for ref in (
        closings[1],
        readings[2],
        closings[2],
        truths[2],
        readings[0],
        truths[0],
        closings[0],
        supposed,
    ):
        desks.withdraws("birch", ref)
    desks.withdraws("birch", readings[3], truths[1])
    case = Case(desks.case)
    for place, said in enumerate(desks.said, 1):
        case.add(said)
        assert case.view(terms(), desks.knowledge) == desks.view(desks.said[:place])
        assert case.evidence(desks.knowledge) == desks.evidence(desks.said[:place])


def test_a_hypothesis_that_is_not_here(desks: Desks) -> None:
    """A reading or ground truth of another version of it, or of one in another case, says so, and counts."""
    own = supposes(desks, "birch")
    other = desks.reports("cedar", url("other"), case=None)
    elsewhere = supposes(desks, "cedar", case=other)
    found = [
        [
            desks.found(desks.reads("dogwood", hypothesis=ref)),
            desks.found(finds(desks, "elder", what="attack", hypothesis=ref)),
        ]
        for ref in (own, lying(own), elsewhere)
    ]

    assert found == [[set()] * 2, [{"dangling"}] * 2, [{"not-in-case"}] * 2]
    assert desks.view().timeline[-1].standing == "counts"


def test_what_is_no_hypothesis(desks: Desks) -> None:
    """A reading or ground truth of another kind of record as one is found, and counts."""
    refs = (desks.reads("birch", hypothesis=desks.case), finds(desks, "cedar", hypothesis=desks.case))

    for ref in refs:
        assert desks.entry(ref).findings == (Finding(code="wrong-kind", about=desks.case),)
        assert desks.entry(ref).standing == "counts"


@pytest.mark.parametrize("is_late", [False, True])
def test_a_hypothesis_of_another_kind_than_the_ground_truth(desks: Desks, is_late: bool) -> None:
    """It contradicts itself, whichever of the two came first: that is found, and it counts."""
    supposed = supposes(desks, "birch")
    truths = {what: finds(desks, "birch", what=what, hypothesis=supposed) for what in ("attack", "misuse")}
    if is_late:
        desks.said.append(desks.said.pop(1))

    assert [desks.entry(ref).findings for ref in truths.values()] == [
        (),
        (Finding(code="wrong-kind", about=supposed),),
    ]
    assert standings(desks, *truths.values()) == ["superseded", "counts"]


def test_what_a_reading_and_a_ground_truth_cite(desks: Desks) -> None:
    """Reports and answers, and nothing else; a reading, its own organisation's if they name a source."""
    ask, reading = desks.asks("alder"), desks.reads("birch")
    answer = desks.answers("birch", ask, url("b"))
    nothing = desks.answers("fir", ask)
    good = (cites(desks.case), cites(answer))
    found = [
        desks.found(desks.reads("cedar", *good)),
        desks.found(finds(desks, "cedar", sources=good)),
        desks.found(desks.reads("cedar", cites(ask), cites(reading))),
        desks.found(finds(desks, "cedar", sources=(cites(ask), cites(reading)))),
        desks.found(desks.reads("cedar", cites(lying(answer)))),
        desks.found(desks.reads("fir", cites(nothing))),
        desks.found(desks.reads("fir", cites(nothing), url("b"))),
        desks.found(desks.reads("birch", cites(answer))),
        desks.found(finds(desks, "birch", sources=(cites(answer),))),
    ]

    assert found == [
        set(),
        set(),
        {"wrong-kind"},
        {"wrong-kind"},
        {"dangling"},
        {"self-citation"},
        set(),
        set(),
        set(),
    ]


def test_nothing_is_cited_by_a_reading_that_knows_nothing(desks: Desks) -> None:
    """Who holds all to be undetermined needs no source, and does not cite itself."""
    undetermined = (Probability(what="undetermined", permille=1_000),)

    assert desks.found(desks.reads("birch", probabilities=undetermined, sources=None)) == set()


def test_no_reading_is_cited(desks: Desks) -> None:
    """A report that cites one is found, and there is no way back through it: circles cannot arise."""
    reading = desks.reads("birch")
    ref = desks.cites("cedar", reading)
    desks.reads("birch", cites(ref))

    assert desks.found(ref) == {"wrong-kind"}
    assert desks.view().corroboration.independent_sources == 1


def test_a_source_obtained_long_after_it_was_read(desks: Desks) -> None:
    """A reading or ground truth of a source of a later day is flagged, as any record with such a source."""
    late = msgspec.structs.replace(url("b"), obtained_at_ms=desks.now_ms + 2 * DAY_MS)

    assert desks.found(desks.reads("birch", late)) == {"far-off-time"}
    assert desks.found(finds(desks, "birch", sources=(late,))) == {"far-off-time"}


def test_a_reading_is_corrected_by_another_alone(desks: Desks) -> None:
    """A correction is of a report."""
    ref = desks.says("birch", desks.made(Correction, of=desks.reads("birch"), event="hazard"))

    assert (desks.entry(ref).standing, desks.found(ref)) == ("refused", {"wrong-kind"})


def test_readings_are_nothing_new_since_the_closing(desks: Desks) -> None:
    """Nor are hypotheses and ground truths: what is counted says something of the incident."""
    closes(desks, "alder")
    desks.reads("birch", hypothesis=supposes(desks, "birch"))
    finds(desks, "birch")
    assert desks.view().since_closing == 0

    report = desks.reports("cedar")
    assert [entry.ref for entry in desks.view().timeline if entry.since_closing] == [report]


@given(
    desks=stories({name: step for name, step in WILD.items() if name not in {"read", "assess"}}),
    data=st.data(),
)
def test_nothing_but_the_timeline_shows_them(desks: Desks, data: st.DataObject) -> None:
    """Whoever reads, supposes or finds what, by whatever sources: no number, no word of the case changes."""
    before, listed = desks.view(), _summary(desks)
    told_more(desks, data.draw(_ASSESSING))
    now = _summary(desks)

    assert _without_timeline(desks.view()) == _without_timeline(before)
    assert msgspec.structs.replace(now, records=listed.records, last_at_ms=listed.last_at_ms) == listed


_ASSESSING = st.lists(
    st.tuples(
        st.integers(0, len(MEMBERS) - 1),
        st.sampled_from(("read", "assess")),
        st.integers(0, 50),
        st.integers(0, 50),
    ),
    min_size=1,
    max_size=10,
)


def test_a_list_of_cases_asks_nobody_what_was_held(desks: Desks) -> None:
    """That somebody reads a case changes nothing about what a list needs to know of it."""
    desks.reads("birch")

    class Nobody:
        def saw(self, log: str, index: int) -> Mapping[str, int]:
            raise AssertionError((log, index))

    assert summary(desks.case, desks.said, terms(), Nobody()).records == 2


def _without_timeline(view: CaseView) -> bytes:
    return encode(msgspec.structs.replace(view, timeline=()))


def _summary(desks: Desks) -> CaseSummary:
    return summary(desks.case, desks.said, terms(), desks.knowledge)
