"""All records of a case, told one after the other, each beside its own words and, if given, its own bytes."""

from collections.abc import Iterator, Mapping

from tocsin.cases.delivery.view import Bound, Delivered, Delivery
from tocsin.cases.picture.view import CaseView, TimelineEntry
from tocsin.cases.telling.brief import told_findings
from tocsin.cases.telling.details import details
from tocsin.cases.telling.language import Language
from tocsin.cases.telling.page import Block, Heading, Item, Paragraph, Quote, Verbatim
from tocsin.cases.telling.teller import Teller, time
from tocsin.core.records import CaseRecord, Correction, Ref, Report
from tocsin.core.views import Terms


def timeline(
    view: CaseView,
    terms: Terms,
    language: Language,
    delivery: Delivery | None = None,
    written: Mapping[Ref, str] | None = None,
) -> tuple[Block, ...]:
    """The records, in the order in which they could be known. `written` has their texts as they stand."""
    delivered = {one.ref: one for one in delivery.records} if delivery else {}
    teller = Teller(language, terms)
    blocks: list[Block] = [Heading(2, language.phrases["timeline"])]
    for entry in view.timeline:
        blocks += _entry(entry, delivered.get(entry.ref), teller)
        if written and entry.ref in written:
            blocks.append(Verbatim(language.phrases["written"], written[entry.ref], f"record-{entry.ref}"))
    return tuple(blocks)


def _entry(entry: TimelineEntry, delivered: Delivered | None, teller: Teller) -> Iterator[Block]:
    language, record = teller.language, entry.record
    yield Heading(3, f"{entry.ref} · {language.word('Kind', record.kind)}")
    standing = language.word("Standing", entry.standing)
    who = language.say("by_at", who=teller.who(entry), time=time(record.at_ms, "second"))
    yield Paragraph(f"{who} · {record.tlp} · {standing}")
    yield from map(Item, details(record, teller))
    yield from _free_text(record, language)
    if entry.since_closing:
        yield Item(language.phrases["since_closing"])
    if entry.findings:
        yield Item(told_findings(entry, teller))
    for ref in entry.corrected_by:
        yield Item(language.pair(language.word("Standing", "corrected"), str(ref)))
    if entry.withdrawn_by:
        yield Item(language.pair(language.word("Standing", "withdrawn"), str(entry.withdrawn_by)))
    if delivered:
        yield from _delivered(delivered, teller)
    if entry.acknowledged:
        told = (
            language.say(
                "officer" if one.signed else "officer_unsigned",
                member=teller.member(one.member),
                role=one.officer,
            )
            for one in entry.acknowledged
        )
        yield Item(language.pair(language.phrases["aware"], language.listed(told)))


def _delivered(delivered: Delivered, teller: Teller) -> Iterator[Block]:
    """Who holds it, each since when at the latest, and whose word that is."""
    language = teller.language
    held = language.say("held_value", count=delivered.held_by, economies=delivered.economies)
    yield Item(language.pair(language.phrases["held"], held))
    for reached in delivered.reached:
        for bound in filter(None, (reached.not_later, reached.by_others)):
            yield Item(_bound(reached.member, bound, teller), 1)


def _bound(member: str, bound: Bound, teller: Teller) -> str:
    language = teller.language
    told = language.say("by_at", who=teller.member(member), time=time(bound.at_ms, "second"))
    return language.say(
        "aside", text=told, aside=language.say("word_of", member=teller.member(bound.witness))
    )


def _free_text(record: CaseRecord, language: Language) -> Iterator[Block]:
    text = record.summary if isinstance(record, Report | Correction) else record.text
    if text is None or record.lang is None:
        return
    yield Quote(text, record.lang)
    for translation in record.translations or ():
        kind = language.word("AuthorKind", translation.by_kind)
        by = language.say("aside", text=translation.by, aside=kind)
        yield Paragraph(language.say("translated", lang=language.tongue(translation.lang), by=by))
        yield Quote(translation.text, translation.lang)
