"""Which citations are one source, beyond the vectors."""

from hypothesis import assume, example, given
from hypothesis import strategies as st
from tests.cases.picture.desks import url, words
from tests.cases.picture.grouping import grouped

from tocsin.cases.picture.sources import canonical_locator, is_verifiable
from tocsin.core.records import Source

LOCATORS = st.text(st.sampled_from("htps:/w.@?#&=1 aÄ\u2003"), max_size=40) | st.text(max_size=20)


@example("http://::")
@example("http://a:80:.:443.")
@given(locator=LOCATORS | LOCATORS.map("https://".__add__))
def test_a_canonical_locator_is_its_own(locator: str) -> None:
    """The form of a form is itself, but for a second www., and can be looked at just as the locator can."""
    assume("www." not in locator.lower())
    form = canonical_locator(locator)

    assert canonical_locator(form) == form
    assert is_verifiable(_at(locator)) == is_verifiable(_at(form))


def test_a_host_of_the_name_www() -> None:
    """Dots at the end go first: what is left of `www.` is a host."""
    assert canonical_locator("http://www./x") == "https://www/x"


@given(cited=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 6)), max_size=12), data=st.data())
def test_groups_do_not_depend_on_the_order(cited: list[tuple[str, int]], data: st.DataObject) -> None:
    """The same citations are one source in whatever order they come."""
    pool = [
        url("1"),
        url("2"),
        _hashed("1", "aa"),
        _hashed("2", "aa"),
        _hashed("x", "bb"),
        words("x"),
        words("y"),
    ]
    order = data.draw(st.permutations(range(len(cited))))
    straight = grouped((member, pool[which]) for member, which in cited)
    shuffled = grouped((cited[place][0], pool[cited[place][1]]) for place in order)

    assert {frozenset(one) for one in straight} == {
        frozenset(order[place] for place in one) for one in shuffled
    }


def test_a_long_locator_has_no_longer_form() -> None:
    """What is made to be hard to take apart has a form like any other, by one `/` longer at most."""
    for text in ("https://" + "@" * 2000 + " x", "https://" + "." * 2040, "https://a?" + "&" * 2030):
        assert len(canonical_locator(text)) <= len(text) + 1


def _at(locator: str) -> Source:
    return Source(kind="website", locator=locator or " ", obtained="published")


def _hashed(path: str, byte: str) -> Source:
    return Source(kind="post", locator=f"https://news.example/{path}", obtained="published", sha256=byte * 32)
