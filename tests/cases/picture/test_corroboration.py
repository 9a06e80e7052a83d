"""On how few words all sources rest: exact where that can be, and never more by repetition."""

from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.cases.picture import corroboration
from tocsin.cases.picture.corroboration import fewest


def tried_out(resting: Sequence[int], members: int) -> int:
    """The size of the smallest set of members of whom one stands for each source: by trying all."""
    bits = [1 << number for number in range(members)]
    for size in range(members + 1):
        for chosen in combinations(bits, size):
            if all(sum(chosen) & one for one in resting):
                return size
    raise AssertionError


def sets(members: int) -> st.SearchStrategy[list[int]]:
    """On whom some sources rest, of so many members."""
    return st.lists(st.integers(1, (1 << members) - 1), max_size=12)


@given(resting=sets(8))
def test_as_by_trying_all(resting: list[int]) -> None:
    """Of few members, it is the smallest set there is."""
    assert fewest(resting) == tried_out(resting, 8)


@given(resting=st.lists(st.sets(st.integers(0, 63), min_size=1, max_size=5), max_size=30), data=st.data())
def test_of_many_members_never_more_by_repetition(resting: list[set[int]], data: st.DataObject) -> None:
    """Whoever cites what is cited, or shows that two sources are one, raises nothing, of 64 either."""
    before = fewest([sum(1 << member for member in one) for one in resting])
    copier = data.draw(st.integers(0, 63))
    for place in data.draw(st.sets(st.integers(0, max(len(resting) - 1, 0)), max_size=len(resting))):
        resting[place] = resting[place] | {copier}
    if len(resting) > 1 and data.draw(st.booleans()):
        resting[0] |= resting.pop()

    assert fewest([sum(1 << member for member in one) for one in resting]) <= before


@given(resting=st.lists(st.sets(st.integers(0, 15), min_size=1, max_size=3), max_size=12))
def test_at_most_what_it_takes(resting: list[set[int]]) -> None:
    """What is said is never more than the smallest set has members."""
    given_as = [sum(1 << member for member in one) for one in resting]

    assert fewest(given_as) <= tried_out(given_as, 16)


def test_a_word_each() -> None:
    """However many members there are, as many as have a source that nobody else cites are counted."""
    assert fewest([1 << member for member in range(64)]) == 64


def test_a_word_each_beside_what_is_not_searched_for() -> None:
    """Also where more have a source of their own than sets of 64 members are searched for."""
    alone = [1 << member for member in range(10)]

    assert fewest([*alone, 3 << 10, (1 << 64) - 1]) == 10


@pytest.mark.parametrize("members", [12, 13, 15, 30, 64, 200])
def test_the_search_is_bounded(members: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of sources that any three of them cite each, no more sets are tried than the docstring says."""
    tried = 0
    suffice = corroboration._suffice

    def counted(*arguments: object) -> bool:
        nonlocal tried
        tried += 1
        return suffice(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(corroboration, "_suffice", counted)
    triples = combinations([1 << number for number in range(min(members, 40))], 3)

    found = fewest([*map(sum, triples), (1 << members) - 1])

    assert 3 <= found <= min(members, 40) - 2
    assert tried <= 5_000 * members
