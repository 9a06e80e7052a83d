"""What a case rests on, and what its members make of it: what readings are fused from.

`cases` makes it of the records that count, so that which sources are one, and who vouches for them, is
worked out in one place (docs/protocol.md, sections 19.3 and 23.1).
"""

from dataclasses import dataclass

from tocsin.core.records import GroundTruth, Hypothesis, Reading, Ref, Source
from tocsin.core.views.said import Said


@dataclass(frozen=True, slots=True)
class CaseSource:
    """One source of a case, however often it is cited; `citations` in the order of the timeline.

    `witnesses` are the members that cite it itself, in a report, an answer or a reading which counts, and not
    those that cite a record which does. Ascending. `verifiable`: others can look at it. `refs`: the records
    that write it down, in the order of the timeline.
    """

    citations: tuple[Source, ...]
    witnesses: tuple[str, ...]
    verifiable: bool
    refs: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadOn:
    """A reading that stands, and on which sources it rests: their numbers in `Evidence.sources`, ascending.

    Of a reading that cites a record these are that record's sources, and so on.
    """

    said: Said[Reading]
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence of one case.

    `sources`: all that reports, answers and readings which count cite, the first cited first; none where no
    reading stands. `readings`: one a member at most, ascending by member, and none that its member wrote once
    it had closed the case. `hypotheses` count, ascending by member and place. `truths`: one a member at most,
    ascending by member. `closed_by`: the members that have closed the case, ascending; it is `closed` if the
    one that opened it has.
    """

    case: Ref
    sources: tuple[CaseSource, ...] = ()
    hypotheses: tuple[Said[Hypothesis], ...] = ()
    readings: tuple[ReadOn, ...] = ()
    truths: tuple[Said[GroundTruth], ...] = ()
    closed_by: tuple[str, ...] = ()

    @property
    def closed(self) -> bool:
        """Whether the member that opened the case has closed it."""
        return self.case.log_name.member in self.closed_by
