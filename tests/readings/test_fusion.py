"""What all readings together make of a case, and what they cannot be made to say."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.readings.evidences import Desk, hypothesis, probabilities, ref, source

from tocsin.core.records import Ref
from tocsin.core.records.cases.vocabulary import SourceKind, What
from tocsin.core.views import ReadOn
from tocsin.readings import CommonView, fuse
from tocsin.readings.hypotheses import KINDS
from tocsin.readings.likelihood import likelihood

MEMBERS = ("ash", "birch", "cedar", "elm", "fir")
SOURCE_KINDS: tuple[SourceKind, ...] = ("document", "person", "sensor", "website")

kinds = st.sampled_from(KINDS)
members = st.sampled_from(MEMBERS)
sources = st.builds(
    lambda kind, witnesses, number: source(kind, *witnesses, name=f"s{number}"),
    st.sampled_from(SOURCE_KINDS),
    st.sets(members, min_size=1, max_size=3),
    st.integers(0, 9),
)


@st.composite
def masses(draw: st.DrawFn, first: What | None = None) -> dict[str | Ref, int]:
    """What somebody says: to 5 %, some of it undetermined, most of it for `first`."""
    left = 20
    said: dict[str | Ref, int] = {}
    if first:
        said[first] = draw(st.integers(12, 19))
        left -= said[first]
    for kind in draw(st.permutations([kind for kind in KINDS if kind != first])):
        said[kind] = draw(st.integers(0, left))
        left -= said[kind]
    return {kind: 50 * parts for kind, parts in said.items()}


@st.composite
def desks(draw: st.DrawFn) -> Desk:
    """Some sources, and what members make of them: often of what they saw themselves, and much the same."""
    desk = Desk(draw(st.lists(sources, min_size=1, max_size=6)))
    firsts = st.sampled_from([draw(kinds), draw(kinds), None])
    for member in draw(st.sets(members, max_size=5)):
        own = [number for number, one in enumerate(desk.sources) if member in one.witnesses]
        numbers = draw(st.sets(st.integers(0, len(desk.sources) - 1), min_size=not own, max_size=3))
        desk.read(member, draw(masses(draw(firsts))), *{*numbers, *own})
    return desk


def stated(view: CommonView) -> dict[What, int]:
    """The kinds, in permille."""
    return {one.what: one.permille for one in view.kinds}


def five_of_one_feed(permille: int = 950) -> Desk:
    """Five members repeat one news feed."""
    desk = Desk([source("website", *MEMBERS)])
    for member in MEMBERS:
        desk.read(member, {"attack": permille}, 0)
    return desk


@given(desks())
def test_probabilities_are_coherent(desk: Desk) -> None:
    """They make 1,000 together, each is within its range, and what is likely is the largest."""
    view = fuse(desk.evidence)
    assert sum(one.permille for one in view.kinds) == 1_000
    assert sum(one.permille for one in view.leaves) == 1_000
    assert all(0 <= one.least_permille <= one.permille <= one.most_permille for one in view.kinds)
    assert all(sum(one.permille) == 1_000 for one in view.without)
    best = max(view.kinds, key=lambda one: one.permille)
    assert view.what == (best.what if best.permille >= 550 else "undetermined")


@given(desks(), st.data())
def test_the_order_of_readings_and_sources_changes_nothing(desk: Desk, data: st.DataObject) -> None:
    """Whatever comes first, all hold the same to be likely."""
    before = desk.evidence
    order = data.draw(st.permutations(range(len(desk.sources))))
    place = {old: new for new, old in enumerate(order)}
    after = replace(
        before,
        sources=tuple(before.sources[old] for old in order),
        readings=tuple(
            replace(one, sources=tuple(sorted(place[old] for old in one.sources)))
            for one in data.draw(st.permutations(before.readings))
        ),
    )
    assert stated(fuse(after)) == stated(fuse(before))


@given(desks(), st.data())
def test_a_copy_of_a_reading_changes_no_number(desk: Desk, data: st.DataObject) -> None:
    """Who repeats what another says of the same sources, neither raises nor lowers anything."""
    if not desk.reads:
        return
    copied = desk.reads[data.draw(st.sampled_from(sorted(desk.reads)))]
    before = fuse(desk.evidence)
    for number in range(data.draw(st.integers(1, 4))):
        desk.copy(f"copy-{number}", copied)
    after = fuse(desk.evidence)
    assert stated(after) == stated(before)
    assert (after.what, after.independent_milli) == (before.what, before.independent_milli)


@given(desks(), masses(), st.data())
def test_a_node_without_a_source_of_its_own_makes_nothing_likely(
    desk: Desk, said: dict[str | Ref, int], data: st.DataObject
) -> None:
    """What others' records say is read by it as it likes: what they do not witness stays undetermined."""
    numbers = st.sets(st.integers(0, len(desk.sources) - 1), min_size=1, max_size=6)
    desk.reads.clear()
    desk.read("copier", said, *data.draw(numbers))
    assert fuse(desk.evidence).what == "undetermined"


