"""What a case rests on, and what its members make of it: what readings are fused from.

`cases` makes it of the records that count, so that which sources are one, and who vouches for them, is
worked out in one place (docs/protocol.md, sections 19.3 and 23.1).
"""

from dataclasses import dataclass

from tocsin.core.records import GroundTruth, Hypothesis, Reading, Ref, Source
from tocsin.core.views.said import Said


@dataclass(frozen=True, slots=True)
class CaseSource:
    """One source of a case: which members cite it itself, and how, in the order of the timeline.

    They do so in a report, an answer or a reading which counts; who cites a record that does is not among
    them. `verifiable`: others can look at it. `refs`: the records that write it down, in the same order.
    """

    cited: tuple[tuple[str, Source], ...]
    verifiable: bool
    refs: tuple[Ref, ...] = ()

    @property
    def citations(self) -> tuple[Source, ...]:
        """How it is cited, each way once."""
        return tuple(dict.fromkeys(source for _, source in self.cited))

    @property
    def witnesses(self) -> tuple[str, ...]:
        """The members that cite it itself, ascending."""
        return tuple(sorted({member for member, _ in self.cited}))


@dataclass(frozen=True, slots=True)
class ReadOn:
    """A reading that stands, and on what it rests: numbers in `Evidence.sources`.

    `sources`: all to which its citations lead, ascending. `own`: those of them that its organisation cites
    itself, in it or in records of its own to which it leads, as they are cited there. `others`: how many
    records of other members it cites, itself or by those of its own.
    """

    said: Said[Reading]
    sources: tuple[int, ...]
    own: tuple[int, ...]
    others: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence of one case.

    `sources`: all that reports, answers and readings which count cite, the first cited first; none where no
    reading stands. `readings`: one a member at most, ascending by member, and none that its member wrote once
    it had closed the case. `hypotheses` count, ascending by member and place. `truths`: one a member at most,
    ascending by member, and of members that have closed the case alone. `closed_by`: those, ascending; it is
    `closed` if the one that opened it has.
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
