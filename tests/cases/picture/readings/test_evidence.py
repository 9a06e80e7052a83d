"""What a case rests on, and what its members make of it: the same for whoever has the same records."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from tests.cases.picture.desks import MEMBERS, Desks, cites, lying, terms, url, words
from tests.cases.picture.stories import CHANGING, OF_SEVERAL_CASES, PLAIN, WILD, Step, told

from tocsin.cases.picture import Case
from tocsin.cases.picture.sources import canonical_locator, is_verifiable
from tocsin.cases.picture.view import COUNTING, TimelineEntry
from tocsin.core.records import (
    Answer,
    CaseRecord,
    Closing,
    Correction,
    GroundTruth,
    Hypothesis,
    Reading,
    Ref,
    Report,
    Source,
)
from tocsin.core.views import CaseSource, Evidence, Said


@pytest.fixture
def desks() -> Desks:
    """A case that alder opened."""
    desks = Desks()
    desks.reports("alder", url("a"))
    return desks


def read(
    kinds: Iterable[str], members: int = len(MEMBERS), at_least: int = 0
) -> st.SearchStrategy[list[Step]]:
    """Steps of these kinds, every third of which reads."""
    kind = st.just("read") | st.sampled_from(("assess", "report", "answer")) | st.sampled_from(sorted(kinds))
    step = st.tuples(st.integers(0, members - 1), kind, st.integers(0, 50), st.integers(0, 50))
    return st.lists(step, min_size=at_least, max_size=25)


def witnesses(found: Evidence) -> list[tuple[str, ...]]:
    """Of each source, who cites it itself."""
    return [source.witnesses for source in found.sources]


def own(found: Evidence) -> dict[str, tuple[tuple[int, ...], int]]:
    """By member, the sources of its reading that are its own, and how many records of others there are."""
    return {one.said.member: (one.own, one.others) for one in found.readings}


def rests_on(found: Evidence) -> dict[str, tuple[int, ...]]:
    """By member, on which sources its reading rests."""
    return {one.said.member: one.sources for one in found.readings}


# What holds of all


@given(steps=read(WILD), data=st.data())
def test_order_and_repetition_change_nothing(steps: list[Step], data: st.DataObject) -> None:
    """The same set of records gives the same evidence, in whatever order and however often they come."""
    desks = told(steps, WILD)
    again = data.draw(st.permutations(desks.said + data.draw(st.lists(st.sampled_from(desks.said)))))

    assert desks.evidence(again) == desks.evidence()


@given(steps=read(OF_SEVERAL_CASES))
def test_as_the_picture_has_it(steps: list[Step]) -> None:
    """What counts, which sources are one, who cites them and what rests on them, in the plainest way."""
    desks = told(steps, OF_SEVERAL_CASES)
    view, found = desks.view(), desks.evidence()
    counting = [entry for entry in view.timeline if entry.standing in COUNTING]

    assert [one.said.ref for one in found.readings] == _of_kind(counting, Reading)
    closed = [entry for entry in counting if entry.member in found.closed_by]
    assert [said.ref for said in found.truths] == _of_kind(closed, GroundTruth)
    assert [said.ref for said in found.hypotheses] == _of_kind(counting, Hypothesis)
    assert found.closed_by == tuple(closing.member for closing in view.closings)
    if found.readings:
        sources = _sources(counting)
        assert [source for source, _ in sources] == list(found.sources)
        for one in found.readings:
            reached = _reached(counting, one.said.ref)
            assert one.sources == tuple(
                number for number, (_, citing) in enumerate(sources) if citing & reached
            )
            own_citations, others = _by_itself(counting, one.said)
            assert others == one.others
            assert one.own == tuple(
                dict.fromkeys(
                    number
                    for source in own_citations
                    for number, (of, _) in enumerate(sources)
                    if (one.said.member, source) in of.cited
                )
            )


@given(steps=read(PLAIN), data=st.data())
def test_a_withdrawal_undoes_exactly_what_it_is_about(steps: list[Step], data: st.DataObject) -> None:
    """Of a report, a reading, a closing: the evidence is as if what is taken back had never been said."""
    desks = told(steps, PLAIN)
    gone = data.draw(st.sampled_from(desks.said[1:] or desks.said))
    if gone.ref == desks.case:
        return
    before = desks.evidence([said for said in desks.said if said.ref != gone.ref])
    desks.epochs[gone.member] = max(gone.ref.log_name.epoch, desks.epochs.get(gone.member, 1))
    desks.withdraws(gone.member, gone.ref)

    assert desks.evidence() == before


@given(steps=read(CHANGING, members=2, at_least=10), data=st.data())
def test_a_case_that_grows(steps: list[Step], data: st.DataObject) -> None:
    """A case that is looked at in between, whichever way, gives the evidence of one made anew."""
    desks = told(steps, CHANGING)
    case = Case(desks.case)
    for place, said in enumerate(desks.said, 1):
        case.add(said)
        if data.draw(st.booleans()):
            case.view(terms(), desks.knowledge)
        if data.draw(st.booleans()):
            assert case.evidence(desks.knowledge) == desks.evidence(desks.said[:place])
    assert case.view(terms(), desks.knowledge) == desks.view()


@given(steps=read(WILD), data=st.data())
def test_repetition_changes_no_witness(steps: list[Step], data: st.DataObject) -> None:
    """Whoever says again what it cited before, by the same sources, changes nothing that readings rest on."""
    desks = told(steps, WILD)
    reports = [
        (said.member, said.record.sources)
        for said in desks.said
        if isinstance(said.record, Report) and desks.entry(said.ref).standing == "counts"
    ]
    if not reports:
        return
    before = desks.evidence()
    member, sources = data.draw(st.sampled_from(reports))
    desks.reports(member, *sources)
    after = desks.evidence()

    assert witnesses(after) == witnesses(before)
    assert rests_on(after) == rests_on(before)


# What it is


def test_a_citation_of_a_record_is_no_word_of_ones_own(desks: Desks) -> None:
    """It means what that record cites, and so on; its author is no witness of that."""
    second = desks.reports("birch", url("b"), cites(desks.case))
    desks.reads("cedar", cites(second))
    desks.reads("dogwood", cites(desks.case), url("d"))
    found = desks.evidence()

    assert witnesses(found) == [("alder",), ("birch",), ("dogwood",)]
    assert rests_on(found) == {"cedar": (0, 1), "dogwood": (0, 2)}
    assert own(found) == {"cedar": ((), 1), "dogwood": ((2,), 1)}


def test_ones_own_records_lead_to_ones_own_sources(desks: Desks) -> None:
    """One after the other; the reading's own come first, then theirs in the order in which they stand."""
    first = desks.reports("birch", url("z"), url("y"))
    second = desks.reports("birch", url("x"), cites(first), cites(desks.case))
    desks.reads("birch", cites(second), url("w"))
    found = desks.evidence()

    assert [source.citations[0].locator[-1] for source in found.sources] == list("azyxw")  # type: ignore[index]
    assert own(found) == {"birch": ((4, 1, 2, 3), 1)}


