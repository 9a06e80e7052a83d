"""On whose own word the likeliest kind stands, and what a result lacks that is held back."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from tests.readings.evidences import Desk, source
from tests.readings.test_fusion import desks
from tests.readings.test_reference import slow, wild_desks

from tocsin.core.records import Source
from tocsin.core.records.cases.vocabulary import SourceKind
from tocsin.core.views import CaseSource
from tocsin.readings import CommonView, fuse
from tocsin.readings.lacking import Lack, lacking
from tocsin.readings.support import class_of
from tocsin.readings.view import Class


def standing(view: CommonView) -> list[tuple[int, str]]:
    """Each source with a member by whom it stands."""
    return [(one.source, one.member) for one in view.standing]


def are_apart(view: CommonView) -> bool:
    """Whether two of them are of different members, by different sources, and have no class in common."""
    return any(
        one.member != other.member
        and one.source != other.source
        and set(one.classes).isdisjoint(other.classes)
        for one, other in combinations(view.standing, 2)
    )


@slow
@given(wild_desks())
def test_a_result_stands_where_two_do_and_is_held_back_where_none_do(desk: Desk) -> None:
    """What is shown of who stands for it is what the rule goes by."""
    view = fuse(desk.evidence)
    if view.what != "undetermined" or view.held_back:
        assert are_apart(view) is not view.held_back


@given(desks())
def test_who_stands_for_a_source_saw_and_read_it(desk: Desk) -> None:
    """Nobody else's word is shown as such, each by its own classes; sources and members ascend."""
    view = fuse(desk.evidence)
    weighed = {one.source: one for one in view.sources}
    assert standing(view) == sorted(set(standing(view)))
    for one in view.standing:
        assert one.member in weighed[one.source].witnesses
        assert one.member in weighed[one.source].readers
        assert set(one.classes) <= set(weighed[one.source].classes)


@given(desks())
def test_a_reason_is_given_where_a_result_is_held_back_and_nowhere_else(desk: Desk) -> None:
    """Whatever is said of whichever sources."""
    view = fuse(desk.evidence)
    assert bool(lacking(view)) is view.held_back


def cited(member: str, *kinds: SourceKind) -> CaseSource:
    """A source that this member cites as several things."""
    return CaseSource(
        tuple((member, Source(kind=kind, locator="what it is", obtained="received")) for kind in kinds),
        verifiable=False,
    )


def of_ash_and_birch(*, other: SourceKind = "person") -> Desk:
    """Two sources that ash and birch saw, each another one."""
    return Desk([source("sensor", "ash"), source(other, "birch")])


def test_copiers_stand_for_nothing() -> None:
    """Whatever they make of what others saw, and whether these can tell or not."""
    desk = of_ash_and_birch().read("ash", {}, 0).read("birch", {"attack": 30}, 1)
    desk.read("cedar", {"attack": 950}, 0, 1).read("elm", {"attack": 900}, 0, 1)
    assert standing(fuse(desk.evidence)) == [(1, "birch")]


def test_a_voice_that_says_another_kind_than_its_source_stands_for_nothing() -> None:
    """A source that its witnesses read as different things, each of them almost as much, is nobody's word."""
    desk = Desk([source("sensor", "ash", "cedar"), source("person", "birch")])
    desk.read("ash", {"attack": 500, "misuse": 400}, 0).read("birch", {"attack": 900}, 1)
    assert standing(fuse(desk.evidence)) == [(0, "ash"), (1, "birch")]
    desk.read("cedar", {"attack": 450, "misuse": 500}, 0)
    assert standing(fuse(desk.evidence)) == [(0, "ash"), (1, "birch")]
    desk.read("cedar", {"attack": 300, "misuse": 500}, 0)
    assert standing(fuse(desk.evidence)) == [(1, "birch")]


