"""Of a text, what it is found by: its words, and the groups of three letters in them.

- Words: compatibility forms and case folded (NFKC), accents of Latin, Greek and Cyrillic dropped, what
  English appends (-s, -ed, -ing, -ly, -'s) cut off. They carry names and rare words.
- Groups of three letters within a word and its edges: they find inflected forms in languages whose grammar is
  not known here, compounds, and words with a letter mistyped.
- Scripts that put no space between words (Han, kana, Thai, Lao, Khmer, Burmese): pairs of characters for
  words.
- A long text is cut into passages of 64 words, each found for itself: else a page would be like everything.
"""

import re
import unicodedata
from collections.abc import Iterator

PASSAGE_WORDS = 64

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_SPACED_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0dff\u0f00-\u0fff"
_TOKEN = re.compile(
    rf"(?P<unspaced>[{_UNSPACED}]+)|(?P<word>(?:[^\W_{_UNSPACED}]|[{_SPACED_MARKS}])+(?:'\w+)?)"
)
_ACCENTS = re.compile("[\u0300-\u036f]")
_QUOTES = str.maketrans("’‘ʼ＇", "''''")
_ENDINGS = ("ingly", "edly", "ings", "ing", "ies", "ied", "ed", "es", "s", "ly")


def passages(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """Of each passage, its different words and its different groups of letters, in the order met."""
    words: dict[str, None] = {}
    groups: dict[str, None] = {}
    count = 0
    for token in _TOKEN.finditer(_folded(text)):
        if run := token["unspaced"]:
            # One at a time: such a run may be as long as the text.
            pieces = [run[at : at + 2] for at in range(max(1, len(run) - 1))]
        else:
            pieces = [token["word"]]
        for at, piece in enumerate(pieces):
            words[_stem(piece)] = None
            groups.update(dict.fromkeys(_groups(run[at : at + 3] if run else f" {piece} ")))
            count += 1
            if count == PASSAGE_WORDS:
                yield list(words), list(groups)
                words, groups, count = {}, {}, 0
    if words:
        yield list(words), list(groups)


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.translate(_QUOTES))
    return unicodedata.normalize("NFKC", _ACCENTS.sub("", apart)).casefold()


def _groups(word: str) -> Iterator[str]:
    for at in range(max(1, len(word) - 2)):
        yield word[at : at + 3]


def _stem(word: str) -> str:
    """An English word without its ending; others, and short ones, as they are."""
    word = word.partition("'")[0] if word.endswith("'s") else word.replace("'", "")
    if not word.isascii():
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word
