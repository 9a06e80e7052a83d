"""On whose own word the likeliest kind stands, and what a result lacks that is held back."""

from itertools import combinations

import pytest
from hypothesis import given
from tests.readings.evidences import Desk, source
from tests.readings.test_fusion import desks
from tests.readings.test_reference import slow, wild_desks

from tocsin.readings import CommonView, fuse
from tocsin.readings.lacking import Lack, lacking


def standing(view: CommonView) -> list[tuple[int, tuple[str, ...]]]:
    """Each source with the members by whom it stands."""
    return [(one.source, one.members) for one in view.standing]


def are_apart(view: CommonView) -> bool:
    """Whether two of those sources have no witness and no class in common."""
    weighed = {one.source: one for one in view.sources}
    pairs = combinations([weighed[one.source] for one in view.standing], 2)
    return any(
        set(one.witnesses).isdisjoint(other.witnesses) and set(one.classes).isdisjoint(other.classes)
        for one, other in pairs
    )


@slow
@given(wild_desks())
def test_a_result_stands_where_two_sources_do_and_is_held_back_where_none_do(desk: Desk) -> None:
    """What is shown of who stands for it is what the rule goes by."""
    view = fuse(desk.evidence)
    if view.what != "undetermined" or view.held_back:
        assert are_apart(view) is not view.held_back


@given(desks())
def test_who_stands_for_a_source_saw_and_read_it(desk: Desk) -> None:
    """Nobody else's word is shown as such; sources and members ascend."""
    view = fuse(desk.evidence)
    weighed = {one.source: one for one in view.sources}
    assert list(view.standing) == sorted(view.standing, key=lambda one: one.source)
    for one in view.standing:
        assert one.members == tuple(sorted(one.members))
        assert set(one.members) <= {*weighed[one.source].witnesses} & {*weighed[one.source].readers}


@given(desks())
def test_a_reason_is_given_where_a_result_is_held_back_and_nowhere_else(desk: Desk) -> None:
    """Whatever is said of whichever sources."""
    view = fuse(desk.evidence)
    assert bool(lacking(view)) is view.held_back


def of_ash_and_birch(*, other: str = "person") -> Desk:
    """Two sources that ash and birch saw, each another one."""
    return Desk([source("sensor", "ash"), source(other, "birch")])  # type: ignore[arg-type]


def test_a_witness_that_cannot_tell_stands_for_nothing() -> None:
    """Though others, who saw nothing, read its source as an attack: a witness is lacking."""
    desk = of_ash_and_birch().read("ash", {}, 0).read("birch", {}, 1)
    desk.read("cedar", {"attack": 950}, 0, 1).read("elm", {"attack": 900}, 0, 1)
    view = fuse(desk.evidence)
    assert view.held_back
    assert standing(view) == []
    assert lacking(view) == ("witness",)


def test_a_witness_whose_reading_says_too_little_stands_for_nothing() -> None:
    """By as much as the rule itself makes of it, in steps: 3 % of an attack is none."""
    desk = of_ash_and_birch().read("ash", {"attack": 30}, 0).read("birch", {"attack": 30}, 1)
    desk.read("cedar", {"attack": 950}, 0, 1)
    view = fuse(desk.evidence)
    assert view.held_back
    assert standing(view) == []
    assert lacking(view) == ("witness",)


def test_where_two_kinds_are_as_likely_nobody_stands_for_either() -> None:
    """Neither is the likeliest."""
    desk = of_ash_and_birch().read("ash", {"attack": 800}, 0).read("birch", {"accident": 800}, 1)
    view = fuse(desk.evidence)
    attack, accident = (one.permille for one in view.kinds if one.what in {"accident", "attack"})
    assert attack == accident
    assert standing(view) == []


def test_who_stands_is_told_where_nothing_is_held_back_too() -> None:
    """The two by whom it is likely."""
    desk = of_ash_and_birch().read("ash", {"attack": 900}, 0).read("birch", {"attack": 900}, 1)
    desk.read("cedar", {"attack": 900}, 0, 1)
    view = fuse(desk.evidence)
    assert view.what == "attack"
    assert standing(view) == [(0, ("ash",)), (1, ("birch",))]
    assert lacking(view) == ()


@pytest.mark.parametrize(
    ("desk", "lacks"),
    [
        (of_ash_and_birch().read("cedar", {"attack": 950}, 0, 1), ("witness",)),
        (of_ash_and_birch().read("ash", {"attack": 950}, 0), ("second", "class")),
        (
            Desk([source("sensor", "ash", "birch")]).read("ash", {"attack": 950}, 0),
            ("second", "class"),
        ),
        (
            Desk([source("sensor", "ash"), source("person", "ash")]).read("ash", {"attack": 950}, 0, 1),
            ("second",),
        ),
        (
            of_ash_and_birch(other="sensor")
            .read("ash", {"attack": 950}, 0)
            .read("birch", {"attack": 950}, 1),
            ("class",),
        ),
        (
            Desk([source("sensor", "ash", "birch"), source("person", "ash", "birch")])
            .read("ash", {"attack": 950}, 0)
            .read("birch", {"attack": 950}, 1),
            ("apart",),
        ),
    ],
    ids=[
        "none saw it",
        "one saw it",
        "one of two read it",
        "one saw two classes",
        "one class",
        "the same two",
    ],
)
def test_what_is_lacking(desk: Desk, lacks: tuple[Lack, ...]) -> None:
    """It is said by those who stand for it, and by the classes that all their sources have."""
    view = fuse(desk.evidence)
    assert view.held_back
    assert lacking(view) == lacks
