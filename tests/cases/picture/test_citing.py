"""What is cited and taken back again."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st
from tests.cases.picture.desks import MEMBERS, cites, url, words

from tocsin.cases.picture.citing import Citations
from tocsin.core.records import Ref, Source

REFS = [
    Ref.at(f"line.example/{'7' * 64}/{member}/1", index, bytes(32)) for member in MEMBERS for index in (1, 2)
]
SOURCES = [
    url("1"),
    url("2"),
    url("3"),
    *(
        Source(kind="post", locator=url(path).locator, obtained="published", sha256=byte * 32)
        for path, byte in (("1", "aa"), ("2", "aa"), ("2", "bb"), ("4", "bb"))
    ),
    words("by telephone"),
    words("a captain"),
    *map(cites, REFS),
]
STEPS = st.lists(
    st.tuples(st.sampled_from(REFS), st.lists(st.sampled_from(SOURCES), max_size=4)), max_size=30
)


@given(steps=STEPS)
def test_what_is_taken_back_leaves_nothing(steps: list[tuple[Ref, list[Source]]]) -> None:
    """Whatever was said before, in circles too: what counts is what the records cite now."""
    grown, now = Citations(), dict[Ref, list[Source]]()
    for ref, sources in steps:
        if ref in now:
            grown.remove(ref)
            del now[ref]
        if sources:
            grown.add(ref, sources)
            now[ref] = sources

        assert counted(grown) == counted(anew(now))


def anew(now: Mapping[Ref, list[Source]]) -> Citations:
    """All that these records cite."""
    citations = Citations()
    for ref, sources in now.items():
        citations.add(ref, sources)
    return citations


def counted(citations: Citations) -> tuple[object, ...]:
    """The sources, by whom each is cited, and on whose word it rests; what is on how many words; circles."""
    return (
        {frozenset(one.cited): citations.named(one.members) for one in citations.components},
        {citations.named(members): sources for members, sources in citations.components.resting.items()},
        citations.in_circles(),
    )
