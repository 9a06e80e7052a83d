"""What the one who is asked about a source is expected to answer.

- A member can tell what a source shows, or it cannot (`tells`). If it can, it is right four times out of
  five, as the rules have it of a source (`weighing.MOST_OF_A_READING`), and wrong for each other kind alike.
- It answers by a reading, as sure as it is right, which takes the place of its older one: it has looked at
  that source itself, which its reading rests on besides, and says what both say together. Who cannot tell
  changes nothing.
- Nothing is learned of anybody here: all members are held to be alike but for what they saw themselves.

These are no measured rates. They are set so that the order of questions is right where it is plain: first the
one who saw it, then those who can look at it, and hardly ever anybody else.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tocsin.core.records import Probability, Reading, Ref
from tocsin.core.records.cases.vocabulary import Undetermined, What
from tocsin.core.views import CaseSource
from tocsin.readings.arithmetic import WHOLE_PERMILLE, permille_of
from tocsin.readings.hypotheses import KINDS

WITNESS_TELLS: Final = 900
"""Who saw it can tell what it shows, but for one time in ten: it may not say, or does not know."""
OTHER_TELLS: Final = 700
"""Who can look at it has first to find and to understand it."""
STRANGER_TELLS: Final = 50
"""Nobody can look at what only its witnesses have; that somebody has seen it, too, happens."""
AGAIN_TELLS: Final = 200
"""Who saw and read it, and left most open, has told already; since then it may have learned more."""

RIGHT: Final = 800
OPEN: Final = WHOLE_PERMILLE - RIGHT
WRONG: Final = OPEN // (len(KINDS) - 1)


def tells(source: CaseSource, *, is_witness: bool, again: bool = False) -> int:
    """How likely it is, in permille, that a member can tell what a source shows.

    `again`: it saw and read it already, and left most of it undetermined.
    """
    others_tell = OTHER_TELLS if source.verifiable else STRANGER_TELLS
    first = WITNESS_TELLS if is_witness else others_tell
    return min(first, AGAIN_TELLS) if again else first


def says(kinds: Sequence[int]) -> list[int]:
    """How likely each kind is as the answer of who can tell, in millionths; of `kinds` that likely now."""
    return [WRONG * sum(kinds) + (RIGHT - WRONG) * permille for permille in kinds]


def answer(older: Reading | None, kind: What, under: Mapping[Ref, What]) -> tuple[Probability, ...]:
    """What a reading says by which a member answers that a source shows that kind, in place of its older one.

    It has the masses of both by Dempster's rule of combination (Shafer 1976, chapter 3): what they agree on
    counts, what they contradict each other in is left out. What was possible stays possible. `under`: the
    kinds of the case's hypotheses.
    """
    masses: Counter[What | Undetermined | Ref] = Counter()
    for about, permille in _masses(older, under):
        if about == "undetermined":
            masses[kind] += RIGHT * permille
            masses[about] += OPEN * permille
        else:
            agrees = kind == (under[about] if isinstance(about, Ref) else about)
            masses[about] += (RIGHT + OPEN if agrees else OPEN) * permille
    return _probabilities(masses)


def _masses(
    older: Reading | None, under: Mapping[Ref, What]
) -> Iterator[tuple[What | Undetermined | Ref, int]]:
    if older is None:
        yield "undetermined", WHOLE_PERMILLE
        return
    for one in older.probabilities:
        if one.hypothesis is None:
            yield one.what or "undetermined", one.permille
        else:
            yield one.hypothesis if one.hypothesis in under else "undetermined", one.permille


def _probabilities(masses: Mapping[What | Undetermined | Ref, int]) -> tuple[Probability, ...]:
    """In permille, and none of them 0."""
    permille = dict(zip(masses, permille_of(list(masses.values())), strict=True))
    most = max(permille, key=permille.__getitem__)
    for about in [about for about, part in permille.items() if not part]:
        permille[about] += 1
        permille[most] -= 1
    return tuple(
        Probability(permille=part, hypothesis=about)
        if isinstance(about, Ref)
        else Probability(permille=part, what=about)
        for about, part in permille.items()
    )
