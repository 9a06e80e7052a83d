"""What stands above a case: what it is about in its own words, how it stands, and on how much that rests."""

from dataclasses import dataclass
from typing import NamedTuple

from tocsin.cases.picture import CaseView
from tocsin.cases.picture.corroboration import Missing, missing
from tocsin.cases.picture.view import COUNTING, ClosingView, Corrected, reports
from tocsin.cases.telling.teller import cut
from tocsin.core.records import Report, Translation
from tocsin.core.records.cases.vocabulary import gravity
from tocsin.core.views import Terms
from tocsin.web.casebook.shown.naming import Namer

MAX_TITLE_CHARACTERS = 140
MAX_TEXT_CHARACTERS = 2_000
MAX_SHARED = 3


@dataclass(frozen=True, slots=True)
class Text:
    """What somebody wrote, in its language; `by` translated it, and `left` characters of it are not here."""

    text: str
    lang: str
    left: int = 0
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a case.

    `title` is how its summary begins, `text` all of it where that is more; `translation` is the one that its
    record has for the reader, `translations` the others. `missing`: the report that opened it is not here.
    `closing` is that of the member which opened it, if it is closed; `lacks` what would corroborate it.
    """

    title: Text | None
    text: Text | None
    translation: Text | None
    translations: tuple[Text, ...]
    missing: bool
    standing: "Standing"
    severity_mark: str
    closing: ClosingView | None
    lacks: "Lacks | None"


class Lacks(NamedTuple):
    """What is missing until a case is corroborated; `shared`: members on one source, which counts once."""

    missing: Missing
    shared: tuple[tuple[str, ...], ...]


class Standing(NamedTuple):
    """How a case stands, in codes: the strictest label, the gravest severity, who saw it, what is open."""

    tlp: str
    severity: str | None
    saw: int
    open_asks: int


def head(view: CaseView, namer: Namer) -> Head:
    """The head of a case, for readers of one language."""
    said = opening(view)
    texts = [
        translated(one, namer, MAX_TEXT_CHARACTERS) for one in (said.translations if said else None) or ()
    ]
    wanted = chosen(view.lang, texts, namer.language.tag)
    standing = standing_of(view, namer.terms)
    return Head(
        title=_title(view),
        text=_text(view),
        translation=wanted,
        translations=tuple(text for text in texts if text is not wanted),
        missing=view.state == "unknown",
        standing=standing,
        severity_mark=mark(standing.severity),
        closing=closing(view),
        lacks=lacks(view, namer.terms),
    )


def standing_of(view: CaseView, terms: Terms) -> Standing:
    """How a case stands."""
    return Standing(
        tlp=view.tlp or terms.handling,
        severity=max((one.value for one in view.description.severity), key=gravity, default=None),
        saw=_saw(view),
        open_asks=sum(ask.open for ask in view.asks),
    )


def closing(view: CaseView) -> ClosingView | None:
    """By what the case is closed."""
    return closing_by(view, view.opened_by)


def closing_by(view: CaseView, member: str) -> ClosingView | None:
    """By what that member has closed it."""
    return next((one for one in view.closings if one.member == member), None)


def lacks(view: CaseView, terms: Terms) -> Lacks | None:
    """What would corroborate the case, if it is not: as many more as its charter asks for."""
    found = view.corroboration
    if found.corroborated:
        return None
    shared = sorted(
        {one.members for one in found.sources if len(one.members) > 1}, key=lambda one: (-len(one), one)
    )
    return Lacks(
        missing(found.independent_sources, found.organisations, found.economies, terms),
        tuple(shared[:MAX_SHARED]),
    )


def opening(view: CaseView) -> Report | Corrected | None:
    """What the report that opened the case says now, if that is here and counts."""
    return next((said for entry, said in reports(view) if entry.ref == view.case), None)


def chosen(lang: str | None, texts: list[Text], tag: str) -> Text | None:
    """Of translations the one into the reader's language; else into English, which is better than nothing."""
    for wanted in (tag, "en"):
        if _same(lang or "", wanted):
            return None
        for text in texts:
            if _same(text.lang, wanted):
                return text
    return None


def translated(one: Translation, namer: Namer, most: int) -> Text:
    """A translation, and whose it is."""
    kind = namer.language.word("AuthorKind", one.by_kind)
    by = namer.language.say("aside", text=cut(one.by), aside=kind)
    return Text(cut(one.text, most), one.lang, max(0, len(one.text) - most), by)


def mark(severity: str | None) -> str:
    """How grave it looks: as a class of badges."""
    found = gravity(severity)
    return (
        "bad" if found >= gravity("serious-incident") else "warn" if found >= gravity("incident") else "plain"
    )


def _title(view: CaseView) -> Text | None:
    if view.summary is None or view.lang is None:
        return None
    first, _, _ = view.summary.strip().partition("\n")
    return Text(cut(first, MAX_TITLE_CHARACTERS), view.lang)


def _text(view: CaseView) -> Text | None:
    """All that the title does not have room for."""
    if view.summary is None or view.lang is None or _title(view) == Text(view.summary.strip(), view.lang):
        return None
    left = max(0, len(view.summary) - MAX_TEXT_CHARACTERS)
    return Text(cut(view.summary, MAX_TEXT_CHARACTERS), view.lang, left)


def _saw(view: CaseView) -> int:
    """How many organisations say that they saw it, as the brief counts them."""
    answers = (answer for ask in view.asks for answer in ask.answers)
    seen = {answer.member for answer in answers if answer.seen == "seen"}
    return len(
        seen.union(
            entry.member
            for entry in view.timeline
            if entry.standing in COUNTING and isinstance(entry.record, Report)
        )
    )


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower() or one.lower().partition("-")[0] == other.lower()
