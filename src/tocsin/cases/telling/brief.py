"""The brief of a case: one page for somebody who has five minutes.

What is known and by how many independent sources, on whose word that rests; what is not known; what was
asked, of whom, and who has not answered; what it was, as organisations read it; what was decided, and by
whom; what was corrected or taken back; what does not count, and why.

- Free text stands in its own language, which is named, beside the translation that its record has, if it has
  one. Nothing is translated here.
- It is a page: of what there is much of, the first stands there, and how many more there are.
- It says no more than its sources: a case is corroborated as the charter asks, or it is not.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import get_args

from tocsin.cases.delivery.view import Delivery
from tocsin.cases.picture.view import (
    COUNTING,
    AnswerView,
    AskView,
    Asserted,
    CaseView,
    ClosingView,
    LinkView,
    SourceView,
    TimelineEntry,
)
from tocsin.cases.telling.details import CODED, TOLD
from tocsin.cases.telling.language import Language
from tocsin.cases.telling.page import Block, Heading, Item, Page, Paragraph, Quote
from tocsin.cases.telling.readings import Judged
from tocsin.cases.telling.teller import Teller, cut, size, time
from tocsin.core.records import (
    Ask,
    Attachment,
    CaseRecord,
    Correction,
    OperatorPosition,
    Passing,
    Reading,
    Report,
    Source,
    Translation,
    Withdrawal,
)
from tocsin.core.records.cases.report import Described
from tocsin.core.records.cases.vocabulary import Seen
from tocsin.core.views import Terms

MAX_SUMMARY_CHARACTERS = 1_200
MAX_ITEMS = 6
_MAX_LOCATOR_CHARACTERS = 120
_MAX_WORDS_CHARACTERS = 300


def brief(
    view: CaseView, terms: Terms, language: Language, now_ms: int, delivery: Delivery | None = None
) -> Page:
    """The page, as of `now_ms`; with who has it and what is overdue, if `delivery` says so."""
    return Page(language.tag, tuple(_Brief(view, Teller(language, terms), now_ms, delivery).blocks()))


class _Brief:
    def __init__(self, view: CaseView, teller: Teller, now_ms: int, delivery: Delivery | None) -> None:
        self._view = view
        self._teller = teller
        self._language = teller.language
        self._now_ms = now_ms
        self._delivery = delivery
        self._entries = {entry.ref: entry for entry in view.timeline}
        self._counting = [entry for entry in view.timeline if entry.standing in COUNTING]

    def blocks(self) -> Iterator[Block]:
        yield from heading(self._view, self._teller, self._now_ms)
        yield from self._summary()
        for name, part in (
            ("known", self._known()),
            ("not_known", self._not_known()),
            ("asked", self._asked()),
            ("read", self._read()),
            ("decided", self._decided()),
            ("corrected", self._corrected()),
            ("not_counted", self._findings(refused=True)),
            ("noted", self._findings(refused=False)),
            ("received", self._received()),
        ):
            if blocks := tuple(part):
                yield Heading(2, self._language.phrases[name])
                yield from blocks
        yield Heading(2, self._language.phrases["reading"])
        has_read = any(isinstance(entry.record, Reading) for entry in self._counting)
        for note in ("note_sources", *(("note_readings",) if has_read else ()), "note_times", "note_names"):
            yield Item(self._language.phrases[note])

    # What was written

    def _summary(self) -> Iterator[Block]:
        opened = self._entries.get(self._view.case)
        if opened is None or not isinstance(opened.record, Report):
            yield Paragraph(self._language.phrases["not_here"])
            return
        said = opened.corrected or opened.record
        if said.summary is None or said.lang is None:
            yield Paragraph(self._language.phrases["no_summary"])
            return
        yield from self._quote(
            said.summary, said.lang, self._language.say("in_language", lang=self._language.tongue(said.lang))
        )
        translation = self._translation(said.lang, said.translations or ())
        if translation:
            note = self._translated(translation)
            yield from self._quote(translation.text, translation.lang, note)

    def _translation(self, lang: str, translations: Sequence[Translation]) -> Translation | None:
        """Into the reader's language; else into English, which is better than nothing."""
        for wanted in (self._language.tag, "en"):
            if _same_language(lang, wanted):
                return None
            for translation in translations:
                if _same_language(translation.lang, wanted):
                    return translation
        return None

    def _translated(self, translation: Translation) -> str:
        language = self._language
        by = self._aside(cut(translation.by), language.word("AuthorKind", translation.by_kind))
        return language.say("translated", lang=language.tongue(translation.lang), by=by)

    def _words(self, record: CaseRecord) -> Iterator[Item]:
        """What was said in free text, below what was said in codes."""
        if isinstance(record, Report | Correction) or record.text is None or record.lang is None:
            return
        yield Item(
            self._aside(f"“{cut(record.text, _MAX_WORDS_CHARACTERS)}”", self._language.tongue(record.lang)), 1
        )
        if translation := self._translation(record.lang, record.translations or ()):
            note = self._translated(translation)
            yield Item(self._aside(f"“{cut(translation.text, _MAX_WORDS_CHARACTERS)}”", note), 1)

    def _quote(self, text: str, lang: str, note: str) -> Iterator[Block]:
        left = len(text) - MAX_SUMMARY_CHARACTERS
        if left > 0:
            note += "; " + self._language.say("shortened", left=left)
        yield Quote(cut(text, MAX_SUMMARY_CHARACTERS), lang)
        yield Paragraph(f"— {self._language.listed((self._teller.member(self._view.opened_by), note))}")

    # What is known, and what is not

    def _known(self) -> Iterator[Block]:
        language, found = self._language, self._view.corroboration
        seen = {answer.member for answer in self._answers() if answer.seen == "seen"}
        seen |= {entry.member for entry in self._counting if isinstance(entry.record, Report)}
        yield Item(language.pair(language.phrases["replies"], str(len(seen))))
        yield Item(language.pair(language.phrases["independent"], str(found.independent_sources)))
        resting = language.say("resting_value", organisations=found.organisations, economies=found.economies)
        yield Item(language.pair(language.phrases["resting"], resting))
        yield from self._several(map(self._source, found.sources), len(found.sources), depth=1)
        if found.corroborated:
            yield Item(language.phrases["corroborated"])
        yield from self._described()

    def _described(self) -> Iterator[Block]:
        """What is said of the incident, each value with who says it."""
        description, language = self._view.description, self._language
        for field, name in CODED.items():
            values: Sequence[Asserted] = getattr(description, field)
            if values:
                told = [self._said_by(language.word(name, one.value), one.by) for one in values]
                yield Item(language.pair(self._label(field), self._first(told)))
        for field, named in (
            ("systems", [*map(self._teller.system, description.systems)]),
            ("operators", [*map(self._teller.operator, description.operators)]),
            ("attachments", [self._attachment(one) for one in description.attachments]),
        ):
            if named:
                yield Item(language.pair(self._label(field), self._first(named)))
        if moments := description.moments:
            yield Item(language.pair(self._label("moments"), ""))
            at = (self._said_by(self._teller.moment(one.moment), (one.member,)) for one in moments)
            yield from self._several(at, len(moments), depth=1)

    def _source(self, source: SourceView) -> str:
        language = self._language
        repeaters = set(source.repeaters)
        first = [member for member in source.members if member not in repeaters] or list(source.members)
        text = language.say("source", locator=_locator(source.citations), members=self._teller.members(first))
        asides = []
        if repeaters and len(first) < len(source.members):
            repeated = self._teller.members(sorted(repeaters))
            asides.append(language.say("repeated", members=repeated))
        if not source.verifiable:
            asides.append(language.phrases["on_word"])
        return self._aside(text, "; ".join(asides)) if asides else text

    def _not_known(self) -> Iterator[Block]:
        language, terms = self._language, self._teller.terms
        if not self._view.corroboration.corroborated:
            yield Item(
                language.say(
                    "uncorroborated",
                    sources=terms.independent_sources,
                    organisations=terms.organisations,
                    economies=terms.economies,
                )
            )
        description = self._view.description
        differ = [
            self._label(field)
            for field in ("event", "severity", "relation")
            if len(getattr(description, field)) > 1
        ]
        if self._view.state == "contested":
            differ.append(language.phrases["outcome"])
        if differ:
            yield Item(language.pair(language.phrases["differ"], language.listed(differ)))
        silent = [self._label(field) for field in TOLD[:-1] if not getattr(description, field)]
        if silent:
            yield Item(language.pair(language.phrases["nobody_said"], language.listed(silent)))
        for seen in get_args(Seen)[1:]:
            members = {answer.member for answer in self._answers() if answer.seen == seen}
            if members:
                told = self._teller.members(sorted(members))
                yield Item(language.pair(_begun(language.word("Seen", seen)), told))
        if members := {answer.member for answer in self._answers() if answer.seen is None}:
            yield Item(language.pair(language.phrases["unanswered"], self._teller.members(sorted(members))))

    # What was done

    def _asked(self) -> Iterator[Block]:
        if not self._view.asks:
            yield Paragraph(self._language.phrases["nothing_asked"])
        for ask in self._view.asks[:MAX_ITEMS]:
            yield from self._ask(ask)
        yield from self._more(len(self._view.asks))

    def _ask(self, ask: AskView) -> Iterator[Block]:
        language, teller = self._language, self._teller
        entry = self._entries[ask.ref]
        questions = entry.record.questions if isinstance(entry.record, Ask) else ()
        text = language.say(
            "question",
            who=teller.who(entry),
            time=time(ask.at_ms),
            questions=language.sentences(language.word("Question", one) for one in questions),
        )
        asides = []
        if isinstance(entry.record, Ask) and entry.record.to:
            asides.append(language.say("asked_of", members=teller.members(entry.record.to)))
        if ask.strangers:
            asides.append(language.say("strangers", names=language.listed(ask.strangers)))
        if not ask.asked:
            asides.append(language.phrases["nobody_asked"])
        if ask.wanted_by_ms is not None:
            asides.append(language.say("wanted_by", time=time(ask.wanted_by_ms)))
        yield Item(self._aside(text, "; ".join(asides)) if asides else text)
        if isinstance(entry.record, Ask):
            yield from self._words(entry.record)
        for seen in get_args(Seen):
            answers = [answer for answer in ask.answers if answer.seen == seen]
            if answers:
                told = language.listed(map(self._answered, answers))
                yield Item(language.pair(_begun(language.word("Seen", seen)), told), 1)
        if silent := [answer.member for answer in ask.answers if answer.seen is None]:
            yield Item(language.pair(language.phrases["unanswered"], teller.members(silent)), 1)

    def _answered(self, answer: AnswerView) -> str:
        """Who answered, how often it was seen there, and whether it was a machine that said so."""
        asides = [self._language.word("Count", answer.count)] if answer.count else []
        if answer.by_machine:
            asides.append(self._language.word("AuthorKind", "machine"))
        member = self._teller.member(answer.member)
        return self._aside(member, self._language.listed(asides)) if asides else member

    def _read(self) -> Iterator[Block]:
        judged = Judged(self._counting, self._teller)
        for entries in judged.groups:
            for entry in entries[:MAX_ITEMS]:
                yield from judged.told(entry)
                yield from self._words(entry.record)
            yield from self._more(len(entries))

    def _decided(self) -> Iterator[Block]:
        view, language = self._view, self._language
        decisions = [e for e in self._counting if isinstance(e.record, Passing | OperatorPosition)]
        if not (view.closings or view.links or decisions):
            yield Paragraph(language.phrases["nothing_decided"])
        yield from self._several(map(self._closing, view.closings), len(view.closings))
        yield from self._several(map(self._link, view.links), len(view.links))
        for entry in decisions[:MAX_ITEMS]:
            yield Item(self._decision(entry))
            if isinstance(entry.record, OperatorPosition):
                yield from self._words(entry.record)
        yield from self._more(len(decisions))

    def _closing(self, closing: ClosingView) -> str:
        who, at = self._teller.who(self._entries[closing.ref]), time(closing.at_ms)
        outcome = self._language.word("Outcome", closing.outcome)
        return self._language.say("closed", who=who, time=at, outcome=outcome)

    def _link(self, link: LinkView) -> str:
        kind, members = self._language.word("LinkKind", link.link), self._teller.members(link.by)
        return self._language.say("linked", link=kind, case=link.other, members=members)

    def _decision(self, entry: TimelineEntry) -> str:
        language, who, at = self._language, self._teller.who(entry), time(entry.record.at_ms)
        match entry.record:
            case Passing(of=of, to=None):
                return language.say("passed", who=who, time=at, count=len(of))
            case Passing(of=of, to=str(to)):
                return language.say("passed_to", who=who, time=at, count=len(of), to=cut(to))
            case OperatorPosition(operator=operator, role=role, position=position):
                return language.say(
                    "operator_says",
                    operator=cut(operator),
                    role=language.word("OperatorRole", role),
                    position=language.word("Position", position),
                    member=who,
                )
        return entry.record.kind

    def _corrected(self) -> Iterator[Block]:
        changes = [entry for entry in self._counting if isinstance(entry.record, Correction | Withdrawal)]
        if not changes:
            yield Paragraph(self._language.phrases["nothing_corrected"])
        yield from self._several(map(self._change, changes), len(changes))

    def _change(self, entry: TimelineEntry) -> str:
        language, who, at = self._language, self._teller.who(entry), time(entry.record.at_ms)
        match entry.record:
            case Correction() as record:
                given = (field for field in get_args(Described) if getattr(record, field) is not None)
                fields = [*map(self._label, sorted({*given, *(record.cleared or ())}))]
                if record.sources is not None:
                    fields.append(language.phrases["sources"])
                named = language.listed(fields)
                return language.say("correction", who=who, time=at, ref=record.of, fields=named)
            case Withdrawal(of=of, reason=reason):
                refs, why = self._teller.refs(of), language.word("Reason", reason)
                return language.say("withdrawal", who=who, time=at, refs=refs, reason=why)
        return entry.record.kind

    def _findings(self, *, refused: bool) -> Iterator[Block]:
        """What is wrong with records: with those that count for nothing, or with the others."""
        found = [e for e in self._view.timeline if e.findings and (e.standing == "refused") is refused]
        yield from self._several((told_findings(entry, self._teller) for entry in found), len(found))

    def _received(self) -> Iterator[Block]:
        if self._delivery is None or not self._delivery.records:
            return
        language, teller = self._language, self._teller
        first = self._delivery.records[0]
        held = language.say("held_value", count=first.held_by, economies=first.economies)
        yield Item(language.pair(language.phrases["held"], held))
        aware = [self._aside(teller.member(one.member), one.officer) for one in first.aware]
        told = language.listed(aware) or language.phrases["nobody"]
        yield Item(language.pair(language.phrases["aware"], told))
        late = [due for due in self._delivery.dues if due.state == "overdue" and due.due_by_ms is not None]
        if late:
            yield Item(language.pair(language.phrases["overdue"], ""))
        yield from self._several(
            (
                language.say(
                    "overdue_since",
                    member=teller.member(due.member),
                    due=language.word("Due", due.due),
                    time=time(due.due_by_ms or 0),
                )
                for due in late
            ),
            len(late),
            depth=1,
        )

    # Parts

    def _answers(self) -> Iterator[AnswerView]:
        return (answer for ask in self._view.asks for answer in ask.answers)

    def _label(self, field: str) -> str:
        return self._language.word("Described", field)

    def _aside(self, text: str, aside: str) -> str:
        return self._language.say("aside", text=text, aside=aside)

    def _said_by(self, value: str, members: Iterable[str]) -> str:
        return self._language.say("said_by", value=value, members=self._teller.members(members))

    def _attachment(self, attachment: Attachment) -> str:
        name = cut(attachment.name or attachment.sha256[:16])
        aside = f"{attachment.media_type}, {size(attachment.size_bytes)}"
        if attachment.illegal:
            aside += f"; {self._language.phrases['illegal']}"
        return self._aside(name, aside)

    def _first(self, told: Sequence[str]) -> str:
        left = len(told) - MAX_ITEMS
        more = [self._language.say("more", count=left)] if left > 0 else []
        return self._language.listed([*told[:MAX_ITEMS], *more])

    def _several(self, told: Iterable[str], count: int, depth: int = 0) -> Iterator[Item]:
        """The first of them, and how many more there are."""
        for text, _ in zip(told, range(MAX_ITEMS), strict=False):
            yield Item(text, depth)
        yield from self._more(count, depth)

    def _more(self, count: int, depth: int = 0) -> Iterator[Item]:
        if count > MAX_ITEMS:
            yield Item(self._language.say("more", count=count - MAX_ITEMS), depth)


