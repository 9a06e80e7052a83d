"""Two members that repeat one feed, by an exact Bayesian network, and what counting them as two would say.

An incident has the prior 0.1; a feed shows it with 0.8, and shows it falsely with 0.1; a relay tells what its
feed shows with 0.98, and tells it though its feed does not with 0.02. Who is independent has the rates of a
feed, with no relay between: that gives the target of the three, and so have all who are wrongly held to be.
"""

from collections.abc import Mapping
from fractions import Fraction

from validation.bayes_net import Node, posterior, root, signal
from validation.rows import Row, to_the_digit

_INCIDENT = root(Fraction(1, 10))
_SHOWN = (Fraction(4, 5), Fraction(1, 10))
_TOLD = (Fraction(49, 50), Fraction(1, 50))
_WORLD = {
    "incident": _INCIDENT,
    "feed": signal("incident", *_SHOWN),
    "first": signal("feed", *_TOLD),
    "second": signal("feed", *_TOLD),
    "independent": signal("incident", *_SHOWN),
}
_NAIVE = {"incident": _INCIDENT} | {
    name: signal("incident", *_SHOWN) for name in ("first", "second", "third")
}


def rows() -> list[Row]:
    """How likely the incident is when one, two or three tell of it, with the feed in mind and without."""
    return [
        _row("relays.one", "one relay of a feed", 0.4301, _WORLD, "first"),
        _row("relays.two", "two relays of the same feed", 0.4697, _WORLD, "first", "second"),
        _row("relays.three", "and one independent", 0.8763, _WORLD, "first", "second", "independent"),
        _row("relays.naive.one", "one, held to be independent", 0.4706, _NAIVE, "first"),
        _row("relays.naive.two", "two, held to be independent", 0.8767, _NAIVE, "first", "second"),
        _row("relays.naive.three", "three, held to be independent", 0.9827, _NAIVE, *list(_NAIVE)[1:]),
    ]


def _row(stable: str, what: str, target: float, network: Mapping[str, Node], *telling: str) -> Row:
    result = float(posterior(network, "incident", dict.fromkeys(telling, True)))
    return Row(stable, what, (target,), to_the_digit(4), 4, "exact", (result,))
