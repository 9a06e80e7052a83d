"""One record as a whole: all that it says, and since when each member has it and knows of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.cases.delivery import Bound, Delivered
from tocsin.cases.picture.view import Aware, TimelineEntry
from tocsin.cases.telling.details import details
from tocsin.core.records.cases.parts import MAX_TEXT_BYTES
from tocsin.web.casebook.shown.heading import Text, translated
from tocsin.web.casebook.shown.naming import Namer
from tocsin.web.casebook.shown.timeline import Row, row, words_of


@dataclass(frozen=True, slots=True)
class Holding:
    """What is known of a member and a record: since when it has it, and which officers are aware of it.

    Each bound is on somebody's word. Without `not_later` and `by_others`, nothing says that it has it.
    """

    member: str
    economy: str
    not_before: Bound
    not_later: Bound | None
    by_others: Bound | None
    aware: tuple[Aware, ...]

    @property
    def held(self) -> bool:
        """Whether anything says that it has it."""
        return (self.not_later or self.by_others) is not None


@dataclass(frozen=True, slots=True)
class Record:
    """A record: `row` is how the timeline shows it, `lines`, `text` and `translations` are all of it.

    It was written between `not_before` and `not_later`, as far as that is known. `written` are its bytes.
    """

    row: Row
    lines: tuple[str, ...]
    text: Text | None
    translations: tuple[Text, ...]
    not_before: Bound | None
    not_later: Bound | None
    holdings: tuple[Holding, ...]
    log: str
    index: int
    written: str


def record(entry: TimelineEntry, delivered: Delivered | None, written: str, namer: Namer) -> Record:
    """All that is shown of a record."""
    return Record(
        row=row(entry, delivered, namer),
        lines=tuple(details(entry.record, namer)),
        text=words_of(entry.record, MAX_TEXT_BYTES),
        translations=tuple(translated(one, namer, MAX_TEXT_BYTES) for one in entry.record.translations or ()),
        not_before=delivered.not_before if delivered else None,
        not_later=delivered.not_later if delivered else None,
        holdings=tuple(_holdings(delivered, namer)) if delivered else (),
        log=entry.ref.log,
        index=entry.ref.index,
        written=written,
    )


def _holdings(delivered: Delivered, namer: Namer) -> Iterator[Holding]:
    parties = namer.terms.parties
    for one in delivered.reached:
        yield Holding(
            member=one.member,
            economy=parties[one.member].economy if one.member in parties else "",
            not_before=one.not_before,
            not_later=one.not_later,
            by_others=one.by_others,
            aware=tuple(aware for aware in delivered.aware if aware.member == one.member),
        )