def test_what_anothers_record_leads_to_is_not_ones_own(desks: Desks) -> None:
    """Not even where it leads back to a record of one's own; what one cites there is another's word."""
    mine = desks.reports("birch", url("b"))
    theirs = desks.reports("cedar", cites(mine))
    desks.reads("birch", cites(theirs))
    found = desks.evidence()

    assert rests_on(found) == {"birch": (1,)}
    assert own(found) == {"birch": ((), 1)}


def test_each_record_of_others_counts_once(desks: Desks) -> None:
    """However often it is cited, by the reading and by records of one's own; what is not here counts, too."""
    theirs = desks.reports("cedar", url("c"))
    mine = desks.reports("birch", cites(theirs), cites(desks.case), url("b"))
    again = desks.reports("birch", cites(theirs), cites(mine))
    desks.reads("birch", cites(mine), cites(again), cites(theirs), cites(lying(desks.case)))

    assert own(desks.evidence()) == {"birch": ((2,), 3)}


def test_what_is_no_evidence_is_no_source_of_ones_own(desks: Desks) -> None:
    """A reading or an ask leads nowhere, and counts as a record of others if it is another's."""
    ask, reading = desks.asks("cedar"), desks.reads("cedar", url("c"))
    before = desks.reads("birch", url("b"))
    desks.reads("birch", cites(ask), cites(reading), cites(before))
    found = desks.evidence()

    assert own(found)["birch"] == ((), 2)
    assert rests_on(found)["birch"] == ()


