"""Why a kind that would be likely by the numbers is not: what its two witnesses of two classes still lack."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Literal

from tocsin.core.views import Evidence
from tocsin.readings import CommonView
from tocsin.readings.hypotheses import KINDS, Leaves, top

Lack = Literal["witness", "second", "class", "apart"]
"""Nobody who saw a source itself reads it so; one organisation alone; one class of sources alone; or each two
such sources have a witness or a class in common."""


def lacking(view: CommonView, evidence: Evidence) -> tuple[Lack, ...]:
    """What a result lacks that is held back (docs/protocol.md, section 23.2); nothing where it is not."""
    return tuple(_lacks(view, evidence)) if view.held_back else ()


def _lacks(view: CommonView, evidence: Evidence) -> Iterator[Lack]:
    best = top([one.permille for one in view.kinds])
    leaves = Leaves.of(evidence)
    read_so = {
        read.said.member
        for read in evidence.readings
        if (kinds := leaves.of_reading(read.said.record))[best] == max(kinds)
    }
    standing = [
        source
        for source in view.sources
        if _kind_of(view, source.millinats) == best and read_so.intersection(source.readers, source.witnesses)
    ]
    if not standing:
        yield "witness"
        return
    lacks_class = len(set(chain.from_iterable(one.classes for one in standing))) < 2
    lacks_second = len(set(chain.from_iterable(one.witnesses for one in standing))) < 2
    if lacks_second:
        yield "second"
    if lacks_class:
        yield "class"
    if not (lacks_class or lacks_second):
        yield "apart"


def _kind_of(view: CommonView, millinats: Sequence[int]) -> int | None:
    most = max(millinats)
    kinds = {leaf.what for leaf, one in zip(view.leaves, millinats, strict=True) if one == most}
    return KINDS.index(kinds.pop()) if most > 0 and len(kinds) == 1 else None
