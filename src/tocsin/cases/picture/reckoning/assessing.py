"""What it may have been, what it is read as, and what it was: which of that stands (section 19.2).

- A hypothesis counts. Of a member's ground truths the newest does, and of its readings the newest that it
  wrote before it closed the case.
- What a member reads in a case that it has closed counts for nothing. Who knows how it ended forecasts
  nothing, nor does it unsay by that what it held before.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import Generic, TypeAlias, TypeVar

from tocsin.cases.picture.places import Place, place, says
from tocsin.cases.picture.view import Standing
from tocsin.core.records import CaseRecord, GroundTruth, Hypothesis, Reading, Ref
from tocsin.core.views import Said

_Kind = TypeVar("_Kind", bound=CaseRecord)
_Assessment: TypeAlias = Said[Hypothesis] | Said[Reading] | Said[GroundTruth]


class Newest(Generic[_Kind]):
    """Records of one kind of which one a member stands, told and taken back in any order.

    To `touched` are added those that begin or cease to stand; what an end refuses has a finding that says so.
    """

    def __init__(self, touched: set[Ref]) -> None:
        self._touched = touched
        self._said: dict[str, list[Said[_Kind]]] = {}
        self._ends: dict[str, Place] = {}

    def __iter__(self) -> Iterator[Said[_Kind]]:
        """Those that stand, by member."""
        for member in sorted(self._said):
            if newest := self._newest(member):
                yield newest

    def add(self, said: Said[_Kind]) -> None:
        """One more."""
        before = self._newest(said.member)
        insort(self._said.setdefault(said.member, []), said, key=_place)
        self._touch(before, self._newest(said.member))

    def remove(self, said: Said[_Kind]) -> None:
        """One less."""
        known, before = self._said[said.member], self._newest(said.member)
        del known[bisect_left(known, place(said.ref), key=_place)]
        self._touch(before, self._newest(said.member))

    def end(self, member: str, end: Ref | None) -> None:
        """That what the member wrote after this, if that is anything, counts for nothing."""
        before = self._newest(member)
        self._ends.pop(member, None)
        if end is not None:
            self._ends[member] = place(end)
        self._touch(before, self._newest(member))

    def standing(self, said: Said[_Kind]) -> Standing:
        """What one of them counts for."""
        end = self._ends.get(said.member)
        if end is not None and end < place(said.ref):
            return "refused"
        return "counts" if self._newest(said.member) is said else "superseded"

    def _newest(self, member: str) -> Said[_Kind] | None:
        known, end = self._said.get(member, []), self._ends.get(member)
        count = len(known) if end is None else bisect_left(known, end, key=_place)
        return known[count - 1] if count else None

    def _touch(self, before: Said[_Kind] | None, after: Said[_Kind] | None) -> None:
        if before is not after:
            self._touched.update(said.ref for said in (before, after) if said)


class Assessments:
    """The hypotheses, readings and ground truths of a case that were not withdrawn."""

    def __init__(self, touched: set[Ref]) -> None:
        self.hypotheses: dict[Ref, Said[Hypothesis]] = {}
        self.readings = Newest[Reading](touched)
        self.truths = Newest[GroundTruth](touched)

    def add(self, said: _Assessment) -> None:
        """One more."""
        if says(said, Hypothesis):
            self.hypotheses[said.ref] = said
        elif says(said, Reading):
            self.readings.add(said)
        elif says(said, GroundTruth):
            self.truths.add(said)

    def remove(self, said: _Assessment) -> None:
        """One less, which was withdrawn."""
        if says(said, Hypothesis):
            del self.hypotheses[said.ref]
        elif says(said, Reading):
            self.readings.remove(said)
        elif says(said, GroundTruth):
            self.truths.remove(said)

    def standing(self, said: _Assessment) -> Standing:
        """What one of them counts for."""
        if says(said, Reading):
            return self.readings.standing(said)
        return self.truths.standing(said) if says(said, GroundTruth) else "counts"


def _place(said: Said[_Kind]) -> Place:
    return place(said.ref)