def test_a_circle_of_ones_own_records_ends(desks: Desks) -> None:
    """Each is come to once, by whichever way."""
    first = desks.reports("birch", url("b"))
    second = desks.reports("birch", url("c"), cites(first))
    desks.says("birch", desks.made(Correction, of=first, sources=(cites(second), url("d"))))
    desks.reads("birch", cites(second))

    assert own(desks.evidence()) == {"birch": ((1, 2), 0)}


def test_a_correction_of_anothers_record_makes_nobody_see(desks: Desks) -> None:
    """What a member cites stays a record of another, whatever that one says later that it rests on."""
    rumour = desks.reports("elder", url("rumour"))
    mine = {member: desks.reports(member, url(member)) for member in ("birch", "cedar")}
    for member in mine:
        desks.reads(member, cites(rumour))
    before = desks.evidence()
    desks.says("elder", desks.made(Correction, of=rumour, sources=tuple(map(cites, mine.values()))))
    after = desks.evidence()

    assert own(before) == own(after) == {"birch": ((), 1), "cedar": ((), 1)}
    assert rests_on(after)["birch"] == rests_on(after)["cedar"] != rests_on(before)["birch"]


def test_a_correction_of_anothers_record_crowds_nothing_out(desks: Desks) -> None:
    """However many sources it comes to, and however early they stand: one's own stay the first, and alone."""
    theirs = desks.reports("elder", url("early"))
    desks.reads("birch", cites(theirs), url("mine"))
    junk = tuple(url(f"junk{number}") for number in range(31))
    further = desks.reports("elder", *junk)
    desks.says("elder", desks.made(Correction, of=theirs, sources=(*junk, cites(further))))
    found = desks.evidence()
    (read,) = found.readings

    assert len(read.sources) == 32
    assert (len(read.own), read.others) == (1, 1)
    assert found.sources[read.own[0]].citations[0].locator == "https://news.example/mine"


def test_no_time_says_which_of_ones_own_come_first(desks: Desks) -> None:
    """Sources stand in the order of the timeline; those of a reading, in that of what its member wrote."""

    def mine() -> list[str | None]:
        found = desks.evidence(desks.said)
        (read,) = found.readings
        return [found.sources[number].citations[0].locator for number in read.own]

    first, second = desks.reports("birch", url("one")), desks.reports("birch", url("two"))
    desks.reads("birch", cites(second), cites(first), url("three"))
    desks.reports("cedar", url("two"))
    before, order = mine(), [source.citations[0].locator for source in desks.evidence().sources]
    last = desks.said[-1]
    early = structs.replace(last.record, at_ms=desks.said[1].record.at_ms - 1)
    desks.said[-1] = replace(last, record=early)

    assert before == mine() == [f"https://news.example/{path}" for path in ("three", "one", "two")]
    assert order != [source.citations[0].locator for source in desks.evidence(desks.said).sources]


def test_a_source_that_a_reading_cites_has_a_witness_more(desks: Desks) -> None:
    """Who looked at it itself, and says so in its reading, is one; the case counts no source more by that."""
    reading = desks.reads("birch", url("a"), url("new"))
    found = desks.evidence()

    assert witnesses(found) == [("alder", "birch"), ("birch",)]
    assert [source.refs for source in found.sources] == [(desks.case, reading), (reading,)]
    assert desks.view().corroboration.independent_sources == 1


def test_a_reading_can_show_that_two_sources_are_one(desks: Desks) -> None:
    """There, and not in the number of sources of the case."""
    content = "5e" * 32
    desks.reports("birch", Source(kind="document", locator="a paper", obtained="received", sha256=content))
    desks.reads(
        "cedar", Source(kind="post", locator="https://news.example/a", obtained="published", sha256=content)
    )

    assert witnesses(desks.evidence()) == [("alder", "birch", "cedar")]
    assert desks.view().corroboration.independent_sources == 2


