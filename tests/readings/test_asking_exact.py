"""The next question against every possible one, in models so small that each can be worked out by hand."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import fsum, isclose, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.readings.evidences import Desk, hypothesis, probabilities, reading, ref, source

from tocsin.core.records import Probability, Ref
from tocsin.core.records.cases.vocabulary import SourceKind, What
from tocsin.core.views import CaseSource, Evidence, ReadOn
from tocsin.readings import CommonView, fuse
from tocsin.readings.asking import Question, next_questions
from tocsin.readings.hypotheses import KINDS
from tocsin.readings.weighing import MOST_SOURCES

MEMBERS = ("ash", "birch", "cedar", "elm")
STRANGERS = ("fir", "gum", "hazel")
SOURCE_KINDS: tuple[SourceKind, ...] = ("document", "person", "sensor", "website")
POISONED = hypothesis("birch", "attack")

SAID: tuple[Mapping[str | Ref, int], ...] = (
    {"attack": 800},
    {"attack": 900, "accident": 50},
    {"attack": 900, "accident": 50},
    {"accident": 700, "misuse": 100},
    {"attack": 300},
    {POISONED.ref: 600, "cascade": 200},
    {},
)
"""What is often said alike, so that readings are copies of each other and of what may be answered."""


@st.composite
def masses(draw: st.DrawFn) -> Mapping[str | Ref, int]:
    """What somebody says: to 10 %, some of it undetermined."""
    left = 10
    said: dict[str | Ref, int] = {}
    for kind in draw(st.permutations(KINDS))[:3]:
        said[kind] = draw(st.integers(0, left))
        left -= said[kind]
    return {kind: 100 * parts for kind, parts in said.items() if parts}


sources = st.builds(
    lambda kind, witnesses, verifiable: replace(source(kind, *witnesses), verifiable=verifiable),
    st.sampled_from(SOURCE_KINDS),
    st.sets(st.sampled_from(MEMBERS), min_size=1, max_size=2),
    st.booleans(),
)


@st.composite
def desks(draw: st.DrawFn) -> Desk:
    """Up to four sources, and what some make of them, who can be asked and who cannot."""
    desk = Desk(draw(st.lists(sources, min_size=1, max_size=4)), [POISONED])
    numbers = st.sets(st.integers(0, len(desk.sources) - 1), min_size=1)
    for member in draw(st.sets(st.sampled_from((*MEMBERS, *STRANGERS)))):
        desk.read(member, draw(st.one_of(st.sampled_from(SAID), masses())), *draw(numbers))
    return desk


def bits(view: CommonView) -> float:
    """How much is open, by what a view states."""
    shares = [one.permille / 1000 for one in view.kinds]
    return -fsum(share * log2(share) for share in shares if share)


def both(said: Sequence[Probability], kind: What) -> Mapping[str | Ref, int]:
    """What somebody says that also says 800 permille of that kind, the rest being undetermined.

    Dempster's rule over sets, of which a hypothesis is one, a kind is one with it, and all are one.
    """
    sets: dict[str | Ref | None, frozenset[str]] = {one: frozenset({one}) for one in KINDS}
    sets[POISONED.ref] = frozenset({"poisoned"})
    sets["attack"] |= sets[POISONED.ref]
    sets["undetermined"] = frozenset({*KINDS, "poisoned"})
    names = {one: name for name, one in sets.items() if name is not None}
    found: dict[frozenset[str], Fraction] = defaultdict(Fraction)
    for one in said:
        for about, share in ((kind, Fraction(8, 10)), ("undetermined", Fraction(2, 10))):
            if common := sets[one.hypothesis or one.what] & sets[about]:
                found[common] += share * one.permille
    whole = sum(found.values())
    exact = {names[common]: 1000 * part / whole for common, part in found.items()}
    rounded = {name: int(part) for name, part in exact.items()}
    by_remainder = sorted(exact, key=lambda name: rounded[name] - exact[name])
    for name in by_remainder[: 1000 - sum(rounded.values())]:
        rounded[name] += 1
    for name in [name for name, part in rounded.items() if not part]:
        rounded[max(rounded, key=rounded.__getitem__)] -= 1
        rounded[name] = 1
    return rounded


def answered(evidence: Evidence, member: str, number: int, kind: What) -> CommonView:
    """The common view once a member answers that a source shows that kind, in place of what it said.

    It looks at the source itself, and cites it as others do, or as it has cited it.
    """
    older = next((read for read in evidence.readings if read.said.member == member), None)
    said = reading(member, both(older.said.record.probabilities if older else probabilities({}), kind), 99)
    read = older or ReadOn(said, (), (), 0)
    if number not in read.own:
        read = replace(read, sources=tuple(sorted({*read.sources, number})), own=(*read.own, number))
    others = [other for other in evidence.readings if other.said.member != member]
    sources = list(evidence.sources)
    if member not in sources[number].witnesses:
        cited = ((member, one) for one in sources[number].citations)
        sources[number] = replace(sources[number], cited=(*sources[number].cited, *cited))
    readings = (*others, replace(read, said=said))
    return fuse(replace(evidence, sources=tuple(sources), readings=readings))


def left_open(evidence: Evidence, member: str, number: int) -> bool | None:
    """Whether a member leaves a source mostly open that it saw and reads; None if it does not so."""
    for read in evidence.readings:
        if read.said.member == member and number in read.own:
            known = {one.hypothesis for one in read.said.record.probabilities} <= {None, POISONED.ref}
            assert known
            return (
                sum(one.permille for one in read.said.record.probabilities if one.what == "undetermined")
                >= 500
            )
    return None


def can_tell(evidence: Evidence, member: str, number: int) -> float:
    """How likely it is that a member can tell what a source shows."""
    about: CaseSource = evidence.sources[number]
    first = 0.9 if member in about.witnesses else 0.7 if about.verifiable else 0.05
    return min(first, 0.2) if left_open(evidence, member, number) else first


def expected_gain(evidence: Evidence, member: str, number: int) -> float:
    """By how many bits less is open on average, over every answer that there is and none."""
    now = fuse(evidence)
    open_then = []
    for kind in KINDS:
        chance = fsum(one.permille / 1000 * (0.8 if one.what == kind else 0.05) for one in now.kinds)
        open_then.append(chance * bits(answered(evidence, member, number, kind)))
    tells = can_tell(evidence, member, number)
    return bits(now) - (tells * fsum(open_then) + (1 - tells) * bits(now))


def possible(evidence: Evidence, me: str) -> Iterator[tuple[str, int]]:
    """Every question that could be asked."""
    for member in MEMBERS:
        for number in range(len(evidence.sources)):
            if member != me and left_open(evidence, member, number) is not False:
                yield member, number


def every(evidence: Evidence) -> tuple[Question, ...]:
    """All questions of ash's."""
    return next_questions(evidence, MEMBERS, me="ash", most=99)


