"""From the records of a case to its picture (docs/protocol.md, section 19).

Whatever the order in which records come, and however often: the same set gives the same picture, byte for
byte. One more record changes the summary's figures by what it adds, where that can be; what takes back,
corrects or supersedes something has them counted anew.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, get_args

from tocsin.cases.picture.asking import (
    acknowledgements,
    ask_view,
    awaited,
    closing_views,
    link_views,
)
from tocsin.cases.picture.corroboration import figures
from tocsin.cases.picture.describing import Told, describe
from tocsin.cases.picture.findings import findings
from tocsin.cases.picture.ordering.timeline import Placed, Timeline
from tocsin.cases.picture.ordering.times import is_ahead
from tocsin.cases.picture.places import case_of, named
from tocsin.cases.picture.reckoning import Reckoning
from tocsin.cases.picture.repeating import source_views
from tocsin.cases.picture.view import (
    COUNTING,
    CaseSummary,
    CaseView,
    Corrected,
    Corroboration,
    Description,
    Finding,
    SourceView,
    Standing,
    TimelineEntry,
)
from tocsin.core.records import Answer, CaseRecord, Ref, Report
from tocsin.core.records.cases.vocabulary import Event, Severity
from tocsin.core.views import Knowledge, Said, Terms

FOLD_VERSION = 2
"""Raised whenever the same records would give another picture: what was kept of the older one is void."""

_LIST_CHARACTERS = 120
_SEVERITIES = get_args(Severity)
_EVENTS = get_args(Event)


class _Shown(NamedTuple):
    """What follows from reports and answers alone, while the order goes on."""

    told: list[Told]
    description: Description
    sources: tuple[SourceView, ...]


class Case:
    """One case, to which records may be added in any order and repeatedly.

    Those of other cases, too: they are not shown and count for nothing, but who names them names nothing
    that is missing.
    """

    def __init__(self, ref: Ref) -> None:
        self.ref = ref
        self._here: dict[Ref, Said[CaseRecord]] = {}
        self._elsewhere: set[Ref] = set()
        self._absent: dict[Ref, list[Said[CaseRecord]]] = {}
        self._last_at_ms = 0
        self._ahead: set[Ref] = set()
        self._reckoning: Reckoning | None = None
        self._order: Timeline | None = None
        self._fresh: list[Said[CaseRecord]] = []
        self._shown: _Shown | None = None

    def add(self, said: Said[CaseRecord]) -> None:
        """One more record."""
        if case_of(said.ref, said.record) != self.ref:
            self._elsewhere.add(said.ref)
            if said.ref in self._absent:
                self._reckoning = None
        elif said.ref not in self._here:
            self._here[said.ref] = said
            self._fresh.append(said)
            self._absent.pop(said.ref, None)
            for ref in named(said.record):
                if ref not in self._here:
                    self._absent.setdefault(ref, []).append(said)
            self._last_at_ms = max(self._last_at_ms, said.record.at_ms)
            if self._reckoning is not None and not self._reckoning.take(said):
                self._reckoning = None

    @property
    def wanted(self) -> frozenset[Ref]:
        """What its records name that was not added, of this case or another."""
        return frozenset(self._absent.keys() - self._elsewhere)

    def summary(self, terms: Terms) -> CaseSummary:
        """The case as it stands in a list."""
        reckoning = self._reckoned()
        opening, counted = reckoning.opening, figures(reckoning.citations, terms)
        report, reports = reckoning.reports.get(self.ref), reckoning.reports.values()
        text = report.summary if report else None
        waiting = [awaited(ask, reckoning.answers.get(ref, ()), terms) for ref, ask in reckoning.asks.items()]
        return CaseSummary(
            ref=self.ref,
            opened_by=self.ref.log_name.member,
            opened_at_ms=opening.record.at_ms if opening else None,
            last_at_ms=self._last_at_ms,
            state=reckoning.state,
            outcome=reckoning.outcome,
            event=min({r.event for r in reports if r.event}, key=_EVENTS.index, default=None),
            severity=max({r.severity for r in reports if r.severity}, key=_SEVERITIES.index, default=None),
            summary=text and text[:_LIST_CHARACTERS],
            lang=report.lang if report else None,
            records=len(self._here),
            open_asks=sum(map(bool, waiting)),
            awaited=tuple(sorted(set().union(*waiting))),
            independent_sources=counted.independent_sources,
            corroborated=counted.corroborated,
        )

    def view(self, terms: Terms, knowledge: Knowledge) -> CaseView:
        """The whole picture."""
        reckoning = self._reckoned()
        standings = reckoning.standings()
        order = self._in_order(knowledge)
        counting = [said for said, _, _ in order.placed if standings.get(said.ref, "counts") in COUNTING]
        shown = self._show(list(_told(counting, reckoning)), reckoning, knowledge)
        wrong = findings(self._here, self._absent, self._elsewhere, self._ahead | order.far_off, reckoning)
        opening, report = reckoning.opening, reckoning.reports.get(self.ref)
        return CaseView(
            case=self.ref,
            opened_by=self.ref.log_name.member,
            opened_at_ms=opening.record.at_ms if opening else None,
            state=reckoning.state,
            outcome=reckoning.outcome,
            summary=report.summary if report else None,
            lang=report.lang if report else None,
            description=shown.description,
            corroboration=_corroboration(reckoning, shown.sources, terms),
            timeline=_timeline(order.placed, reckoning, standings, wrong),
            asks=tuple(
                ask_view(reckoning.asks[said.ref], reckoning.answers.get(said.ref, {}), terms)
                for said in counting
                if said.ref in reckoning.asks
            ),
            links=link_views(counting),
            closings=closing_views(reckoning.closings.values()),
        )

    def _reckoned(self) -> Reckoning:
        if self._reckoning is None:
            self._reckoning = Reckoning(self.ref, self._here, self._elsewhere)
        return self._reckoning

    def _show(self, told: list[Told], reckoning: Reckoning, knowledge: Knowledge) -> _Shown:
        if self._shown is None or self._shown.told != told:
            self._shown = _Shown(told, describe(told), source_views(told, reckoning.citations, knowledge))
        return self._shown

    def _in_order(self, knowledge: Knowledge) -> Timeline:
        order, fresh = self._order, self._fresh
        self._order, self._fresh = None, []
        self._ahead.update(said.ref for said in fresh if is_ahead(said.record))
        if order is None or not order.goes_on(fresh, knowledge):
            order = Timeline(self._here.values(), knowledge)
            self._shown = None
        self._order = order
        return order


def view(case: Ref, said: Iterable[Said[CaseRecord]], terms: Terms, knowledge: Knowledge) -> CaseView:
    """The picture of a case that these records give."""
    return _case(case, said).view(terms, knowledge)


def summary(case: Ref, said: Iterable[Said[CaseRecord]], terms: Terms) -> CaseSummary:
    """A case in a list, as these records give it."""
    return _case(case, said).summary(terms)


def _case(ref: Ref, said: Iterable[Said[CaseRecord]]) -> Case:
    case = Case(ref)
    for one in said:
        case.add(one)
    return case


def _told(counting: Iterable[Said[CaseRecord]], reckoning: Reckoning) -> Iterator[Told]:
    for said in counting:
        if isinstance(said.record, Report):
            yield Told(said.ref, said.member, reckoning.reports[said.ref])
        elif isinstance(said.record, Answer):
            yield Told(said.ref, said.member, said.record)


def _corroboration(reckoning: Reckoning, sources: tuple[SourceView, ...], terms: Terms) -> Corroboration:
    counted = figures(reckoning.citations, terms)
    return Corroboration(
        replies=len({member for answers in reckoning.answers.values() for member in answers}),
        independent_sources=counted.independent_sources,
        organisations=counted.organisations,
        economies=counted.economies,
        corroborated=counted.corroborated,
        sources=sources,
    )


def _timeline(
    placed: Sequence[Placed],
    reckoning: Reckoning,
    standings: Mapping[Ref, Standing],
    wrong: Mapping[Ref, tuple[Finding, ...]],
) -> tuple[TimelineEntry, ...]:
    aware = acknowledgements(said for said, _, _ in placed)
    entries = []
    for said, seen, unseen in placed:
        ref = said.ref
        standing = standings.get(ref, "counts")
        report = reckoning.reports[ref] if standing == "corrected" else None
        corrected_by: tuple[Ref, ...] = ()
        if standing == "corrected":
            corrected_by = tuple(correction.ref for correction in reckoning.corrections[ref])
        entries.append(
            TimelineEntry(
                ref=ref,
                member=said.member,
                record=said.record,
                standing=standing,
                officer=said.officer,
                findings=wrong.get(ref, ()),
                seen=seen,
                unseen=unseen,
                acknowledged=aware.get(ref, ()),
                corrected=report if isinstance(report, Corrected) else None,
                corrected_by=corrected_by,
                withdrawn_by=reckoning.withdrawn[ref] if standing == "withdrawn" else None,
            )
        )
    return tuple(entries)
