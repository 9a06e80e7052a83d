"""Which question is asked next, of whom, and of whom none is."""

from dataclasses import replace
from math import fsum, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as replace_struct
from tests.readings.evidences import CIRCLE, Desk, ref, source
from tests.readings.test_asking_exact import MEMBERS, desks

from tocsin.core.records import Ask, Source, Translation
from tocsin.core.views import CaseSource, Evidence
from tocsin.readings.arithmetic import permille_of
from tocsin.readings.asking import Question, asked_already, next_questions, wording
from tocsin.readings.asking.entropy import entropy_microbits
from tocsin.readings.asking.prospects import Prospects
from tocsin.readings.asking.wording import cited_as
from tocsin.readings.hypotheses import KINDS


def every(evidence: Evidence, me: str = "ash", **more: object) -> tuple[Question, ...]:
    """All questions there are."""
    return next_questions(evidence, MEMBERS, me=me, most=99, **more)  # type: ignore[arg-type]


def two_who_looked() -> Desk:
    """A sensor of ash's, which it reads, and a person whom birch saw and says nothing of."""
    return Desk([source("sensor", "ash"), source("person", "birch")]).read("ash", {"attack": 800}, 0)


@given(desks(), st.sampled_from(MEMBERS))
def test_nobody_is_asked_what_it_has_answered(desk: Desk, me: str) -> None:
    """Nor oneself; and who reads a source is asked about it only if it left half of it open at least."""
    for one in every(desk.evidence, me):
        assert one.member in MEMBERS
        assert one.member != me
        read = desk.reads.get(one.member)
        if read and one.source in read.own:
            said = {of.what: of.permille for of in read.said.record.probabilities}
            assert said["undetermined"] >= 500


@given(desks(), st.data())
def test_the_order_of_records_and_members_changes_nothing(desk: Desk, data: st.DataObject) -> None:
    """Whatever comes first, the same is asked."""
    before = desk.evidence
    after = replace(before, readings=tuple(data.draw(st.permutations(before.readings))))
    members = data.draw(st.permutations(MEMBERS))
    assert next_questions(after, members, me="ash", most=99) == every(before)


@given(desks(), st.data())
def test_repetition_changes_nothing(desk: Desk, data: st.DataObject) -> None:
    """Who repeats by others' records what another says changes no question."""
    if not desk.reads:
        return
    before = every(desk.evidence)
    copied = desk.reads[data.draw(st.sampled_from(sorted(desk.reads)))]
    for number in range(2):
        desk.copy(f"copy-{number}", copied)
    assert every(desk.evidence) == before


def test_who_reads_a_source_by_others_records_is_asked_to_look_itself() -> None:
    """It has told nothing of it yet, however sure it is of the whole; once it has looked, it is not asked."""
    desk = two_who_looked().read("cedar", {"attack": 800}, 1)
    to_cedar = {one.source: one for one in every(desk.evidence) if one.member == "cedar"}
    assert (to_cedar[1].tells_permille, to_cedar[1].is_witness) == (700, False)
    person = desk.sources[1]
    desk.sources = [desk.sources[0], replace(person, cited=(*person.cited, ("cedar", person.citations[0])))]
    desk.read("cedar", {"attack": 800}, 1)
    assert ("cedar", 1) not in {(one.member, one.source) for one in every(desk.evidence)}


def test_who_saw_a_source_that_nobody_reads_is_asked_first() -> None:
    """Its word is missing, for then two witnesses of two classes say so."""
    first, *_ = every(two_who_looked().evidence)
    assert (first.member, first.source, first.is_witness, first.tells_permille) == ("birch", 1, True, 900)
    assert {one.answer: one.what for one in first.prospects}["attack"] == "attack"


def test_a_witness_who_says_nothing_of_what_others_read_is_asked_first() -> None:
    """What cedar makes of birch's source stands for nothing until birch says the same."""
    desk = two_who_looked().read("cedar", {"attack": 800}, 1)
    first, *_ = every(desk.evidence)
    assert (first.member, first.source) == ("birch", 1)


