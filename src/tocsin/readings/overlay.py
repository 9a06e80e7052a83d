"""What one node makes of others' readings by what it learned of them: its private overlay.

It is of one node, shown there as such, and in no record. The common view takes no weights (`common.fuse`), so
that nothing of an overlay can come into it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Final

from msgspec import Struct

from tocsin.core.records.cases.vocabulary import What
from tocsin.core.views import Evidence
from tocsin.readings.arithmetic import WHOLE_PERMILLE
from tocsin.readings.common import view_of
from tocsin.readings.hypotheses import KINDS, Leaves, top
from tocsin.readings.view import CommonView

RIGHT_BEFORE: Final = 4
WRONG_BEFORE: Final = 1
"""A Beta(4, 1) prior: before anything is known of a member it is held to be right four times out of five, as
the common rules have it of a source (`weighing.MOST_OF_A_READING`), with the weight of five cases."""


class Overlay(Struct, frozen=True, kw_only=True):
    """How much each member's readings count here, in permille; all others' 1,000: as under common rules."""

    weights: Mapping[str, int]


class PrivateView(Struct, frozen=True, kw_only=True):
    """What a case was by this node's own weights: beside the common view, never in its place."""

    view: CommonView
    overlay: Overlay


class Outcome(Struct, frozen=True, kw_only=True):
    """Whether the kind that a member held likeliest is what it was."""

    member: str
    right: bool


def outcomes(evidence: Evidence, truth: What) -> Iterable[Outcome]:
    """Of a closed case, those of all its readings that hold one kind to be likelier than any other."""
    leaves = Leaves.of(evidence)
    for read in evidence.readings:
        kinds = leaves.kinds_of(read.said.record.probabilities)
        best = top(kinds)
        if kinds.count(kinds[best]) == 1:
            yield Outcome(member=read.said.member, right=KINDS[best] == truth)


def learned(of_all_cases: Iterable[Outcome]) -> Overlay:
    """What a node learns from closed cases: how far each member is better than chance.

    The posterior mean of being right, above the one in five of guessing, as a share of what it is before
    anything is known. Nobody is ever worth more than under common rules: an overlay takes away, and who was
    right often cannot make anything likely by itself.
    """
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for one in of_all_cases:
        (right if one.right else wrong)[one.member] += 1
    return Overlay(
        weights={member: _weight(right[member], wrong[member]) for member in sorted(right | wrong)}
    )


def private_view(evidence: Evidence, overlay: Overlay) -> PrivateView:
    """What a case was, with each member's readings weighed as this node does."""
    return PrivateView(view=view_of(evidence, overlay.weights), overlay=overlay)


def _weight(right: int, wrong: int) -> int:
    chance = Fraction(1, len(KINDS))
    before = Fraction(RIGHT_BEFORE, RIGHT_BEFORE + WRONG_BEFORE) - chance
    after = Fraction(RIGHT_BEFORE + right, RIGHT_BEFORE + WRONG_BEFORE + right + wrong) - chance
    return max(0, min(WHOLE_PERMILLE, int(WHOLE_PERMILLE * after / before)))
