"""What `delivery` means, in the plainest way: each record and member by themselves, from the beginning."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tocsin.cases.delivery import Aware, Bound, Delivered, Delivery, Due, Hours, Reached
from tocsin.cases.delivery.dues import period_ms
from tocsin.cases.picture.view import COUNTING, CaseView, TimelineEntry
from tocsin.core.records import Acknowledgement, Answer, Ask, Ref, Report
from tocsin.core.views import Holdings, Knowledge, Terms


@dataclass
class Plain:
    """A case at a moment."""

    view: CaseView
    holdings: Holdings
    knowledge: Knowledge
    terms: Terms
    hours: Mapping[str, Hours]
    now_ms: int

    def delivery(self) -> Delivery:
        """See `delivery`."""
        return Delivery(
            case=self.view.case,
            now_ms=self.now_ms,
            records=tuple(map(self.delivered, self.view.timeline)),
            dues=tuple(
                due
                for entry in self.view.timeline
                if entry.standing in COUNTING
                for member in sorted(self.terms.parties)
                for due in self.dues(entry, member)
            ),
        )

    def logs(self) -> dict[str, list[TimelineEntry]]:
        """The records of each log, in its order."""
        logs: dict[str, list[TimelineEntry]] = {}
        for entry in sorted(self.view.timeline, key=lambda entry: entry.ref.index):
            logs.setdefault(entry.ref.log, []).append(entry)
        return logs

    def others(self, entry: TimelineEntry) -> list[list[TimelineEntry]]:
        """The records of each log of another member."""
        return [log for log in self.logs().values() if log[0].member != entry.member]

    def of(self, member: str) -> list[list[TimelineEntry]]:
        """The records of each log of a member."""
        return [log for log in self.logs().values() if log[0].member == member]

    def shown(
        self, log: list[TimelineEntry], entry: TimelineEntry
    ) -> tuple[TimelineEntry | None, TimelineEntry | None]:
        """The last record of a log that does not show another held, and the next, which does."""
        last = None
        for one in log:
            if self.knowledge.saw(one.ref.log, one.ref.index).get(entry.ref.log, 0) > entry.ref.index:
                return last, one
            last = one
        return last, None

    def cosigned(self, entry: TimelineEntry, member: str) -> tuple[int | None, int | None]:
        """When a member confirmed the record first, and its log without it last, in seconds."""
        kept = self.holdings.cosigned.get(entry.ref.log, {}).get(member, ())
        return (
            min((one.time_s for one in kept if one.size > entry.ref.index), default=None),
            max((one.time_s for one in kept if one.size <= entry.ref.index), default=None),
        )

    def by_others(self, entry: TimelineEntry) -> Bound | None:
        """The earliest word of all but its author."""
        bounds = [
            cosignature(member, time_s)
            for member in self.holdings.cosigned.get(entry.ref.log, {})
            if member != entry.member and (time_s := self.cosigned(entry, member)[0])
        ]
        if entry.ref in self.holdings.arrived and self.holdings.me != entry.member:
            bounds.append(self.arrival(entry))
        return earliest(bounds)

    def arrival(self, entry: TimelineEntry) -> Bound:
        """When it came here."""
        return Bound(at_ms=self.holdings.arrived[entry.ref], witness=self.holdings.me, by="arrival")

    def written(self, entry: TimelineEntry) -> tuple[Bound, Bound | None]:
        """Not before, not later."""
        seen = self.knowledge.saw(entry.ref.log, entry.ref.index)
        by_others = self.by_others(entry)
        firsts = (self.shown(log, entry)[1] for log in self.others(entry))
        later = earliest([*([by_others] if by_others else []), *(context(one) for one in firsts if one)])
        bounds = [own(entry)]
        for log in self.others(entry):
            held = [one for one in log if one.ref.index < seen.get(one.ref.log, 0)]
            if held:
                bounds.append(context(max(held, key=lambda one: one.record.at_ms)))
        return tightest(bounds, later), later

    def reached(self, entry: TimelineEntry, member: str) -> Reached:
        """Since when a member holds it."""
        shown = [self.shown(log, entry) for log in self.of(member)]
        confirmed_s, without_s = self.cosigned(entry, member)
        if member == self.holdings.me and entry.ref in self.holdings.arrived:
            not_later: Bound | None = self.arrival(entry)
        elif confirmed_s:
            not_later = cosignature(member, confirmed_s)
        else:
            not_later = earliest([context(first) for _, first in shown if first])
        by_others = earliest(
            [
                Bound(at_ms=bound.at_ms, witness=bound.witness, by=bound.by, ref=first.ref)
                for _, first in shown
                if first and (bound := self.by_others(first))
            ]
        )
        bounds = [own(entry), *([cosignature(member, without_s)] if without_s else [])]
        bounds += [context(last) for last, _ in shown if last]
        later = earliest([bound for bound in (not_later, by_others) if bound])
        return Reached(
            member=member, not_before=tightest(bounds, later), not_later=not_later, by_others=by_others
        )

    def delivered(self, entry: TimelineEntry) -> Delivered:
        """A record and who has it."""
        parties = self.terms.parties
        present = {slug for slug, party in parties.items() if party.present}
        cosigned = {member for member, kept in self.holdings.cosigned.get(entry.ref.log, {}).items() if kept}
        members = sorted((present | cosigned) - {entry.member})
        reached = tuple(self.reached(entry, member) for member in members)
        holders = [one.member for one in reached if one.held]
        not_before, not_later = self.written(entry)
        return Delivered(
            ref=entry.ref,
            member=entry.member,
            not_before=not_before,
            not_later=not_later,
            held_by=len(holders),
            economies=len({parties[member].economy for member in holders if member in parties}),
            reached=reached,
            aware=tuple(sorted(self.aware(entry), key=lambda aware: aware.member)),
        )

    def aware(self, entry: TimelineEntry) -> Iterator[Aware]:
        """The first officer of each other member who is aware of it, and each who signed."""
        found = set()
        for one in self.view.timeline:
            known = one.record.author_kind == "officer" and entry.ref in about(one)
            if known and one.member != entry.member and (one.member, one.officer) not in found:
                found.add((one.member, one.officer))
                officer, signed = one.officer or one.record.author, one.officer is not None
                yield Aware(
                    member=one.member, officer=officer, signed=signed, ref=one.ref, at_ms=one.record.at_ms
                )

    def dues(self, entry: TimelineEntry, member: str) -> Iterator[Due]:
        """What a member owes for it."""
        record, party = entry.record, self.terms.parties[member]
        if not party.present or party.observer or member == entry.member:
            return
        named = record.to if isinstance(record, Ask) else None
        asked = isinstance(record, Report | Ask) and (not named or member in named)
        if asked or entry.since_closing:
            yield from self.due(entry, member, "acknowledgement", None)
        if asked and isinstance(record, Ask):
            yield from self.due(entry, member, "answer", record.wanted_by_ms)

    def due(self, entry: TimelineEntry, member: str, due: str, wanted_by_ms: int | None) -> Iterator[Due]:
        """One thing that is owed."""
        reached = self.reached(entry, member)
        known = earliest([bound for bound in (reached.not_later, reached.by_others) if bound])
        since_ms = known.at_ms if known else None
        if member == self.holdings.me:
            later = reached.not_later
            since_ms = later.at_ms if later else min(entry.record.at_ms, self.now_ms)
        due_by_ms = None
        if since_ms is not None:
            minutes_ms = period_ms(self.terms, due)  # type: ignore[arg-type]
            due_by_ms = self.hours.get(member, Hours()).after(since_ms, minutes_ms)
        if due_by_ms is not None and wanted_by_ms is not None:
            due_by_ms = max(due_by_ms, wanted_by_ms)
        done = next((one.ref for one in self.view.timeline if does(one, entry.ref, member, due)), None)
        state = "not-received" if since_ms is None else "open"
        if due_by_ms is not None and due_by_ms <= self.now_ms:
            state = "overdue"
        closed = self.view.state in {"closed", "contested"} and not entry.since_closing
        if done or not closed:
            yield Due(
                of=entry.ref,
                member=member,
                due=due,  # type: ignore[arg-type]
                state="done" if done else state,  # type: ignore[arg-type]
                since_ms=since_ms,
                due_by_ms=due_by_ms,
                wanted_by_ms=wanted_by_ms,
                done=done,
            )


def does(one: TimelineEntry, ref: Ref, member: str, due: str) -> bool:
    """Whether a member's record is what was owed for another."""
    if one.member != member:
        return False
    if due == "acknowledgement":
        return one.record.author_kind == "officer" and ref in about(one)
    stands = one.standing not in {"withdrawn", "refused"}
    return isinstance(one.record, Answer) and stands and one.record.ask == ref


