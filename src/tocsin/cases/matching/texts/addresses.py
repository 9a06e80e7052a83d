"""What the address of a page says: a press URL mostly has a headline in its path, and often another one.

- The headline is that part of the path, between slashes, which has the most words; not numbers of four digits
  nor letters among digits: dates and ids. It has three words or more, but in scripts that need no spaces.
- Its words stand behind a text, but for those that the text has: what both say does not count twice. They are
  one text, with one vector.
- An address comes from anybody: so much of it is read, and so many words of it are taken.
"""

import re
from collections.abc import Iterable
from itertools import islice
from urllib.parse import unquote

MAX_ADDRESSES = 4
MAX_READ_CHARACTERS = 500
FEWEST_WORDS, MOST_WORDS = 3, 32

_SITE = re.compile(r"\s*https?://[^/?#]*", re.IGNORECASE)
_BEHIND_PATH = re.compile("[?#]")
_ENDING = re.compile(r"\.[a-z0-9]{2,5}\Z")
_QUOTES = re.compile("['’]")
# Beyond ASCII all but punctuation: `wording` knows better what is a word there.
_WORD = re.compile("[a-z0-9\u00c0-\u1fff\u2c00-\u2dff\u3040-\U0010ffff]+")
_ID = re.compile(r"\d{4}|\d[a-z]|[a-z]\d")


def words_of(locators: Iterable[str]) -> tuple[str, ...]:
    """The words of the first URLs, each once; none of what is no URL of http or https."""
    words: dict[str, None] = {}
    for locator in islice(locators, MAX_ADDRESSES):
        words |= dict.fromkeys(_headline(locator))
    return tuple(words)[:MOST_WORDS]


def with_words(text: str, words: Iterable[str]) -> str:
    """A text, and behind it those of the words that it has not."""
    own = set(_WORD.findall(_QUOTES.sub("", text.casefold())))
    more = " ".join(word for word in words if word not in own)
    return f"{text} – {more}" if more else text


def _headline(locator: str) -> list[str]:
    cut = locator[:MAX_READ_CHARACTERS]
    if not (site := _SITE.match(cut)):
        return []
    path = unquote(_BEHIND_PATH.split(cut[site.end() :], maxsplit=1)[0]).casefold()
    headline = max(map(_words, path.split("/")), key=len)
    return headline if len(headline) >= FEWEST_WORDS or not "".join(headline).isascii() else []


def _words(part: str) -> list[str]:
    return [word for word in _WORD.findall(_ENDING.sub("", part)) if not _ID.search(word)]
