"""The best questions: those by which what is open would be expected to shrink most (Lindley 1956).

- A question is of one member, about one source: what does that show, by your lights? It is worth what is open
  now, less what is expected to be open once it is answered; both as the common view would state it, which
  holds back what too few stand for.
- Nobody is asked what it has answered: who saw a source and reads the case by it is not asked about it,
  unless it left most open. Who knows of it by others' records alone can be asked to look. Nor is anybody
  asked that has closed the case: no reading that comes then counts.
- What is worth less than half a thousandth of a bit is no question.
"""

from collections.abc import Collection
from heapq import nsmallest
from typing import Final

from msgspec import Struct

from tocsin.core.views import Evidence
from tocsin.readings.asking.prospects import Prospect, Prospects
from tocsin.readings.asking.searching import Search

_MICROBIT: Final = 10**9
_MILLIBIT: Final = 10**12
"""In 10^-15 bits: nothing is rounded before questions are compared (`searching.WorkedOut.worth`)."""


class Question(Struct, frozen=True, kw_only=True):
    """What to ask next: what one source (its place in the evidence) shows, by one member's lights.

    Of `now_millibits` that are open, `gain_millibits` are expected not to be once it is answered; both in
    thousandths of a bit. `tells_permille`: how likely it is that the member can tell at all. If it can,
    `prospects` are what comes of each answer; else all stays as it is. `is_witness`: it saw that source.
    """

    member: str
    source: int
    gain_millibits: int
    now_millibits: int
    tells_permille: int
    is_witness: bool
    prospects: tuple[Prospect, ...]


def next_questions(
    evidence: Evidence,
    members: Collection[str],
    *,
    me: str,
    on_duty: Collection[str] = (),
    asked: Collection[tuple[str, int]] = (),
    most: int = 8,
) -> tuple[Question, ...]:
    """What `me` had best ask one of these members about a case: so many questions at most, the best first.

    Of questions that are worth the same, first those about sources that were cited earlier, then to members
    that are `on_duty`, then by member. `asked`: which members have been asked about which sources, whatever
    came of it (`wording.asked_already`). About a closed case there is nothing to ask.
    """
    if evidence.closed:
        return ()
    prospects = Prospects(evidence)
    others = set(members) - {me, *evidence.closed_by}
    worth_asking = [
        (-one.worth, one.group.source, member not in on_duty, member, one)
        for one in Search(evidence, prospects, others, asked).worked_out()
        if _millibits(one.worth) > 0
        for member in one.group.members
    ]
    return tuple(
        Question(
            member=member,
            source=source,
            gain_millibits=_millibits(one.worth),
            now_millibits=_millibits(prospects.now_microbits * _MICROBIT),
            tells_permille=one.group.tells_permille,
            is_witness=one.group.is_witness,
            prospects=one.answers.prospects,
        )
        for _, source, _, member, one in nsmallest(most, worth_asking)
    )


def _millibits(worth: int) -> int:
    """In thousandths of a bit, half upwards."""
    return (2 * worth + _MILLIBIT) // (2 * _MILLIBIT)
