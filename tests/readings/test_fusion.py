"""What all readings together make of a case, and what they cannot be made to say."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.readings.evidences import Desk, hypothesis, probabilities, reading, ref, source

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


def numbers(view: CommonView) -> object:
    """All that is said of the kinds by all together, and whether it is held back."""
    return view.what, view.held_back, view.kinds, view.independent_milli


def says(view: CommonView, source: int) -> Sequence[int]:
    """What a source says of the kinds, in milli-nats."""
    return next((one.millinats for one in view.sources if one.source == source), (0,) * len(KINDS))


def likeliest(said: Mapping[str | Ref, int] | Mapping[What, int]) -> list[What]:
    """What is held likeliest."""
    of = [said.get(kind, 0) for kind in KINDS]
    return [kind for kind, permille in zip(KINDS, of, strict=True) if permille == max(of)]


def of_kinds(read: ReadOn) -> dict[str | Ref, int]:
    """What a reading says of kinds."""
    return {one.what: one.permille for one in read.said.record.probabilities if one.what in KINDS}


def with_witness(desk: Desk, member: str, *numbers: int) -> Desk:
    """That member, too, cites these sources itself, each as what it is."""
    sources = list(desk.sources)
    for number in numbers:
        cited = sources[number].cited
        sources[number] = replace(sources[number], cited=(*cited, (member, cited[0][1])))
    return replace(desk, sources=sources, reads=dict(desk.reads))


def narrowed(said: Mapping[str | Ref, int], desk: Desk, data: st.DataObject) -> dict[str | Ref, int]:
    """The same of kinds, in part by hypotheses of them."""
    found = dict(said)
    for one in desk.hypotheses:
        part = data.draw(st.integers(0, found.get(one.record.under, 0)))
        found[one.record.under] = found.get(one.record.under, 0) - part
        found[one.ref] = part
    return found


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
def test_order_and_duplicates_change_nothing(desk: Desk, data: st.DataObject) -> None:
    """Whatever comes first, and however often a citation stands there, all hold the same to be likely."""
    before = desk.evidence
    order = data.draw(st.permutations(range(len(desk.sources))))
    place = {old: new for new, old in enumerate(order)}
    twice = data.draw(st.integers(1, 2))
    after = replace(
        before,
        sources=tuple(
            replace(before.sources[old], cited=before.sources[old].cited[::-1] * twice) for old in order
        ),
        readings=tuple(
            replace(
                one,
                sources=tuple(sorted(place[old] for old in one.sources)),
                own=tuple(place[old] for old in data.draw(st.permutations(one.own))),
            )
            for one in data.draw(st.permutations(before.readings))
        ),
    )
    assert numbers(fuse(after)) == numbers(fuse(before))


@given(desks(), masses(), st.data())
def test_who_saw_nothing_itself_changes_no_number(
    desk: Desk, said: dict[str | Ref, int], data: st.DataObject
) -> None:
    """A copying node moves nothing by whatever it says, of whatever others saw and thought, however often."""
    desk.hypotheses = [hypothesis("elm", data.draw(kinds), index) for index in range(5, 11)]
    for member, read in desk.reads.items():
        desk.reads[member] = replace(read, said=reading(member, narrowed(of_kinds(read), desk, data)))
    before = fuse(desk.evidence)
    said = narrowed(said, desk, data)
    for member in ("copier-1", "copier-2")[: data.draw(st.integers(1, 2))]:
        desk.read(member, said, *data.draw(st.sets(st.integers(0, len(desk.sources) - 1))), others=1)
    after = fuse(desk.evidence)
    assert (after.without, after.standing) == (before.without, before.standing)
    assert numbers(after) == numbers(before)
    assert after.leaves == before.leaves


@given(desks(), st.data())
def test_a_witness_that_says_what_another_does_of_the_same_changes_no_number(
    desk: Desk, data: st.DataObject
) -> None:
    """Repeated through a source that it claims to have seen, too, it neither raises nor lowers anything."""
    if not (reading := [one for one in desk.reads.values() if one.own and not one.others]):
        return
    before = fuse(desk.evidence)
    copied = data.draw(st.sampled_from(reading))
    desk = with_witness(desk, "gum", *copied.own)
    desk.copy("gum", copied)
    after = fuse(desk.evidence)
    assert after.independent_milli == before.independent_milli
    assert {one.source: one.millinats for one in after.sources} == {
        one.source: one.millinats for one in before.sources
    }
    if not before.held_back:
        assert stated(after) == stated(before)


@given(desks(), masses(), st.data())
def test_one_more_voice_never_makes_a_source_say_more(
    desk: Desk, said: dict[str | Ref, int], data: st.DataObject
) -> None:
    """It says less of each kind, or as much, and never the opposite; and no fewer readings are counted."""
    before = fuse(desk.evidence)
    if not (spoken_of := [one.source for one in before.without if one.source is not None]):
        return
    number = data.draw(st.sampled_from(spoken_of))
    after = fuse(
        with_witness(desk, "gum", number)
        .read("gum", said, number, others=data.draw(st.integers(0, 2)))
        .evidence
    )
    for then, now in zip(says(before, number), says(after, number), strict=True):
        assert min(0, then) <= now <= max(0, then)
    assert after.independent_milli >= before.independent_milli


@given(st.integers(300, 1_000), st.integers(300, 1_000), masses(), masses(), st.sampled_from([0, 1]))
def test_repeating_or_denying_the_likeliest_kind_never_makes_it_likelier(
    first: int, second: int, other: dict[str | Ref, int], said: dict[str | Ref, int], number: int
) -> None:
    """One more voice, whatever it says, on a source that says that kind alone: but for rounding."""
    desk = Desk([source("sensor", "ash"), source("person", "birch"), source("document", "cedar")])
    desk.read("ash", {"attack": first}, 0).read("birch", {"attack": second}, 1).read(
        "cedar", other, 2, others=1
    )
    before = stated(fuse(desk.evidence))
    if likeliest(before) == ["attack"]:
        after = fuse(with_witness(desk, "gum", number).read("gum", said, number).evidence)
        assert stated(after)["attack"] <= before["attack"] + 1


@given(kinds, st.lists(st.integers(1, 1_000), min_size=2, max_size=6))
def test_copies_with_jitter_say_no_more_than_one_of_them(kind: What, permilles: list[int]) -> None:
    """Members that claim to have seen one feed, each with other numbers, are the least sure of them alone."""
    members = [f"m{number}" for number in range(len(permilles))]
    by_one, by_all = (Desk([source("website", *members), source("person", "elm")]) for _ in range(2))
    by_one.read("m0", {kind: min(permilles)}, 0)
    for member, permille in zip(members, permilles, strict=True):
        by_all.read(member, {kind: permille}, 0)
    for desk in (by_one, by_all):
        desk.read("elm", {"attack": 700}, 1)
    one, all_ = fuse(by_one.evidence), fuse(by_all.evidence)
    assert (stated(all_), all_.independent_milli) == (stated(one), one.independent_milli)


@given(masses())
def test_who_reads_the_same_by_a_source_of_its_own_makes_it_no_less_likely(
    said: dict[str | Ref, int],
) -> None:
    """From one member to seven, each with a source and a class that the one before does not have."""
    desk = Desk([source(SOURCE_KINDS[at % 4], f"m{at}", name=f"s{at}") for at in range(7)])
    views = [stated(fuse(desk.read(f"m{at}", said, at).evidence)) for at in range(7)]
    for kind in likeliest(said):
        assert [view[kind] for view in views] == sorted(view[kind] for view in views)


@given(masses(), masses(), st.integers(1, 70), st.integers(0, 3))
def test_naming_more_says_no_more(
    said: dict[str | Ref, int], other: dict[str | Ref, int], more: int, others: int
) -> None:
    """A reading by many sources of its own, or by others' records, too, says no more than it does by one."""
    one = source("person", "birch")
    padded = Desk([one, *(source("sensor", "ash", name=f"s{at}") for at in range(more))])
    plain = Desk([one, source("sensor", "ash")]).read("birch", other, 0).read("ash", said, 1)
    padded.read("birch", other, 0).read("ash", said, *range(1, more + 1), others=others)
    before, after = fuse(plain.evidence), fuse(padded.evidence)
    together = [sum(says(after, number)[at] for number in range(1, min(64, more) + 1)) for at in range(5)]
    for then, now in zip(says(before, 1), together, strict=True):
        assert min(0, then) <= now <= max(0, then)
    if not others and any(together):
        assert after.independent_milli >= before.independent_milli