@given(desks())
def test_the_first_question_is_the_best_one(desk: Desk) -> None:
    """No other gains more, but for 5 % of it; and where none is named, none gains a thousandth of a bit."""
    evidence = desk.evidence
    gains = {one: expected_gain(evidence, *one) for one in possible(evidence, "ash")}
    best = max(gains.values(), default=0)
    found = next_questions(evidence, MEMBERS, me="ash", most=1)
    if found:
        assert gains[found[0].member, found[0].source] >= 0.95 * best
    else:
        assert best < 0.001


def three_sources() -> Desk:
    """Of three classes, each seen by another one."""
    return Desk([source("sensor", "ash"), source("person", "birch"), source("document", "cedar")])


EXAMPLES = {
    "copies": three_sources()
    .read("birch", {"attack": 400, "accident": 300}, 0)
    .read("cedar", {"attack": 400, "accident": 300}, 0)
    .read("gum", {"attack": 400, "accident": 300}, 2),
    "copies of what is answered": three_sources()
    .read("birch", {"attack": 800}, 0)
    .read("cedar", {"attack": 800}, 1)
    .read("gum", {"attack": 800}, 2),
    "who may change its mind": Desk([*three_sources().sources, source("sensor", "elm", name="t")])
    .read("ash", {"attack": 900}, 0)
    .read("elm", {"attack": 950}, 3)
    .read("birch", {"attack": 700}, 1)
    .read("gum", {"attack": 850}, 1)
    .read("hazel", {"attack": 900}, 1),
    "who reads all but one": three_sources()
    .read("ash", {"attack": 900}, 0)
    .read("birch", {"accident": 300}, 0, 1, 2)
    .read("cedar", {"attack": 500, "misuse": 300}, 0, 2),
}


