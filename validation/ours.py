"""What tocsin's own fusion makes of the situations of `relays` and `copying`: rows with bounds, not targets.

Members read what they are told by exactly the rates that it has: so much on what it says that the ratio of
likelihoods is right, the rest undetermined. What has the prior 0.1 is one of two leaves of a kind.

- Of relays the bound is the exact posterior: a second reading of one source adds nothing, and what is
  independent counts for less than it might, so ours is never surer than who knows the whole network.
- In C8 the bounds are, of Brier score and log loss, those of who says the prior and nothing else; of being
  confident and wrong, the rate of who knows who copies.

It is *less* sure than it could be, in C8 by far: where nobody copies its Brier score is many times that of
naive fusion, where three of seven copy it is still behind, and where five do it is ahead. For in C8 all say
one of two things, and the same numbers from different sources may be copies that nobody declares. Where
people differ in how they put things, as in `simulating`, it loses less. In C1, C2, C5 and C6 nobody says how
sure they are, or by what source, and ours goes by that: what it made of them would be a matter of what we
invent.
"""

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Final

import numpy as np
from msgspec.structs import replace

from tocsin.core.records import Hypothesis, Probability, Reading
from tocsin.core.views import Evidence, Said
from tocsin.readings import fuse
from validation import relays
from validation.bayes_net import posterior
from validation.copying import (
    DECLARED,
    FALSE_POSITIVE,
    PRIOR,
    REPORTERS,
    SCORES,
    TRUE_POSITIVE,
    Worlds,
    by_provenance,
    probabilities,
    scores,
    worlds,
)
from validation.rows import Row
from validation.simulating.evidence import evidence
from validation.simulating.parameters import KINDS, WHOLE_PERMILLE
from validation.simulating.world import Seen, Voice
from validation.voting import Floats

_FEED: Final = Seen("feed", "website", verifiable=True)
_OWN: Final = tuple(
    Seen(f"of {member}", "document" if member % 2 else "sensor", verifiable=True)
    for member in range(REPORTERS)
)
_SOME = Fraction(1, len(KINDS))
"""The prior of a kind, which is that of C8."""


def rows() -> list[Row]:
    """Ours of one, two and three who tell of an incident; and of seven, of whom some copy."""
    return [*_of_relays(), *_of_copies()]


def read(ratio: Fraction, prior: Fraction) -> tuple[int, ...]:
    """A reading that makes the first kind so many times likelier than any other, in permille.

    `prior`: of what it is about. The rest is undetermined. A ratio below 1 is a reading of the other kinds.
    """
    it, other = (ratio - 1) * prior, Fraction(0)
    if ratio < 1:
        it, other = Fraction(0), (1 / ratio - 1) * _SOME
    whole = 1 + it + other * (len(KINDS) - 1)
    kinds = [round(WHOLE_PERMILLE * one / whole) for one in (it, *[other] * (len(KINDS) - 1))]
    return (*kinds, WHOLE_PERMILLE - sum(kinds))


def of_relays(telling: Sequence[str]) -> float:
    """How likely the incident of `relays` is when these tell of it, who are nodes of its network."""
    cited = {"first": _FEED, "second": _FEED, "independent": _OWN[2]}
    voices = [
        Voice(member, read(relays.likelihood_ratio(name), relays.PRIOR), (source,))
        for member, (name, source) in enumerate(cited.items())
        if name in telling
    ]
    return fuse(_narrowed(evidence(voices))).leaves[-1].permille / WHOLE_PERMILLE


def of_copies(of: Worlds) -> Floats:
    """How likely it is in each world of `copying`; who declares an origin cites the feed."""
    return np.array(
        [
            _of_seven(tuple(said), tuple(origins))
            for said, origins in zip(of.said.tolist(), of.origins.tolist(), strict=True)
        ]
    )


@cache
def _of_seven(said: tuple[bool, ...], origins: tuple[int, ...]) -> float:
    voices = [
        Voice(member, _SAID if so else _NOT_SAID, ((*_OWN, _FEED)[origin],))
        for member, (so, origin) in enumerate(zip(said, origins, strict=True))
    ]
    return fuse(evidence(voices)).kinds[0].permille / WHOLE_PERMILLE


_SAID = read(Fraction(TRUE_POSITIVE / FALSE_POSITIVE).limit_denominator(), _SOME)
_NOT_SAID = read(Fraction((1 - TRUE_POSITIVE) / (1 - FALSE_POSITIVE)).limit_denominator(), _SOME)


def _of_relays() -> list[Row]:
    return [
        Row(
            f"ours.relays.{stable}",
            f"ours, {what}",
            (float(posterior(relays.WORLD, "incident", dict.fromkeys(telling, True))),),
            (0.0,),
            4,
            "bound: the exact posterior",
            (of_relays(telling),),
            is_bound=True,
        )
        for stable, what, telling in relays.TELLING
    ]


def _of_copies() -> list[Row]:
    made = []
    for stable, what, copies, declared in (
        ("independent", "independent", 1, 1.0),
        ("3", "3 copies", 3, 1.0),
        ("5", "5 copies", 5, 1.0),
        ("partly", "60 % declared", 5, DECLARED),
    ):
        of, known = worlds(copies, declared), worlds(copies, 1.0)
        nothing = of.likely @ scores(np.full(len(of.so), PRIOR), of.so)
        best = known.likely @ scores(probabilities(by_provenance(known)), known.so)
        made.append(
            Row(
                f"ours.C8.{stable}",
                f"ours, {what}: {', '.join(SCORES)}",
                (*map(float, nothing[:2]), float(best[2])),
                (0.0,) * len(SCORES),
                4,
                "bounds: the prior alone; knowing who copies",
                tuple(map(float, of.likely @ scores(of_copies(of), of.so))),
                is_bound=True,
            )
        )
    return made


def _narrowed(of: Evidence) -> Evidence:
    """The same, where what is read as the first kind is one hypothesis of it, beside whichever other one."""
    reading = of.readings[0].said.record
    ref = replace(of.case, index=2)
    hypothesis = Hypothesis(
        circle=reading.circle,
        at_ms=reading.at_ms,
        author=reading.author,
        author_kind=reading.author_kind,
        tlp=reading.tlp,
        case=of.case,
        under=KINDS[0],
        text="The incident.",
        lang="en",
    )

    def narrowed(one: Reading) -> Reading:
        return replace(
            one,
            probabilities=tuple(
                Probability(permille=part.permille, hypothesis=ref) if part.what == KINDS[0] else part
                for part in one.probabilities[::-1]
            ),
        )

    readings = tuple(
        dataclasses.replace(read, said=dataclasses.replace(read.said, record=narrowed(read.said.record)))
        for read in of.readings
    )
    return dataclasses.replace(
        of, hypotheses=(Said(ref, ref.log_name.member, hypothesis),), readings=readings
    )
