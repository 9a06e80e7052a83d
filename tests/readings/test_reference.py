"""The common view, and a second implementation of it that is nothing but the protocol's text."""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.readings.evidences import Desk, hypothesis, ref, source
from tests.readings.reference import KINDS, Common, Range, fused
from tests.readings.reference import shares as shares_of_the_text
from tests.readings.test_fusion import desks

from tocsin.core.records import Ref, Source
from tocsin.core.records.cases.vocabulary import SourceKind, What
from tocsin.core.views import CaseSource
from tocsin.readings import CommonView, fuse
from tocsin.readings.arithmetic import shares
from tocsin.readings.view import Judged

MEMBERS = ("ash", "birch", "cedar", "dogwood", "elm", "fir", "gum", "hazel")
SOURCE_KINDS: tuple[SourceKind, ...] = ("document", "person", "post", "sensor", "website", "other")
WHATS: tuple[What, ...] = ("accident", "attack", "cascade", "misuse", "no-ai")

permilles = st.one_of(st.integers(1, 1_000), st.sampled_from([1, 2, 200, 499, 500, 501, 900, 999, 1_000]))
slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@st.composite
def sources(draw: st.DrawFn) -> CaseSource:
    """A source that is cited as one thing or several, seen by many or by nobody."""
    cited = draw(st.lists(st.sampled_from(SOURCE_KINDS), min_size=1, max_size=2))
    citations = tuple(Source(kind=kind, locator="what it is", obtained="received") for kind in cited)
    witnesses = draw(st.sets(st.sampled_from(MEMBERS), max_size=3))
    return CaseSource(citations, tuple(sorted(witnesses)), verifiable=False)


@st.composite
def masses(draw: st.DrawFn, hypotheses: list[Ref]) -> dict[str | Ref, int]:
    """What somebody says, of kinds and hypotheses, here or not: all of it, some, or nothing at all."""
    targets: list[str | Ref] = [*KINDS, *hypotheses, ref("nobody", 1)]
    said: dict[str | Ref, int] = {}
    for target in draw(st.lists(st.sampled_from(targets), unique=True, max_size=6)):
        left = 1_000 - sum(said.values())
        said[target] = min(left, draw(permilles))
    return said


@st.composite
def wild_desks(draw: st.DrawFn) -> Desk:
    """Anything: few say different things, on sources that they share, saw, or have from somebody."""
    under = draw(st.lists(st.sampled_from(WHATS), max_size=5))
    hypotheses = [hypothesis("birch", kind, index) for index, kind in enumerate(under, 5)]
    desk = Desk(draw(st.lists(sources(), min_size=1, max_size=7)), hypotheses)
    views = draw(st.lists(masses([one.ref for one in hypotheses]), min_size=1, max_size=4))
    numbers = st.sets(st.integers(0, len(desk.sources) - 1), max_size=len(desk.sources))
    for member in draw(st.sets(st.sampled_from(MEMBERS))):
        desk.read(member, draw(st.sampled_from(views)), *draw(numbers))
    return desk


def spans(judged: tuple[Judged, ...]) -> dict[str, Range]:
    """Each leaf or kind by its name."""
    return {
        str(one.hypothesis or one.what): Range(one.permille, one.least_permille, one.most_permille)
        for one in judged
    }


def plain(view: CommonView) -> Common:
    """A common view, as the reference writes it."""
    return Common(
        what=view.what,
        held_back=view.held_back,
        standing={one.source: one.members for one in view.standing},
        independent_milli=view.independent_milli,
        kinds=spans(view.kinds),
        leaves=spans(view.leaves),
        sources={one.source: one.millinats for one in view.sources},
        without={
            one.member if one.source is None else one.source: (one.what, one.permille)  # type: ignore[misc]
            for one in view.without
        },
    )


@slow
@given(desks())
def test_the_text_gives_the_same(desk: Desk) -> None:
    """Whoever reckons by the text alone has the same common view, to the last digit."""
    assert plain(fuse(desk.evidence)) == fused(desk.evidence)


@slow
@given(wild_desks())
@example(Desk([source("sensor", "ash")]).read("ash", {"attack": 1_000}))
@example(Desk([source("sensor", "ash"), source("sensor", "elm")]).read("birch", {"attack": 900}, 0, 1))
def test_the_text_gives_the_same_of_anything(desk: Desk) -> None:
    """So it has with hypotheses, with many sources a reading, and readings that say little or the same."""
    assert plain(fuse(desk.evidence)) == fused(desk.evidence)


def test_the_text_gives_the_same_of_a_crowd() -> None:
    """So it has where somebody adds more sources of its own than are looked at: they are as one."""
    padding = [source("person", "elm") for _ in range(64)]
    desk = Desk([*padding, source("sensor", "ash", "cedar"), source("document", "birch", "fir")])
    desk.read("ash", {"attack": 900}, 64).read("birch", {"attack": 850}, 65)
    desk.read("elm", {"attack": 1_000}, *range(64))
    found = fused(desk.evidence)
    assert plain(fuse(desk.evidence)) == found
    assert found.what == found.without["elm"][0] == "attack"


def test_the_text_gives_the_same_shares() -> None:
    """Each share of 2^48 is that of the text, down to the smallest and below it."""
    numbers = tuple(range(0, -32_100, -1))
    assert shares(numbers) == shares_of_the_text(numbers)
