"""What it was, and how sure an organisation is: hypothesis, reading and ground truth.

See docs/protocol.md, sections 7.3 and 23. Nothing here says *who did it* but a reading's own `who`, which
stands beside it and is merged by nobody.
"""

from typing import Annotated

from msgspec import Meta, Struct

from tocsin.core.records.cases.parts import (
    MAX_NAME_BYTES,
    InCase,
    Ref,
    Sources,
    Words,
    check_ascending,
    check_here,
    check_sources,
)
from tocsin.core.records.cases.vocabulary import Confidence, Undetermined, What
from tocsin.core.records.common import check_text
from tocsin.core.records.errors import MalformedRecord, NotADistribution

WHOLE_PERMILLE = 1_000

_Permille = Annotated[int, Meta(ge=1, le=WHOLE_PERMILLE)]


class Probability(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How likely one thing is held to be: one of the closed list, or a `hypothesis` of this case.

    Of the closed list it means whichever kind of it; *undetermined* means that it is open between all.
    """

    permille: _Permille
    what: What | Undetermined | None = None
    hypothesis: Ref | None = None

    def __post_init__(self) -> None:
        if (self.what is None) is (self.hypothesis is None):
            raise MalformedRecord("Expected a probability of `what` or of a `hypothesis`, and of one alone.")

    @property
    def key(self) -> tuple[str, ...]:
        """Its place in the order of a reading: the closed list, then hypotheses by where they stand."""
        if self.hypothesis is None:
            return "0", self.what or ""
        return "1", self.hypothesis.log, f"{self.hypothesis.index:016d}", self.hypothesis.entry


class Actor(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may have done it, by a name in the author's words, and how likely the author holds that to be."""

    name: Words
    permille: _Permille

    def __post_init__(self) -> None:
        check_text("name", self.name, MAX_NAME_BYTES)


_Probabilities = Annotated[tuple[Probability, ...], Meta(min_length=1, max_length=32)]
_Actors = Annotated[tuple[Actor, ...], Meta(min_length=1, max_length=8)]


class Hypothesis(InCase, frozen=True, kw_only=True, tag="hypothesis"):
    """One thing that it may have been, of this case alone: a narrower one of `under`, in free text."""

    under: What

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.text is None:
            raise MalformedRecord("Expected `text`, what the hypothesis is; found none.")


class Reading(InCase, frozen=True, kw_only=True, tag="reading"):
    """What an organisation makes of a case: its newest one that counts is the one that stands.

    Probabilities are permille and make 1,000 together. `confidence` is how good their ground is, `sources`
    what that is; only who holds all to be undetermined may have none. `who` did it is apart from all that:
    names ascending, together at most 1,000.
    """

    probabilities: _Probabilities
    confidence: Confidence
    sources: Sources | None = None
    who: _Actors | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ascending("probabilities", [one.key for one in self.probabilities])
        check_here(self.circle, *(one.hypothesis for one in self.probabilities if one.hypothesis))
        if (whole := sum(one.permille for one in self.probabilities)) != WHOLE_PERMILLE:
            raise NotADistribution(f"Expected probabilities of 1000 permille together, found {whole}.")
        if self.sources is None and any(one.what != "undetermined" for one in self.probabilities):
            raise MalformedRecord("Expected `sources` of a reading that says what it was, found none.")
        check_sources(self.circle, self.sources or ())
        check_ascending("who", [(one.name,) for one in self.who or ()])
        if (whole := sum(one.permille for one in self.who or ())) > WHOLE_PERMILLE:
            raise NotADistribution(f"Expected `who` of at most 1000 permille together, found {whole}.")


class GroundTruth(InCase, frozen=True, kw_only=True, tag="ground-truth"):
    """What it was, as an organisation found in the end, when it had closed the case; its newest one stands.

    `hypothesis` says which of that kind, if one of the case's hypotheses does. Readings are scored by it.
    """

    what: What
    hypothesis: Ref | None = None
    sources: Sources | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.hypothesis is not None:
            check_here(self.circle, self.hypothesis)
        check_sources(self.circle, self.sources or ())