@given(desks(), masses(), st.data())
def test_nothing_is_likely_that_two_witnesses_do_not_say(
    desk: Desk, said: dict[str | Ref, int], data: st.DataObject
) -> None:
    """Whatever a copier adds to what others witness, and however many there are."""
    numbers = st.sets(st.integers(0, len(desk.sources) - 1), min_size=1, max_size=6)
    for copier in ("copier-1", "copier-2", "copier-3"):
        desk.read(copier, said, *data.draw(numbers))
    view = fuse(desk.evidence)
    saying = {
        member
        for member, read in desk.reads.items()
        for number in read.sources
        if member in desk.sources[number].witnesses and likeliest(read) == view.what
    }
    assert view.what == "undetermined" or len(saying) >= 2


def likeliest(read: ReadOn) -> str | None:
    """The kind that a reading holds likeliest, if it is one alone."""
    said = {one.what: one.permille for one in read.said.record.probabilities if one.what in KINDS}
    best = [kind for kind, permille in said.items() if permille == max(said.values())]
    return best[0] if len(best) == 1 else None


@given(desks())
def test_one_member_alone_makes_nothing_likely(desk: Desk) -> None:
    """However many sources it names, and whatever they are: others' eyes are needed."""
    desk.sources = [replace(one, witnesses=("ash",)) for one in desk.sources]
    desk.reads.clear()
    desk.read("ash", {"attack": 1_000}, *range(len(desk.sources)))
    view = fuse(desk.evidence)
    assert view.what == "undetermined"
    assert view.held_back
    assert 450 <= stated(view)["attack"] < 550


@given(desks(), masses())
def test_withdrawing_undoes_exactly_its_effect(desk: Desk, said: dict[str | Ref, int]) -> None:
    """With a reading and without it again is as before."""
    before = fuse(desk.evidence)
    kept = dict(desk.reads)
    desk.read("gum", said, 0)
    fuse(desk.evidence)
    desk.reads = kept
    assert fuse(desk.evidence) == before


def test_five_that_repeat_one_feed_are_one_witness() -> None:
    """Five capitals that repeat it say what one does, and that is not enough."""
    one = Desk([source("website", "ash")]).read("ash", {"attack": 950}, 0)
    assert stated(fuse(five_of_one_feed().evidence)) == stated(fuse(one.evidence))
    assert fuse(five_of_one_feed().evidence).what == "undetermined"


def test_two_witnesses_of_two_classes_make_it_likely() -> None:
    """A sensor here and a person there: likely, and very likely by the numbers."""
    desk = Desk([source("sensor", "ash"), source("person", "birch")])
    desk.read("ash", {"attack": 800}, 0).read("birch", {"attack": 750}, 1)
    view = fuse(desk.evidence)
    assert (view.what, view.held_back) == ("attack", False)
    assert likelihood(stated(view)["attack"]) == "very-likely"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (source("sensor", "ash"), source("sensor", "birch", name="t")),
        (source("sensor", "ash", "birch"), source("person", "birch")),
        (source("post", "ash"), source("website", "birch")),
    ],
    ids=["one class", "one witness of both", "published and published"],
)
def test_what_is_not_independent_is_not_likely(first: object, second: object) -> None:
    """Two sources of one class, or with one witness of both, or both published: no more than even."""
    desk = Desk([first, second])  # type: ignore[list-item]
    desk.read("ash", {"attack": 900}, 0).read("birch", {"attack": 900}, 1)
    view = fuse(desk.evidence)
    assert (view.what, view.held_back) == ("undetermined", True)


def test_copies_of_another_source_are_noticed() -> None:
    """The same numbers of five sources that nobody shares count less than five readings that differ."""
    alike, apart = (
        Desk([source(kind, member, name=member) for kind, member in zip(SOURCE_KINDS, MEMBERS, strict=False)])
        for _ in range(2)
    )
    for number, member in enumerate(MEMBERS[:4]):
        alike.read(member, {"attack": 600}, number)
        apart.read(member, {"attack": 540 + 40 * number}, number)
    assert stated(fuse(alike.evidence))["attack"] < stated(fuse(apart.evidence))["attack"]


def test_who_cannot_tell_takes_no_word_away() -> None:
    """A reading that is mostly undetermined does not weaken what another says of that source."""
    desk = Desk([source("sensor", "ash"), source("person", "birch")])
    desk.read("ash", {"attack": 800}, 0).read("birch", {"attack": 700}, 1)
    before = stated(fuse(desk.evidence))["attack"]
    desk.read("cedar", {"accident": 300}, 0)
    assert stated(fuse(desk.evidence))["attack"] == before


