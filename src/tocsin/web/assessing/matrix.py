"""Why: what each source contributes for and against each kind, who reads or repeats it, and who saw it.

A reading shares its evidence alike among what it rests on, so that the rows of one reading are the same.
"""

from dataclasses import dataclass
from typing import Literal

from tocsin.cases.telling import Language
from tocsin.cases.telling.teller import cut
from tocsin.core.records.cases.vocabulary import What
from tocsin.core.views import CaseSource, Evidence
from tocsin.readings import CommonView
from tocsin.readings.arithmetic import ln_millinats
from tocsin.readings.asking.wording import cited_as
from tocsin.readings.hypotheses import KINDS
from tocsin.readings.view import Weighed
from tocsin.readings.weighing import MOST_OF_A_READING
from tocsin.web.charts.drawing.svg import Drawing, Path

MAX_SOURCES = 12
MAX_NAME_CHARACTERS = 160

_CLEARLY = ln_millinats(2)
_CELL_PX = 64

Strength = Literal["clearly-for", "slightly-for", "neither", "slightly-against", "clearly-against"]
"""How far a source speaks for or against a kind: clearly, where it makes it twice, or half, as likely."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a source says of one kind; `bar` is to the right for it, and hollow, to the left, against it."""

    what: What
    strength: Strength
    bar: Drawing


@dataclass(frozen=True, slots=True)
class Row:
    """One source: by what it can be found, what it is, and what it says of each kind."""

    source: str
    kind: str
    classes: tuple[str, ...]
    readers: tuple[str, ...]
    repeaters: tuple[str, ...]
    witnesses: tuple[str, ...]
    disputed: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The sources that say most, first, by `kinds`, and how many `more` there are."""

    kinds: tuple[What, ...]
    rows: tuple[Row, ...]
    more: int


def matrix(view: CommonView, evidence: Evidence, language: Language) -> Matrix:
    """What each source that is read contributes."""
    ordered = sorted(view.sources, key=lambda one: (-one.diagnostic, one.source))
    return Matrix(
        kinds=KINDS,
        rows=tuple(_row(one, evidence.sources[one.source], language) for one in ordered[:MAX_SOURCES]),
        more=max(0, len(ordered) - MAX_SOURCES),
    )


def name_of(source: CaseSource) -> str:
    """By what a source can be found."""
    return cut(cited_as(source), MAX_NAME_CHARACTERS)


def _row(weighed: Weighed, source: CaseSource, language: Language) -> Row:
    kinds = dict.fromkeys(one.kind for one in source.citations)
    return Row(
        source=name_of(source),
        kind=language.listed(language.word("SourceKind", kind) for kind in kinds),
        classes=weighed.classes,
        readers=weighed.readers,
        repeaters=weighed.repeaters,
        witnesses=weighed.witnesses,
        disputed=weighed.disputed,
        cells=tuple(map(_cell, KINDS, weighed.millinats)),
    )


def _cell(kind: What, millinats: int) -> Cell:
    return Cell(kind, _strength(millinats), _bar(millinats))


def _strength(millinats: int) -> Strength:
    if millinats > 0:
        return "clearly-for" if millinats >= _CLEARLY else "slightly-for"
    if millinats < 0:
        return "clearly-against" if millinats <= -_CLEARLY else "slightly-against"
    return "neither"


def _bar(millinats: int) -> Drawing:
    middle = _CELL_PX / 2
    across = min(1.0, abs(millinats) / MOST_OF_A_READING) * (middle - 2)
    parts = [Path(f"M{middle:g} 0v12", "judged-middle")]
    if millinats > 0:
        parts.append(Path(f"M{middle:g} 2h{across:.1f}v8h-{across:.1f}z", "judged-for"))
    elif millinats < 0:
        parts.append(Path(f"M{middle:g} 2.5h-{across:.1f}v7h{across:.1f}z", "judged-against"))
    return Drawing(_CELL_PX, 12, tuple(parts), "judged-cell")
