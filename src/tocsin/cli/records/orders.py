"""Erasures, holds and what answers them, in plain words."""

from collections.abc import Iterator, Sequence

from tocsin.cli.terminal import paragraph
from tocsin.core.names import LogName
from tocsin.core.records import Erased, Erasure, Hold, Order, Place, Release

_RANGE_BEGINS = 3


def place_words(place: Place) -> str:
    """A record, as a person names it."""
    name = LogName.parse(place.log)
    epoch = "" if name.epoch == 1 else f" in epoch {name.epoch}"
    return f"no. {place.index} of {name.member}{epoch}"


def numbers(indices: Sequence[int]) -> str:
    """Indexes, those that follow one another in one."""
    runs: list[list[int]] = []
    for index in indices:
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return ", ".join(
        f"{run[0]} to {run[-1]}" if len(run) >= _RANGE_BEGINS else ", ".join(map(str, run)) for run in runs
    )


def order_kind(record: Order | Erased) -> str:
    """What kind of thing is said, and in whose role."""
    match record:
        case Erasure():
            return f"orders an erasure, by {record.author}"
        case Hold():
            return f"keeps records by a legal hold, by {record.author}"
        case Release():
            return f"ends a legal hold, by {record.author}"
    return "has erased"


def order_said(record: Order | Erased, indent: str) -> Iterator[str]:
    """What is said, line by line."""
    match record:
        case Erasure():
            of = LogName.parse(record.log)
            yield f"{indent}no. {numbers([target.index for target in record.targets])} of {of.member}"
        case Hold():
            yield from paragraph(", ".join(map(place_words, record.targets)), indent)
        case Release():
            yield f"{indent}the hold that is {place_words(record.hold)}"
        case Erased():
            yield from _answer(record, indent)
    if isinstance(record, Order):
        yield from paragraph(f"ordered by {record.ordered_by}: {record.reason}", indent)


def _answer(record: Erased, indent: str) -> Iterator[str]:
    yield f"{indent}for the erasure that is {place_words(record.erasure)}"
    if record.purged:
        yield f"{indent}gone there: {numbers(record.purged)}"
    if record.held:
        yield f"{indent}kept there by a legal hold: {numbers(record.held)}"
