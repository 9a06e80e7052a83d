import re

import pytest

from tocsin.cases.telling import LANGUAGES, Language, UnknownLanguage, language
from tocsin.cases.telling.lists import LISTS

OTHERS = [one for one in LANGUAGES.values() if one.tag != "en"]
PLACES = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("known", LANGUAGES.values(), ids=lambda known: known.tag)
def test_every_code_has_a_word(known: Language) -> None:
    """Each code of each closed list has a word in each language, and nothing else has one."""
    assert {name: set(words) for name, words in known.codes.items()} == {
        name: set(codes) for name, codes in LISTS.items()
    }


@pytest.mark.parametrize("known", LANGUAGES.values(), ids=lambda known: known.tag)
def test_no_two_codes_have_one_word(known: Language) -> None:
    """Within a list, different codes read differently: else a reader could not tell them apart."""
    twice = {name: words for name, words in known.codes.items() if len(set(words.values())) < len(words)}

    assert twice == {}


@pytest.mark.parametrize("known", OTHERS, ids=lambda known: known.tag)
def test_every_sentence_is_in_every_language(known: Language) -> None:
    """Each language has the sentences that English has, with the same values in them."""
    english = LANGUAGES["en"].phrases

    assert {key: set(PLACES.findall(text)) for key, text in known.phrases.items()} == {
        key: set(PLACES.findall(text)) for key, text in english.items()
    }


@pytest.mark.parametrize("known", OTHERS, ids=lambda known: known.tag)
def test_nothing_is_left_in_english(known: Language) -> None:
    """No word of a closed list is the English one, but for names that are the same everywhere."""
    english = LANGUAGES["en"].codes
    same = {
        (name, code)
        for name, words in known.codes.items()
        for code, word in words.items()
        if word == english[name][code] and name != "FingerprintKind"
    }

    assert same == set()


@pytest.mark.parametrize("known", LANGUAGES.values(), ids=lambda known: known.tag)
def test_nobody_has_signed_a_language_off(known: Language) -> None:
    """Every language is unreviewed until a named reader answers for it."""
    assert not known.reviewed


def test_a_missing_word_is_shown_as_its_code() -> None:
    """A code without a word is shown itself: what a record says is never hidden."""
    assert language("ko").word("Seen", "never-heard-of") == "never-heard-of"


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("ko", "Korean"),
        ("zh-TW", "Traditional Chinese (zh-TW)"),
        ("zh-CN", "Simplified Chinese (zh-CN)"),
        ("pt-BR", "Portuguese (pt-BR)"),
        ("tlh", "tlh"),
        ("x-{lang}", "x-{lang}"),
    ],
)
def test_languages_are_called_by_their_names(tag: str, name: str) -> None:
    """A tag is told as a language, with what else it says; one that is not known as it is."""
    assert language("en").tongue(tag) == name


def test_a_value_is_no_sentence() -> None:
    """What stands in a value is not looked at, whatever braces it has."""
    assert language("en").pair("{value}", "{label} {0} {}") == "{value}: {label} {0} {}"


@pytest.mark.parametrize(
    ("asked", "tag"),
    [
        ("ko", "ko"),
        ("KO-kr", "ko"),
        ("ja_JP", "ja"),
        ("en-GB-oxendict", "en"),
        ("zh-Hant", "zh-Hant"),
        ("zh-TW", "zh-Hant"),
        ("zh-hk", "zh-Hant"),
        ("tg-Cyrl", "tg"),
        ("ru", "ru"),
    ],
)
def test_a_language_is_found_by_its_tag(asked: str, tag: str) -> None:
    """A language is found by its BCP 47 tag in any case, and by that of a region or script of it."""
    assert language(asked).tag == tag


@pytest.mark.parametrize("asked", ["", "zh", "zh-CN", "zh-Hans-TW", "xx", "k", "e n", "en/ko", "-"])
def test_an_unknown_language_is_refused(asked: str) -> None:
    """A tag for which there are no words is refused: nobody is told of a case in a language not asked for."""
    with pytest.raises(UnknownLanguage, match="en"):
        language(asked)
