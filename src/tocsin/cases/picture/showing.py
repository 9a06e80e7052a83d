"""What was shown of a case, for as long as its order goes on: only what is touched is made anew."""

from collections.abc import Mapping

from msgspec.structs import replace

from tocsin.cases.picture.asking import acknowledge
from tocsin.cases.picture.describing import Described
from tocsin.cases.picture.ordering.timeline import Timeline
from tocsin.cases.picture.reckoning import Reckoning
from tocsin.cases.picture.repeating import source_views
from tocsin.cases.picture.view import Aware, Corrected, Finding, SourceView, TimelineEntry
from tocsin.core.records import Ref
from tocsin.core.views import Knowledge


class Shown:
    """The timeline's `entries`, at which `places` they are, what they say, which came `since_closing`."""

    def __init__(self, order: Timeline) -> None:
        self.order = order
        self.entries = order.entries
        self.places: dict[Ref, int] = {}
        self.described = Described(order.entries)
        self.sources: tuple[SourceView, ...] = ()
        self.since_closing: frozenset[Ref] = frozenset()
        self._reckoning: Reckoning | None = None
        self._aware: dict[Ref, tuple[Aware, ...]] = {}
        self._wrong: Mapping[Ref, tuple[Finding, ...]] = {}

    def show(
        self,
        reckoning: Reckoning,
        wrong: Mapping[Ref, tuple[Finding, ...]],
        since_closing: frozenset[Ref],
        knowledge: Knowledge,
    ) -> None:
        """Show those that came in the order, and what is otherwise by now."""
        entries, places, before = self.entries, self.places, len(self.places)
        touched = set(reckoning.touched if reckoning is self._reckoning else places)
        touched.update(since_closing ^ self.since_closing)
        touched.update(ref for ref in wrong.keys() | self._wrong if wrong.get(ref) != self._wrong.get(ref))
        self._reckoning, self._wrong, self.since_closing = reckoning, wrong, since_closing
        for nth, entry in enumerate(entries[before:], before):
            places[entry.ref] = nth
            touched.add(entry.ref)
            touched.update(acknowledge(self._aware, entry))
        for nth in sorted(places[ref] for ref in touched if ref in places):
            entry = entries[nth]
            entries[nth] = self._anew(entry, reckoning)
            self.described.change(nth, entry if nth < before else None)
        reckoning.touched.clear()
        self.sources = source_views(reckoning.citations, knowledge, places, anew=not before)

    def _anew(self, entry: TimelineEntry, reckoning: Reckoning) -> TimelineEntry:
        ref, report = entry.ref, reckoning.reports.get(entry.ref)
        corrections = reckoning.corrections[ref] if isinstance(report, Corrected) else ()
        return replace(
            entry,
            standing=reckoning.standing(ref),
            findings=self._wrong.get(ref, ()),
            since_closing=ref in self.since_closing,
            acknowledged=self._aware.get(ref, ()),
            corrected=report if isinstance(report, Corrected) else None,
            corrected_by=tuple(correction.ref for correction in corrections),
            withdrawn_by=reckoning.withdrawn.get(ref),
        )
