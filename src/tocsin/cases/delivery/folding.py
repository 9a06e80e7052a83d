"""From a case's picture, cosignatures, contexts and a moment: who has what, who is aware, what is overdue."""

from collections.abc import Mapping

from tocsin.cases.delivery.awareness import Awareness
from tocsin.cases.delivery.bounds import Bounds
from tocsin.cases.delivery.dues import dues
from tocsin.cases.delivery.hours import Hours
from tocsin.cases.delivery.view import Delivered, Delivery, Reached
from tocsin.cases.picture.view import CaseView, TimelineEntry
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
    bounds = Bounds(view, holdings, knowledge)
    awareness = Awareness(view)
    return Delivery(
        case=view.case,
        now_ms=now_ms,
        records=tuple(_delivered(entry, bounds, awareness, terms) for entry in view.timeline),
        dues=dues(view, bounds, awareness, terms, hours=hours, now_ms=now_ms),
    )


def _delivered(entry: TimelineEntry, bounds: Bounds, awareness: Awareness, terms: Terms) -> Delivered:
    not_before, not_later = bounds.written(entry)
    present = {slug for slug, party in terms.parties.items() if party.present}
    reached = tuple(
        _reached(entry, member, bounds)
        for member in sorted({*present, *bounds.holders(entry.ref.log)} - {entry.member})
    )
    holders = [one.member for one in reached if one.held]
    return Delivered(
        ref=entry.ref,
        member=entry.member,
        not_before=not_before,
        not_later=not_later,
        held_by=len(holders),
        economies=len({terms.parties[holder].economy for holder in holders if holder in terms.parties}),
        reached=reached,
        aware=awareness.of(entry),
    )


def _reached(entry: TimelineEntry, member: str, bounds: Bounds) -> Reached:
    not_later, by_others = bounds.confirmed(entry, member), bounds.confirmed_by_others(entry, member)
    known = [bound for bound in (not_later, by_others) if bound]
    return Reached(
        member=member,
        not_before=bounds.not_before(entry, member, min(known, key=lambda bound: bound.at_ms, default=None)),
        not_later=not_later,
        by_others=by_others,
    )