@given(desks(), masses(), st.data())
def test_one_member_alone_makes_nothing_likely(
    desk: Desk, said: dict[str | Ref, int], data: st.DataObject
) -> None:
    """However many sources it names, whatever they are and whoever saw them, too, and whatever hypotheses."""
    desk.hypotheses = [hypothesis("ash", kind, index) for index, kind in enumerate(KINDS, 5)]
    for member in desk.reads:
        desk.saw(member, data.draw(masses()), others=1)
    desk = with_witness(desk, "ash", *range(len(desk.sources)))
    desk.read("ash", narrowed(said, desk, data), *range(len(desk.sources)))
    view = fuse(desk.evidence)
    assert view.what == "undetermined"
    assert max(stated(view).values()) < 550


@given(desks())
def test_nothing_is_likely_that_two_do_not_each_say_of_what_they_saw(desk: Desk) -> None:
    """Each holds it likeliest of all, by a source of its own."""
    view = fuse(desk.evidence)
    saying = [
        member for member, read in desk.reads.items() if read.own and likeliest(of_kinds(read)) == [view.what]
    ]
    assert view.what == "undetermined" or len(saying) >= 2


@given(desks(), st.data())
def test_no_hypothesis_moves_a_kind(desk: Desk, data: st.DataObject) -> None:
    """What is said of hypotheses, however many, is said of their kinds, and of nothing else."""
    before = fuse(desk.evidence)
    desk.hypotheses = [hypothesis("ash", data.draw(kinds), index) for index in range(5, 12)]
    for member, read in desk.reads.items():
        said = reading(member, narrowed(of_kinds(read), desk, data))
        desk.reads[member] = replace(read, said=said)
    after = fuse(desk.evidence)
    assert numbers(after) == numbers(before)
    assert (after.without, after.standing) == (before.without, before.standing)
    for kind in KINDS:
        assert sum(one.permille for one in after.leaves if one.what == kind) == stated(after)[kind]