def about(entry: TimelineEntry) -> set[Ref]:
    """The records that a record is about."""
    record = entry.record
    refs = {record.case} if record.case else set()
    if isinstance(record, Acknowledgement):
        refs |= set(record.of)
    return refs | ({record.ask} if isinstance(record, Answer) else set())


def cosignature(member: str, time_s: int) -> Bound:
    """On a cosignature's word."""
    return Bound(at_ms=time_s * 1000, witness=member, by="cosignature")


def own(entry: TimelineEntry) -> Bound:
    """On a record's own word."""
    return Bound(at_ms=entry.record.at_ms, witness=entry.member, by="own-time", ref=entry.ref)


def context(entry: TimelineEntry) -> Bound:
    """On the word of whoever wrote a record with another held, or not."""
    return Bound(at_ms=entry.record.at_ms, witness=entry.member, by="context", ref=entry.ref)


def earliest(bounds: Iterable[Bound]) -> Bound | None:
    """The earliest, the first of several."""
    return min(bounds, key=lambda bound: bound.at_ms, default=None)


def tightest(bounds: list[Bound], later: Bound | None) -> Bound:
    """The latest that fits; where none does, the first."""
    fitting = [bound for bound in bounds if later is None or bound.at_ms <= later.at_ms]
    return max(fitting, key=lambda bound: bound.at_ms, default=bounds[0])
