"""The common view of a case: what `fusion` finds, as members are shown it."""

from collections.abc import Mapping, Sequence

from tocsin.core.views import Evidence
from tocsin.readings.fusion import Found, Fusion
from tocsin.readings.hypotheses import KINDS, Leaves, top
from tocsin.readings.likelihood import likelihood
from tocsin.readings.view import CommonView, Dissent, Judged, Standing, Without
from tocsin.readings.weighing import voices_of


def fuse(evidence: Evidence) -> CommonView:
    """What a case was, by all that its members make of it, under the rules that all have in common."""
    return view_of(evidence, {})


def view_of(evidence: Evidence, weights: Mapping[str, int]) -> CommonView:
    """The same, with members' readings weighed by so many permille (`overlay`); without one, 1,000."""
    leaves = Leaves.of(evidence)
    fusion = Fusion(evidence, leaves, list(voices_of(evidence, leaves, weights)))
    whole, pool = fusion.whole(), fusion.kinds.pool
    without: list[tuple[int | None, str | None, Found]] = [
        *((source, None, fusion.without_source(source)) for source in pool.values),
        *((None, member, fusion.without_member(member)) for member in pool.members),
    ]
    every = [whole, *(found for _, _, found in without)]
    kinds = list(zip(*(one.kinds for one in every), strict=True))
    parts = list(zip(*(one.parts for one in every), strict=True))
    return CommonView(
        what=whole.what,
        kinds=tuple(
            Judged(
                what=kind,
                permille=whole.kinds[at],
                least_permille=min(kinds[at]),
                most_permille=max(kinds[at]),
                likelihood=likelihood(whole.kinds[at]),
            )
            for at, kind in enumerate(KINDS)
        ),
        leaves=tuple(
            Judged(
                what=leaf.what,
                hypothesis=leaf.hypothesis,
                permille=whole.parts[at],
                least_permille=min(parts[at]),
                most_permille=max(parts[at]),
                likelihood=likelihood(whole.parts[at]),
            )
            for at, leaf in enumerate(leaves.leaves)
        ),
        held_back=whole.held_back,
        readings=len(pool.members),
        independent_milli=pool.independent_milli,
        sources=tuple(fusion.weighed()),
        standing=tuple(
            Standing(source=one.source, member=one.member, classes=tuple(sorted(one.classes)))
            for one in fusion.standing(whole)
        ),
        without=tuple(
            Without(
                what=found.what,
                permille=found.kinds,
                held_back=found.held_back,
                source=source,
                member=member,
            )
            for source, member, found in without
        ),
        dissent=tuple(_dissent(evidence, leaves, whole)),
    )


def _dissent(evidence: Evidence, leaves: Leaves, whole: Found) -> Sequence[Dissent]:
    """Those who hold another kind likelier than any: where all together hold none likely, there is none."""
    if whole.what == "undetermined":
        return []
    found = []
    for read in evidence.readings:
        of_kind = leaves.kinds_of(read.said.record.probabilities)
        best = top(of_kind)
        if of_kind[best] > of_kind[KINDS.index(whole.what)]:
            found.append(
                Dissent(member=read.said.member, ref=read.said.ref, what=KINDS[best], permille=of_kind[best])
            )
    return found
