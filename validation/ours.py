"""What tocsin's own fusion makes of the situations of `relays` and `copying`: rows with bounds, not targets.

Members read what they are told by exactly the rates that it has: so much on what it says that the ratio of
likelihoods is right, the rest undetermined. What is so or not is the first of the five kinds: its prior is
0.2, as in C8; for `relays` the network is reckoned anew with it.

- Of relays the bound is the exact posterior: a second reading of one source adds nothing, and what is
  independent counts for less than it might, so ours is never surer than who knows the whole network.
- In C8 the bounds are, of Brier score and log loss, those of who says the prior and nothing else; of being
  confident and wrong, the rate of who knows who copies.

The price is in the same rows: ours is less sure than it could be. Where nobody copies, naive fusion is exact,
and the Brier score of ours is worse; where five of seven copy, it is better. In C1, C2, C5 and C6 nobody says
how sure they are, or by what source, and ours goes by that: what it made of them would be a matter of what we
invent.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Final

import numpy as np

from tocsin.readings import fuse
from validation import relays
from validation.bayes_net import posterior, root
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
_PRIOR: Final = Fraction(1, len(KINDS))
"""That of a kind, and of C8."""
_NETWORK: Final = {**relays.WORLD, "incident": root(_PRIOR)}


def rows() -> list[Row]:
    """Ours of one, two and three who tell of an incident; and of seven, of whom some copy."""
    return [*_of_relays(), *_of_copies()]


def read(ratio: Fraction) -> tuple[int, ...]:
    """A reading that makes the first kind so many times likelier than any other, in permille.

    It gives nothing to what is the less likely, and leaves open what it does not need.
    """
    first = max(Fraction(0), (ratio - 1) * _PRIOR)
    other = max(Fraction(0), (1 / ratio - 1) * _PRIOR)
    masses = (first, *[other] * (len(KINDS) - 1))
    kinds = [round(WHOLE_PERMILLE * one / (1 + sum(masses))) for one in masses]
    return (*kinds, WHOLE_PERMILLE - sum(kinds))


def exact(telling: Sequence[str]) -> Fraction:
    """How likely the incident of `relays` is when these tell of it, who are nodes of its network."""
    return posterior(_NETWORK, "incident", dict.fromkeys(telling, True))


def of_relays(telling: Sequence[str]) -> float:
    """The same by ours: the relays cite the feed, who is independent a source of its own."""
    cited = {"first": _FEED, "second": _FEED, "independent": _OWN[2]}
    return _of_first(
        [
            Voice(member, read(relays.likelihood_ratio(name)), (source,))
            for member, (name, source) in enumerate(cited.items())
            if name in telling
        ]
    )


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
    return _of_first(voices)


_SAID = read(Fraction(TRUE_POSITIVE / FALSE_POSITIVE).limit_denominator())
_NOT_SAID = read(Fraction((1 - TRUE_POSITIVE) / (1 - FALSE_POSITIVE)).limit_denominator())


def _of_first(voices: Sequence[Voice]) -> float:
    return fuse(evidence(voices)).kinds[0].permille / WHOLE_PERMILLE


def _of_relays() -> list[Row]:
    return [
        Row(
            f"ours.relays.{stable}",
            f"ours, {what}, prior 0.2",
            (float(exact(telling)),),
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
