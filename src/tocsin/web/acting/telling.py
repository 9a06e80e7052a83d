"""What a draft says, in words: made from the record's bytes, so that what is read is what is signed.

Members are named with their slugs: a label is what somebody gave themselves.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import msgspec

from tocsin.cases.picture import CaseView
from tocsin.cases.picture.places import about
from tocsin.cases.telling import Language
from tocsin.cases.telling.details import details
from tocsin.cases.telling.teller import MAX_NAME_CHARACTERS, Teller, cut
from tocsin.core.names import LogName
from tocsin.core.records import (
    Acknowledgement,
    Ask,
    CaseRecord,
    Check,
    CheckAnswer,
    Correction,
    Handover,
    Notice,
    Record,
    Reply,
    Report,
    Takeover,
    Tlp,
)
from tocsin.core.views import Terms

_LABEL_CHARACTERS = 48
_GIST_CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class Quoted:
    """Free text as it goes out; `by`: who translated it, if it is a translation."""

    text: str
    lang: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A record that another one is about: whose it is, and how it begins."""

    ref: str
    kind: str
    member: str
    text: str
    lang: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """A record in words: what it `does`, each field in a line, its texts; and what will stay of it.

    `named` are the records that it is about, as far as the case has them.
    """

    does: str
    lines: tuple[str, ...]
    texts: tuple[Quoted, ...]
    named: tuple[Named, ...]
    stays: str
    tlp: Tlp
    author: str
    case: str | None


def told(record: Record, terms: Terms, language: Language, view: CaseView | None = None) -> Told:
    """The record, which the console has drafted, in one language; with its case, what it is about, too."""
    teller = Teller(language, _with_slugs(terms))
    case = str(record.case) if isinstance(record, CaseRecord) and record.case else None
    new = isinstance(record, Report) and record.case is None
    key = f"acting.does_{record.kind}{'-new' if new else ''}"
    lines = tuple(_lines(record, teller))
    return Told(
        does=language.say(key, case=case or "", member=_member(record)),
        lines=(*lines, *_left_out(record, lines)),
        texts=tuple(_texts(record)),
        named=tuple(named(_names(record), view, language)) if view else (),
        stays=language.say(_stays(record)),
        tlp=record.tlp,
        author=record.author,
        case=case,
    )


def _member(record: Record) -> str:
    """Whom it is about, where it is about a member."""
    match record:
        case Notice():
            return record.member
        case Reply():
            return LogName.parse(record.log).member
    return ""


def _left_out(record: Record, lines: Collection[str]) -> Iterator[str]:
    """Each name of which the lines have the beginning alone: it goes out whole, so it is read whole."""
    said = (*lines, *(text for quoted in _texts(record) for text in (quoted.text, quoted.by or "")))
    for text in dict.fromkeys(_strings(msgspec.to_builtins(record))):
        if len(text) > MAX_NAME_CHARACTERS and not any(text in one for one in said):
            yield text


def _strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list() | tuple():
            for inner in value:
                yield from _strings(inner)
        case dict():
            # The log of a record is told by the record's name.
            for inner in (inner for key, inner in value.items() if key != "log"):
                yield from _strings(inner)


def asks_twice(record: Record, *, drill: bool) -> bool:
    """Whether it takes a second deliberate control: what is real, but for a mere acknowledgement."""
    return not drill and not (isinstance(record, Acknowledgement) and record.text is None)


def free_texts(record: Record) -> Iterator[str]:
    """All that was typed freely, translations too."""
    for quoted in _texts(record):
        yield quoted.text


def named(names: Collection[str], view: CaseView, language: Language) -> Iterator[Named]:
    """The records of those names, as far as the case has them."""
    for entry in view.timeline:
        if str(entry.ref) in names:
            text, lang = begins(entry.record, language)
            yield Named(str(entry.ref), entry.record.kind, entry.member, text, lang)


def _names(record: Record) -> set[str]:
    return set(map(str, about(record))) if isinstance(record, CaseRecord) else set()


def begins(record: CaseRecord, language: Language) -> tuple[str, str | None]:
    """How a record begins, in one line, and in which language: the questions of an ask, or a free text."""
    if isinstance(record, Ask):
        return language.words("Question", record.questions), language.tag
    quoted = next(_texts(record), None)
    return (in_one_line(quoted.text), quoted.lang) if quoted else ("", None)


def in_one_line(text: str) -> str:
    """How a text begins, in one line."""
    return cut(" ".join(text.split()), _GIST_CHARACTERS)


def _lines(record: Record, teller: Teller) -> Iterator[str]:
    language = teller.language
    match record:
        case Handover():
            yield language.say("acting.to_role", role=record.to)
            if record.cases:
                yield language.say(
                    "acting.open_cases", count=len(record.cases), refs=teller.refs(record.cases)
                )
        case Takeover():
            yield language.say("acting.takes", ref=record.handover)
        case Check():
            yield language.say("acting.check_within", minutes=record.within_minutes)
        case CheckAnswer():
            yield language.say("acting.answers_check", ref=record.check)
        case Notice():
            yield language.say("acting.reply_within", hours=record.reply_within_hours)
        case Reply():
            notice = LogName.parse(record.log).record(record.notice)
            yield language.say("acting.replies_to", ref=notice)
        case _ if isinstance(record, CaseRecord):
            yield from details(record, teller)


def _texts(record: Record) -> Iterator[Quoted]:
    text = record.summary if isinstance(record, Report | Correction) else getattr(record, "text", None)
    lang = getattr(record, "lang", None)
    if isinstance(text, str) and isinstance(lang, str):
        yield Quoted(text, lang)
    for one in getattr(record, "translations", None) or ():
        yield Quoted(one.text, one.lang, one.by)


def _stays(record: Record) -> str:
    if isinstance(record, Acknowledgement | Takeover):
        return "acting.stays_known"
    if isinstance(record, CaseRecord):
        return "acting.stays_case"
    return "acting.stays"


def _with_slugs(terms: Terms) -> Terms:
    parties = {
        slug: replace(party, label=f"{cut(party.label, _LABEL_CHARACTERS)} ({slug})")
        for slug, party in terms.parties.items()
    }
    return replace(terms, parties=parties)
