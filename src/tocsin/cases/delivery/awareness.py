"""Which officers say that they are aware of what, and what was done about what.

An officer who writes a record of a case is aware of every record that it is about: those that an
acknowledgement names, the ask that an answer answers, and the report that opened the case. A machine's record
says nothing about a person. What a record says can be taken back, not that its officer knew: so for this it
does not matter whether it counts.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from tocsin.cases.picture.view import Aware, CaseView, TimelineEntry
from tocsin.core.records import Acknowledgement, Answer, CaseRecord, Ref


@dataclass(slots=True)
class Done:
    """What one member did: where an officer of it is aware of a record first, and answers an ask first.

    That is with an answer which still stands, or gave way to a newer one.
    """

    acknowledged: dict[Ref, Ref] = field(default_factory=dict)
    answered: dict[Ref, Ref] = field(default_factory=dict)


class Awareness:
    """What the records of one case say about that, and `done` what each member did.

    Of `before`, of the same case earlier, it takes what is the same.
    """

    def __init__(self, view: CaseView, before: "Awareness | None" = None) -> None:
        self._aware: defaultdict[Ref, dict[tuple[str, str | None], TimelineEntry]] = defaultdict(dict)
        self.done: defaultdict[str, Done] = defaultdict(Done)
        for entry in view.timeline:
            if isinstance(entry.record, Answer) and entry.standing not in {"withdrawn", "refused"}:
                self.done[entry.member].answered.setdefault(entry.record.ask, entry.ref)
            if entry.record.author_kind == "officer":
                for ref in aware_of(entry.record):
                    self._aware[ref].setdefault((entry.member, entry.officer), entry)
                    self.done[entry.member].acknowledged.setdefault(ref, entry.ref)
        if before:
            self.done |= {
                member: done for member, done in before.done.items() if done == self.done.get(member)
            }

    def of(self, entry: TimelineEntry) -> tuple[Aware, ...]:
        """The first officer of each other member who is aware of a record, and each who signed for it."""
        aware = self._aware.get(entry.ref)
        if aware is None:
            return ()
        others = (Aware.by(one) for one in aware.values() if one.member != entry.member)
        return tuple(sorted(others, key=_member))


def aware_of(record: CaseRecord) -> Iterator[Ref]:
    """Of what an officer who writes this is aware."""
    if record.case is not None:
        yield record.case
    if isinstance(record, Acknowledgement):
        yield from record.of
    elif isinstance(record, Answer):
        yield record.ask


def _member(aware: Aware) -> str:
    return aware.member
