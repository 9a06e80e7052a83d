"""A node's private overlay: what it learned of others, and where that stays."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.readings.evidences import Desk, source
from tests.readings.test_fusion import desks

from tocsin.readings import CommonView, fuse
from tocsin.readings.overlay import Outcome, Overlay, PrivateView, learned, outcomes, private_view

weights = st.dictionaries(st.sampled_from(["ash", "birch", "cedar", "elm", "fir"]), st.integers(0, 1_000))


@given(desks(), weights)
def test_an_overlay_never_comes_into_the_common_view(desk: Desk, of: dict[str, int]) -> None:
    """Whatever a node thinks of others, what it shares is the same, byte for byte, before and after."""
    before = msgspec.json.encode(fuse(desk.evidence))
    private = private_view(desk.evidence, Overlay(weights=of))
    assert msgspec.json.encode(fuse(desk.evidence)) == before
    assert not isinstance(private, CommonView)
    assert isinstance(private, PrivateView)


@given(desks())
def test_whom_nothing_is_known_of_counts_as_under_common_rules(desk: Desk) -> None:
    """Without anything learned the two views are one."""
    assert private_view(desk.evidence, learned([])).view == fuse(desk.evidence)


@given(desks())
def test_who_counts_for_nothing_changes_nothing(desk: Desk) -> None:
    """At a weight of 0 a reading is as if it had not been written."""
    desk.reads.pop("ash", None)
    without = fuse(desk.evidence)
    desk.read("ash", {"attack": 1_000}, 0)
    private = private_view(desk.evidence, Overlay(weights={"ash": 0})).view
    assert (private.kinds, private.sources, private.what) == (without.kinds, without.sources, without.what)


def test_who_counts_little_takes_no_word_away() -> None:
    """Whom a node learned to distrust does not make what another says of the same source weaker."""
    desk = Desk([source("sensor", "ash")]).read("ash", {"attack": 700}, 0)
    alone = fuse(desk.evidence)
    desk.read("elm", {"accident": 900}, 0)
    private = private_view(desk.evidence, Overlay(weights={"elm": 111})).view
    assert [one.permille for one in private.kinds] == [one.permille for one in alone.kinds]


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
