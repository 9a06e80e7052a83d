"""Words of texts and questions: what is asked for is found in every text that has it, and in no other."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.cases.search.question import MAX_PHRASES, NothingAsked, Phrase, asked_phrases
from tocsin.cases.search.words import MAX_WORD_CHARACTERS, MAX_WORDS, words_of

HAN = st.text(st.sampled_from("人工智能重大事故調查東京電力"), min_size=1, max_size=12)
HANGUL = st.text(st.sampled_from("인공지능사고가발생했다서울"), min_size=1, max_size=12)
LATIN = st.text(st.sampled_from("abcdeÉßйӣ12"), min_size=1, max_size=12)


def has(words: Sequence[str], phrase: Phrase) -> bool:
    """Whether a text with these words has that phrase."""
    size = len(phrase.words)
    *whole, last = phrase.words
    return any(
        list(words[at : at + size - 1]) == whole
        and (words[at + size - 1] == last or (phrase.open_ended and words[at + size - 1].startswith(last)))
        for at in range(len(words) - size + 1)
    )


def found(question: str, text: str) -> bool:
    """Whether the question finds the text."""
    return all(has(words_of(text), phrase) for phrase in asked_phrases(question))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("SMOKE", "Smoke over the harbour"),
        ("harbour smoke", "Smoke over the harbour"),
        ('"over the harbour"', "Smoke over the harbour"),
        ("harb*", "Smoke over the harbour"),
        ("straße", "STRASSE"),
        ("ﬁle", "FILE"),
        ("example.com", "https://www.example.com/a?b=c"),  # noqa: RUF100
        ("a/b", "https://example.com/a/b"),
        ("사고", "어제 사고가 났다"),
        ("인공 지능", "인공 지능의 사고"),
        ('"인공 지능"', "인공 지능의 사고"),
        ("電力", "東京電力"),
        ("力", "東京電力"),
        ("東", "東京電力"),
        ("カタカナ", "ｶﾀｶﾅで"),
        ("ไฟ", "เกิดไฟไหม้"),
        ("हिन्दी", "यह हिन्दी है"),
        ("хатари", "ХАТАРИ сунъӣ"),
        ("сунъӣ", "хатари СУНЪӢ"),
        ("GPT-4", "the model gpt-4 failed"),
        ("AI事故", "重大なAI事故"),
    ],
)
def test_found(question: str, text: str) -> None:
    """In any script, however letters are written."""
    assert found(question, text)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("smok", "Smoke over the harbour"),
        ('"harbour smoke"', "Smoke over the harbour"),
        ("電京", "東京電力"),
        ("사가", "사고가"),
        ("moke", "Smoke"),
        ("fire", "Smoke over the harbour"),
    ],
)
def test_not_found(question: str, text: str) -> None:
    """Parts of words between blanks are no words, nor is another order a phrase."""
    assert not found(question, text)


@given(st.lists(st.one_of(HAN, HANGUL, LATIN), min_size=1, max_size=5), st.data())
def test_any_part(parts: list[str], data: st.DataObject) -> None:
    """Any word, and any part of a text that has no blanks, finds its text, alone and as a phrase."""
    text = " ".join(parts)
    low, high = sorted(data.draw(st.tuples(*[st.integers(0, len(parts) - 1)] * 2)))
    some = " ".join(parts[low : high + 1])
    assert found(f'"{some}"', text)
    assert found(some, text)


@given(HANGUL, st.data())
def test_any_part_of_a_run(text: str, data: st.DataObject) -> None:
    """Two or more neighbouring characters, or one, find every text that has them, and no other."""
    low = data.draw(st.integers(0, len(text) - 1))
    high = data.draw(st.integers(low + 1, len(text)))
    assert found(text[low:high], text)
    other = data.draw(HANGUL)
    assert found(other, text) == (other in text)


@given(st.text())
def test_anything(text: str) -> None:
    """Of any text, the words are plain: of letters, digits and marks, in one form, and not too many."""
    words = words_of(text, text)
    assert len(words) <= MAX_WORDS
    for word in words:
        assert 0 < len(word) <= MAX_WORD_CHARACTERS
        assert not {'"', " ", "*", "\0", "_"} & set(word)
        assert all(ord(letter) > 127 or letter.isalnum() for letter in word)
        assert word == word.lower() or not word.isascii()
    assert words_of(text) * 2 == words or len(words) == MAX_WORDS


@given(st.text(max_size=300))
def test_any_question(text: str) -> None:
    """A question is a few phrases, is blank, or is refused."""
    try:
        phrases = asked_phrases(text)
    except NothingAsked:
        assert text.strip()
        return
    assert len(phrases) <= MAX_PHRASES
    assert bool(phrases) == bool(text.strip())
    assert all(phrase.words for phrase in phrases)


def test_large() -> None:
    """A text as large as it likes costs no more than its beginning."""
    assert len(words_of("word " * 10**6)) == MAX_WORDS
    assert len(words_of("ﷺ" * 10**6)) <= MAX_WORDS
    assert words_of("x" * 10**6) == ["x" * MAX_WORD_CHARACTERS]


def test_pairs() -> None:
    """Of a run without blanks, every two neighbours and the last are words."""
    assert words_of("重大事故") == [*map("".join, pairwise("重大事故")), "故"]
