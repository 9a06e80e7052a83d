"""From the records of a case to its picture (docs/protocol.md, section 19).

Whatever the order in which records come, and however often: the same set gives the same picture, byte for
byte. Of one more record, what it bears on is made anew, and nothing else: what counts (`reckoning`), what
that rests on (`citing`), what is shown (`showing`). All is made anew if it does not come last in the order,
is not what others took it for, or brings back what was withdrawn.
"""

from collections.abc import Iterable
from dataclasses import replace as replaced
from typing import get_args

from msgspec.structs import replace

from tocsin.cases.picture.asking import (
    ask_view,
    awaited,
    closing_views,
    link_views,
)
from tocsin.cases.picture.corroboration import figures
from tocsin.cases.picture.evidence import evidence_of, truths_of
from tocsin.cases.picture.findings import findings
from tocsin.cases.picture.ordering.timeline import Timeline
from tocsin.cases.picture.ordering.times import is_ahead
from tocsin.cases.picture.places import about, case_of, named
from tocsin.cases.picture.reckoning import MAY_BE_REFUSED, Reckoning, held_for
from tocsin.cases.picture.showing import Shown
from tocsin.cases.picture.view import (
    CaseSummary,
    CaseView,
    Corroboration,
    SourceView,
)
from tocsin.core.records import CaseRecord, Ref
from tocsin.core.records.cases.vocabulary import Event, gravity
from tocsin.core.views import Evidence, Knowledge, Said, Terms

FOLD_VERSION = 3
"""Raised whenever the same records would give another picture: what was kept of the older one is void."""

_LIST_CHARACTERS = 120
_EVENTS = get_args(Event)


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
        self._fresh: list[Said[CaseRecord]] = []
        self._shown: Shown | None = None

    def add(self, said: Said[CaseRecord]) -> None:
        """One more record."""
        if case_of(said.ref, said.record) != self.ref:
            self._elsewhere.add(said.ref)
            if any(isinstance(one.record, MAY_BE_REFUSED) for one in self._absent.get(said.ref, ())):
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

    @property
    def rests_on(self) -> frozenset[Ref]:
        """What is not here, and decides by whether and where it is which of its records count."""
        return frozenset(
            ref
            for ref, by in self._absent.items()
            if any(isinstance(one.record, MAY_BE_REFUSED) and ref in about(one.record) for one in by)
        )

    def summary(self, terms: Terms, knowledge: Knowledge) -> CaseSummary:
        """The case as it stands in a list. Of knowledge, it is asked for what a closing needs, alone."""
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
            severity=max({r.severity for r in reports if r.severity}, key=gravity, default=None),
            summary=text and _cut(text),
            lang=report.lang if report else None,
            translations=tuple(
                replace(one, text=_cut(one.text)) for one in (report.translations if report else None) or ()
            ),
            records=len(self._here),
            open_asks=sum(map(bool, waiting)),
            awaited=tuple(sorted(set().union(*waiting))),
            since_closing=sum(1 for _ in reckoning.since_closing(knowledge)),
            independent_sources=counted.independent_sources,
            corroborated=counted.corroborated,
        )

    def view(self, terms: Terms, knowledge: Knowledge) -> CaseView:
        """The whole picture."""
        reckoning = self._reckoned()
        shown = self._show(knowledge)
        opening, report = reckoning.opening, reckoning.reports.get(self.ref)
        return CaseView(
            case=self.ref,
            opened_by=self.ref.log_name.member,
            opened_at_ms=opening.record.at_ms if opening else None,
            state=reckoning.state,
            outcome=reckoning.outcome,
            summary=report.summary if report else None,
            lang=report.lang if report else None,
            description=shown.described.description,
            corroboration=_corroboration(reckoning, shown.sources, terms),
            timeline=tuple(shown.entries),
            asks=tuple(
                ask_view(reckoning.asks[ref], reckoning.answers.get(ref, {}), terms)
                for ref in sorted(reckoning.asks, key=shown.places.__getitem__)
            ),
            links=link_views(reckoning.links.values()),
            closings=closing_views(reckoning.closings.values()),
            since_closing=len(shown.since_closing),
        )

    def evidence(self, knowledge: Knowledge) -> Evidence:
        """What it rests on, and what its members make of it. Only if a reading stands, knowledge is asked."""
        return evidence_of(self.ref, self._reckoned(), lambda: self._show(knowledge).places)

    def forecast(self, knowledge: Knowledge) -> Evidence:
        """The same before it was told what the case was: of what the member that told it held then, alone.

        Nothing that came later changes what it rested on, or what its members made of it. `truths` and
        `closed_by` are as they are now; while the case is open, or nobody says what it was, there is nothing
        else.
        """
        now = self._reckoned()
        known = Evidence(case=self.ref, truths=truths_of(now), closed_by=tuple(sorted(now.closings)))
        if not (known.closed and known.truths and now.told):
            return known
        is_held = held_for(now.told, knowledge)
        held = {ref: said for ref, said in self._here.items() if is_held(ref)}

        def places() -> dict[Ref, int]:
            return {entry.ref: nth for nth, entry in enumerate(Timeline(held.values(), knowledge).entries)}

        then = evidence_of(self.ref, Reckoning(self.ref, held, self._elsewhere), places)
        return replaced(then, truths=known.truths, closed_by=known.closed_by)

    def _reckoned(self) -> Reckoning:
        if self._reckoning is None:
            self._reckoning = Reckoning(self.ref, self._here, self._elsewhere)
        return self._reckoning

    def _show(self, knowledge: Knowledge) -> Shown:
        reckoning, shown = self._reckoned(), self._going_on(knowledge)
        since = frozenset(reckoning.since_closing(knowledge))
        far_off = self._ahead | shown.order.far_off
        wrong = findings(self._here, self._absent, self._elsewhere, far_off, reckoning)
        shown.show(reckoning, wrong, since, knowledge)
        self._shown = shown
        return shown

    def _going_on(self, knowledge: Knowledge) -> Shown:
        """What was shown, if it goes on; if not, what is to be shown of them all."""
        shown, fresh = self._shown, self._fresh
        self._shown, self._fresh = None, []
        self._ahead.update(said.ref for said in fresh if is_ahead(said.record))
        if shown is not None and shown.order.goes_on(fresh, knowledge):
            return shown
        return Shown(Timeline(self._here.values(), knowledge))


def view(case: Ref, said: Iterable[Said[CaseRecord]], terms: Terms, knowledge: Knowledge) -> CaseView:
    """The picture of a case that these records give."""
    return _case(case, said).view(terms, knowledge)


def summary(case: Ref, said: Iterable[Said[CaseRecord]], terms: Terms, knowledge: Knowledge) -> CaseSummary:
    """A case in a list, as these records give it."""
    return _case(case, said).summary(terms, knowledge)


def evidence(case: Ref, said: Iterable[Said[CaseRecord]], knowledge: Knowledge) -> Evidence:
    """What a case rests on by these records, and what its members make of it."""
    return _case(case, said).evidence(knowledge)


def _case(ref: Ref, said: Iterable[Said[CaseRecord]]) -> Case:
    case = Case(ref)
    for one in said:
        case.add(one)
    return case


def _cut(text: str) -> str:
    return text if len(text) <= _LIST_CHARACTERS else f"{text[: _LIST_CHARACTERS - 1]}…"


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
