"""What of a case leaves in another format: the reports and answers that count, by whom, under which label.

- A record above the label that the officer allows stays, and is listed; so is one that does not count, and
  one of a kind that the format has no word for.
- Corrections are applied; a report of which one is above that label stays with it.
- Members are named only where they may be: in a circle, who belongs to it is for its members to know.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from tocsin.cases.formats.account import unaccounted
from tocsin.cases.formats.errors import NothingLeaves
from tocsin.cases.formats.handling import strictest
from tocsin.cases.formats.ids import name_of, uuid_of
from tocsin.cases.formats.keeping import Carried, carried_in
from tocsin.cases.formats.terms import Outgoing, Placed, WhyNot, unplaced
from tocsin.cases.picture.reckoning import moments
from tocsin.cases.picture.view import CaseView, Corrected, TimelineEntry
from tocsin.core.records import Answer, CaseRecord, Correction, Ref, Report, Tlp, tlp_at_most

_NO_PLACE: Final = "the format has no place for it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who says something, as it is shown outside, and its identifier there."""

    name: str
    uuid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A report as its corrections leave it: first said at `first_ms`, and last otherwise at `at_ms`."""

    ref: Ref
    by: Party
    report: Corrected
    first_ms: int
    at_ms: int
    carried: tuple[Carried, ...] = ()

    @property
    def uuid(self) -> str:
        """The identifier of what it says."""
        return uuid_of("account", name_of(self.ref))


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another record that counts."""

    ref: Ref
    by: Party
    record: CaseRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """All that leaves. `label` is the strictest of the records; `own` is the exporter."""

    case: str
    label: Tlp
    drill: bool
    own: Party
    told: tuple[Told, ...]
    others: tuple[Other, ...]
    stays: tuple[Placed, ...]

    @property
    def answers(self) -> Iterator[tuple[Other, Answer]]:
        """The answers among the other records."""
        for one in self.others:
            if isinstance(one.record, Answer):
                yield one, one.record


def leaving(view: CaseView, out: Outgoing, name: str, fits: Callable[[CaseRecord], bool]) -> Leaving:
    """What leaves on these terms in the format of that name, into which besides reports go those that fit.

    Raises NothingLeaves.
    """
    parties = _Parties(view.case, out)
    own = parties[out.own]
    records = {entry.ref: entry.record for entry in view.timeline}
    told: list[Told] = []
    others: list[Other] = []
    stays: list[Placed] = []
    leave: list[Tlp] = []
    for entry in view.timeline:
        record, corrections = entry.record, [records[ref] for ref in entry.corrected_by]
        labels = [record.tlp, *(one.tlp for one in corrections)]
        why = _why_it_stays(entry, strictest(labels) or "TLP:RED", out)
        if why is None and not isinstance(record, Report | Correction) and not fits(record):
            why = "format", _NO_PLACE
        if why is not None:
            stays.append(unplaced(str(entry.ref), why[0], why[1], to=record.kind))
            continue
        if isinstance(record, Report):
            told.append(_told(entry, record, corrections, parties[entry.member], name))
            unsaid = (*unaccounted(told[-1].report), *_of_other_formats(record, name))
            stays += [unplaced(str(entry.ref), "format", _NO_PLACE, to=field) for field in unsaid]
        elif not isinstance(record, Correction):
            others.append(Other(ref=entry.ref, by=parties[entry.member], record=record))
        leave += labels
    label = strictest(leave)
    if not told or label is None:
        raise NothingLeaves
    return Leaving(
        case=uuid_of("case", name_of(view.case)),
        label=label,
        drill=out.terms.drill,
        own=own,
        told=tuple(_gathered(told)),
        others=tuple(others),
        stays=tuple(stays),
    )


def _told(
    entry: TimelineEntry, report: Report, corrections: Sequence[CaseRecord], by: Party, name: str
) -> Told:
    fields = {field: getattr(report, field) for field in Corrected.__struct_fields__}
    corrected = entry.corrected or Corrected(**(fields | {"moments": moments(report) or None}))
    carried = carried_in(report.more, name)
    return Told(
        ref=entry.ref,
        by=by,
        report=corrected,
        first_ms=report.at_ms,
        at_ms=max([report.at_ms, *(one.at_ms for one in corrections)]),
        carried=() if carried is None else (carried,),
    )


def _of_other_formats(report: Report, name: str) -> Iterator[str]:
    """What a report carries that is not of this format."""
    yield from (f"more.{key}" for key in report.more or () if key != name)


def unsaid(others: Iterable[Other], fields: Iterable[str]) -> Iterator[Placed]:
    """Those of these fields that have no place, of records that leave."""
    names = tuple(fields)
    for one in others:
        for field in names:
            if getattr(one.record, field, None) is not None:
                yield unplaced(str(one.ref), "format", _NO_PLACE, to=field)


def _why_it_stays(entry: TimelineEntry, label: Tlp, out: Outgoing) -> tuple[WhyNot, str] | None:
    match entry.standing:
        case "withdrawn" | "superseded" | "refused" as standing:
            return standing, standing
        case "counts" | "corrected":
            return None if tlp_at_most(label, out.up_to) else ("above", f"{label} is above {out.up_to}")


def _gathered(reports: Iterable[Told]) -> Iterator[Told]:
    """Reports that carry further parts of what an earlier one of the same party carries are one with it."""
    gathered: dict[object, list[Told]] = {}
    for one in reports:
        carried = one.carried[0] if one.carried else None
        key: object = one.ref if carried is None else (one.by, carried.id, carried.element)
        if carried is None or key not in gathered:
            gathered[key] = [one]
        elif carried.part == 0:
            gathered[one.ref] = [one]
        else:
            gathered[key].append(one)
    yield from (_joined(parts) if len(parts) > 1 else parts[0] for parts in gathered.values())


def _joined(parts: Sequence[Told]) -> Told:
    fingerprints = {fingerprint for part in parts for fingerprint in part.report.fingerprints or ()}
    report = msgspec.structs.replace(
        parts[0].report,
        fingerprints=tuple(sorted(fingerprints)) or None,
        sources=tuple(dict.fromkeys(source for part in parts for source in part.report.sources)),
    )
    carried = tuple(carried for part in parts for carried in part.carried)
    return replace(parts[0], report=report, at_ms=max(part.at_ms for part in parts), carried=carried)


class _Parties:
    """Members as they are shown, those without a name numbered in the order in which they appear."""

    def __init__(self, case: Ref, out: Outgoing) -> None:
        self._case = case
        self._out = out
        self._known: dict[str, Party] = {}
        self._unnamed = 0

    def __getitem__(self, member: str) -> Party:
        if member not in self._known:
            self._known[member] = self._party(member)
        return self._known[member]

    def _party(self, member: str) -> Party:
        if member == self._out.own or member in self._out.named:
            listed = self._out.terms.parties.get(member)
            name = listed.label if listed else member
            return Party(name=name, uuid=uuid_of("organisation", name))
        self._unnamed += 1
        name = f"member {self._unnamed}"
        return Party(name=name, uuid=uuid_of("party", name_of(self._case), member))
