"""What a case rests on, and what its members make of it (docs/protocol.md, section 23.1).

- Which sources are one is found as for corroboration, but over more: what readings cite is among them, and
  may show that two are one. So a reading bears on what readings rest on, and on nothing else of the case.
- A witness cites the source itself. Who cites a record that does has seen that record, and nothing more.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from tocsin.cases.picture.citing import Citations
from tocsin.cases.picture.places import place
from tocsin.cases.picture.reckoning import Reckoning
from tocsin.cases.picture.sources import Cited, Components, cited, is_verifiable
from tocsin.core.records import GroundTruth, Reading, Ref
from tocsin.core.views import CaseSource, Evidence, ReadOn, Said


def evidence_of(case: Ref, reckoning: Reckoning, places: Callable[[], Mapping[Ref, int]]) -> Evidence:
    """That, for a case of which so much counts. `places` are those of its records in the timeline.

    Where no reading stands, nothing rests on sources: they are not looked for, and places not asked for.
    """
    assessments = reckoning.assessments
    readings = tuple(assessments.readings)
    sources = _Sources(readings, reckoning.citations, places() if readings else {})
    return Evidence(
        case=case,
        sources=tuple(map(_case_source, sources.in_order)),
        hypotheses=tuple(
            sorted(assessments.hypotheses.values(), key=lambda said: (said.member, place(said.ref)))
        ),
        readings=tuple(map(sources.read, readings)),
        truths=truths_of(reckoning),
        closed_by=tuple(sorted(reckoning.closings)),
    )


def truths_of(reckoning: Reckoning) -> tuple[Said[GroundTruth], ...]:
    """What the case was, by each member that has closed it."""
    return tuple(one for one in reckoning.assessments.truths if one.member in reckoning.closings)


class _Sources:
    """All that these readings, and what is cited besides, rest on.

    `in_order` has the citations of each source in the order of the timeline, those of the first one first.
    """

    def __init__(
        self, readings: Sequence[Said[Reading]], citations: Citations, places: Mapping[Ref, int]
    ) -> None:
        self._citations = citations
        self._own = {said.ref: cited(said.ref, said.record.sources or ()) for said in readings}
        self._components = Components()
        for cites in (*(citations.sources.values() if readings else ()), *self._own.values()):
            for one in cites:
                self._components.add(one, 0)

        def by_place(one: Cited) -> tuple[int, int]:
            return places[one.ref], one.nth

        in_order = (sorted(source.cited, key=by_place) for source in self._components)
        self.in_order = sorted(in_order, key=lambda cites: by_place(cites[0]))
        self._numbers = {self._components.find(cites[0]): at for at, cites in enumerate(self.in_order)}

    def read(self, said: Said[Reading]) -> ReadOn:
        """On which of them a reading rests."""
        named = {source.record for source in said.record.sources or () if source.record is not None}
        own = _reached(named, lambda ref: self._onward(ref) if ref.log_name.member == said.member else ())
        others = {ref for ref in own if ref.log_name.member != said.member}
        cites = [*self._own[said.ref], *self._cites(sorted(own - others, key=place))]
        leads_to = self._numbers_of([*cites, *self._cites(_reached(named, self._onward))])
        return ReadOn(
            said=said, sources=tuple(sorted(leads_to)), own=self._numbers_of(cites), others=len(others)
        )

    def _onward(self, ref: Ref) -> Iterable[Ref]:
        return self._citations.cited.get(ref, ())

    def _cites(self, refs: Iterable[Ref]) -> Iterator[Cited]:
        for ref in refs:
            yield from self._citations.sources.get(ref, ())

    def _numbers_of(self, cites: Iterable[Cited]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(self._numbers[self._components.find(one)] for one in cites))


def _reached(named: Iterable[Ref], onward: Callable[[Ref], Iterable[Ref]]) -> set[Ref]:
    """Records, those to which they lead, and so on; each once, though they may lead in a circle."""
    waiting = set(named)
    reached = set(waiting)
    while waiting:
        further = set(onward(waiting.pop())) - reached
        reached |= further
        waiting |= further
    return reached


def _case_source(cites: Sequence[Cited]) -> CaseSource:
    return CaseSource(
        cited=tuple(dict.fromkeys((one.member, one.source) for one in cites)),
        verifiable=any(is_verifiable(one.source) for one in cites),
        refs=tuple(dict.fromkeys(one.ref for one in cites)),
    )
