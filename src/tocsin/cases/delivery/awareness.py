"""Which officers say that they are aware of what, and what was done about what.

An officer who writes a record of a case is aware of every record that it is about: those that an
acknowledgement names, the ask that an answer answers, and the report that opened the case. A machine's record
says nothing about a person. What a record says can be taken back, not that its officer knew: so for this it
does not matter whether it counts.
"""

from collections import defaultdict
from collections.abc import Iterator

from tocsin.cases.delivery.view import Aware
from tocsin.cases.picture.view import CaseView, TimelineEntry
from tocsin.core.records import Acknowledgement, Answer, Ref


class Awareness:
    """What the records of one case say about that."""

    def __init__(self, view: CaseView) -> None:
        self._aware: defaultdict[Ref, dict[tuple[str, str | None], Aware]] = defaultdict(dict)
        self._answered: dict[tuple[Ref, str], Ref] = {}
        for entry in view.timeline:
            if isinstance(entry.record, Answer) and entry.standing not in {"withdrawn", "refused"}:
                self._answered.setdefault((entry.record.ask, entry.member), entry.ref)
            if entry.record.author_kind == "officer":
                for ref in _about(entry):
                    self._aware[ref].setdefault((entry.member, entry.officer), _aware(entry))

    def of(self, entry: TimelineEntry) -> tuple[Aware, ...]:
        """The first officer of each other member who is aware of a record, and each who signed for it."""
        aware = self._aware.get(entry.ref, {}).values()
        return tuple(sorted((one for one in aware if one.member != entry.member), key=_member))

    def acknowledged(self, ref: Ref, member: str) -> Ref | None:
        """Where an officer of that member says so."""
        aware = self._aware.get(ref, {}).values()
        return next((one.ref for one in aware if one.member == member), None)

    def answered(self, ask: Ref, member: str) -> Ref | None:
        """The first answer of that member which still stands, or gave way to a newer one."""
        return self._answered.get((ask, member))


def _about(entry: TimelineEntry) -> Iterator[Ref]:
    record = entry.record
    if record.case is not None:
        yield record.case
    if isinstance(record, Acknowledgement):
        yield from record.of
    elif isinstance(record, Answer):
        yield record.ask


def _member(aware: Aware) -> str:
    return aware.member


def _aware(entry: TimelineEntry) -> Aware:
    return Aware(
        member=entry.member,
        officer=entry.officer or entry.record.author,
        signed=entry.officer is not None,
        ref=entry.ref,
        at_ms=entry.record.at_ms,
    )