def test_what_nobody_can_look_at_is_one_word_of_its_member(desks: Desks) -> None:
    """However often it is put otherwise, in a report and in a reading; another member's is another."""
    desks.reports("birch", words("by telephone"))
    desks.reads("birch", words("a captain"))
    desks.reads("cedar", words("a pilot"))
    found = desks.evidence()

    assert witnesses(found) == [("alder",), ("birch",), ("cedar",)]
    assert [source.verifiable for source in found.sources] == [True, False, False]
    assert rests_on(found) == {"birch": (1,), "cedar": (2,)}
    assert len(found.sources[1].citations) == 2


def test_citations_in_a_circle_end(desks: Desks) -> None:
    """They lead to what their records cite besides."""
    first = desks.reports("birch", url("b"))
    second = desks.cites("cedar", first)
    desks.says("birch", desks.made(Correction, of=first, sources=(cites(second), url("b"))))
    desks.reads("dogwood", cites(first))

    assert rests_on(desks.evidence()) == {"dogwood": (1,)}


def test_what_does_not_count_leads_nowhere(desks: Desks) -> None:
    """A report withdrawn, an answer superseded, another version, a record of another kind or case."""
    report, ask = desks.reports("birch", url("b")), desks.asks("alder")
    old = desks.answers("cedar", ask, url("c"))
    desks.answers("cedar", ask)
    other = desks.reports("cedar", url("other"), case=None)
    reading = desks.reads("birch", url("r"))
    desks.withdraws("birch", report)
    desks.reads("elder", *map(cites, (report, ask, old, other, reading, lying(desks.case))))

    assert rests_on(desks.evidence())["elder"] == ()
    assert witnesses(desks.evidence()) == [("alder",), ("birch",)]


def test_a_position_is_no_evidence_and_a_ground_truth_neither(desks: Desks) -> None:
    """What an organisation found in the end is what readings are measured by, and bears none of them."""
    desks.reads("birch", cites(desks.case))
    desks.says("alder", desks.made(GroundTruth, what="accident", sources=(url("found"),)))

    assert witnesses(desks.evidence()) == [("alder",)]


def test_what_is_read_after_ones_own_closing_does_not_enter(desks: Desks) -> None:
    """Neither it nor what it cites: what its member read before stands, so nobody mends a forecast."""
    before = desks.reads("birch", cites(desks.case))
    closing = desks.says("birch", desks.made(Closing, outcome="incident"))
    late = desks.reads("birch", url("late"))
    found = desks.evidence()
    assert ([one.said.ref for one in found.readings], len(found.sources)) == ([before], 1)
    assert (found.closed_by, found.closed) == (("birch",), False)

    desks.withdraws("birch", closing)
    found = desks.evidence()
    assert ([one.said.ref for one in found.readings], len(found.sources)) == ([late], 2)


def test_closed_by_who_opened_it(desks: Desks) -> None:
    """Then it is closed, and what it was in truth can be said of it."""
    closing = desks.says("alder", desks.made(Closing, outcome="incident"))
    truth = desks.says("alder", desks.made(GroundTruth, what="accident"))
    found = desks.evidence()
    assert (found.closed, [said.ref for said in found.truths]) == (True, [truth])

    desks.withdraws("alder", closing)
    assert not desks.evidence().closed


def test_the_first_cited_comes_first(desks: Desks) -> None:
    """In the order of the timeline, not of the names of members."""
    desks.reports("elder", url("one"), url("two"))
    desks.reads("birch", url("three"))
    desks.reports("alder", url("two"))

    assert [source.citations[0].locator for source in desks.evidence().sources] == [
        f"https://news.example/{path}" for path in ("a", "one", "two", "three")
    ]


def test_a_case_that_nobody_reads(desks: Desks) -> None:
    """It costs next to nothing: no source is looked for, and nobody is asked what was held."""
    desks.reads("alder")
    desks.withdraws("alder", desks.said[-1].ref)
    supposed = desks.says("birch", desks.made(Hypothesis, under="attack", text="A worm", lang="en"))

    class Nobody:
        def saw(self, log: str, index: int) -> Mapping[str, int]:
            raise AssertionError((log, index))

    found = desks.evidence(knowledge=Nobody())
    assert (found.sources, found.readings, [said.ref for said in found.hypotheses]) == ((), (), [supposed])


