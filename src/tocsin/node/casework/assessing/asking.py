"""The next questions of a case, ready to be sent: nothing of it is written, or enters any view."""

from asyncio import Lock
from collections import OrderedDict
from collections.abc import Collection
from typing import Final, TypeAlias

from msgspec import Struct

from tocsin.cases.formats.handling import strictest
from tocsin.cases.picture import CaseView
from tocsin.cases.picture.view import COUNTING
from tocsin.core.records import Ask, Ref, Tlp
from tocsin.core.views import CaseSource, Evidence, Terms
from tocsin.readings.asking import Question, Wording, asked_already, next_questions, wording

_MOST_KEPT: Final = 8
_Others: TypeAlias = tuple[Terms, frozenset[str]]
"""What a question rests on besides the picture: who is a member, and who is on duty."""


class NextQuestion(Struct, frozen=True, kw_only=True):
    """A question, the source that it is about, and how it is asked.

    `tlp`: it may be shared no further than the records that cite that source, which it names.
    """

    question: Question
    source: CaseSource
    wording: Wording
    tlp: Tlp


class Asked:
    """The questions of the cases that were asked for last: they hold as long as what they rest on does.

    `lock`: they are worked out once at a time.
    """

    def __init__(self) -> None:
        self.lock = Lock()
        self._kept: OrderedDict[Ref, tuple[CaseView, _Others, tuple[NextQuestion, ...]]] = OrderedDict()

    def of(self, picture: CaseView, others: _Others) -> tuple[NextQuestion, ...] | None:
        """Those of a case, if this was its picture, and the rest was the same."""
        kept = self._kept.get(picture.case)
        return kept[2] if kept is not None and kept[0] is picture and kept[1] == others else None

    def keep(
        self, picture: CaseView, others: _Others, questions: tuple[NextQuestion, ...]
    ) -> tuple[NextQuestion, ...]:
        """They hold from now on."""
        self._kept[picture.case] = picture, others, questions
        self._kept.move_to_end(picture.case)
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return questions


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
