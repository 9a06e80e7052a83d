"""The common view, and a second implementation of it that is nothing but the protocol's text."""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.readings.evidences import Desk, hypothesis, ref, source
from tests.readings.reference import KINDS, Common, Range, Without, fused
from tests.readings.reference import shares as shares_of_the_text

from tocsin.core.records import Ref, Source
from tocsin.core.records.cases.vocabulary import SourceKind, What
from tocsin.core.views import CaseSource
from tocsin.readings import CommonView, fuse
from tocsin.readings.arithmetic import shares
from tocsin.readings.view import Judged

MEMBERS = ("ash", "birch", "cedar", "dogwood", "elm", "fir", "gum", "hazel")
SOURCE_KINDS: tuple[SourceKind, ...] = ("document", "person", "post", "sensor", "website", "other")
WHATS: tuple[What, ...] = ("accident", "attack", "cascade", "misuse", "no-ai")
LOCATORS = (
    "what it is",
    " HTTPS://A.example/a",
    "http://a.example",
    "ftp://a.example",
    "see http://a.example",
)

permilles = st.one_of(st.integers(1, 1_000), st.sampled_from([1, 2, 200, 499, 500, 501, 900, 999, 1_000]))
slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@st.composite
def cited_sources(draw: st.DrawFn) -> CaseSource:
    """A source that some cite themselves, each as what it likes, some as several things."""
    citations = st.builds(
        Source,
        kind=st.sampled_from(SOURCE_KINDS),
        locator=st.sampled_from(LOCATORS),
        obtained=st.just("received"),
    )
    by = st.tuples(st.sampled_from(MEMBERS), citations)
    return CaseSource(tuple(draw(st.lists(by, min_size=1, max_size=4))), verifiable=False)


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
    thought = draw(
        st.lists(st.tuples(st.sampled_from(["birch", "cedar"]), st.sampled_from(WHATS)), max_size=8)
    )
    hypotheses = [hypothesis(member, kind, index) for index, (member, kind) in enumerate(sorted(thought), 5)]
    desk = Desk(draw(st.lists(cited_sources(), min_size=1, max_size=7)), hypotheses)
    views = draw(st.lists(masses([one.ref for one in hypotheses]), min_size=1, max_size=4))
    for member in draw(st.sets(st.sampled_from(MEMBERS))):
        seen = [number for number, one in enumerate(desk.sources) if member in one.witnesses]
        own = draw(st.permutations(seen))[: draw(st.integers(0, 7))]
        desk.saw(member, draw(st.sampled_from(views)), *own, others=draw(st.integers(0, 3)))
    return desk


def spans(judged: tuple[Judged, ...]) -> dict[str, Range]:
    """Each leaf or kind by its name."""
    return {
        str(one.hypothesis or one.what): Range(one.permille, one.least_permille, one.most_permille)
        for one in judged
    }


def plain(view: CommonView) -> Common:
    """A common view, as the reference writes it."""
    spoken_of = {one.source for one in view.without}
    return Common(
        what=view.what,
        held_back=view.held_back,
        standing={(one.source, one.member): frozenset(one.classes) for one in view.standing},
        independent_milli=view.independent_milli,
        kinds=spans(view.kinds),
        leaves=spans(view.leaves),
        sources={one.source: one.millinats for one in view.sources if one.source in spoken_of},
        without={
            one.member if one.source is None else one.source: Without(  # type: ignore[misc]
                one.what, one.held_back, one.permille
            )
            for one in view.without
        },
    )


@slow
@given(wild_desks())
@example(Desk([source("sensor", "ash")]).read("ash", {"attack": 1_000}))
@example(Desk([source("sensor", "ash"), source("sensor", "elm")]).read("birch", {"attack": 900}, 0, 1))
def test_the_text_gives_the_same_of_anything(desk: Desk) -> None:
    """Whoever reckons by the text alone has the same common view, to the last digit."""
    assert plain(fuse(desk.evidence)) == fused(desk.evidence)


@settings(slow, max_examples=60)
@given(st.data())
def test_the_text_gives_the_same_of_members_that_each_saw_something(data: st.DataObject) -> None:
    """So it has where little is held back, and hypotheses share out kinds that are likely."""
    under: list[What] = data.draw(st.lists(st.sampled_from(WHATS[:2]), min_size=1, max_size=4))
    hypotheses = [hypothesis("birch", kind, index) for index, kind in enumerate(under, 5)]
    kinds = data.draw(st.lists(st.sampled_from(SOURCE_KINDS), min_size=2, max_size=7))
    sources = [source(kind, member, name=member) for kind, member in zip(kinds, MEMBERS, strict=False)]
    desk = Desk(sources, hypotheses)
    for number, member in enumerate(MEMBERS[: len(sources)]):
        of: dict[str | Ref, int] = {data.draw(st.sampled_from([one.ref for one in hypotheses])): 600}
        of["attack"] = data.draw(st.integers(0, 400))
        of["misuse"] = data.draw(st.integers(0, 400 - of["attack"]))
        desk.read(member, of, number)
    assert plain(fuse(desk.evidence)) == fused(desk.evidence)


def test_the_text_gives_the_same_of_a_crowd() -> None:
    """So it has where a reading has more sources of its own than it has voices, in an order of its own."""
    padding = [source("person", "elm") for _ in range(64)]
    desk = Desk([*padding, source("sensor", "ash", "elm"), source("document", "birch", "elm")])
    desk.saw("ash", {"attack": 900}, 64).saw("birch", {"attack": 850}, 65)
    desk.saw("elm", {"accident": 1_000}, *range(65, -1, -1), others=2)
    found = fused(desk.evidence)
    assert plain(fuse(desk.evidence)) == found
    assert {number for number in found.sources if number < 64} == set(range(2, 64))


def test_the_text_gives_the_same_of_many_hypotheses() -> None:
    """So it has where members think of more than are leaves: they are of their kind."""
    hypotheses = [
        hypothesis(member, "attack", index) for member in sorted("abcdefghi") for index in range(5, 11)
    ]
    desk = Desk([source("sensor", "ash"), source("person", "birch")], hypotheses)
    desk.saw("ash", {one.ref: 30 for one in hypotheses[:30]}, 0)
    desk.saw("birch", {one.ref: 25 + number for number, one in enumerate(hypotheses[30:])}, 1)
    found = fused(desk.evidence)
    assert plain(fuse(desk.evidence)) == found
    assert len(found.leaves) == len(KINDS) + 32
    assert found.what == "attack"


def test_the_text_gives_the_same_shares() -> None:
    """Each share of 2^48 is that of the text, down to the smallest and below it."""
    numbers = tuple(range(0, -32_100, -1))
    assert shares(numbers) == shares_of_the_text(numbers)
