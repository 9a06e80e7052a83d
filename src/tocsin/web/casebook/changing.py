"""What is otherwise on the page of a case, between two looks at it, and what its fragments are made of.

Of a timeline whose order goes on, only what is new, wherever its place is, and what was touched; of who has
what, only in the newest records, which are those on the page. Where much changed, or the order did, the
newest page of it anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tocsin.cases.picture.view import TimelineEntry
from tocsin.cases.telling import Language
from tocsin.core.records import Ref
from tocsin.web.casebook.sections import SECTIONS, Case
from tocsin.web.casebook.shown.looking import Look
from tocsin.web.casebook.shown.naming import Namer
from tocsin.web.casebook.shown.timeline import MAX_ROWS, Row, rows, timeline

_MOST_CHANGED: Final = 24
_NEWEST: Final = Look()


@dataclass(frozen=True, slots=True)
class Inserted:
    """New rows as they stand there, the newest first: `above` that record's, or above all."""

    rows: tuple[Row, ...]
    above: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What is otherwise: sections by their names; entries that are new or were touched, or all `anew`."""

    case: Case
    sections: tuple[str, ...]
    new: tuple[TimelineEntry, ...] = ()
    touched: tuple[TimelineEntry, ...] = ()
    anew: bool = False

    @property
    def is_any(self) -> bool:
        """Whether there is any."""
        return bool(self.sections or self.new or self.touched or self.anew)

    def then(self, later: "Change") -> "Change":
        """Both as one: of each entry what the later one says."""
        touched = {entry.ref: entry for entry in (*self.touched, *later.touched)}
        new = (*(touched.pop(entry.ref, entry) for entry in self.new), *later.new)
        sections = tuple(dict.fromkeys((*self.sections, *later.sections)))
        if self.anew or later.anew or len(new) + len(touched) > _MOST_CHANGED:
            return Change(later.case, sections, anew=True)
        return Change(later.case, sections, new, tuple(touched.values()))

    def values(self, language: Language) -> dict[str, object]:
        """What `casebook/changed.html` is given."""
        case, namer = self.case, Namer(language, self.case.terms)
        values: dict[str, object] = {
            "case": case,
            "view": case.view,
            "namer": namer,
            "sections": self.sections,
            "inserted": self._inserted(namer),
            "touched": tuple(rows(self.touched, case.delivered, namer)),
            "look": _NEWEST,
            "page": timeline(case.view, case.delivered, _NEWEST, namer) if self.anew else None,
        }
        for name in self.sections:
            values |= SECTIONS[name].values(case, namer)
        return values

    def _inserted(self, namer: Namer) -> list[Inserted]:
        """Above which of the rows that are there already the new ones stand, together where they do."""
        left, is_first = {entry.ref: entry for entry in self.new}, True
        found: list[Inserted] = []
        together: list[TimelineEntry] = []
        for entry in reversed(self.case.view.timeline):
            if entry.ref in left:
                together.append(left.pop(entry.ref))
                continue
            if together:
                found.append(self._rows(together, namer, above=None if is_first else entry.ref))
            if not left:
                return found
            together, is_first = [], False
        return found

    def _rows(self, entries: Sequence[TimelineEntry], namer: Namer, *, above: Ref | None) -> Inserted:
        return Inserted(tuple(rows(entries, self.case.delivered, namer)), str(above) if above else None)


def changed(before: Case, now: Case, sections: tuple[str, ...]) -> Change:
    """What is otherwise; `sections` are those of which that is known."""
    old, entries = before.view.timeline, now.view.timeline
    new: list[TimelineEntry] = []
    touched: dict[Ref, TimelineEntry] = {}
    there = iter(old)
    one = next(there, None)
    for entry in entries:
        if one is None or (one is not entry and one.ref != entry.ref):
            new.append(entry)
        else:
            if one is not entry and one != entry:
                touched[entry.ref] = entry
            one = next(there, None)
        if len(new) + len(touched) > _MOST_CHANGED:
            return Change(now, sections, anew=True)
    # One that is not where it was stands among the new, and what it was is never come to.
    if one is not None or (new and new[0] is entries[0]):
        return Change(now, sections, anew=True)
    newest = {entry.ref: entry for entry in entries[-MAX_ROWS:]}
    touched |= {ref: newest[ref] for ref in _received(before, now) if ref in newest}
    came = {entry.ref for entry in new}
    return Change(now, sections, tuple(new), tuple(one for ref, one in touched.items() if ref not in came))


def _received(before: Case, now: Case) -> list[Ref]:
    """The newest records of which others have them than before, or know of them."""
    if now.delivery is None or now.delivery is before.delivery:
        return []
    known = before.delivered or {}
    return [one.ref for one in now.delivery.records[-MAX_ROWS:] if known.get(one.ref) != one]
