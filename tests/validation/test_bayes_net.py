"""Bayesian networks by enumeration, and the relays of one feed."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from validation import relays
from validation.bayes_net import posterior, root, signal

chances = st.fractions(min_value=Fraction(1, 100), max_value=Fraction(99, 100), max_denominator=100)
rates = st.tuples(chances, chances)


@given(chances, st.lists(rates, min_size=1, max_size=4))
def test_odds_of_independent_signals_multiply(prior: Fraction, each: list[tuple[Fraction, Fraction]]) -> None:
    """Of signals that hang on nothing else, the odds are the prior's times each one's likelihood ratio."""
    network = {"so": root(prior)} | {f"{place}": signal("so", *one) for place, one in enumerate(each)}
    found = posterior(network, "so", {name: True for name in network if name != "so"})
    odds = prior / (1 - prior)
    for true_positive, false_positive in each:
        odds *= true_positive / false_positive
    assert found / (1 - found) == odds


@given(chances, rates)
def test_a_second_perfect_relay_tells_nothing(prior: Fraction, feed: tuple[Fraction, Fraction]) -> None:
    """Who tells just what a feed shows is worth as much as the feed, and two of them no more than one."""
    perfect = (Fraction(1), Fraction(0))
    network = {"so": root(prior), "feed": signal("so", *feed)}
    network |= {name: signal("feed", *perfect) for name in ("first", "second")}
    alone = posterior(network, "so", {"feed": True})
    assert posterior(network, "so", {"first": True}) == alone
    assert posterior(network, "so", {"first": True, "second": True}) == alone


@given(chances, rates, rates)
def test_what_is_expected_to_be_believed_is_the_prior(
    prior: Fraction, feed: tuple[Fraction, Fraction], relay: tuple[Fraction, Fraction]
) -> None:
    """Posteriors of seeing and of not seeing, by how likely each is, make the prior."""
    network = {"so": root(prior), "feed": signal("so", *feed), "relay": signal("feed", *relay)}
    seen = posterior(network, "relay", {})
    by_seeing = [posterior(network, "so", {"relay": relayed}) for relayed in (True, False)]
    assert seen * by_seeing[0] + (1 - seen) * by_seeing[1] == prior


@pytest.mark.parametrize(("of", "observed"), [("nothing", {}), ("so", {"nothing": True})])
def test_a_name_that_the_network_lacks_is_refused(of: str, observed: dict[str, bool]) -> None:
    """Asked or observed, a name must be one of the network's."""
    with pytest.raises(KeyError, match="nothing"):
        posterior({"so": root(Fraction(1, 2))}, of, observed)


def test_what_cannot_be_seen_is_refused() -> None:
    """Nothing follows from what has no probability at all."""
    network = {"so": root(Fraction(1)), "seen": signal("so", Fraction(1), Fraction(0))}
    with pytest.raises(ValueError, match="probability of 0"):
        posterior(network, "so", {"seen": False})


def test_relays_of_one_feed_are_reproduced() -> None:
    """All six numbers come out to the fourth decimal."""
    assert [row.verdict for row in relays.rows()] == ["reproduced"] * 6
