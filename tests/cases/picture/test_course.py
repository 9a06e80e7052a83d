"""What an ordinary case looks like: corrected, asked, answered, acknowledged, linked, closed."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.cases.picture.desks import START_MS, Desks, terms, url

from tocsin.cases.picture import Case, case_of, reports, summary
from tocsin.cases.picture.ordering.timeline import Timeline
from tocsin.cases.picture.view import Asserted, Corrected
from tocsin.core.records import (
    Acknowledgement,
    Closing,
    Correction,
    Fingerprint,
    Link,
    Moment,
    Ref,
    Report,
    Source,
    System,
    Translation,
)
from tocsin.core.views import Party, Said


@pytest.fixture
def desks() -> Desks:
    """A case that alder opened."""
    desks = Desks()
    desks.reports("alder", url("a"), event="incident", severity="incident", summary="Seen at sea", lang="en")
    return desks


def test_a_correction_is_applied_and_stays_visible(desks: Desks) -> None:
    """The report is shown as it was written, as it is now, and which records made the difference."""
    first = desks.says(
        "alder", desks.made(Correction, of=desks.case, severity="disaster", sources=(url("b"),))
    )
    second = desks.says(
        "alder", desks.made(Correction, of=desks.case, severity="hazard", cleared=("summary",))
    )
    entry = desks.entry(desks.case)

    assert (entry.standing, entry.corrected_by) == ("corrected", (first, second))
    assert isinstance(entry.record, Report)
    assert entry.record.severity == "incident"
    assert entry.corrected == Corrected(sources=(url("b"),), event="incident", severity="hazard")
    assert (desks.view().summary, desks.view().lang) == (None, None)
    assert [report.severity for _, report in reports(desks.view())] == ["hazard"]


def test_a_corrected_summary_has_its_own_translations(desks: Desks) -> None:
    """A text that is replaced takes its translations with it: they are of other words."""
    translated = Translation(by="duty", by_kind="officer", lang="ko", text="바다에서 보임")
    report = desks.reports("birch", url("b"), summary="Seen", lang="en", translations=(translated,))
    desks.says("birch", desks.made(Correction, of=report, summary="Heard", lang="en"))
    corrected = desks.entry(report).corrected

    assert corrected is not None
    assert (corrected.summary, corrected.translations) == ("Heard", None)


def test_a_withdrawn_correction_is_undone(desks: Desks) -> None:
    """What was corrected is then as it was, and the correction shows what took it back."""
    correction = desks.says("alder", desks.made(Correction, of=desks.case, severity="hazard"))
    withdrawal = desks.withdraws("alder", correction)

    assert desks.entry(desks.case).standing == "counts"
    assert desks.entry(correction).withdrawn_by == withdrawal
    assert desks.entry(correction).standing == "withdrawn"


def test_a_report_of_an_earlier_version(desks: Desks) -> None:
    """It gives the moment at which it occurred in fields of its own, which a correction can replace."""
    source = Source(kind="post", locator="https://a.example/")
    old = desks.reports(
        "birch", source, case=None, summary="x", lang="en", occurred_at_ms=5, occurred_precision="day"
    )
    own = desks.says("birch", desks.made(Correction, of=old, case=old, severity="incident"))
    moment = Moment(asserted_by="author", at_ms=5, clock="occurred", precision="day")
    desks.said = desks.said[1:]

    (asserted,) = desks.view().description.moments
    assert (asserted.moment, asserted.member, asserted.ref) == (moment, "birch", old)
    assert desks.entry(old).corrected_by == (own,)


def test_of_each_field_what_each_says(desks: Desks) -> None:
    """What most members say comes first; nobody's word is merged away."""
    second = desks.reports(
        "birch", url("b"), event="near-miss", harms=("economic",), systems=(System(name="X"),)
    )
    third = desks.reports(
        "cedar", url("c"), event="near-miss", fingerprints=(Fingerprint(kind="domain", value="x.example"),)
    )
    description = desks.view().description

    assert description.event == (
        Asserted(value="near-miss", by=("birch", "cedar"), refs=(second, third)),
        Asserted(value="incident", by=("alder",), refs=(desks.case,)),
    )
    assert description.harms == (Asserted(value="economic", by=("birch",), refs=(second,)),)
    assert description.systems == (System(name="X"),)
    assert [one.value for one in description.fingerprints] == ["domain:x.example"]


