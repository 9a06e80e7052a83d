"""Digits for the eye and for the voice: with their words in the language of the call, and in one's own."""

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.cases.telling import UnknownLanguage
from tocsin.cases.telling.language import choose
from tocsin.core.phone import SPOKEN, grouped, spoken
from tocsin.web.languages import LANGUAGES
from tocsin.web.serving.errors import MalformedForm

_COMMON = "en"


@dataclass(frozen=True, slots=True)
class Word:
    """How a digit is said in the language of that tag."""

    tag: str
    text: str


@dataclass(frozen=True, slots=True)
class Digit:
    """One digit, and how it is said: in the language of the call, and in one's own if that is another."""

    figure: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Digits:
    """What one side reads, in groups; `aloud`: as it is said, with a pause between them."""

    groups: tuple[tuple[Digit, ...], ...]
    aloud: Word


def digits(text: str, tags: Sequence[str]) -> Digits:
    """Those digits, with their words in the languages of these tags, that of the call first."""
    groups = tuple(tuple(digit(one, tags) for one in group) for group in grouped(text).split(" "))
    return Digits(groups, Word(tags[0], spoken(text, tags[0])))


def digit(figure: str, tags: Sequence[str]) -> Digit:
    """One digit with its words."""
    return Digit(figure, tuple(Word(tag, SPOKEN[tag][int(figure)]) for tag in tags))


def tongues(asked: str | None, own: str, theirs: Sequence[str]) -> tuple[str, ...]:
    """In which language the call is held, and one's own beside it, if that is another.

    What was asked for; else one's own if the other desk speaks it, else English if it speaks that or does not
    say, else the first of its languages that there are words for. Raises MalformedForm.
    """
    if asked is not None:
        if asked not in SPOKEN:
            raise MalformedForm(f"Expected one of {', '.join(SPOKEN)}, found {asked[:64]!r}.")
        chosen = asked
    else:
        known = [tag for one in theirs if (tag := _tag(one))]
        chosen = next((tag for tag in (own, _COMMON) if tag in known), known[0] if known else _COMMON)
    return (chosen,) if chosen == own else (chosen, own)


def _tag(lang: str) -> str | None:
    try:
        return choose(lang, LANGUAGES).tag
    except UnknownLanguage:
        return None
