"""Two members that repeat one feed, by an exact Bayesian network, and what counting them as two would say.

An incident has the prior 0.1; a feed shows it with 0.8, and shows it falsely with 0.1; a relay tells what its
feed shows with 0.98, and tells it though its feed does not with 0.02. Who is independent has the rates of a
feed, with no relay between: that gives the target of the three, and so have all who are wrongly held to be.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from validation.bayes_net import Node, posterior, root, signal
from validation.rows import Row, to_the_digit

_PRIOR = Fraction(1, 10)
_SHOWN = (Fraction(4, 5), Fraction(1, 10))
_TOLD = (Fraction(49, 50), Fraction(1, 50))
WORLD: Final[Mapping[str, Node]] = {
    "incident": root(_PRIOR),
    "feed": signal("incident", *_SHOWN),
    "first": signal("feed", *_TOLD),
    "second": signal("feed", *_TOLD),
    "independent": signal("incident", *_SHOWN),
}
TELLING: Final = (
    ("one", "one relay of a feed", ("first",)),
    ("two", "two relays of the same feed", ("first", "second")),
    ("three", "these and one independent", ("first", "second", "independent")),
)
"""Who tells of the incident, by row."""
_TARGETS = (0.4301, 0.4697, 0.8763)
_NAIVE = {"incident": root(_PRIOR)} | {name: signal("incident", *_SHOWN) for name in TELLING[-1][2]}
_NAIVE_TARGETS = (0.4706, 0.8767, 0.9827)


def rows() -> list[Row]:
    """How likely the incident is when one, two or three tell of it, with the feed in mind and without."""
    return [
        *(
            _row(f"relays.{stable}", what, target, WORLD, telling)
            for (stable, what, telling), target in zip(TELLING, _TARGETS, strict=True)
        ),
        *(
            _row(f"relays.naive.{stable}", f"{stable}, held to be independent", target, _NAIVE, telling)
            for (stable, _, telling), target in zip(TELLING, _NAIVE_TARGETS, strict=True)
        ),
    ]


def likelihood_ratio(name: str) -> Fraction:
    """How much likelier this one is to tell of the incident where there is one than where there is none."""
    found = posterior(WORLD, "incident", {name: True})
    return found / (1 - found) * (1 - _PRIOR) / _PRIOR


def _row(stable: str, what: str, target: float, network: Mapping[str, Node], telling: Sequence[str]) -> Row:
    result = float(posterior(network, "incident", dict.fromkeys(telling, True)))
    return Row(stable, what, (target,), to_the_digit(4), 4, "exact, by pgmpy", (result,))
