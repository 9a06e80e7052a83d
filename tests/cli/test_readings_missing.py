"""What an officer is told that a result lacks which is held back."""

from collections.abc import Callable

import pytest
from hypothesis import given
from tests.readings.evidences import Desk, source
from tests.readings.test_fusion import desks

from tocsin.cli.readings.missing import missing
from tocsin.core.records import Source
from tocsin.core.records.cases.vocabulary import SourceKind
from tocsin.core.views import CaseSource
from tocsin.readings import fuse
from tocsin.readings.lacking import lacking

RULE = (
    "By the numbers it would be likely; the number that stands there is a limit, not a finding. To be likely "
    "takes two members who each saw a source themselves, of classes that have nothing in common, and who "
    "each read it so. "
)
ALWAYS = " Citing another's record does not count as having seen."
KINDS: tuple[SourceKind, ...] = ("document", "person", "post", "sensor")


def said(desk: Desk) -> str:
    """What is told between the rule and what always holds."""
    text = missing(fuse(desk.evidence))
    assert text.startswith(RULE)
    assert text.endswith(ALWAYS)
    return text.removeprefix(RULE).removesuffix(ALWAYS)


def seen(*seen_by: tuple[SourceKind, tuple[str, ...]]) -> Desk:
    """Sources of these classes, read by all who saw them."""
    desk = Desk([source(kind, *members, name=f"s{at}") for at, (kind, members) in enumerate(seen_by)])
    for member in sorted({one for _, members in seen_by for one in members}):
        own = [at for at, (_, members) in enumerate(seen_by) if member in members]
        desk.read(member, {"attack": 950}, *own)
    return desk


def called(*by: tuple[str, SourceKind]) -> CaseSource:
    """One source, which each member calls what it thinks that it is."""
    locator = "https://one.example"
    cited = ((member, Source(kind=kind, locator=locator, obtained="received")) for member, kind in by)
    return CaseSource(cited=tuple(cited), verifiable=True)


def sees(desk: Desk, member: str, kind: SourceKind) -> Desk:
    """The same, where a member cites another source of its own, too, and reads it so."""
    own = [at for at, one in enumerate(desk.sources) if member in one.witnesses]
    desk.sources = [*desk.sources, source(kind, member, name="more")]
    return desk.read(member, {"attack": 950}, *own, len(desk.sources) - 1)


ASH, BIRCH = "So far: ash, by [1] (sensor)", "birch, by [2] (sensor)"
BOTH = "So far: ash, by [1] (sensor); birch, by [1] (sensor)"
ONLY_ASH = (
    "Only ash reads it so by a source of its own. Another member has to cite one that it looked at itself"
)
ONE_CLASS = "All saw the same class of source (sensor)."
NONE_APART = "Each two of these have a member, a source or a class in common."
SAY = "has to cite a source of another class and read it so."


@pytest.mark.parametrize(
    ("desk", "text"),
    [
        (
            Desk([source("sensor", "ash"), source("person", "birch")])
            .read("ash", {"attack": 500, "accident": 500}, 0)
            .read("birch", {"attack": 500, "misuse": 500}, 1),
            "Nobody who saw a source themselves reads it so.",
        ),
        (seen(("sensor", ("ash",))), f"{ASH}. {ONLY_ASH}, of another class than sensor."),
        (seen(("sensor", ("ash",)), ("person", ("ash",))), f"{ASH}; ash, by [2] (person). {ONLY_ASH}."),
        (
            seen(("sensor", ("ash",)), ("sensor", ("birch",))),
            f"{ASH}; {BIRCH}. {ONE_CLASS} One of them, or another member, {SAY}",
        ),
        (seen(("sensor", ("ash", "birch"))), f"{BOTH}. {ONE_CLASS} One of them, or another member, {SAY}"),
        (
            Desk([called(("ash", "sensor"), ("birch", "person"))])
            .read("ash", {"attack": 950}, 0)
            .read("birch", {"attack": 950}, 0),
            f"{ASH}; birch, by [1] (person). {NONE_APART}",
        ),
    ],
    ids=["nobody", "one", "one by two classes", "one class", "one class seen by all", "one by two names"],
)
def test_what_is_missing_is_said_for_each_case(desk: Desk, text: str) -> None:
    """After who is there already, and before what does not help anybody."""
    assert said(desk) == text


@pytest.mark.parametrize(
    ("made", "member", "kind"),
    [
        (lambda: seen(("sensor", ("ash",))), "elm", "person"),
        (lambda: seen(("sensor", ("ash",)), ("person", ("ash",))), "elm", "person"),
        (lambda: seen(("sensor", ("ash",)), ("sensor", ("birch",))), "birch", "person"),
        (lambda: seen(("sensor", ("ash",)), ("sensor", ("birch",))), "elm", "person"),
        (lambda: seen(("sensor", ("ash", "birch"))), "elm", "person"),
        (lambda: seen(("sensor", ("ash", "birch"))), "ash", "person"),
    ],
    ids=["a second", "a second of any class", "one of them", "another", "one more", "one that saw it, too"],
)
def test_what_is_said_to_be_missing_helps(made: Callable[[], Desk], member: str, kind: SourceKind) -> None:
    """Who does as it says makes the result likely."""
    assert fuse(made().evidence).held_back
    assert fuse(sees(made(), member, kind).evidence).what == "attack"


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_said_to_help_does_not(kind: SourceKind) -> None:
    """Where one member alone reads it so, it makes nothing likely by another source of its own."""
    assert fuse(sees(seen(("sensor", ("ash",))), "ash", kind).evidence).held_back


@given(desks())
def test_something_is_said_wherever_a_result_is_held_back(desk: Desk) -> None:
    """And who stands for it is named."""
    view = fuse(desk.evidence)
    if lacking(view):
        text = said(desk)
        assert all(one.member in text for one in view.standing[:10])