def test_a_source_is_for_each_witness_of_the_classes_that_it_cites() -> None:
    """Nobody takes another's class away, or gives it one, by citing the same source otherwise."""
    told = cited("birch", "person")
    sensor = source("sensor", "ash")
    contested = replace(sensor, cited=(*sensor.cited, *told.cited, *cited("ash", "other").cited))
    desk = Desk([contested, source("person", "birch")])
    view = fuse(desk.read("ash", {"attack": 900}, 0).read("birch", {"attack": 900}, 1).evidence)
    assert [(one.member, one.classes) for one in view.standing] == [
        ("ash", ("other", "sensor")),
        ("birch", ("person",)),
    ]
    assert view.what == "attack"


@pytest.mark.parametrize(
    ("kind", "locator", "what"),
    [
        ("document", "https://a.example/report", "published"),
        ("document", " \tHTTP://a.example/report", "published"),
        ("other", "HTTPS://a.example/report", "published"),
        ("document", "the letter on https://a.example/report", "document"),
        ("document", "ftp://a.example/report", "document"),
        ("other", "a.example/report", "other"),
        ("person", "https://a.example/somebody", "person"),
        ("sensor", "https://a.example/sensor", "sensor"),
        ("post", "a leaflet", "published"),
        ("website", "a.example", "published"),
    ],
)
def test_what_anybody_can_read_is_published(kind: SourceKind, locator: str, what: Class) -> None:
    """A post or a website wherever it is; and what is at a URL, if no person and no sensor said it."""
    assert class_of(Source(kind=kind, locator=locator, obtained="received")) == what


def test_where_two_kinds_are_as_likely_nobody_stands_for_either() -> None:
    """Neither is the likeliest."""
    desk = of_ash_and_birch().read("ash", {"attack": 200}, 0).read("birch", {"accident": 200}, 1)
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
    assert standing(view) == [(0, "ash"), (1, "birch")]
    assert lacking(view) == ()


@pytest.mark.parametrize(
    ("desk", "lacks"),
    [
        (
            Desk([source(kind, "ash", "birch") for kind in ("sensor", "person", "post", "document")])
            .read("ash", {"attack": 500, "accident": 500}, 0, 1)
            .read("birch", {"attack": 500, "misuse": 500}, 2, 3),
            ("witness",),
        ),
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
            Desk([source("sensor", "ash"), source("person", "ash"), source("sensor", "birch", name="t")])
            .read("ash", {"attack": 950}, 0)
            .read("birch", {"attack": 950}, 2),
            ("class",),
        ),
        (
            Desk(
                [cited("ash", "sensor", "person"), cited("ash", "person"), cited("birch", "sensor", "person")]
            )
            .read("ash", {"attack": 950}, 0, 1)
            .read("birch", {"attack": 950}, 2),
            ("class",),
        ),
        (
            Desk(
                [
                    cited("ash", "sensor", "person"),
                    cited("birch", "sensor", "other"),
                    cited("cedar", "person", "other"),
                ]
            )
            .read("ash", {"attack": 950}, 0)
            .read("birch", {"attack": 950}, 1)
            .read("cedar", {"attack": 950}, 2),
            ("apart",),
        ),
        (
            Desk(
                [
                    replace(
                        told := cited("ash", "sensor"), cited=(*told.cited, *cited("birch", "person").cited)
                    )
                ]
            )
            .read("ash", {"attack": 950}, 0)
            .read("birch", {"attack": 950}, 0),
            ("apart",),
        ),
    ],
    ids=[
        "none saw it",
        "one saw it",
        "one of two read it",
        "one saw two classes",
        "one class",
        "another class that nobody read",
        "one class in common",
        "each two with a class in common",
        "two classes of one source",
    ],
)
def test_what_is_lacking(desk: Desk, lacks: tuple[Lack, ...]) -> None:
    """It is said by those who stand for it, and by the classes that all their sources have."""
    view = fuse(desk.evidence)
    assert view.held_back
    assert lacking(view) == lacks
