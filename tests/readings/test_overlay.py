"""A node's private overlay: what it learned of others, and where that stays."""

from hypothesis import given
from hypothesis import strategies as st
from tests.readings.evidences import Desk, source
from tests.readings.test_fusion import MEMBERS, desks, likeliest, masses, numbers, of_kinds, with_witness

from tocsin.core.records import Ref
from tocsin.readings import fuse
from tocsin.readings.hypotheses import KINDS
from tocsin.readings.overlay import Outcome, Overlay, learned, outcomes, private_view

weights = st.dictionaries(st.sampled_from(MEMBERS), st.integers(0, 1_000))


def tells(desk: Desk, member: str) -> bool:
    """Whether its reading tells any kind from another."""
    return len({of_kinds(desk.reads[member]).get(kind, 0) for kind in KINDS}) > 1


@given(desks(), weights)
def test_an_overlay_makes_nothing_likely_that_two_do_not_say(desk: Desk, of: dict[str, int]) -> None:
    """Whomever a node trusts or distrusts: two that count hold it likeliest, each by a source of its own."""
    view = private_view(desk.evidence, Overlay(weights=of)).view
    saying = [
        member
        for member, read in desk.reads.items()
        if read.own and of.get(member, 1_000) and likeliest(of_kinds(read)) == [view.what]
    ]
    assert view.what == "undetermined" or len(saying) >= 2


@given(desks(), st.dictionaries(st.sampled_from(MEMBERS), st.integers(1, 1_000)))
def test_who_counts_less_says_less_and_takes_no_more(desk: Desk, of: dict[str, int]) -> None:
    """A source says no more than under common rules; as much, if somebody says it who counts in full."""
    common = fuse(desk.evidence)
    private = private_view(desk.evidence, Overlay(weights=of)).view
    for one, other in zip(common.sources, private.sources, strict=True):
        for then, now in zip(one.millinats, other.millinats, strict=True):
            assert min(0, then) <= now <= max(0, then)
        if any(of.get(member, 1_000) == 1_000 and tells(desk, member) for member in one.readers):
            assert one.millinats == other.millinats


@given(desks())
def test_whom_nothing_is_known_of_counts_as_under_common_rules(desk: Desk) -> None:
    """Without anything learned the two views are one."""
    assert private_view(desk.evidence, learned([])).view == fuse(desk.evidence)


def test_who_counts_little_takes_no_more_from_a_source_than_under_common_rules() -> None:
    """Whom a node learned to distrust: what another says of that source, too, does not count less by that."""
    desk = Desk([source("sensor", "ash", "elm"), source("person", "birch")])
    desk.read("ash", {"attack": 800}, 0).read("birch", {"attack": 800}, 1).read("elm", {"attack": 700}, 0)
    private = private_view(desk.evidence, Overlay(weights={"elm": 111})).view
    assert numbers(private) == numbers(fuse(desk.evidence))


@given(desks(), masses())
def test_who_counts_for_nothing_changes_nothing(desk: Desk, said: dict[str | Ref, int]) -> None:
    """At a weight of 0 a reading is as if it had not been written, whoever else saw its source."""
    desk.reads.pop("ash", None)
    desk = with_witness(desk, "ash", 0)
    without = fuse(desk.evidence)
    desk.read("ash", said, 0)
    private = private_view(desk.evidence, Overlay(weights={"ash": 0})).view
    assert numbers(private) == numbers(without)
    assert (private.without, private.standing) == (without.without, without.standing)


@given(st.integers(0, 60), st.integers(0, 60))
def test_a_weight_takes_away_and_never_adds(right: int, wrong: int) -> None:
    """Whoever was right more often counts more, and nobody counts more than under common rules."""

    def weight(right: int, wrong: int) -> int:
        said = [Outcome(member="ash", right=True)] * right + [Outcome(member="ash", right=False)] * wrong
        return learned(said).weights.get("ash", 1_000)

    assert 0 <= weight(right, wrong + 1) <= weight(right, wrong) <= weight(right + 1, wrong) <= 1_000


def test_what_is_learned_is_of_readings_that_hold_one_kind_likeliest() -> None:
    """Who left it open was neither right nor wrong."""
    desk = Desk([source("sensor", "ash")])
    desk.read("ash", {"attack": 600, "misuse": 100}, 0).read("birch", {"accident": 300}, 0).read(
        "cedar", {}, 0
    )
    desk.read("elm", {"accident": 500, "attack": 500}, 0)
    assert list(outcomes(desk.evidence, "attack")) == [
        Outcome(member="ash", right=True),
        Outcome(member="birch", right=False),
    ]


def test_ten_wrong_readings_weigh_little() -> None:
    """From 4 of 5 before anything is known to 4 of 15: a ninth of what it was."""
    assert learned([Outcome(member="ash", right=False)] * 10).weights == {"ash": 111}