def test_an_ask_is_open_until_all_have_answered(desks: Desks) -> None:
    """Everybody asked is listed, with its newest answer or none; a machine's answer says that it is one."""
    ask = desks.asks("alder", "birch", "cedar")
    desks.answers("birch", ask, url("b"), author_kind="machine", author="node", answerable="duty")
    view = desks.view()

    assert (view.asks[0].open, summary(desks.case, desks.said, terms(), desks.knowledge).open_asks) == (
        True,
        1,
    )
    assert [(one.member, one.seen, one.by_machine) for one in view.asks[0].answers] == [
        ("birch", "seen", True),
        ("cedar", None, False),
    ]
    desks.answers("cedar", ask)
    assert not desks.view().asks[0].open
    assert desks.view().corroboration.replies == 2


def test_who_left_or_observes_is_not_waited_for(desks: Desks) -> None:
    """An ask of all is one of all members now but observers and the asker; an observer can be named."""
    desks.asks("alder")
    left = Party("dogwood", "Dogwood", "EC", present=False)
    watching = Party("elder", "Elder", "EC", observer=True)
    charter = replace(terms(), parties={**terms().parties, "dogwood": left, "elder": watching})

    assert [one.member for one in desks.view(charter=charter).asks[0].answers] == ["birch", "cedar"]
    desks.asks("alder", "dogwood", "elder")
    named = desks.view(charter=charter).asks[1]
    assert (named.asked, named.strangers) == (("elder",), ("dogwood",))


@pytest.mark.parametrize(
    ("to", "asked", "strangers"),
    [
        (("frangipani",), (), ("frangipani",)),
        (("alder",), (), ()),
        (("birch", "frangipani"), ("birch",), ("frangipani",)),
        (("alder", "birch"), ("birch",), ()),
        ((), ("birch", "cedar", "dogwood", "elder"), ()),
    ],
)
def test_an_ask_of_nobody_is_not_answered(
    desks: Desks, to: tuple[str, ...], asked: tuple[str, ...], strangers: tuple[str, ...]
) -> None:
    """Who is asked is said, and who is named that is no member; whoever answers besides was not asked."""
    ask = desks.asks("alder", *to)
    desks.answers("cedar", ask)
    (found,) = desks.view().asks

    assert (found.asked, found.strangers, found.open) == (asked, strangers, bool(asked))


def test_what_an_officer_was_aware_of_is_not_undone(desks: Desks) -> None:
    """An acknowledgement that was taken back still says who knew of what, and when."""
    ref = desks.says("birch", desks.made(Acknowledgement, of=(desks.case,)))
    before = desks.entry(desks.case).acknowledged
    desks.withdraws("birch", ref)

    assert desks.entry(ref).standing == "withdrawn"
    assert [one.member for one in before] == ["birch"]
    assert desks.entry(desks.case).acknowledged == before


def test_an_acknowledgement_is_shown_with_what_it_is_about(desks: Desks) -> None:
    """By whom, and whether that officer signed it."""
    ref = desks.says("birch", desks.made(Acknowledgement, of=(desks.case,)))
    desks.said[-1] = Said(ref, "birch", desks.said[-1].record, officer="chief")
    desks.says("cedar", desks.made(Acknowledgement, of=(desks.case,)))

    by = desks.entry(desks.case).acknowledged
    assert [(one.member, one.officer, one.signed) for one in by] == [
        ("birch", "chief", True),
        ("cedar", "duty", False),
    ]


def test_links_say_who_says_so(desks: Desks) -> None:
    """One link, each member that makes it; a withdrawn one is gone."""
    other = desks.reports("birch", url("o"), case=None)
    desks.says("birch", desks.made(Link, other=other, link="same-case"))
    own = desks.says("cedar", desks.made(Link, other=other, link="same-case"))
    assert [(link.link, link.by) for link in desks.view().links] == [("same-case", ("birch", "cedar"))]
    desks.withdraws("cedar", own)
    assert [link.by for link in desks.view().links] == [("birch",)]


def test_a_closing_withdrawn_opens_the_case_again(desks: Desks) -> None:
    """And with several of one member, the newest that counts says how it ended."""
    desks.says("alder", desks.made(Closing, outcome="false-alarm"))
    second = desks.says("alder", desks.made(Closing, outcome="incident"))
    assert [(one.outcome, one.ref) for one in desks.view().closings] == [("incident", second)]
    desks.withdraws("alder", second)
    assert (desks.view().state, desks.view().outcome) == ("closed", "false-alarm")


