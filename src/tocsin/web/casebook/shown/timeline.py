"""Every record of a case, one after the other: who said what, who has it, who is aware of it.

- In causal order, or the other way round, the newest first. A page has at most 100 records, and fewer where
  members wrote so much that no page should be as long.
- What does not count is there too, with the reason.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from tocsin.cases.delivery import Delivered
from tocsin.cases.picture import CaseView
from tocsin.cases.picture.places import about
from tocsin.cases.picture.view import Aware, TimelineEntry
from tocsin.cases.telling.details import details
from tocsin.cases.telling.teller import cut
from tocsin.core.names import LogName
from tocsin.core.records import CaseRecord, Correction, Ref, Report
from tocsin.web.casebook.shown.heading import Text, chosen, translated
from tocsin.web.casebook.shown.looking import Look
from tocsin.web.casebook.shown.naming import MAX_VALUE_CHARACTERS, Namer

MAX_ROWS = 100
MAX_LINES = 8
MAX_TEXT_CHARACTERS = 480
MAX_PAGE_CHARACTERS = 40 * 1024
"""What members wrote, on one page of the timeline, without the first record of it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record. `role` says who wrote it for the member, `lines` what it says in its fields, `left` of these.

    `held_by` of `others` have it, in so many `economies`: None where that is not known yet. `findings` are
    codes, each with the record that it is about.
    """

    ref: str
    kind: str
    member: str
    at_ms: int
    role: str
    signed: bool
    tlp: str
    standing: str
    since_closing: bool
    lines: tuple[str, ...]
    left: int
    text: Text | None
    translation: Text | None
    about: tuple[str, ...]
    findings: tuple[tuple[str, str | None], ...]
    corrected_by: tuple[str, ...]
    withdrawn_by: str | None
    aware: tuple[Aware, ...]
    held_by: int | None
    others: int
    economies: int

    @property
    def characters(self) -> int:
        """How much of it members wrote."""
        texts = (one.text for one in (self.text, self.translation) if one)
        return sum(map(len, (*self.lines, *texts)))


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of it: `rows` of the `found` records that fit, of `records` that there are.

    `after` is the last of them, if more follow.
    """

    rows: tuple[Row, ...]
    found: int
    records: int
    after: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records there are of each kind, and of each member."""

    kinds: tuple[tuple[str, int], ...]
    members: tuple[tuple[str, int], ...]


def timeline(view: CaseView, delivered: Mapping[Ref, Delivered] | None, look: Look, namer: Namer) -> Timeline:
    """The page that is looked at; `delivered` says who has what."""
    entries = view.timeline if look.order == "causal" else view.timeline[::-1]
    found: Sequence[TimelineEntry] = entries
    if look.kind or look.member:
        found = [
            entry
            for entry in entries
            if look.kind in (None, entry.record.kind) and look.member in (None, entry.member)
        ]
    first = _after(found, look.after)
    page = found[first : first + MAX_ROWS]
    shown = tuple(_fitting(rows(page, delivered, namer)))
    more = first + len(shown) < len(found)
    return Timeline(
        rows=shown,
        found=len(found),
        records=len(entries),
        after=shown[-1].ref if more and shown else None,
    )


def counts(view: CaseView) -> Counts:
    """What one may choose of a timeline."""
    return Counts(
        kinds=_counted(entry.record.kind for entry in view.timeline),
        members=_counted(entry.member for entry in view.timeline),
    )


def rows(
    entries: Iterable[TimelineEntry], delivered: Mapping[Ref, Delivered] | None, namer: Namer
) -> Iterator[Row]:
    """These records, with who has them where that is known."""
    known = delivered or {}
    return (row(entry, known.get(entry.ref), namer) for entry in entries)


def row(entry: TimelineEntry, delivered: Delivered | None, namer: Namer) -> Row:
    """A record."""
    record, lines = entry.record, [*details(entry.record, namer)]
    written, texts = words_of(record), record.translations or ()
    told = [translated(one, namer, MAX_TEXT_CHARACTERS) for one in texts]
    return Row(
        ref=str(entry.ref),
        kind=record.kind,
        member=entry.member,
        at_ms=record.at_ms,
        role=role_of(entry, namer),
        signed=entry.officer is not None,
        tlp=record.tlp,
        standing=entry.standing,
        since_closing=entry.since_closing,
        lines=tuple(cut(line, MAX_VALUE_CHARACTERS) for line in lines[:MAX_LINES]),
        left=max(0, len(lines) - MAX_LINES),
        text=written,
        translation=chosen(record.lang, told, namer.language.tag) if written else None,
        about=tuple(map(str, about(record)[:MAX_LINES])),
        findings=tuple((one.code, str(one.about) if one.about else None) for one in entry.findings),
        corrected_by=tuple(map(str, entry.corrected_by)),
        withdrawn_by=str(entry.withdrawn_by) if entry.withdrawn_by else None,
        aware=delivered.aware if delivered else entry.acknowledged,
        held_by=delivered.held_by if delivered else None,
        others=len(delivered.reached) if delivered else 0,
        economies=delivered.economies if delivered else 0,
    )


def words_of(record: CaseRecord, most: int = MAX_TEXT_CHARACTERS) -> Text | None:
    """What a record says in free text."""
    text = record.summary if isinstance(record, Report | Correction) else record.text
    if text is None or record.lang is None:
        return None
    return Text(cut(text, most), record.lang, max(0, len(text) - most))


def role_of(entry: TimelineEntry, namer: Namer) -> str:
    """Who wrote it for the member: an officer, signed or not, or a machine, and who answers for that."""
    record, say = entry.record, namer.language.say
    if record.author_kind == "officer":
        key = "casebook.signed" if entry.officer else "casebook.unsigned"
        return say(key, role=entry.officer or record.author)
    kind = namer.language.word("AuthorKind", record.author_kind)
    if record.answerable is None:
        return kind
    return say("casebook.by_machine", kind=kind, role=record.answerable)


def entry_of(view: CaseView, ref: Ref) -> TimelineEntry | None:
    """That record, if it is one of the case."""
    return next((entry for entry in view.timeline if entry.ref == ref), None)


def _after(entries: Sequence[TimelineEntry], name: str | None) -> int:
    """The place after the record of that name; the first one if it is not among them."""
    if name is None:
        return 0
    member, _, rest = name.partition(".")
    epoch, _, index = rest.partition(".")
    for place, entry in enumerate(entries, 1):
        if entry.ref.index == int(index) and entry.member == member:
            log: LogName = entry.ref.log_name
            if log.epoch == int(epoch):
                return place
    return 0


def _fitting(told: Iterable[Row]) -> Iterator[Row]:
    room = MAX_PAGE_CHARACTERS
    for number, one in enumerate(islice(told, MAX_ROWS)):
        room -= one.characters
        if number and room < 0:
            return
        yield one


def _counted(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(values).items()))
