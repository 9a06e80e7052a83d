"""A question as it is sent: a code and the source's name for people's languages, and words in English."""

from collections.abc import Iterable
from typing import Final, Literal

from msgspec import Struct

from tocsin.core.records import Ask
from tocsin.core.records.cases import vocabulary
from tocsin.core.views import CaseSource, Evidence
from tocsin.readings.asking.questions import Question

Code = Literal["what_you_saw", "what_it_shows"]
"""To who saw the source itself; to anybody else."""

_ENGLISH: Final[dict[Code, str]] = {
    "what_you_saw": 'You saw it: "{source}". By your lights, what does it show?',
    "what_it_shows": 'Please look at "{source}". By your lights, what does it show?',
}
_HOW: Final = (
    " An accident, an attack, misuse, a cascade, or that AI had no part in it? Please write a reading that"
    " rests on it, and on all that yours rests on by now. That you cannot tell is an answer, too."
)


class Wording(Struct, frozen=True, kw_only=True):
    """The fields of an `Ask`, but for its text in other languages: the sentence `code`, about `source`.

    `source` is how it is cited; in every language it stands between straight quotation marks. Who writes the
    `Ask` lets it be shared no further than the records that cite the source (`CaseSource.refs`).
    """

    to: tuple[str, ...]
    questions: tuple[vocabulary.Question, ...]
    code: Code
    source: str
    text: str
    lang: str


def wording(question: Question, evidence: Evidence) -> Wording:
    """How a question is asked; it is one about that evidence."""
    name = cited_as(evidence.sources[question.source])
    code: Code = "what_you_saw" if question.is_witness else "what_it_shows"
    return Wording(
        to=(question.member,),
        questions=("other",),
        code=code,
        source=name,
        text=(_ENGLISH[code] + _HOW).replace("{source}", name),
        lang="en",
    )


def cited_as(source: CaseSource) -> str:
    """How a source is called: as it is cited first, or else by the record that cites it."""
    located = [one.locator for one in source.citations if one.locator]
    return next(iter(located), None) or ", ".join(map(str, source.refs))


def asked_already(evidence: Evidence, asks: Iterable[Ask]) -> frozenset[tuple[str, int]]:
    """Of which members it was asked already what which sources show: by asks which name those."""
    names = [f'"{cited_as(source)}"' for source in evidence.sources]
    return frozenset(
        (member, number)
        for ask in asks
        for number, name in enumerate(names)
        if any(name in text for text in _texts(ask))
        for member in ask.to or ()
    )


def _texts(ask: Ask) -> Iterable[str]:
    return (ask.text or "", *(one.text for one in ask.translations or ()))