@given(desks())
def test_without_a_member_is_as_if_it_had_not_written(desk: Desk) -> None:
    """Withdrawing a reading undoes its effect, exactly: the range says beforehand what is left."""
    for gone in fuse(desk.evidence).without:
        if gone.member is not None:
            left = fuse(
                replace(desk, reads={k: v for k, v in desk.reads.items() if k != gone.member}).evidence
            )
            assert (gone.what, gone.held_back) == (left.what, left.held_back)
            assert gone.permille == tuple(stated(left).values())


@given(desks())
def test_without_a_source_is_as_if_it_were_others(desk: Desk) -> None:
    """So it is with a source: each voice by another one stays what it is."""
    for gone in fuse(desk.evidence).without:
        reads = {
            member: replace(
                one,
                own=tuple(at for at in one.own if at != gone.source),
                others=one.others + (gone.source in one.own),
            )
            for member, one in desk.reads.items()
        }
        left = fuse(replace(desk, reads=reads).evidence)
        if gone.source is not None:
            assert (gone.what, gone.held_back) == (left.what, left.held_back)
            assert gone.permille == tuple(stated(left).values())


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
        (source("post", "ash"), source("website", "birch")),
        (source("document", "ash"), source("website", "birch")),
    ],
    ids=["one class", "published and published", "a document at a URL and published"],
)
def test_what_is_not_independent_is_not_likely(first: object, second: object) -> None:
    """Two sources of one class, or that anybody can read: no more than even."""
    desk = Desk([first, second])  # type: ignore[list-item]
    desk.read("ash", {"attack": 900}, 0).read("birch", {"attack": 900}, 1)
    view = fuse(desk.evidence)
    assert (view.what, view.held_back) == ("undetermined", True)


def test_who_cannot_tell_takes_no_word_away() -> None:
    """A witness that leaves all open weakens nothing that another says of a source; who says little does."""
    desk = Desk([source("sensor", "ash", "cedar"), source("person", "birch")])
    desk.read("ash", {"attack": 800}, 0).read("birch", {"attack": 700}, 1)
    before = stated(fuse(desk.evidence))["attack"]
    assert stated(fuse(desk.read("cedar", {}, 0).evidence))["attack"] == before
    assert stated(fuse(desk.read("cedar", {"attack": 100}, 0).evidence))["attack"] < before


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