def test_who_has_seen_it_is_asked_before_others_and_those_before_strangers() -> None:
    """One who saw it gains more than one who can look at it, and hardly anything who cannot."""
    desk = two_who_looked()
    to_cedar = next(one for one in every(desk.evidence) if (one.member, one.source) == ("cedar", 1))
    desk.sources = [desk.sources[0], replace(desk.sources[1], verifiable=False)]
    gains = {(one.member, one.source): one.gain_millibits for one in every(desk.evidence)}
    assert gains["birch", 1] > to_cedar.gain_millibits > 10 * gains.get(("cedar", 1), 0)


def test_who_left_it_open_can_be_asked_again_and_seldom_tells() -> None:
    """Who has looked and could not tell is not asked as if it had not looked."""
    desk = two_who_looked()
    fresh = next(one for one in every(desk.evidence) if (one.member, one.source) == ("birch", 1))
    desk.read("birch", {"attack": 100}, 1)
    again = next(one for one in every(desk.evidence) if (one.member, one.source) == ("birch", 1))
    assert (fresh.tells_permille, again.tells_permille) == (900, 200)


def test_among_alike_who_is_on_duty_comes_first_then_by_name() -> None:
    """Of questions that are worth the same: by source, then who is on duty, then by name."""
    desk = Desk([source("post", "gum", name="a"), source("post", "gum", name="b")])
    found = every(desk.evidence, "ash", on_duty={"elm"})
    assert [(one.source, one.member) for one in found] == [
        (number, member) for number in (0, 1) for member in ("elm", "birch", "cedar")
    ]


def test_who_has_closed_the_case_is_not_asked() -> None:
    """No reading of it counts then; and once the case itself is closed, nobody is."""
    evidence = two_who_looked().evidence
    assert "birch" not in {one.member for one in every(replace(evidence, closed_by=("birch",)))}
    assert every(replace(evidence, closed_by=("ash",))) == ()


def test_what_was_asked_already_is_not_asked_again() -> None:
    """Of that member; others are asked about it, and it about others."""
    evidence = two_who_looked().evidence
    before = {(one.member, one.source) for one in every(evidence)}
    after = {(one.member, one.source) for one in every(evidence, asked={("birch", 1)})}
    assert before - after == {("birch", 1)}


@pytest.mark.parametrize("members", [(), ("ash",)])
def test_where_nobody_else_is_there_is_no_question(members: tuple[str, ...]) -> None:
    """Whoever is alone asks nobody."""
    assert next_questions(two_who_looked().evidence, members, me="ash") == ()


def test_where_there_is_no_source_there_is_no_question() -> None:
    """There is nothing to ask about; nor is there where no question is wanted."""
    assert every(Desk([]).evidence) == ()
    assert every(Desk([]).read("ash", {"attack": 700}).evidence) == ()
    assert next_questions(two_who_looked().evidence, MEMBERS, me="ash", most=0) == ()


def test_where_nothing_is_read_what_is_open_is_all() -> None:
    """Without a reading there is as much to gain as there can be."""
    found = every(Desk([source("sensor", "birch"), source("person", "cedar")]).evidence)
    assert {one.now_millibits for one in found} == {2322}
    assert [(one.member, one.source) for one in found[:2]] == [("birch", 0), ("cedar", 1)]


def test_a_source_whose_witness_cannot_be_asked_is_asked_about() -> None:
    """Who can look at it may tell."""
    found = every(Desk([source("website", "gum")]).evidence)
    assert {one.tells_permille for one in found} == {700}


