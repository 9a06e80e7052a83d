"""The glossary fixes the design's words in every language, and the console takes them."""

from pathlib import Path

import pytest

from tocsin.web.languages import LANGUAGES

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and not line.startswith("|---")
]
NAMES, WORDS = ROWS[0][2:], {row[0]: row[2:] for row in ROWS[1:]}
TAGS = {language.name: tag for tag, language in LANGUAGES.items()}

# Where the console or a brief says exactly one of the words, in the list or under the key.
SAID = {
    "ask": ("Kind", "ask"),
    "answer": ("Kind", "answer"),
    "report": ("Kind", "report"),
    "acknowledgement": ("Kind", "acknowledgement"),
    "correct": ("Kind", "correction"),
    "withdraw": ("Kind", "withdrawal"),
    "close": ("Kind", "closing"),
    "hypothesis": ("Kind", "hypothesis"),
    "reading": ("Kind", "reading"),
    "ground truth": ("Kind", "ground-truth"),
    "low": ("Confidence", "low"),
    "moderate": ("Confidence", "moderate"),
    "high": ("Confidence", "high"),
    "accident": ("What", "accident"),
    "attack": ("What", "attack"),
    "cascade": ("What", "cascade"),
    "misuse": ("What", "misuse"),
    "no AI involved": ("What", "no-ai"),
    "undetermined": ("Undetermined", "undetermined"),
}


def test_the_glossary_has_every_language() -> None:
    """Each but English, by its own name."""
    assert sorted(TAGS[name] for name in NAMES) == sorted(LANGUAGES.keys() - {"en"})


@pytest.mark.parametrize("word", WORDS)
def test_a_word_has_a_translation_in_each(word: str) -> None:
    """None is left open."""
    assert len(WORDS[word]) == len(NAMES)
    assert all(WORDS[word])


@pytest.mark.parametrize("word", SAID)
def test_lists_take_the_words_of_the_glossary(word: str) -> None:
    """A code is shown as the glossary has it, in each language."""
    name, code = SAID[word]

    assert WORDS[word] == [LANGUAGES[TAGS[language]].word(name, code) for language in NAMES]


def test_the_situation_room_is_called_so() -> None:
    """The page that everyone begins at has the glossary's name."""
    said = [LANGUAGES[TAGS[name]].say("common.room").lower() for name in NAMES]

    assert [word.lower() for word in WORDS["situation room"]] == said


# What the words of a term must not be, in any form: these stood beside them once, or come to mind first.
ELSE = {
    "ko": ("회원", "보관파일", "일지", "케이스", "레코드", "담당자", "규약집", "연습", "가입 파일"),
    "ja": ("会員", "保存ファイル", "ケース", "質問", "係官", "演習", "規約", "団体", "受信確認", "案件"),
    "zh-Hant": ("官員", "演習", "記錄檔", "日志", "會員", "提問", "移除成員", "刪除", "規約", "章程", "組織"),
    "ru": ("должностн", "досье", "член круга", "членов круга", "тренировк", "файл вступления"),
    "tg": ("иштирокч", "мансабдор", "дафтар", "муассиса", "тренинг", "рамзи доира"),
}


def said_in(tag: str) -> list[str]:
    """Everything that is said in a language, by the console and in what is told of cases."""
    language = LANGUAGES[tag]
    words = [word for codes in language.codes.values() for word in codes.values()]
    return [*words, *language.phrases.values()]


@pytest.mark.parametrize("tag", ELSE)
def test_nothing_has_a_second_name(tag: str) -> None:
    """A term has one word in each language, wherever it is said."""
    texts = said_in(tag)
    found = {one: text for one in ELSE[tag] for text in texts if one in text.lower()}

    assert found == {}


@pytest.mark.parametrize("name", NAMES)
def test_the_words_of_the_glossary_are_said(name: str) -> None:
    """A word that stands in it and nowhere else is not the one that people read."""
    texts = " ".join(said_in(TAGS[name])).lower()
    roots = {word: [root[:4] for root in WORDS[word][NAMES.index(name)].lower().split()] for word in WORDS}

    assert {word: found for word, found in roots.items() if not all(root in texts for root in found)} == {}