def test_a_long_case(desks: Desks) -> None:
    """Each of 10,000 records cites the one before: who reads the last of them rests on all their sources."""
    last = desks.case
    for number in range(10_000):
        last = desks.reports(MEMBERS[number % 5], url(f"{number % 500}"), cites(last))
    for member in MEMBERS:
        desks.reads(member, cites(last), url(member))
    found = desks.evidence()

    assert len(found.sources) == 506
    assert [len(sources) for sources in rests_on(found).values()] == [502] * 5


# The plainest way


def _of_kind(counting: Iterable[TimelineEntry], kind: type[CaseRecord]) -> list[Ref]:
    entries = [entry for entry in counting if isinstance(entry.record, kind)]
    return [entry.ref for entry in sorted(entries, key=lambda entry: (entry.member, _place(entry.ref)))]


def _place(ref: Ref) -> tuple[int, int]:
    return ref.log_name.epoch, ref.index


def _cited(entry: TimelineEntry) -> Sequence[Source]:
    if entry.corrected is not None:
        return entry.corrected.sources
    record = entry.record
    return (record.sources or ()) if isinstance(record, Report | Answer | Reading) else ()


def _sources(counting: Iterable[TimelineEntry]) -> list[tuple[CaseSource, set[Ref]]]:
    """Each source, and the records that cite it: grouped by looking at all again until nothing changes."""
    cited = [(entry, source) for entry in counting for source in _cited(entry) if source.record is None]
    group = list(range(len(cited)))
    before: list[int] = []
    while before != group:
        before = list(group)
        for here, (entry, source) in enumerate(cited):
            for there, (other, another) in enumerate(cited):
                if _are_one(entry, source, other, another):
                    group[here] = group[there] = min(group[here], group[there])
    return [
        _case_source([one for one, number in zip(cited, group, strict=True) if number == first])
        for first in sorted(set(group))
    ]


def _are_one(entry: TimelineEntry, source: Source, other: TimelineEntry, another: Source) -> bool:
    return (
        canonical_locator(source.locator or "") == canonical_locator(another.locator or "")
        or (source.sha256 is not None and source.sha256 == another.sha256)
        or (entry.member == other.member and not is_verifiable(source) and not is_verifiable(another))
    )


def _case_source(cited: Sequence[tuple[TimelineEntry, Source]]) -> tuple[CaseSource, set[Ref]]:
    refs = tuple(dict.fromkeys(entry.ref for entry, _ in cited))
    return CaseSource(
        cited=tuple(dict.fromkeys((entry.member, source) for entry, source in cited)),
        verifiable=any(is_verifiable(source) for _, source in cited),
        refs=refs,
    ), set(refs)


def _reached(counting: Sequence[TimelineEntry], reading: Ref) -> set[Ref]:
    """The reading, and the reports and answers to which its citations lead."""
    entries = {
        entry.ref: entry
        for entry in counting
        if entry.ref == reading or isinstance(entry.record, Report | Answer)
    }
    reached: set[Ref] = set()
    waiting = [reading]
    while waiting:
        entry = entries.get(waiting.pop())
        if entry is not None and entry.ref not in reached:
            reached.add(entry.ref)
            waiting.extend(source.record for source in _cited(entry) if source.record is not None)
    return reached


def _by_itself(counting: Sequence[TimelineEntry], reading: Said[Reading]) -> tuple[list[Source], int]:
    """What it cites, then its member's records to which those alone lead, and how many of others they do."""
    entries = {
        entry.ref: entry
        for entry in counting
        if entry.ref == reading.ref
        or (isinstance(entry.record, Report | Answer) and entry.member == reading.member)
    }
    here, before = {reading.ref}, set[Ref]()
    cited: set[Ref] = set()
    while here != before:
        before = set(here)
        cited = {one.record for ref in here for one in _cited(entries[ref]) if one.record is not None}
        here |= cited & entries.keys()
    in_order = [reading.ref, *sorted(here - {reading.ref}, key=_place)]
    sources = [one for ref in in_order for one in _cited(entries[ref]) if one.record is None]
    return sources, sum(ref.log_name.member != reading.member for ref in cited)
