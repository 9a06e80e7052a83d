"""What one source says with one reading less, or one more: the same as if all were heard anew."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.readings.hearing import OPEN_PERMILLE, Heard
from tocsin.readings.weighing import Judgement, Millinats

few = st.integers(-2, 2)
values = st.tuples(few, few, st.integers(-2_000, 2_000))
said = st.tuples(values, st.sampled_from([0, OPEN_PERMILLE - 1, OPEN_PERMILLE, 800, 1_000]))


def reader(member: int, each: Millinats, undetermined: int) -> Judgement:
    """Somebody who says that of a source."""
    return Judgement(
        member=str(member),
        sources=(0,),
        millinats=each,
        each=each,
        undetermined=undetermined,
        kind=None,
    )


def readers(of: list[tuple[Millinats, int]]) -> list[Judgement]:
    """Those who say that, each another member."""
    return [reader(member, *one) for member, one in enumerate(of)]


@given(st.lists(said, min_size=2, max_size=9))
def test_without_one_it_says_what_the_others_say(of: list[tuple[Millinats, int]]) -> None:
    """Whoever it is: one of many, the only one with a voice, or one who repeats another."""
    read = readers(of)
    heard = Heard(read)
    for gone in read:
        assert heard.without(gone) == Heard([one for one in read if one is not gone]).value


@given(said)
def test_without_its_only_reader_it_is_not_read(of: tuple[Millinats, int]) -> None:
    """It says nothing then, which is not the same as that it tells nothing apart."""
    (only,) = readers([of])
    assert Heard([only]).without(only) is None


@given(st.lists(values, min_size=1, max_size=9), values)
def test_with_one_more_it_says_what_all_say(of: list[Millinats], more: Millinats) -> None:
    """As long as all of them leave little open."""
    read = readers([(each, 0) for each in of])
    assert Heard(read).with_more(more) == Heard([*read, reader(-1, more, 0)]).value
