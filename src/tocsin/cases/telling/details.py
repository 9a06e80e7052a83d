"""What a record says in its fields, told line by line."""

from collections.abc import Iterator
from typing import Final

from tocsin.cases.telling.language import Language
from tocsin.cases.telling.readings import told_hypothesis, told_reading, told_truth
from tocsin.cases.telling.teller import Teller, cut, size, time
from tocsin.core.records import (
    Acknowledgement,
    Answer,
    Ask,
    Attachment,
    CaseRecord,
    Closing,
    Correction,
    Fingerprint,
    GroundTruth,
    Hypothesis,
    Link,
    Moment,
    Operator,
    OperatorPosition,
    Passing,
    Reading,
    Reminder,
    Report,
    Source,
    System,
    Withdrawal,
)
from tocsin.core.records.cases.report import Described

TOLD: Final[tuple[Described, ...]] = (
    *("event", "severity", "relation", "harms", "tasks", "economies", "systems", "operators", "moments"),
    *("fingerprints", "attachments"),
)
"""What is said of an incident besides its summary, in the order in which people want to know it."""
CODED: Final = {
    "event": "Event",
    "severity": "Severity",
    "harms": "Harm",
    "relation": "Relation",
    "tasks": "Task",
    "economies": "",
}
"""What of it is said in codes, in the order in which a brief tells it, and the list of each."""


def details(record: CaseRecord, teller: Teller) -> Iterator[str]:
    """Everything that a record says besides free text, who wrote it and when."""
    match record:
        case Report() | Correction():
            yield from _description(record, teller)
        case Ask():
            yield from _ask(record, teller)
        case Answer():
            yield from _answer(record, teller)
        case OperatorPosition():
            yield from _position(record, teller)
        case Hypothesis():
            yield told_hypothesis(record, teller.language)
        case Reading():
            yield from told_reading(record, teller.language)
            yield from _resting(record, teller.language)
        case GroundTruth():
            yield told_truth(record, teller.language)
            yield from _resting(record, teller.language)
        case _:
            yield _course(record, teller)


def _ask(record: Ask, teller: Teller) -> Iterator[str]:
    language = teller.language
    yield language.sentences(language.word("Question", question) for question in record.questions)
    if record.to:
        yield language.say("asked_of", members=teller.members(record.to))
    if record.wanted_by_ms is not None:
        yield language.say("wanted_by", time=time(record.wanted_by_ms))


def _answer(record: Answer, teller: Teller) -> Iterator[str]:
    language = teller.language
    seen = language.word("Seen", record.seen)
    if record.count:
        seen = language.say("aside", text=seen, aside=language.word("Count", record.count))
    yield language.pair(str(record.ask), seen)
    for fingerprint in record.fingerprints or ():
        yield _value("fingerprints", fingerprint, teller)
    for source in record.sources or ():
        yield _source(source, language)
    if record.matched:
        yield language.pair(language.word("AuthorKind", "machine"), language.word("Matched", record.matched))


def _position(record: OperatorPosition, teller: Teller) -> Iterator[str]:
    language = teller.language
    role = language.word("OperatorRole", record.role)
    operator = language.say("aside", text=record.operator, aside=role)
    yield language.pair(operator, language.word("Position", record.position))
    for source in record.sources or ():
        yield _source(source, language)


def _resting(record: Reading | GroundTruth, language: Language) -> Iterator[str]:
    return (_source(source, language, "rests_on") for source in record.sources or ())


def _course(record: CaseRecord, teller: Teller) -> str:
    language = teller.language
    match record:
        case Acknowledgement():
            return language.say("aware_of", refs=teller.refs(record.of))
        case Reminder():
            due, step = language.word("Due", record.due), language.word("Step", record.step)
            member, since = teller.member(record.member), time(record.due_by_ms)
            late = language.say("overdue_since", member=member, due=due, time=since)
            return language.say("aside", text=late, aside=f"{step}, {record.of}")
        case Link():
            return f"{language.word('LinkKind', record.link)} {record.other}"
        case Withdrawal():
            return language.pair(teller.refs(record.of), language.word("Reason", record.reason))
        case Passing():
            refs = teller.refs(record.of)
            return language.pair(record.to, refs) if record.to else refs
        case Closing():
            outcome = language.word("Outcome", record.outcome)
            if record.dissent:
                dissent = language.say("dissent", refs=teller.refs(record.dissent))
                outcome = language.say("aside", text=outcome, aside=dissent)
            return language.pair(language.phrases["outcome"], outcome)
    return record.kind


def _description(record: Report | Correction, teller: Teller) -> Iterator[str]:
    language = teller.language
    if isinstance(record, Correction):
        yield language.pair(language.word("Kind", record.kind), str(record.of))
        if record.cleared:
            yield language.pair(language.phrases["nobody_said"], language.words("Described", record.cleared))
    for field in TOLD:
        value = getattr(record, field)
        if value:
            values = value if isinstance(value, tuple) else (value,)
            told = [_value(field, one, teller) for one in values]
            for line in told if field == "attachments" else (language.listed(told),):
                yield language.pair(language.word("Described", field), line)
    for source in record.sources or ():
        yield _source(source, language)


def _value(field: str, value: object, teller: Teller) -> str:
    language = teller.language
    match value:
        case str():
            return language.word(CODED.get(field, ""), value)
        case Moment():
            return teller.moment(value)
        case Operator():
            return teller.operator(value)
        case System():
            return teller.system(value)
        case Fingerprint(kind=kind, value=text):
            return language.pair(language.word("FingerprintKind", kind), text)
        case Attachment():
            aside = f"{value.media_type}, {size(value.size_bytes)}"
            if value.illegal:
                aside += f"; {language.phrases['illegal']}"
            told = language.say("aside", text=cut(value.name or "?"), aside=aside)
            return language.listed((told, f"SHA-256 {value.sha256}"))
    return str(value)


def _source(source: Source, language: Language, label: str = "sources") -> str:
    what = str(source.record) if source.record else source.locator or "?"
    asides = [language.word("SourceKind", source.kind)]
    if source.obtained:
        asides.append(language.word("Obtained", source.obtained))
    if source.obtained_at_ms is not None:
        asides.append(time(source.obtained_at_ms))
    told = language.say("aside", text=what, aside=language.listed(asides))
    if source.sha256:
        told = language.listed((told, f"SHA-256 {source.sha256}"))
    return language.pair(language.phrases[label], told)
