"""The next questions of a case, ready to be sent: nothing of it is written, or enters any view."""

from collections.abc import Collection

from msgspec import Struct

from tocsin.cases.formats.handling import strictest
from tocsin.cases.picture import CaseView
from tocsin.cases.picture.view import COUNTING
from tocsin.core.records import Ask, Tlp
from tocsin.core.views import CaseSource, Evidence, Terms
from tocsin.readings.asking import Question, Wording, asked_already, next_questions, wording


class NextQuestion(Struct, frozen=True, kw_only=True):
    """A question, the source that it is about, and how it is asked.

    `tlp`: it may be shared no further than the records that cite that source, which it names.
    """

    question: Question
    source: CaseSource
    wording: Wording
    tlp: Tlp

    @property
    def settles_much(self) -> bool:
        """Whether it is worth an officer's time: it would settle a hundredth of what is open, or more."""
        return 100 * self.question.gain_millibits >= self.question.now_millibits


def questions_of(
    evidence: Evidence, picture: CaseView, terms: Terms, *, me: str, on_duty: Collection[str]
) -> tuple[NextQuestion, ...]:
    """What `me` had best ask whom about a case, the best first; of `picture`, what was asked already."""
    members = [slug for slug, party in terms.parties.items() if party.present and not party.observer]
    asks = [
        entry.record
        for entry in picture.timeline
        if isinstance(entry.record, Ask) and entry.standing in COUNTING
    ]
    labels = {entry.ref: entry.record.tlp for entry in picture.timeline}
    return tuple(
        NextQuestion(
            question=question,
            source=evidence.sources[question.source],
            wording=wording(question, evidence),
            tlp=strictest(labels.get(ref, "TLP:RED") for ref in evidence.sources[question.source].refs)
            or "TLP:RED",
        )
        for question in next_questions(
            evidence, members, me=me, on_duty=on_duty, asked=asked_already(evidence, asks)
        )
    )
