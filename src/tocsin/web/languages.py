"""The languages of the console: the words of `cases.telling`, and those of each part of the console.

What a part says stands in `web/words/<part>`, a module for each language, and is asked for as `<part>.<key>`.
What the code of an error means is one more closed list, *Refusal*, of whole sentences.
"""

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from typing import Final

from tocsin.cases.telling import LANGUAGES as TOLD
from tocsin.cases.telling import Language, UnknownLanguage
from tocsin.cases.telling.language import choose
from tocsin.web.words import PARTS, REFUSALS

_MODULES: Final = {tag: tag.lower().replace("-", "_") for tag in TOLD}


def _phrases(part: str, tag: str) -> Mapping[str, str]:
    module = import_module(f"tocsin.web.words.{part}.{_MODULES[tag]}")
    phrases: Mapping[str, str] = module.PHRASES
    return phrases


def _language(told: Language) -> Language:
    phrases = dict(told.phrases)
    for part in PARTS:
        phrases |= {f"{part}.{key}": phrase for key, phrase in _phrases(part, told.tag).items()}
    refusals: dict[str, str] = {}
    for part in REFUSALS:
        refusals |= _phrases(part, told.tag)
    return replace(told, codes={**told.codes, "Refusal": refusals}, phrases=phrases)


LANGUAGES: Final[Mapping[str, Language]] = {tag: _language(told) for tag, told in TOLD.items()}
"""Every language by its tag, as BCP 47 has it."""


def preferred(accepted: str) -> Language:
    """The first language of an Accept-Language field that there are words for (RFC 9110, section 12.5.4)."""
    weighed = []
    for place, one in enumerate(accepted[:512].split(",")[:32]):
        tag, _, weight = one.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), place, tag.strip()))
        except ValueError:
            continue
    for _, _, tag in sorted(weighed):
        if found := _found(tag):
            return found
    return LANGUAGES["en"]


def _found(tag: str) -> Language | None:
    try:
        return choose(tag, LANGUAGES)
    except UnknownLanguage:
        return None
