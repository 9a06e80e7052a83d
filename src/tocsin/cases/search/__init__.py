"""Searching what was said: which words a record has, and what a question asks for.

- `words`: from a text in any script to words, the same for texts and for questions.
- `question`: what is asked, from how people write it to words.

Where the words of which record stand is kept elsewhere; here is no index.
"""

from tocsin.cases.search.question import Query, asked_phrases
from tocsin.cases.search.words import WORDS_VERSION, words_of

__all__ = ["WORDS_VERSION", "Query", "asked_phrases", "words_of"]