def closed(desks: Desks) -> None:
    """Alder has seen what birch and cedar wrote, and closes the case."""
    desks.sees("alder", "birch", "cedar")
    desks.says("alder", desks.made(Closing, outcome="false-alarm"))


def since(desks: Desks) -> list[Ref]:
    """What came since the closing; the case and its summary say how much."""
    view = desks.view()
    listed = summary(desks.case, desks.said, terms(), desks.knowledge)
    found = [entry.ref for entry in view.timeline if entry.since_closing]
    assert view.since_closing == listed.since_closing == len(found)
    return found


def test_what_comes_into_a_closed_case_is_counted(desks: Desks) -> None:
    """What its member had not held: reports, asks, answers *seen* and corrections; the case stays closed."""
    ask = desks.asks("birch")
    desks.reports("cedar")
    closed(desks)
    assert since(desks) == []

    came = [
        desks.reports("birch", url("new")),
        desks.asks("cedar"),
        desks.answers("cedar", ask, url("new")),
        desks.says("birch", desks.made(Correction, of=ask, severity="hazard")),
    ]
    desks.answers("dogwood", ask)
    desks.says("birch", desks.made(Link, other=desks.reports("elder", case=None), link="same-case"))
    desks.says("birch", desks.made(Acknowledgement, of=(desks.case,)))
    desks.says("birch", desks.made(Closing, outcome="false-alarm"))
    assert desks.entry(came.pop()).standing == "refused"
    own = [said.ref for said in desks.said if said.member == "birch" and isinstance(said.record, Report)]
    came.append(desks.says("birch", desks.made(Correction, of=own[0], severity="hazard")))

    assert since(desks) == came
    assert desks.view().state == "closed"
    desks.withdraws("birch", came[0])
    desks.answers("cedar", ask)
    assert since(desks) == [came[1], came[3]]


def test_what_its_member_had_not_received_came_since_the_closing(desks: Desks) -> None:
    """However early it was written, and by whatever clock."""
    report = desks.reports("birch", at_ms=START_MS - 1)
    desks.says("alder", desks.made(Closing, outcome="incident"))
    assert since(desks) == [report]


def test_its_members_own_later_records_count_and_no_earlier_ones(desks: Desks) -> None:
    """In whatever epoch; and with others' outcomes the case is contested, and counts the same."""
    desks.reports("alder", url("b"))
    closed(desks)
    desks.says("birch", desks.made(Closing, outcome="incident"))
    assert since(desks) == []

    desks.epochs["alder"] = 2
    own = desks.reports("alder", url("c"))
    assert since(desks) == [own]
    assert desks.view().state == "contested"
    desks.says("alder", desks.made(Closing, outcome="incident"))
    assert since(desks) == []


def test_another_closing_covers_what_was_held_then(desks: Desks) -> None:
    """The newest that counts is what counts; withdrawn, the one before it; without any, nothing."""
    first = desks.says("alder", desks.made(Closing, outcome="incident"))
    report = desks.reports("birch")
    assert since(desks) == [report]

    desks.sees("alder", "birch")
    second = desks.says("alder", desks.made(Closing, outcome="incident"))
    assert since(desks) == []
    desks.withdraws("alder", second)
    assert since(desks) == [report]
    desks.withdraws("alder", first)
    assert since(desks) == []


def test_nobody_elses_closing_has_anything_after_it(desks: Desks) -> None:
    """Of a case that is open, nothing came since a closing; nor of one whose opening is not here."""
    desks.says("birch", desks.made(Closing, outcome="incident"))
    desks.reports("cedar")
    assert since(desks) == []
    closed(desks)
    desks.reports("birch")
    assert len(since(desks)) == 1
    assert desks.view(desks.said[1:]).since_closing == 0


def test_an_open_case_asks_nobody_what_was_held(desks: Desks) -> None:
    """What a list says of it needs no contexts, which would have to be looked up."""
    desks.says("birch", desks.made(Closing, outcome="incident"))

    class Nobody:
        def saw(self, log: str, index: int) -> Mapping[str, int]:
            raise AssertionError((log, index))

    assert summary(desks.case, desks.said, terms(), Nobody()).state == "open"


