"""What erasures, holds and answers come to: a pure function of the records about them."""

from collections.abc import Sequence
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.circles.party import AT_MS, party

from tocsin.circles.erasing.view import About, Answer, Erasures
from tocsin.core.records import Erased, Erasure, Hold, Place, Release, Target

SLUGS = ("ash", "birch")
ENTRY = "A" * 43 + "="

Said = dict[Place, About]


def folded(said: Said, slug: str) -> Erasures:
    """The view of a member."""
    view = Erasures(slug)
    for place, record in said.items():
        view.add(place, record)
    return view


def at(slug: str, index: int, epoch: int = 1) -> Place:
    """A place in a member's log."""
    log = party().log(slug)
    return Place(log=f"{log.domain}/{log.circle}/{slug}/{epoch}", index=index)


def _common(slug: str) -> dict[str, object]:
    return {
        "circle": party().log(slug).circle,
        "at_ms": AT_MS,
        "author": "duty",
        "author_kind": "officer",
        "tlp": "TLP:RED",
        "lang": "en",
        "reason": "It names a person.",
        "ordered_by": "The duty officer",
    }


def erasure(slug: str, *indices: int, epoch: int = 1) -> Erasure:
    """An erasure by a member, of records in its log."""
    targets = tuple(Target(entry=ENTRY, index=index) for index in indices)
    return Erasure(**_common(slug), log=at(slug, 0, epoch).log, targets=targets)  # type: ignore[arg-type]


def hold(slug: str, *places: Place) -> Hold:
    """A hold by a member."""
    return Hold(**_common(slug), targets=tuple(sorted(places)))  # type: ignore[arg-type]


def release(slug: str, place: Place) -> Release:
    """The end of a member's hold."""
    return Release(**_common(slug), hold=place)  # type: ignore[arg-type]


def erased(place: Place, purged: Sequence[int] = (), held: Sequence[int] = ()) -> Erased:
    """An answer."""
    return Erased(
        circle=party().circle.id,
        at_ms=AT_MS,
        author="node",
        author_kind="machine",
        tlp="TLP:RED",
        erasure=place,
        purged=tuple(purged) or None,
        held=tuple(held) or None,
    )


@st.composite
def said(draw: st.DrawFn) -> Said:
    """Records about erasure by two members in two epochs, which may or may not fit each other."""
    slugs, indices = st.sampled_from(SLUGS), st.integers(1, 9)
    places = st.builds(at, slugs, indices, st.integers(1, 2))
    some = st.sets(indices, min_size=1, max_size=4).map(sorted)
    records = st.one_of(
        st.builds(lambda slug, chosen: erasure(slug, *chosen), slugs, some),
        st.builds(erased, places, some),
        st.builds(lambda slug, chosen: hold(slug, *chosen), slugs, st.sets(places, min_size=1)),
        st.builds(release, slugs, places),
    )
    return draw(st.dictionaries(places, records, max_size=8))


@settings(max_examples=50)
@given(said(), st.randoms())
def test_order_does_not_matter(records: Said, random: object) -> None:
    """The same records in any order, and some of them twice, give the same view."""
    places = [*records, *list(records)[:3]]
    random.shuffle(places)  # type: ignore[attr-defined]
    view = Erasures("ash")
    for place in places:
        view.add(place, records[place])

    assert view == folded(records, "ash")


@settings(max_examples=50)
@given(said())
def test_holds_of_others_change_nothing(records: Said) -> None:
    """What is held here depends on the holds and releases of one's own organisation alone."""
    ours = {
        place: record
        for place, record in records.items()
        if f"/{'ash'}/" in place.log or not isinstance(record, Hold | Release)
    }

    assert folded(records, "ash").held == folded(ours, "ash").held


@settings(max_examples=50)
@given(said())
def test_what_was_purged_is_never_held_again(records: Said) -> None:
    """An answer only ever adds to what is gone."""
    for ordered in folded(records, "ash").ordered.values():
        for place, record in records.items():
            if isinstance(record, Erased) and record.erasure == ordered.place:
                answer = ordered.answer(place.log.split("/")[2])
                assert answer.purged.issuperset(record.purged or ())
                assert not answer.purged & answer.held


def test_hold_and_release() -> None:
    """A hold keeps what it names until it is released; another hold of the same goes on."""
    target, other = at("birch", 3), at("birch", 4)
    records: Said = {at("birch", 7): erasure("birch", 3, 4, 5), at("ash", 2): hold("ash", target, other)}
    (ordered,) = folded(records, "ash").ordered.values()
    assert folded(records, "ash").kept(ordered) == {3, 4}
    assert folded(records, "birch").kept(ordered) == frozenset()

    records[at("ash", 3)] = hold("ash", target)
    records[at("ash", 4)] = release("ash", at("ash", 2))
    assert folded(records, "ash").held == {target: at("ash", 3)}

    records[at("ash", 1, epoch=2)] = release("ash", at("ash", 3))
    assert folded(records, "ash").held == {}


def test_a_release_comes_after_its_hold() -> None:
    """A release that stands before the hold it names, or is another member's, ends nothing."""
    target = at("birch", 3)
    records: Said = {
        at("ash", 2): release("ash", at("ash", 3)),
        at("ash", 3): hold("ash", target),
        at("birch", 9): release("birch", at("ash", 3)),
    }

    assert folded(records, "ash").held == {target: at("ash", 3)}


def test_answers() -> None:
    """Each member's answers add up; who has not answered has said nothing."""
    place = at("birch", 7)
    records: Said = {
        place: erasure("birch", 3, 4),
        at("birch", 8): erased(place, [3, 4]),
        at("ash", 5): erased(place, [3], [4]),
    }
    ordered = folded(records, "ash").ordered[place]
    assert ordered.answers == {
        "birch": Answer(frozenset({3, 4})),
        "ash": Answer(frozenset({3}), frozenset({4})),
    }
    assert ordered.answer("cedar") == Answer()

    records[at("ash", 1, epoch=2)] = erased(place, [4])
    assert folded(records, "ash").ordered[place].answer("ash") == Answer(frozenset({3, 4}))


def test_the_first_erasure_of_an_entry_is_shown() -> None:
    """Who looks at an erased entry finds the first order that names it."""
    numbers = count(5)
    records: Said = {at("birch", next(numbers)): erasure("birch", *chosen) for chosen in ((4,), (3, 4), (3,))}

    view = folded(records, "ash")
    assert view.first == {at("birch", 4): at("birch", 5), at("birch", 3): at("birch", 6)}
    assert view.order_of(at("birch", 3).log, 3) == view.ordered[at("birch", 6)]
    assert view.order_of(at("birch", 5).log, 5) is None
    assert folded({}, "ash") == Erasures("ash")
