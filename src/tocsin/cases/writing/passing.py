"""A report that is passed on to another circle (docs/protocol.md, section 19.8).

There it is a new report, with the same sources, so that it counts once there too. Nothing in it names the
circle that it comes from, nor a record of it. That it was passed on, another record says, in the
circle that it comes from, and before: a *passing*.
"""

from collections.abc import Iterator

import msgspec

from tocsin.cases.picture.reckoning import moments
from tocsin.cases.picture.view import COUNTING, CaseView, Corrected, TimelineEntry
from tocsin.core.records import (
    Answer,
    AuthorKind,
    Moment,
    Ref,
    Report,
    Source,
    Tlp,
    tlp_at_most,
)
from tocsin.core.records.cases.parts import MAX_SOURCES
from tocsin.core.records.errors import PassingRefused, UnknownRecord


def pass_on(
    view: CaseView,
    ref: Ref,
    *,
    member: str,
    handling: Tlp,
    circle: str,
    at_ms: int,
    author: str,
    author_kind: AuthorKind = "officer",
    answerable: str | None = None,
) -> Report:
    """What `member` writes in `circle`, whose charter's highest label is `handling`, to pass on a report.

    It says what the report says, as its corrections leave it. Raises UnknownRecord if there is no such report
    in the view that counts; PassingRefused for its label, or that of a correction, or of a record that it
    stands on, and for more than 32 sources.
    """
    entries = {entry.ref: entry for entry in view.timeline}
    entry = entries.get(ref)
    if entry is None or not isinstance(entry.record, Report) or not _counts(entry):
        raise UnknownRecord(f"Expected a report that counts at {ref}, found none.")
    stands_on = list(_stands_on(entry, entries))
    labels = [entries[one].record.tlp for source in stands_on for one in (source.ref, *source.corrected_by)]
    most = handling if tlp_at_most(handling, "TLP:GREEN") else "TLP:GREEN"
    for label in labels:
        if not tlp_at_most(label, most):
            raise PassingRefused(f"Expected at most {most}, found {label}.")
    sources = tuple(
        dict.fromkeys(
            _now(source, own=one.member == member)
            for one in stands_on
            for source in _sources(one)
            if source.record is None
        )
    )
    if not 1 <= len(sources) <= MAX_SOURCES:
        raise PassingRefused(f"Expected 1 to {MAX_SOURCES} sources that it stands on, found {len(sources)}.")
    said = entry.corrected or entry.record
    return Report(
        circle=circle,
        at_ms=at_ms,
        author=author,
        author_kind=author_kind,
        answerable=answerable,
        tlp="TLP:CLEAR" if all(label == "TLP:CLEAR" for label in labels) else "TLP:GREEN",
        event=said.event,
        severity=said.severity,
        relation=said.relation,
        harms=said.harms,
        tasks=said.tasks,
        economies=said.economies,
        systems=said.systems,
        operators=said.operators,
        fingerprints=said.fingerprints,
        moments=_moments(said, own=entry.member == member),
        attachments=said.attachments,
        summary=said.summary,
        lang=said.lang,
        translations=said.translations,
        sources=sources,
    )


def _counts(entry: TimelineEntry) -> bool:
    return entry.standing in COUNTING


def _sources(entry: TimelineEntry) -> tuple[Source, ...]:
    if entry.corrected is not None:
        return entry.corrected.sources
    return (entry.record.sources or ()) if isinstance(entry.record, Report | Answer) else ()


def _stands_on(report: TimelineEntry, entries: dict[Ref, TimelineEntry]) -> Iterator[TimelineEntry]:
    """The report, and each record that it leads to by its citations, once."""
    reached = {report.ref}
    waiting = [report]
    while waiting:
        entry = waiting.pop(0)
        yield entry
        for source in _sources(entry):
            cited = entries.get(source.record) if source.record is not None else None
            if cited is not None and cited.ref not in reached and _counts(cited):
                reached.add(cited.ref)
                waiting.append(cited)


def _now(source: Source, *, own: bool) -> Source:
    """A source as this version writes it: what an earlier one had was received, for all that is known.

    What another organisation saw itself was received, too.
    """
    if source.is_earlier:
        return msgspec.structs.replace(source, obtained="received", locator=source.locator or source.kind)
    return source if own else source.told


def _moments(said: Report | Corrected, *, own: bool) -> tuple[Moment, ...] | None:
    """The moments, which in the other circle another organisation writes down.

    What *author* asserts, somebody else does, then, whom nothing names.
    """
    told = [one if own else one.told for one in moments(said)]
    each_once = {(one.clock, one.asserted_by, one.name or ""): one for one in reversed(told)}
    return tuple(each_once[key] for key in sorted(each_once)) or None