def test_a_later_epoch_goes_on_with_what_is_its_own(desks: Desks) -> None:
    """A member corrects and withdraws in a new log what it said in the old one."""
    desks.epochs["alder"] = 2
    correction = desks.says("alder", desks.made(Correction, of=desks.case, severity="hazard"))
    assert desks.entry(desks.case).corrected_by == (correction,)
    desks.withdraws("alder", desks.case)
    assert desks.entry(desks.case).standing == "withdrawn"
    assert desks.view().corroboration.independent_sources == 0


def test_the_summary_of_a_case(desks: Desks) -> None:
    """The gravest that counts, the first words, and how much there is."""
    desks.reports("birch", url("b"), severity="disaster", summary="y" * 500, lang="tg")
    found = summary(desks.case, desks.said, terms(), desks.knowledge)

    assert (found.ref, found.opened_by, found.opened_at_ms, found.last_at_ms) == (
        desks.case,
        "alder",
        START_MS,
        desks.said[-1].record.at_ms,
    )
    assert (found.event, found.severity, found.summary, found.lang) == (
        "incident",
        "disaster",
        "Seen at sea",
        "en",
    )
    assert (found.records, found.independent_sources, found.corroborated) == (2, 2, False)


def test_a_summary_is_cut_in_every_language(desks: Desks) -> None:
    """At 120 characters, the last of which says so; of its corrected text, with the translations of that."""
    translated = Translation(lang="ko", by="duty", by_kind="officer", text="연" * 121)
    texts = {"summary": "x" * 120, "lang": "en", "translations": (translated,)}
    desks.says("alder", desks.made(Correction, of=desks.case, **texts))
    found = summary(desks.case, desks.said, terms(), desks.knowledge)

    assert found.summary == "x" * 120
    assert [(one.lang, one.text) for one in found.translations] == [("ko", "연" * 119 + "…")]


def test_what_follows_is_a_millisecond_later(desks: Desks) -> None:
    """In one log too: of one time by their own words, another's first stands before one's second."""
    second = desks.reports("alder", url("a"), at_ms=desks.said[0].record.at_ms)
    other = desks.reports("birch", url("b"), at_ms=desks.said[0].record.at_ms)

    assert [entry.ref for entry in desks.view().timeline] == [desks.case, other, second]


def test_what_is_taken_back_gives_way_while_the_case_goes_on(desks: Desks) -> None:
    """Answers, closings, corrections, taken back in any order and back again: each time as made anew."""
    ask = desks.asks("alder")
    answers = [desks.answers("birch", ask, url(f"{number}")) for number in range(3)]
    closings = [
        desks.says("alder", desks.made(Closing, outcome=one))
        for one in ("incident", "false-alarm", "incident")
    ]
    sources = (None, (url("x"), url("y")), (url("a"),))
    corrections = [
        desks.says("alder", desks.made(Correction, of=desks.case, severity="hazard", sources=one))
        for one in sources
    ]
    written = (("birch", answers), ("alder", closings), ("alder", corrections))
    for member, (first, second, third) in written:
        withdrawal = desks.withdraws(member, third)
        desks.withdraws(member, first)
        desks.withdraws(member, second)
        desks.withdraws(member, withdrawal)
    case = Case(desks.case)
    for place, said in enumerate(desks.said, 1):
        case.add(said)
        assert case.view(terms(), desks.knowledge) == desks.view(desks.said[:place])


def test_a_picture_goes_on(desks: Desks) -> None:
    """What comes last is put at the end of the order; what should have come before has it made anew."""
    desks.reports("birch", url("b"))
    order = Timeline(desks.said, desks.knowledge)
    desks.sees("birch", "alder")
    desks.asks("birch")
    late = desks.said[-1:]
    assert order.goes_on(late, desks.knowledge)
    assert order.entries == Timeline(desks.said, desks.knowledge).entries
    desks.sees("birch", "alder")
    desks.asks("alder")
    unseen = desks.said[-1:]
    desks.sees("alder", "birch")
    desks.asks("alder")
    assert order.goes_on(desks.said[-1:], desks.knowledge)
    assert not order.goes_on(unseen, desks.knowledge)


def test_which_case_a_record_belongs_to(desks: Desks) -> None:
    """Its own bytes say so."""
    added = desks.reports("birch", url("b"))

    assert case_of(desks.case, desks.said[0].record) == desks.case
    assert case_of(added, desks.said[1].record) == desks.case