@pytest.mark.parametrize("readers", [0, 10, 50])
def test_of_many_questions_few_are_worked_out(readers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 50 members and 20 sources, or twice as many: those that differ, and never more than so many."""
    worked_out = []
    original = Prospects.of

    def of(self: Prospects, member: str, number: int) -> object:
        worked_out.append((member, number))
        return original(self, member, number)

    monkeypatch.setattr(Prospects, "of", of)
    members = [f"m{number:02}" for number in range(50)]
    desk = Desk(
        [source("sensor", members[number], members[-number - 1], name=str(number)) for number in range(20)]
    )
    for number, member in enumerate(members[:readers]):
        desk.read(member, {KINDS[number % 2]: 500 + 8 * number}, number % 20)
    assert next_questions(desk.evidence, members, me="m49")
    assert len(worked_out) == len(set(worked_out))
    assert len(worked_out) <= 2 * 20 + 240


def test_a_member_with_a_reading_is_asked_for_what_it_adds() -> None:
    """Its answer takes the place of what it said: who saw two sources is still one witness."""
    desk = Desk([source("sensor", "birch"), source("person", "birch")]).read("birch", {"attack": 800}, 0)
    found = {(one.member, one.source): one for one in every(desk.evidence)}
    prospects = {one.answer: one for one in found["birch", 1].prospects}
    assert prospects["attack"].what == "undetermined"


def test_a_question_names_its_source_and_can_be_sent() -> None:
    """It is an ask to that member, in words that say which source is meant."""
    evidence = two_who_looked().evidence
    saw, *others = every(evidence)
    for one, code in (
        (saw, "what_you_saw"),
        (next(to for to in others if to.member == "cedar"), "what_it_shows"),
    ):
        words = wording(one, evidence)
        assert (words.to, words.code, words.lang) == ((one.member,), code, "en")
        assert words.source == evidence.sources[one.source].citations[0].locator
        assert f'"{words.source}"' in words.text
        ask = asking(words.text, *words.to)
        assert asked_already(evidence, [ask]) == {(one.member, one.source)}


@pytest.mark.parametrize(
    "locator",
    ['x". We saw it. Send your keys to "y', "x\nWe saw it.", "x" * 161, "x\u202eWe saw it."],
    ids=["quotation mark", "line", "long", "right to left"],
)
def test_a_source_says_nothing_in_our_name(locator: str) -> None:
    """What is no short line without quotation marks is named by the record that cites it."""
    cited = Source(kind="post", locator=locator, obtained="published")
    one = CaseSource(cited=(("ash", cited),), verifiable=False, refs=(ref("ash", 3),))
    assert cited_as(one) == "ash.1.3"


def test_a_question_in_another_language_is_recognised() -> None:
    """By the source that it names, in whichever of its texts."""
    evidence = two_who_looked().evidence
    told = Translation(by="ash", by_kind="machine", lang="de", text='Was zeigt "https://s.example/person"?')
    ask = replace_struct(asking("?", "birch"), translations=(told,))
    assert asked_already(evidence, [ask]) == {("birch", 1)}
    assert asked_already(evidence, [asking("Seen?", "birch")]) == set()


@pytest.mark.parametrize(
    ("text", "to"),
    [
        ('"https://s.example/sensor" "https://s.example/person" thanks.', ("birch",)),
        ('"https://s.example/person"', ("birch", "cedar")),
        ('"https://s.example/person"', None),
    ],
    ids=["of many sources", "to several", "to all"],
)
def test_one_ask_takes_one_question_at_most(text: str, to: tuple[str, ...] | None) -> None:
    """It names one member and one source, as they are sent: nobody silences all questions by one record."""
    evidence = two_who_looked().evidence
    assert asked_already(evidence, [replace_struct(asking(text), to=to)]) == set()


def test_a_source_without_a_place_is_named_by_its_records() -> None:
    """What an earlier version cited without saying where it was is still told from others."""
    desk = two_who_looked()
    earlier = Source(kind="person", locator="")
    cited_by = desk.evidence.case
    desk.sources = [desk.sources[0], replace(desk.sources[1], cited=(("birch", earlier),), refs=(cited_by,))]
    first, *_ = every(desk.evidence)
    assert wording(first, desk.evidence).source == str(cited_by)


@given(st.lists(st.integers(0, 100), min_size=5, max_size=5).filter(any))
def test_entropy_is_that_of_shannon(parts: list[int]) -> None:
    """It is nothing where one thing is sure, most where all are alike, and within a millionth elsewhere."""
    permille = permille_of(parts)
    exact = -fsum(one / 1000 * log2(one / 1000) for one in permille if one)
    assert abs(entropy_microbits(permille) - 1e6 * exact) <= 3
    assert entropy_microbits((1000, 0, 0, 0, 0)) == 0
    assert entropy_microbits(permille) <= entropy_microbits((200,) * 5) == 2_321_930


def asking(text: str, *to: str) -> Ask:
    """An ask of these members."""
    return Ask(
        circle=CIRCLE,
        at_ms=1,
        author="duty-officer",
        author_kind="officer",
        tlp="TLP:GREEN",
        case=Desk([]).evidence.case,
        questions=("other",),
        to=to,
        text=text,
        lang="en",
    )
