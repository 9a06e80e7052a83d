"""Records of cases in plain words, line by line. Members are named by their slugs, as everywhere here.

What somebody wrote cannot be taken for what this node says: each line of free text has a bar in front of it,
and a field that goes on in a second line stands further in there.
"""

import unicodedata
from collections.abc import Iterator

from tocsin.cases.telling import language
from tocsin.cases.telling.details import details
from tocsin.cases.telling.teller import Teller
from tocsin.cli.terminal import faint, moment, paragraph, shown
from tocsin.core.records import Correction, Handover, OfCases, Report, Takeover, Translation
from tocsin.core.views import Terms

ENGLISH = Teller(
    language("en"),
    Terms(
        circle="",
        parties={},
        handling="TLP:RED",
        independent_sources=0,
        organisations=0,
        economies=0,
        acknowledge_within_minutes=0,
        answer_within_minutes=0,
    ),
)
"""Tells what a record says, and nobody's labels."""

_BAR = "│"
_FURTHER = "    "
_AS_KNOWN = {
    "day": "on %Y-%m-%d, at a time not known",
    "hour": "%Y-%m-%d, in the hour from %H:00 UTC",
    "minute": "%Y-%m-%d %H:%M UTC",
    "second": "%Y-%m-%d %H:%M:%S UTC",
    "unknown": "%Y-%m-%d %H:%M:%S UTC, how exactly is not known",
}


def case_kind(record: OfCases) -> str:
    """What kind of thing is said, in whose role, and of which case."""
    kind = f"{record.kind} by {author_of(record)}"
    if isinstance(record, Handover | Takeover):
        return kind
    return f"{kind}, {f'case {record.case}' if record.case else 'a new case'}"


def author_of(record: OfCases) -> str:
    """Whose role, and who answers for what is no person."""
    if record.author_kind == "officer" or isinstance(record, Handover | Takeover):
        return record.author
    answers = f", {record.answerable} answers for it" if record.answerable else ""
    return f"{record.author} ({record.author_kind}{answers})"


def case_said(record: OfCases, indent: str) -> Iterator[str]:
    """What is said: free text first, and its translations."""
    if isinstance(record, Takeover):
        yield f"{indent}of {record.handover}"
        return
    if isinstance(record, Handover):
        yield f"{indent}to {record.to}"
    text = record.summary if isinstance(record, Report | Correction) else record.text
    if text:
        yield from quote(text, indent)
    for translation in record.translations or ():
        yield from translated(translation, indent)
    if isinstance(record, Handover):
        if record.cases:
            yield from hanging(f"open cases: {', '.join(map(str, record.cases))}", indent)
        return
    if isinstance(record, Report) and record.occurred_at_ms is not None:
        form = _AS_KNOWN[record.occurred_precision or "unknown"]
        yield f"{indent}happened {moment(record.occurred_at_ms, form)}"
    for line in details(record, ENGLISH):
        yield from hanging(line, indent)


def translated(translation: Translation, indent: str) -> Iterator[str]:
    """A text in another language, and whose words these are."""
    by = f"{translation.by} ({translation.by_kind})"
    yield from hanging(f"in {translation.lang}, translated by {by}:", indent)
    yield from quote(translation.text, indent)


def quote(text: str, indent: str) -> Iterator[str]:
    """Free text by somebody else, every line of it marked as that."""
    for line in paragraph(_spaced(text), f"{indent}{_BAR} ", cut=True):
        yield line.replace(_BAR, faint(_BAR), 1)


def hanging(text: str, indent: str) -> Iterator[str]:
    """A field with what somebody else wrote in it, on one line, which goes on further in."""
    further = f"{indent}{_FURTHER}"
    first, *others = paragraph(in_line(text), further, cut=True)
    yield indent + first.removeprefix(further)
    yield from others


def in_line(text: str) -> str:
    """A field by somebody else as one line, which can be wrapped."""
    return shown(_spaced(text))


def _spaced(text: str) -> str:
    """With spaces at which a line may end: else the terminal itself goes on at its left edge."""
    return "".join(" " if unicodedata.category(one) == "Zs" else one for one in text)
