"""From a case's picture, cosignatures, contexts and a moment: who has what, who is aware, what is overdue.

A large case has a million places, one for each record and member, and is looked at again and again. So what
was told last is kept, log by log and member by member, and told again where it rests on the same.
"""

from collections.abc import Iterator, Mapping
from itertools import chain, compress
from typing import TypeAlias

from tocsin.cases.delivery.awareness import Awareness
from tocsin.cases.delivery.bounds import Bounds
from tocsin.cases.delivery.dues import ALWAYS, Owing, Reckoner
from tocsin.cases.delivery.hours import Hours
from tocsin.cases.delivery.logs import Log, across
from tocsin.cases.delivery.view import Delivered, Delivery, Due
from tocsin.cases.picture.view import CaseView
from tocsin.core.records import Ref
from tocsin.core.views import Holdings, Knowledge, Terms


def delivery(
    view: CaseView,
    holdings: Holdings,
    knowledge: Knowledge,
    terms: Terms,
    *,
    hours: Mapping[str, Hours],
    now_ms: int,
) -> Delivery:
    """Who has this case's records, who is aware of them, and what is overdue at `now_ms`, as known here.

    `hours` are the members' by their cards; who is not in there is always on duty.
    """
    return Tracking().delivery(view, holdings, knowledge, terms, hours=hours, now_ms=now_ms)


class Tracking:
    """`delivery`, that remembers the case that it was asked for last."""

    def __init__(self) -> None:
        self._last: _Look | None = None

    def delivery(
        self,
        view: CaseView,
        holdings: Holdings,
        knowledge: Knowledge,
        terms: Terms,
        *,
        hours: Mapping[str, Hours],
        now_ms: int,
    ) -> Delivery:
        """See `delivery`."""
        last = self._last
        if last and (last.view.case, last.terms) != (view.case, terms):
            self._last = last = None
        bounds = Bounds(view, holdings, knowledge, last.bounds if last else None)
        self._last = look = _Look(view, bounds, terms, last)
        dues = tuple(look.dues(hours, now_ms))
        return Delivery(case=view.case, now_ms=now_ms, records=look.records, dues=dues)


_Basis: TypeAlias = tuple[object, ...]


class _Look:
    """One look at a case, and all that the next may take from it."""

    def __init__(self, view: CaseView, bounds: Bounds, terms: Terms, last: "_Look | None") -> None:
        self.view = view
        self.bounds = bounds
        self.terms = terms
        self.places = _places(view, bounds)
        self.awareness: Awareness
        self.records: tuple[Delivered, ...]
        logs = list(bounds.logs.values())
        if last and (list(last.bounds.logs.values()), last.places) == (logs, self.places):
            self.awareness, self.records = last.awareness, last.records
        else:
            self.awareness = Awareness(view, last.awareness if last else None)
            delivered = {log.name: list(self._delivered(log)) for log in logs}
            self.records = tuple(delivered[log][place] for log, place in self.places)
        self.owing: dict[tuple[str, str], tuple[_Basis, Owing]] = last.owing if last else {}

    def dues(self, hours: Mapping[str, Hours], now_ms: int) -> Iterator[Due]:
        """What is owed, in the timeline's order."""
        me = self.bounds.me
        reckoner = Reckoner.of(self.view, self.awareness, self.terms, me=me, hours=hours, now_ms=now_ms)
        members = sorted(self.terms.parties)
        rows: dict[tuple[str, int], tuple[tuple[Due, ...], ...]] = {}
        for log in self.bounds.logs.values():
            columns = [self._owed(reckoner, log, member).dues for member in members if member != log.member]
            places = ((log.name, place) for place in log.owing)
            rows |= zip(places, across(columns, len(log.owing)), strict=True)
        return chain.from_iterable(chain.from_iterable(rows[key] for key in self.places if key in rows))

    def _owed(self, reckoner: Reckoner, log: Log, member: str) -> Owing:
        column = self.bounds.column(log, member)
        basis = (
            log,
            column,
            reckoner.closed,
            self.awareness.done[member],
            reckoner.hours.get(member, ALWAYS),
        )
        before, owing = self.owing.get((log.name, member), ((), None))
        if owing is None or before != basis or not owing.from_ms <= reckoner.now_ms < owing.until_ms:
            owing = reckoner.owing(log, column, member)
            self.owing[log.name, member] = basis, owing
        return owing

    def _delivered(self, log: Log) -> Iterator[Delivered]:
        """The records of a log, in its order."""
        present = {slug for slug, party in self.terms.parties.items() if party.present}
        members = sorted({*present, *log.confirmations} - {log.member})
        columns = [self.bounds.column(log, member) for member in members]
        counts: dict[tuple[bool, ...], tuple[int, int]] = {}
        for entry, (not_before, not_later), reached, held in zip(
            log.entries,
            self.bounds.written(log),
            across([column.reached for column in columns], len(log.entries)),
            across([column.held for column in columns], len(log.entries)),
            strict=True,
        ):
            if held not in counts:
                counts[held] = self._counted(members, held)
            held_by, economies = counts[held]
            yield Delivered(
                ref=entry.ref,
                member=entry.member,
                not_before=not_before,
                not_later=not_later,
                held_by=held_by,
                economies=economies,
                reached=reached,
                aware=self.awareness.of(entry),
            )

    def _counted(self, members: list[str], held: tuple[bool, ...]) -> tuple[int, int]:
        """How many hold a record, and in how many economies they are."""
        holders = list(compress(members, held))
        parties = self.terms.parties
        return len(holders), len({parties[holder].economy for holder in holders if holder in parties})


def _places(view: CaseView, bounds: Bounds) -> list[tuple[str, int]]:
    """Of each record in the timeline, its log, and its place among the case's records there."""
    places: dict[Ref, int] = {
        entry.ref: place for log in bounds.logs.values() for place, entry in enumerate(log.entries)
    }
    return [(entry.ref.log, places[entry.ref]) for entry in view.timeline]
