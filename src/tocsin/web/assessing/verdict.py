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
    """How likely one thing is, in percent, and its word as a code; `bar` says the same."""

    what: str
    likelihood: str
    percent: str
    least: str
    most: str
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

    `lacks` says why it is held back, if it is. `independent`: to how many independent ones the readings come.
    """

    what: str
    lacks: tuple[Lack, ...]
    kinds: tuple[Likely, ...]
    readings: int
    independent: str
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
        return alike if len(alike) < len(self.kinds) else ()


def verdict(view: CommonView, evidence: Evidence) -> Verdict:
    """The result of all readings together."""
    ordered = sorted(view.kinds, key=lambda one: -one.permille)
    return Verdict(
        what=view.what,
        lacks=lacking(view),
        kinds=tuple(map(likely, ordered)),
        readings=view.readings,
        independent=f"{view.independent_milli / 1000:.1f}",
        supposed=tuple(_supposed(view, evidence)),
        more_supposed=max(0, len(evidence.hypotheses) - MAX_HYPOTHESES),
    )


def likely(one: Judged) -> Likely:
    """How likely one thing is, as it is shown."""
    return Likely(
        what=one.what,
        likelihood=one.likelihood,
        percent=percent(one.permille),
        least=percent(one.least_permille),
        most=percent(one.most_permille),
        bar=_bar(one),
    )


def said_of(hypotheses: tuple[Said[Hypothesis], ...]) -> Mapping[Ref, Said[Hypothesis]]:
    """Hypotheses by where they stand."""
    return {said.ref: said for said in hypotheses}


def _supposed(view: CommonView, evidence: Evidence) -> Iterator[Supposed]:
    """The likeliest first, then those of which nothing is said."""
    found = {leaf.hypothesis: leaf for leaf in view.leaves if leaf.hypothesis}
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
            likely=likely(leaf) if leaf else None,
        )


def _bar(one: Judged) -> Drawing:
    """A bar as long as it is likely; below it, from the least to the most."""
    parts = [Path(shapes.box(0.5, 0.5, _BAR_PX - 1, 11, 3), "judged-track")]
    if one.permille:
        across = max(6.0, one.permille * _BAR_PX / 1000)
        parts.append(Path(shapes.box(0, 0, across, 12, 3), "judged-fill"))
    least, most = (
        round(2 + permille * (_BAR_PX - 4) / 1000, 1) for permille in (one.least_permille, one.most_permille)
    )
    parts.append(Path(f"M{least:g} 14v6m0-3H{most:g}m0-3v6", "judged-span"))
    return Drawing(_BAR_PX, 21, tuple(parts), "judged-bar")
