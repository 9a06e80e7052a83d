"""What is asked of a search, as people write it.

smoke stack            both words, anywhere
"smoke stack"          one after the other
발전소                  any part of a text
smo*                   a word that begins so
"""

import re
from typing import Annotated

from msgspec import Meta, Struct

from tocsin.cases.search.words import is_pair, words_of
from tocsin.core.errors import Refusal
from tocsin.core.records import Ref
from tocsin.core.records.common import Slug, TimeMs

MAX_QUESTION_CHARACTERS = 256
MAX_PHRASES = 16
MAX_HITS = 200

_PART = re.compile(r'"([^"]*)"?|([^\s"]+)')


class NothingAsked(Refusal):
    """There is no word in what was asked for."""

    code = "nothing-asked"


class Query(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is looked for: all of it. Without `words`, what fits the rest."""

    words: Annotated[str, Meta(max_length=MAX_QUESTION_CHARACTERS)] = ""
    member: Slug | None = None
    kind: Annotated[str, Meta(max_length=32)] | None = None
    case: Ref | None = None
    since_ms: TimeMs | None = None
    until_ms: TimeMs | None = None
    limit: Annotated[int, Meta(ge=1, le=MAX_HITS)] = 50


class Phrase(Struct, frozen=True):
    """Words that come one after the other; `open_ended`: the last may go on."""

    words: tuple[str, ...]
    open_ended: bool = False


def asked_phrases(text: str) -> tuple[Phrase, ...]:
    """The phrases that a text asks for, at most 16; none if it is blank. Raises NothingAsked."""
    phrases: list[Phrase] = []
    for quoted, plain in _PART.findall(text[:MAX_QUESTION_CHARACTERS]):
        if phrase := _phrase(quoted or plain, open_ended=plain.endswith("*")):
            phrases.append(phrase)
    if text.strip() and not phrases:
        raise NothingAsked("Expected a word to look for, found none.")
    return tuple(phrases[:MAX_PHRASES])


def _phrase(part: str, *, open_ended: bool) -> Phrase | None:
    words = words_of(part)
    if not words:
        return None
    if is_pair(words[-1]):
        # The text may go on where the question ends: its last character alone says nothing more.
        alone = len(words) == 1 or not is_pair(words[-2]) or len(words[-2]) == 1
        return Phrase(tuple(words), open_ended=True) if alone else Phrase(tuple(words[:-1]))
    return Phrase(tuple(words), open_ended=open_ended)
