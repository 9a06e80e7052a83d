"""Asks and answers as they come in: who was asked, who answered what, who has not, and until when.

Answers that rest on one source say so: they are several replies, and one source.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tocsin.cases.delivery import Delivery, Due
from tocsin.cases.picture import CaseView
from tocsin.cases.picture.view import AnswerView, AskView, SourceView
from tocsin.cases.telling.teller import cut
from tocsin.core.records import Answer, Ask, CaseRecord, Ref
from tocsin.web.casebook.shown.heading import Text, chosen, translated
from tocsin.web.casebook.shown.naming import Namer

MAX_ASKS = 12
MAX_TEXT_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Answered:
    """What a member answered, or `seen` None. `shared` are the others who cite what it cites.

    `due_by_ms` is until when it has time, `overdue` whether that is over; `unreached`: nothing says that it
    has the ask.
    """

    member: str
    seen: str | None
    count: str | None
    by_machine: bool
    ref: str | None
    at_ms: int | None
    shared: tuple[str, ...]
    due_by_ms: int | None
    overdue: bool
    unreached: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """An ask. `replies` are the answers, `seen` those who saw it, `sources` how many sources these cite."""

    ref: str
    member: str
    at_ms: int
    questions: tuple[str, ...]
    text: Text | None
    translation: Text | None
    wanted_by_ms: int | None
    open: bool
    nobody: bool
    strangers: tuple[str, ...]
    answers: tuple[Answered, ...]
    replies: int
    seen: int
    sources: int


def asked(view: CaseView, delivery: Delivery | None, namer: Namer) -> tuple[tuple[Asked, ...], int]:
    """The asks, those that are open and new first, and how many more there are."""
    newest = view.asks[::-1]
    newest = (*(ask for ask in newest if ask.open), *(ask for ask in newest if not ask.open))
    shown = newest[:MAX_ASKS]
    wanted = {ask.ref for ask in shown} | {one.ref for ask in shown for one in ask.answers if one.ref}
    records = {entry.ref: entry.record for entry in view.timeline if entry.ref in wanted} if wanted else {}
    sources = _Sources(view.corroboration.sources, records)
    owed = {
        (due.of, due.member): due
        for due in (delivery.dues if delivery else ())
        if due.due == "answer" and due.of in records
    }
    return tuple(_asked(ask, records, sources, owed, namer) for ask in shown), len(newest) - len(shown)


class _Sources:
    """Which of the case's sources these answers cite."""

    def __init__(self, sources: Sequence[SourceView], records: Mapping[Ref, CaseRecord]) -> None:
        named = {ref: tuple(_named(record)) for ref, record in records.items()}
        wanted = set(named).union(*named.values())
        found: dict[Ref, set[int]] = {ref: set() for ref in wanted}
        for number, source in enumerate(sources):
            for ref in source.refs:
                if ref in found:
                    found[ref].add(number)
        self._of = {ref: found[ref].union(*(found[one] for one in refs)) for ref, refs in named.items()}

    def of(self, ref: Ref | None) -> set[int]:
        return self._of.get(ref, set()) if ref else set()


def _named(record: CaseRecord) -> Iterator[Ref]:
    """The records that an answer cites in place of sources of its own."""
    if isinstance(record, Answer):
        yield from (source.record for source in record.sources or () if source.record is not None)


def _asked(
    ask: AskView,
    records: Mapping[Ref, CaseRecord],
    sources: _Sources,
    owed: Mapping[tuple[Ref, str], Due],
    namer: Namer,
) -> Asked:
    record = records.get(ask.ref)
    said = record if isinstance(record, Ask) else None
    texts = [
        translated(one, namer, MAX_TEXT_CHARACTERS) for one in (said.translations if said else None) or ()
    ]
    cited = {one.member: sources.of(one.ref) for one in ask.answers if one.seen == "seen"}
    times = Counter(number for numbers in cited.values() for number in numbers)
    shared = {number for number, count in times.items() if count > 1}
    return Asked(
        ref=str(ask.ref),
        member=ask.member,
        at_ms=ask.at_ms,
        questions=tuple(namer.language.word("Question", one) for one in said.questions) if said else (),
        text=_text(said),
        translation=chosen(said.lang, texts, namer.language.tag) if said else None,
        wanted_by_ms=ask.wanted_by_ms,
        open=ask.open,
        nobody=not ask.asked,
        strangers=ask.strangers,
        answers=tuple(
            _answered(one, ask, _others(one.member, cited, shared), owed, namer)
            for one in sorted(ask.answers, key=lambda one: (one.at_ms is None, one.at_ms or 0, one.member))
        ),
        replies=sum(one.seen is not None for one in ask.answers),
        seen=len(cited),
        sources=len(times),
    )


def _others(member: str, cited: Mapping[str, set[int]], shared: set[int]) -> tuple[str, ...]:
    mine = cited.get(member, set()) & shared
    return tuple(sorted(other for other, numbers in cited.items() if other != member and mine & numbers))


def _answered(
    answer: AnswerView,
    ask: AskView,
    shared: tuple[str, ...],
    owed: Mapping[tuple[Ref, str], Due],
    namer: Namer,
) -> Answered:
    due = owed.get((ask.ref, answer.member))
    return Answered(
        member=answer.member,
        seen=answer.seen,
        count=namer.language.word("Count", answer.count) if answer.count else None,
        by_machine=answer.by_machine,
        ref=str(answer.ref) if answer.ref else None,
        at_ms=answer.at_ms,
        shared=shared,
        due_by_ms=due.due_by_ms if due else None,
        overdue=due is not None and due.state == "overdue",
        unreached=due is not None and due.state == "not-received",
    )


def _text(ask: Ask | None) -> Text | None:
    if ask is None or ask.text is None or ask.lang is None:
        return None
    left = max(0, len(ask.text) - MAX_TEXT_CHARACTERS)
    return Text(cut(ask.text, MAX_TEXT_CHARACTERS), ask.lang, left)
