"""The next question, and the form in which it is asked, filled in: nothing is sent before it is confirmed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from tocsin.cases.telling import Language
from tocsin.core.views import Evidence
from tocsin.node.casework.assessing.asking import NextQuestion
from tocsin.readings.asking.wording import Code, Wording
from tocsin.web.assessing.matrix import name_of

_ASKS: Final[dict[Code, str]] = {
    "what_it_shows": "assessing.ask_what_it_shows",
    "what_you_saw": "assessing.ask_what_you_saw",
}


@dataclass(frozen=True, slots=True)
class Next:
    """Whom to ask about which source, in the reader's words (`text`); `form` is where that is typed already.

    Of what is open, `settled` percent are expected not to be once it is answered. Beside
    other languages stands English.
    """

    member: str
    source: str
    is_witness: bool
    text: str
    settled: str
    form: str


def asked_next(found: NextQuestion, evidence: Evidence, circle: str, language: Language) -> Next:
    """The question as it is shown, and asked."""
    question, worded = found.question, found.wording
    # The name of a source stands between straight marks in every language: by that it is known to be asked.
    text = language.say(_ASKS[worded.code], source=worded.source)
    fields = [
        ("circle", circle),
        ("case", str(evidence.case)),
        *(("questions", one) for one in worded.questions),
        *(("to", one) for one in worded.to),
        ("text", text),
        ("lang", language.tag),
        *(_translated(worded) if language.tag != worded.lang else ()),
    ]
    return Next(
        member=question.member,
        source=name_of(found.source),
        is_witness=question.is_witness,
        text=text,
        settled=str(100 * question.gain_millibits // max(1, question.now_millibits)),
        form=f"/say/ask?{urlencode(fields)}",
    )


def _translated(worded: Wording) -> Iterator[tuple[str, str]]:
    yield "translations-0-lang", worded.lang
    yield "translations-0-text", worded.text
