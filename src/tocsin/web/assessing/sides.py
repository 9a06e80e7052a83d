"""What each organisation says, side by side: nothing here is merged, and who did it never is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tocsin.cases.telling.readings import percent
from tocsin.cases.telling.teller import cut
from tocsin.core.records import AuthorKind, Hypothesis, Probability, Ref
from tocsin.core.records.cases.vocabulary import Confidence, Undetermined, What
from tocsin.core.views import Evidence, ReadOn, Said
from tocsin.readings import CommonView
from tocsin.readings.view import Dissent, Without
from tocsin.web.assessing.matrix import name_of
from tocsin.web.assessing.verdict import said_of

MAX_SIDES = 24
MAX_TURNING = 12
MAX_TEXT_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Share:
    """What an organisation holds to be how likely: a kind, or one hypothesis of it by `ref` and `text`.

    `counts`: it is no hypothesis that was withdrawn, or is not here, which counts as undetermined.
    """

    what: What | Undetermined | None
    percent: str
    ref: str | None = None
    text: str = ""
    lang: str | None = None
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Side:
    """One standing reading, and by whom: an officer, or else a machine or agent.

    `confidence` is how good its ground is: told apart from what is likely.
    `repeats`: it rests on others' records alone, and counts for nothing in the common view.
    `dissent`: the kind that it holds to be the likeliest, where all together hold another likely.
    """

    member: str
    ref: str
    at_ms: int
    author_kind: AuthorKind
    shares: tuple[Share, ...]
    confidence: Confidence
    sources: int
    repeats: bool
    text: str
    lang: str | None
    dissent: Dissent | None

    @property
    def dissent_percent(self) -> str:
        """How likely it holds that to be."""
        return percent(self.dissent.permille) if self.dissent else ""


@dataclass(frozen=True, slots=True)
class Held:
    """Whom one organisation holds responsible, by names in its own words, and how likely it holds each."""

    member: str
    ref: str
    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Turning:
    """What it would be without one source, called so, or one member's word. `held`: it would be held back."""

    what: What | Undetermined
    held: bool
    source: str | None
    member: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """What it was in the end, as one organisation found; `hypothesis` and its `text`: which of that kind."""

    member: str
    ref: str
    at_ms: int
    what: What
    hypothesis: str | None
    text: str
    lang: str | None


@dataclass(frozen=True, slots=True)
class Sides:
    """All standing readings, whom they hold responsible, and what would change the result.

    `found` is what it was in the end, that of the member which opened the case first.
    """

    readings: tuple[Side, ...]
    more_readings: int
    held: tuple[Held, ...]
    dissent: tuple[Side, ...]
    turning: tuple[Turning, ...]
    more_turning: int
    found: tuple[Found, ...]


def sides(view: CommonView, evidence: Evidence) -> Sides:
    """What each says of a case."""
    readings = tuple(_sides(view, evidence))
    turning = tuple(_turning(one, evidence) for one in view.turning)
    return Sides(
        readings=readings[:MAX_SIDES],
        more_readings=max(0, len(readings) - MAX_SIDES),
        held=tuple(_held(evidence)),
        dissent=tuple(one for one in readings if one.dissent),
        turning=turning[:MAX_TURNING],
        more_turning=max(0, len(turning) - MAX_TURNING),
        found=tuple(_found(evidence)),
    )


def _sides(view: CommonView, evidence: Evidence) -> Iterator[Side]:
    dissents = {one.ref: one for one in view.dissent}
    hypotheses = said_of(evidence.hypotheses)
    for read in evidence.readings:
        yield _side(read, hypotheses, dissents.get(read.said.ref))


def _side(read: ReadOn, hypotheses: Mapping[Ref, Said[Hypothesis]], dissent: Dissent | None) -> Side:
    record = read.said.record
    ordered = sorted(record.probabilities, key=lambda one: (-one.permille, one.key))
    return Side(
        member=read.said.member,
        ref=str(read.said.ref),
        at_ms=record.at_ms,
        author_kind=record.author_kind,
        shares=tuple(_share(one, hypotheses) for one in ordered),
        confidence=record.confidence,
        sources=len(read.sources),
        repeats=bool(read.others and not read.own),
        text=cut(record.text or "", MAX_TEXT_CHARACTERS),
        lang=record.lang,
        dissent=dissent,
    )


def _share(one: Probability, hypotheses: Mapping[Ref, Said[Hypothesis]]) -> Share:
    if one.hypothesis is None:
        return Share(one.what, percent(one.permille))
    said = hypotheses.get(one.hypothesis)
    return Share(
        what=said.record.under if said else None,
        percent=percent(one.permille),
        ref=str(one.hypothesis),
        text=_text(said),
        lang=said.record.lang if said else None,
        counts=said is not None,
    )


def _text(said: Said[Hypothesis] | None) -> str:
    return cut(said.record.text or "", MAX_TEXT_CHARACTERS) if said else ""


def _held(evidence: Evidence) -> Iterator[Held]:
    for read in evidence.readings:
        if who := read.said.record.who:
            yield Held(
                member=read.said.member,
                ref=str(read.said.ref),
                names=tuple((cut(one.name), percent(one.permille)) for one in who),
            )


def _found(evidence: Evidence) -> Iterator[Found]:
    opened_by = evidence.case.log_name.member
    hypotheses = said_of(evidence.hypotheses)
    for said in sorted(evidence.truths, key=lambda one: one.member != opened_by):
        truth = said.record
        named = None if truth.hypothesis is None else hypotheses.get(truth.hypothesis)
        yield Found(
            member=said.member,
            ref=str(said.ref),
            at_ms=truth.at_ms,
            what=truth.what,
            hypothesis=None if truth.hypothesis is None else str(truth.hypothesis),
            text=_text(named),
            lang=named.record.lang if named else None,
        )


def _turning(one: Without, evidence: Evidence) -> Turning:
    source = None if one.source is None else name_of(evidence.sources[one.source])
    return Turning(what=one.what, held=one.held_back, source=source, member=one.member)