def heading(view: CaseView, teller: Teller, now_ms: int) -> Iterator[Block]:
    """What stands above everything that is told of a case."""
    language, terms = teller.language, teller.terms
    yield Heading(1, language.say("title", case=view.case))
    if terms.drill:
        yield Paragraph(language.phrases["exercise"], strong=True)
    yield Paragraph(language.pair(language.phrases["tlp"], view.tlp or terms.handling), strong=True)
    state = language.word("State", view.state)
    if view.outcome:
        state = language.say("aside", text=state, aside=language.word("Outcome", view.outcome))
    yield Item(language.pair(language.phrases["state"], state))
    if view.since_closing:
        yield Item(language.pair(language.phrases["since_closing"], str(view.since_closing)))
    if view.opened_at_ms is not None:
        opened = language.say("by_at", who=teller.member(view.opened_by), time=time(view.opened_at_ms))
        yield Item(language.pair(language.phrases["opened"], opened))
    yield Item(language.say("as_of", time=time(now_ms)))
    if not language.reviewed:
        yield Paragraph(language.say("unreviewed", language=language.name))


def told_findings(entry: TimelineEntry, teller: Teller) -> str:
    """A record and what is wrong with it."""
    language = teller.language
    return language.say(
        "refused",
        kind=_begun(language.word("Kind", entry.record.kind)),
        ref=entry.ref,
        member=teller.member(entry.member),
        why=language.words("Finding", tuple(dict.fromkeys(finding.code for finding in entry.findings))),
    )


def _begun(word: str) -> str:
    """A word as it begins a line."""
    return word[:1].upper() + word[1:]


def _locator(citations: Iterable[Source]) -> str:
    """The shortest way to name a source: of two as short, the first in order."""
    named = sorted((len(one.locator), one.locator) for one in citations if one.locator)
    return cut(named[0][1], _MAX_LOCATOR_CHARACTERS) if named else "?"


def _same_language(one: str, other: str) -> bool:
    return one.lower() == other.lower() or one.lower().partition("-")[0] == other.lower()
