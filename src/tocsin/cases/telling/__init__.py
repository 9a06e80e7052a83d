"""Telling of cases in people's own languages.

- `language`: what a language consists of; `words`: the languages; `lists`: the codes that have words in each.
- `page`: a page and its forms; `brief`: one page on a case; `timeline`: all of its records, each with its
  `details`; `readings`: what it was, as organisations read it; `teller`: how members and moments are told.
"""

from collections.abc import Mapping
from typing import Final

from tocsin.cases.telling.brief import brief
from tocsin.cases.telling.language import Language, UnknownLanguage, choose
from tocsin.cases.telling.page import Page
from tocsin.cases.telling.timeline import timeline
from tocsin.cases.telling.words.en import ENGLISH
from tocsin.cases.telling.words.ja import JAPANESE
from tocsin.cases.telling.words.ko import KOREAN
from tocsin.cases.telling.words.ru import RUSSIAN
from tocsin.cases.telling.words.tg import TAJIK
from tocsin.cases.telling.words.zh_hant import TRADITIONAL_CHINESE

LANGUAGES: Final[Mapping[str, Language]] = {
    language.tag: language for language in (ENGLISH, JAPANESE, KOREAN, RUSSIAN, TAJIK, TRADITIONAL_CHINESE)
}
"""The languages, by their tags."""


def language(tag: str) -> Language:
    """The language that a tag asks for. Raises UnknownLanguage."""
    return choose(tag, LANGUAGES)


__all__ = ["LANGUAGES", "Language", "Page", "UnknownLanguage", "brief", "language", "timeline"]