def test_the_range_says_what_it_rests_on() -> None:
    """Without either of two witnesses, or their sources, it is undetermined; without a third it is not."""
    desk = Desk([source("sensor", "ash"), source("person", "birch"), source("document", "cedar")])
    desk.read("ash", {"attack": 800}, 0).read("birch", {"attack": 750}, 1)
    two = fuse(desk.evidence)
    desk.read("cedar", {"attack": 850}, 2)
    three = fuse(desk.evidence)
    assert {one.member for one in two.turning} - {None} == {"ash", "birch"}
    assert {one.source for one in two.turning} - {None} == {0, 1}
    assert three.turning == ()


def test_without_the_witness_that_read_it_nobody_stands_for_a_source() -> None:
    """That another saw the source, too, and did not say what it was, is not enough."""
    desk = Desk([source("sensor", "ash", "cedar"), source("person", "birch")])
    desk.read("ash", {"attack": 800}, 0).read("birch", {"attack": 750}, 1).read("elm", {"attack": 700}, 0)
    view = fuse(desk.evidence)
    (without_ash,) = (one for one in view.without if one.member == "ash")
    assert view.what == "attack"
    assert without_ash.what == "undetermined"


def test_dissent_is_kept() -> None:
    """Who reads it otherwise is named, with what they hold likeliest."""
    desk = Desk(
        [source(kind, member, name=member) for kind, member in zip(SOURCE_KINDS, MEMBERS, strict=False)]
    )
    for number, member in enumerate(MEMBERS[:3]):
        desk.read(member, {"attack": 800 + 20 * number}, number)
    desk.read("elm", {"accident": 600, "attack": 200}, 3)
    view = fuse(desk.evidence)
    assert view.what == "attack"
    assert [(one.member, one.what, one.permille) for one in view.dissent] == [("elm", "accident", 600)]


def test_a_hypothesis_says_which_of_its_kind() -> None:
    """What is said of the kind is said of all its hypotheses; what is said of one is of the kind, too."""
    poisoned = hypothesis("birch", "attack")
    desk = Desk([source("sensor", "ash"), source("person", "birch")], [poisoned])
    desk.read("ash", {"attack": 800}, 0).read("birch", {ref("birch", 5): 750}, 1)
    view = fuse(desk.evidence)
    other, one = (leaf for leaf in view.leaves if leaf.what == "attack")
    assert (other.hypothesis, one.hypothesis) == (None, poisoned.ref)
    assert one.permille > other.permille
    assert stated(view)["attack"] == one.permille + other.permille
    assert view.what == "attack"


def test_hypotheses_that_nobody_holds_possible_change_nothing() -> None:
    """Whoever thinks of many makes no kind likelier or less likely."""
    desk = Desk([source("sensor", "ash"), source("person", "birch")])
    desk.read("ash", {"attack": 800}, 0).read("birch", {"attack": 750}, 1)
    before = fuse(desk.evidence)
    desk.hypotheses = [hypothesis("elm", "attack", number) for number in range(5, 30)]
    assert fuse(desk.evidence) == before


def test_a_hypothesis_that_is_not_here_is_undetermined() -> None:
    """What a reading says of it counts for nothing, and nothing is lost."""
    desk = Desk([source("sensor", "ash")]).read("ash", {ref("elm", 7): 900, "attack": 100}, 0)
    other = Desk([source("sensor", "ash")]).read("ash", {"attack": 100}, 0)
    assert stated(fuse(desk.evidence)) == stated(fuse(other.evidence))


@pytest.mark.parametrize("sources", [(), (0,)])
def test_nothing_known_is_undetermined(sources: tuple[int, ...]) -> None:
    """Without a reading, and with one that says nothing, all is as likely as before."""
    desk = Desk([source("sensor", "ash")])
    if sources:
        desk.read("ash", {}, *sources)
    view = fuse(desk.evidence)
    assert set(stated(view).values()) == {200}
    assert view.what == "undetermined"
    assert not view.held_back


@pytest.mark.parametrize("order", list(permutations(MEMBERS[:3])))
def test_contradictions_cancel(order: tuple[str, ...]) -> None:
    """Two that say opposite things of one source say nothing of it together, whoever they are."""
    desk = Desk([source("sensor", *order)])
    desk.read(order[0], {"attack": 900}, 0).read(order[1], {"accident": 900}, 0)
    view = fuse(desk.evidence)
    assert view.what == "undetermined"
    assert stated(view)["attack"] == stated(view)["accident"]
    assert view.sources[0].disputed


def test_probabilities_are_written_ascending() -> None:
    """The test's own evidence is as records have it."""
    assert [one.what for one in probabilities({"misuse": 1, "attack": 2})] == [
        "attack",
        "misuse",
        "undetermined",
    ]
