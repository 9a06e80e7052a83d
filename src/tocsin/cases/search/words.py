"""From a text to its words, in any script, so that what is asked for is found however it was written.

- Letters are compared without their case and in one form (NFKC, casefold).
- Scripts with blanks between words: a word is what stands between characters that are no letters, digits or
  marks of them.
- Scripts without (Han, kana, Bopomofo; Thai, Lao, Khmer, Burmese), and Hangul, whose particles hang on to
  words: every two neighbouring characters are a word, and the last one by itself. So any part of such a text
  is found: two or more characters as a phrase, one as the beginning of a word.

It is no linguistics: no word is taken for another form of itself.
"""

import re
from itertools import pairwise
from unicodedata import normalize, unidata_version

WORDS_VERSION = f"1-{unidata_version}"
"""Changes whenever a text may have other words than before."""

MAX_WORDS = 4_096
MAX_TEXT_CHARACTERS = 65_536
MAX_WORD_CHARACTERS = 64

_IN_PAIRS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao; Burmese; Khmer
    "\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff"  # Hangul
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # kana
    "\u3100-\u312f\u31a0-\u31bf"  # Bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"  # kana, Han
)
# Marks that stand behind a letter, by block: Python's \w has none of them.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u0711\u0730-\u074a\u07a6-\u07b0\u07eb-\u07f3\u0816-\u082d\u0859-\u085b\u0898-\u089f\u08ca-\u0963"
    "\u0966-\u0df3\u0f18-\u0fbc\u135d-\u135f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"
)
_WORD = re.compile(f"([{_IN_PAIRS}]+)|(?:(?![{_IN_PAIRS}])[^\\W_]|[{_MARKS}])+")
_ASCII_WORD = re.compile("[a-z0-9]+")


def words_of(*texts: str) -> list[str]:
    """The words of these texts, in their order; at most 4,096, each of at most 64 characters."""
    text = in_one_form("\n".join(texts))
    if text.isascii():
        return [word[:MAX_WORD_CHARACTERS] for word in _ASCII_WORD.findall(text)[:MAX_WORDS]]
    found: list[str] = []
    for match in _WORD.finditer(text):
        if run := match[1]:
            found += map("".join, pairwise(run))
            found.append(run[-1])
        else:
            found.append(match[0][:MAX_WORD_CHARACTERS])
        if len(found) >= MAX_WORDS:
            break
    return found[:MAX_WORDS]


def in_one_form(text: str) -> str:
    """As letters are compared; of a very long text, the beginning."""
    if text.isascii():
        return text[:MAX_TEXT_CHARACTERS].lower()
    # Folding may leave what is not in the form any more, and the form have what is to be folded.
    return normalize("NFKC", normalize("NFKC", text[:MAX_TEXT_CHARACTERS]).casefold()).casefold()


def is_pair(word: str) -> bool:
    """Whether this is a word of neighbouring characters, and not one between blanks."""
    return re.match(f"[{_IN_PAIRS}]", word) is not None
