"""What the machine API gives of readings: what is common to all members, and what is this node's alone.

A source is named by its number, which is its place in the evidence of its case.
"""

from collections.abc import Mapping

from msgspec import Struct

from tocsin.core.records import Actor, AuthorKind, Probability, Ref, Source
from tocsin.core.records.cases.vocabulary import Confidence, What
from tocsin.node.casework.assessing.asking import NextQuestion
from tocsin.node.casework.assessing.course import Point
from tocsin.readings import CommonView
from tocsin.readings.view import Without


class ReadSource(Struct, frozen=True, kw_only=True):
    """A source that somebody reads: how it is cited, in which records (`refs`), and by whom itself.

    `verifiable`: others can look at it.
    """

    number: int
    citations: tuple[Source, ...]
    refs: tuple[Ref, ...]
    witnesses: tuple[str, ...]
    verifiable: bool


class MemberReading(Struct, frozen=True, kw_only=True):
    """A reading that stands, and the numbers of the sources it rests on.

    `own`: those of them that its organisation cites itself. `others`: how many records of other members it
    rests on. Without any of its own it counts for nothing in the common view.
    `as_undetermined`: of the hypotheses that it names, those that were withdrawn, or are not here. What it
    gives to them counts as undetermined.
    """

    member: str
    ref: Ref
    at_ms: int
    author: str
    author_kind: AuthorKind
    probabilities: tuple[Probability, ...]
    confidence: Confidence
    sources: tuple[int, ...]
    own: tuple[int, ...]
    others: int
    as_undetermined: tuple[Ref, ...]
    text: str | None
    lang: str | None


class Supposed(Struct, frozen=True, kw_only=True):
    """A hypothesis: one thing that it may have been."""

    ref: Ref
    member: str
    under: What
    text: str
    lang: str | None


class HeldResponsible(Struct, frozen=True, kw_only=True):
    """Who did it by the word of one member alone. Nothing merges it with another's."""

    member: str
    ref: Ref
    who: tuple[Actor, ...]


class GroundTruthOf(Struct, frozen=True, kw_only=True):
    """What it was in the end, by one member, and the `sources` that it names for that."""

    member: str
    ref: Ref
    what: What
    hypothesis: Ref | None
    sources: tuple[Source, ...]


class CommonReadings(Struct, frozen=True, kw_only=True):
    """What all members see who have the same records.

    `view` has numbers and words; `turning`: without whom or what the result would be another. `truth` is what
    it was, unless that is open or `contested`. `course`: the view after each reading, hypothesis and
    withdrawal of one, the newest 64; `earlier`: how many points there were before.
    """

    case: Ref
    view: CommonView
    turning: tuple[Without, ...]
    sources: tuple[ReadSource, ...]
    readings: tuple[MemberReading, ...]
    hypotheses: tuple[Supposed, ...]
    responsible: tuple[HeldResponsible, ...]
    truths: tuple[GroundTruthOf, ...]
    truth: What | None
    contested: bool
    closed: bool
    course: tuple[Point, ...]
    earlier: int


class PrivateReadings(Struct, frozen=True, kw_only=True):
    """Private: the case by what this node learned of its members, from so many closed `cases`.

    It is for our own eyes: it is in no record, in no common view, and told to no member. `weights` are how
    much each member's readings count here, in permille; all others' 1,000. `learning`: it may change.
    """

    view: CommonView
    weights: Mapping[str, int]
    cases: int
    learning: bool


class CaseReadings(Struct, frozen=True, kw_only=True):
    """The readings of a case: in common, and `private`, of this node alone, if it has learned anything.

    `unread`: the sources that our own organisation cites itself, where it could read the case by them and has
    not: until it does, nobody counts it as having seen anything.
    """

    common: CommonReadings
    private: PrivateReadings | None
    unread: tuple[Source, ...]


class NextQuestions(Struct, frozen=True, kw_only=True):
    """What to ask next, the best first."""

    case: Ref
    questions: tuple[NextQuestion, ...]