@given(desks())
def test_each_gain_is_that_of_fusing_every_answer(desk: Desk) -> None:
    """Whatever is asked, of whomever: the stated gain is exact, and what is not named gains nothing."""
    check_gains(desk.evidence)


@pytest.mark.parametrize("desk", EXAMPLES.values(), ids=EXAMPLES)
def test_each_gain_is_exact_where_readings_hang_together(desk: Desk) -> None:
    """Where readings are copies of each other, where they share sources, and where one's word is missed."""
    check_gains(desk.evidence)


def check_gains(evidence: Evidence) -> None:
    """That gains are stated as they are."""
    stated = {(one.member, one.source): one.gain_millibits for one in every(evidence)}
    for member, number in possible(evidence, "ash"):
        gain = 1000 * expected_gain(evidence, member, number)
        if (member, number) in stated:
            assert isclose(stated.pop((member, number)), gain, abs_tol=0.51)
        else:
            assert gain < 0.51
    assert not stated


@given(desks())
def test_each_prospect_is_what_the_answer_would_make_of_the_view(desk: Desk) -> None:
    """With every answer the view is stated that all would see."""
    evidence = desk.evidence
    for one in every(evidence)[:3]:
        for prospect in one.prospects:
            view = answered(evidence, one.member, one.source, prospect.answer)
            assert prospect.permille == tuple(kind.permille for kind in view.kinds)
            assert prospect.what == view.what


@given(desks())
def test_no_question_is_worth_more_than_is_open(desk: Desk) -> None:
    """What is open is the entropy of the view, at most that of five; what is gained is some of it."""
    evidence = desk.evidence
    for one in every(evidence):
        assert isclose(one.now_millibits, 1000 * bits(fuse(evidence)), abs_tol=0.51)
        assert 1 <= one.gain_millibits <= one.now_millibits <= 2322
        assert sum(prospect.chance_permille for prospect in one.prospects) == 1000


@given(desks())
def test_questions_come_best_first(desk: Desk) -> None:
    """Each is worth as much as the next one at least, and whoever wants fewer gets the first ones."""
    found = every(desk.evidence)
    gains = [one.gain_millibits for one in found]
    assert gains == sorted(gains, reverse=True)
    assert next_questions(desk.evidence, MEMBERS, me="ash", most=2) == found[:2]


def test_a_narrower_hypothesis_is_asked_for_by_its_kind() -> None:
    """Where one of a kind is held to be likely, the answer that it was of that kind makes it so."""
    desk = Desk([source("sensor", "ash"), source("person", "birch")], [POISONED])
    desk.read("ash", {ref("birch", 5): 800}, 0)
    (first, *_) = every(desk.evidence)
    assert (first.member, first.source) == ("birch", 1)
    assert {one.answer: one.what for one in first.prospects}["attack"] == "attack"


def test_a_reading_that_rests_on_as_many_sources_as_count_takes_no_more() -> None:
    """Who has one is not asked about another source: the answer could not come to rest on it."""
    desk = Desk([source("sensor", "birch")] * (MOST_SOURCES + 2))
    desk.read("birch", {"attack": 600}, *range(1, MOST_SOURCES + 1))
    assert not next_questions(desk.evidence, ["birch"], me="ash")
    desk.read("birch", {"attack": 600}, *range(2, MOST_SOURCES + 1))
    assert {one.source for one in next_questions(desk.evidence, ["birch"], me="ash")} == {
        0,
        1,
        MOST_SOURCES + 1,
    }


def test_what_a_reading_rests_on_beyond_what_counts_is_not_asked_about() -> None:
    """Who left most open of more sources than count is asked about those that do; the prospects are exact."""
    desk = Desk([source("sensor", "birch")] * (MOST_SOURCES + 2))
    desk.read("birch", {"attack": 300}, *range(MOST_SOURCES + 2))
    first, *others = next_questions(desk.evidence, ["birch"], me="ash", most=99)
    assert {one.source for one in (first, *others)} <= set(range(MOST_SOURCES))
    for prospect in first.prospects:
        view = answered(desk.evidence, first.member, first.source, prospect.answer)
        assert prospect.permille == tuple(kind.permille for kind in view.kinds)
