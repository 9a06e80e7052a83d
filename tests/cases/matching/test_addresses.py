import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.matching.made import ask, report, seen

from tocsin.cases.matching import Index, asked, asked_of, said_by, texts_of
from tocsin.cases.matching.answering.specificity import cost, specificity
from tocsin.cases.matching.texts.addresses import (
    MAX_ADDRESSES,
    MAX_READ_CHARACTERS,
    MOST_WORDS,
    with_words,
    words_of,
)
from tocsin.core.records import Source

SLUG = "https://news.example/2023/06/lawyer-cites-invented-rulings-by-chatbot-20230608.html"
pieces = st.text(st.sampled_from("ab-_/.%E32?#é東\u202e\x00 9"), max_size=60) | st.text(max_size=60)
sites = st.sampled_from(["https://a.example/", "HTTP://", "file:///", ""])
locators = st.builds("{}{}".format, sites, pieces)


def website(locator: str) -> Source:
    """A page at that address."""
    return Source(kind="website", locator=locator, obtained="published")


@pytest.mark.parametrize(
    ("locator", "words"),
    [
        (SLUG, "lawyer cites invented rulings by chatbot"),
        (
            "HTTP://WWW.e.example:80/Robot_Guard+Falls,In%20Pool?id=more-words#and-these",
            "robot guard falls in pool",
        ),
        ("https://news.example/%E4%BA%8B%E6%95%85/", "事故"),
        ("https://news.example/%D0%A0%D0%BE%D0%B1%D0%BE%D1%82-%D1%83%D0%BF%D0%B0%D0%BB", "робот упал"),
        ("https://news.example/world/sports", ""),
        ("https://news.example/a3f9c2-7e41d0-99b1fa/ffc2427f-bdd8-47b7/article-2", ""),
        ("https://news.example/world-news/robot-guard-falls/story/index.html", "robot guard falls"),
        ("a-file/with-many-words-in-it", ""),
        ("ftp://news.example/with-many-words-in-it", ""),
        ("https://with-many-words-in-it.example", ""),
    ],
)
def test_a_path_says_its_words(locator: str, words: str) -> None:
    """The headline in the path counts; host, query, fragment, numbers, ids, ending and folders do not."""
    assert " ".join(words_of([locator])) == words


@given(st.lists(locators, max_size=6), st.text(max_size=40))
def test_any_address_says_little_and_harms_nothing(hostile: list[str], text: str) -> None:
    """Whatever addresses are: few are read, few words are taken, each once; the text stays as it was."""
    words = words_of(hostile)
    assert len(words) == len(set(words)) <= MOST_WORDS
    assert words == words_of(hostile[:MAX_ADDRESSES])
    assert not any(character.isspace() or character in "/?#%-" for word in words for character in word)
    joined = with_words(text, words)
    assert joined.startswith(text)
    assert with_words(joined, words) == joined


@given(st.text(st.sampled_from("ab-%E/"), min_size=1, max_size=20))
def test_of_a_long_address_its_beginning_counts(piece: str) -> None:
    """What is beyond so many characters of an address is never looked at."""
    long = "https://a.example/" + piece * 10_000
    assert words_of([long]) == words_of([long[:MAX_READ_CHARACTERS]])


def test_another_headline_in_the_address_is_found() -> None:
    """Who asks with other words than a page's title finds it by those in its address; so does the reverse."""
    index = Index()
    index.add(seen("paper", "A day in court", source=website(SLUG)))
    for number in range(20):
        index.add(seen(f"o{number}", f"Robot guard number {number} falls into a fountain"))
    matches = index.match(asked(["Invented rulings cited by a lawyer"]))
    assert [match.observation.id for match in matches] == ["paper"]
    mirrored = website("https://other.example/lawyer-cites-invented-rulings")
    said = said_by([report("It went wrong", sources=(mirrored,))])
    assert [match.observation.id for match in index.match(asked_of(ask(), said))] == ["paper"]


def test_an_address_alone_is_found_by_its_words() -> None:
    """An observation without any text says what its address says."""
    index = Index()
    index.add(seen("paper", source=website(SLUG)))
    index.add(seen("other", "Robot guard falls into a fountain"))
    assert [match.observation.id for match in index.match(asked(["Lawyer: rulings invented"]))] == ["paper"]


def test_what_both_say_counts_once() -> None:
    """A page whose address repeats its title says no more than its title."""
    title = "Lawyer cites invented rulings by chatbot"
    assert seen("one", title, source=website(SLUG)).said() == [title]
    assert seen(
        "one", "Children’s day", source=website("https://e.example/childrens-day-brutally-ruined")
    ).said() == ["Children’s day – brutally ruined"]


@given(
    st.lists(st.text("abc ", min_size=1, max_size=8), min_size=1, max_size=9),
    st.lists(locators, min_size=1, max_size=3),
)
def test_an_address_asks_nothing_by_itself(summaries: list[str], cited: list[str]) -> None:
    """With words in its addresses an ask costs as much, and is as specific, as without them."""
    plain = [report(text, sources=(website("https://e.example/1"),)) for text in summaries]
    sources = tuple(website(locator) for locator in cited if locator.isprintable() and locator)
    with_addresses = [report(text, sources=sources or plain[0].sources) for text in summaries]
    for ours in (said_by(with_addresses), asked_of(ask("See this?"), said_by(with_addresses))):
        without = asked(ours.texts, ours.names, ours.keys)
        assert (cost(ours), specificity(ours)) == (cost(without), specificity(without))
        assert len(texts_of(ours)) == len(ours.texts) == len(ours.beside)
    assert said_by(with_addresses).texts == said_by(plain).texts


def test_vectors_are_of_what_is_compared() -> None:
    """One text makes one vector, with the words of its address; of an address alone there is one, too."""
    assert texts_of(seen("one", "A", "B", source=website(SLUG))) == [
        "A – lawyer cites invented rulings by chatbot",
        "B – lawyer cites invented rulings by chatbot",
    ]
    assert len(texts_of(seen("one", source=website(SLUG)))) == 1
