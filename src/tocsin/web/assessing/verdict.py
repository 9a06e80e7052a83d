"""What it was, in one line: the word, the number, and between what it is without any one source or member."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tocsin.cases.telling.readings import percent
from tocsin.cases.telling.teller import cut
from tocsin.core.records import Hypothesis, Ref
from tocsin.core.views import Evidence, Said
from tocsin.readings import CommonView
from tocsin.readings.lacking import Lack, lacking
from tocsin.readings.view import Judged
from tocsin.web.charts.drawing import shapes
from tocsin.web.charts.drawing.svg import Drawing, Path

MAX_HYPOTHESES = 12
MAX_TEXT_CHARACTERS = 240

_BAR_PX = 400


@dataclass(frozen=True, slots=True)
class Likely:
    """How likely one thing is, in percent, and its word as a code; `bar` says the same.

    `held`: it is held back, its number a limit without a word. `limit`: the end of its range that is one.
    """

    what: str
    held: bool
    likelihood: str
    percent: str
    least: str
    most: str
    limit: str
    bar: Drawing


@dataclass(frozen=True, slots=True)
class Supposed:
    """A hypothesis, in its author's words, and how likely it is; None where no reading says so."""

    ref: str
    member: str
    under: str
    text: str
    lang: str | None
    likely: Likely | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result: `what` it was, or *undetermined*, and how likely each kind is, the likeliest first.

    `lacks` says why it is held back, if it is. `readings` is how many count; `independent`, to how
    many independent ones they come. `speaks`: some source tells the kinds apart.
    """

    what: str
    lacks: tuple[Lack, ...]
    kinds: tuple[Likely, ...]
    readings: int
    independent: str
    speaks: bool
    supposed: tuple[Supposed, ...]
    more_supposed: int

    @property
    def best(self) -> Likely:
        """The likeliest kind."""
        return self.kinds[0]

    @property
    def likeliest(self) -> tuple[str, ...]:
        """All kinds that are as likely as that; none where all are."""
        alike = tuple(one.what for one in self.kinds if one.percent == self.best.percent)
        return alike if self.is_known else ()

    @property
    def is_known(self) -> bool:
        """Whether anything is: some kind is likelier than another."""
        return len({one.percent for one in self.kinds}) > 1


def verdict(view: CommonView, evidence: Evidence) -> Verdict:
    """The result of all readings together."""
    held = view.held_back
    ordered = sorted(view.kinds, key=lambda one: -one.permille)
    return Verdict(
        what=view.what,
        lacks=lacking(view),
        kinds=tuple(
            likely(one, held=held and at == 0, limit=_limit(one, view)) for at, one in enumerate(ordered)
        ),
        readings=view.readings,
        independent=f"{view.independent_milli / 1000:.1f}",
        speaks=any(one.diagnostic for one in view.sources),
        supposed=tuple(_supposed(view, evidence)),
        more_supposed=max(0, len(evidence.hypotheses) - MAX_HYPOTHESES),
    )


def likely(one: Judged, *, held: bool, limit: int | None = None) -> Likely:
    """How likely one thing is, as it is shown."""
    return Likely(
        what=one.what,
        held=held,
        likelihood=one.likelihood,
        percent=percent(one.permille),
        least=percent(one.least_permille),
        most=percent(one.most_permille),
        limit="" if held or limit is None else percent(limit),
        bar=_bar(one, held=held),
    )


def said_of(hypotheses: tuple[Said[Hypothesis], ...]) -> Mapping[Ref, Said[Hypothesis]]:
    """Hypotheses by where they stand."""
    return {said.ref: said for said in hypotheses}


def _supposed(view: CommonView, evidence: Evidence) -> Iterator[Supposed]:
    """The likeliest first, then those of which nothing is said. With its kind, a hypothesis is held back."""
    is_known = len({one.permille for one in view.kinds}) > 1
    found = {leaf.hypothesis: leaf for leaf in view.leaves if leaf.hypothesis and is_known}
    held = max(view.kinds, key=lambda one: one.permille).what if view.held_back else None
    ordered = sorted(
        evidence.hypotheses, key=lambda said: -found[said.ref].permille if said.ref in found else 1
    )
    for said in ordered[:MAX_HYPOTHESES]:
        leaf = found.get(said.ref)
        yield Supposed(
            ref=str(said.ref),
            member=said.member,
            under=said.record.under,
            text=cut(said.record.text or "", MAX_TEXT_CHARACTERS),
            lang=said.record.lang,
            likely=likely(leaf, held=leaf.what == held) if leaf else None,
        )


def _limit(one: Judged, view: CommonView) -> int | None:
    """Where a kind would be held back without something, if that is an end of its range."""
    at = view.kinds.index(one)
    found = {
        without.permille[at]
        for without in view.without
        if without.held_back and without.permille[at] == max(without.permille)
    }
    return next((end for end in (one.least_permille, one.most_permille) if end in found), None)


def _bar(one: Judged, *, held: bool) -> Drawing:
    """A bar as long as it is likely, hollow where that is a limit; below it, from the least to the most."""
    parts = [Path(shapes.box(0.5, 0.5, _BAR_PX - 1, 11, 3), "judged-track")]
    if one.permille:
        across = max(8.0, one.permille * _BAR_PX / 1000)
        edge = 0.75 if held else 0
        box = shapes.box(edge, edge, across - 2 * edge, 12 - 2 * edge, 3)
        parts.append(Path(box, "judged-limit" if held else "judged-fill"))
    least, most = (
        round(2 + permille * (_BAR_PX - 4) / 1000, 1) for permille in (one.least_permille, one.most_permille)
    )
    parts.append(Path(f"M{least:g} 14v6m0-3H{most:g}m0-3v6", "judged-span"))
    return Drawing(_BAR_PX, 21, tuple(parts), "judged-bar")
