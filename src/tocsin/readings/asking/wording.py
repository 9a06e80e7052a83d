"""A question as it is sent: a code and the source's name for people's languages, and words in English."""

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import product
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
_QUOTED: Final = re.compile('"([^"\n]{1,256})"')
_MOST_CHARACTERS: Final = 160
_MOST_RECORDS: Final = 4
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
    """How a source is called: as it is cited first, if that can stand in a sentence of ours; else by records.

    Others write it, and whoever asks signs the sentence: what is not one short line without quotation marks
    could go on in our name.
    """
    located = (one.locator for one in source.citations if one.locator)
    first = next(located, "")
    if first and len(first) <= _MOST_CHARACTERS and first.isprintable() and '"' not in first:
        return first
    return ", ".join(map(str, source.refs[:_MOST_RECORDS]))


def asked_already(evidence: Evidence, asks: Iterable[Ask]) -> frozenset[tuple[str, int]]:
    """Of which members it was asked already what which sources show: by asks that name one each, as ours do.

    Others write them: by one that names many, or goes to all, nobody silences every question.
    """
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for number, source in enumerate(evidence.sources):
        numbers[cited_as(source)].append(number)
    found = set()
    for ask in asks:
        to, names = ask.to or (), _quoted(ask) & numbers.keys()
        if len(to) == len(names) == 1:
            found |= set(product(to, numbers[names.pop()]))
    return frozenset(found)


def _quoted(ask: Ask) -> set[str]:
    """What stands between straight quotation marks in its text, in whichever language."""
    texts = (ask.text or "", *(one.text for one in ask.translations or ()))
    return {name for text in texts for name in _QUOTED.findall(text)}
