"""What ours makes of relays and copies."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from validation import ours, relays
from validation.copying import naive, probabilities, scores, worlds

ratios = st.fractions(min_value=Fraction(1, 20), max_value=20, max_denominator=100)


@given(ratios)
def test_a_reading_has_the_ratio_of_what_is_read(ratio: Fraction) -> None:
    """All of it is 1,000 permille, and what it says for the first kind is to any other as the ratio."""
    first, *others, undetermined = ours.read(ratio)
    assert first + sum(others) + undetermined == 1_000
    assert min(first, undetermined, *others) >= 0
    assert len(set(others)) == 1
    found = (undetermined + 5 * first) / (undetermined + 5 * others[0])
    assert found == pytest.approx(float(ratio), rel=0.08)


def test_a_second_relay_of_one_feed_adds_nothing() -> None:
    """Either relay alone and both together make an incident as likely, and likelier than before."""
    alone = ours.of_relays(["first"])
    assert alone == ours.of_relays(["second"]) == ours.of_relays(["first", "second"])
    assert alone > 0.2


def test_who_is_independent_adds_something() -> None:
    """An independent one beside a relay makes it likelier than either alone."""
    both = ours.of_relays(["first", "independent"])
    assert both > max(ours.of_relays(["first"]), ours.of_relays(["independent"]))


def test_with_the_prior_of_a_kind_the_exact_posterior_is_bayes_rule() -> None:
    """Odds of one to four, eight times as high: whoever is independent tells with eight times the chance."""
    assert ours.exact(["independent"]) == Fraction(2, 3)


@pytest.mark.parametrize("telling", [*[telling for _, _, telling in relays.TELLING], ("independent",)])
def test_ours_of_relays_is_not_surer_than_the_exact_posterior(telling: tuple[str, ...]) -> None:
    """Whoever tells, who knows the whole network is as sure as ours at least."""
    assert ours.of_relays(telling) <= ours.exact(telling)


@pytest.mark.parametrize("copies", [3, 5, 7])
def test_declared_copies_add_nothing(copies: int) -> None:
    """Where copies all cite what they copy, each world is as likely so as by the first of them alone."""
    of = worlds(copies, 1.0)
    others = range(1, copies)
    once = replace(of, said=np.delete(of.said, others, axis=1), origins=np.delete(of.origins, others, axis=1))
    possible = of.likely > 0
    assert (ours.of_copies(of)[possible] == ours.of_copies(once)[possible]).all()


def test_ours_is_within_its_bounds() -> None:
    """All rows are bounds, and ours keeps to each."""
    assert {row.verdict for row in ours.rows()} == {"within"}


@pytest.mark.parametrize(("copies", "is_ahead"), [(1, False), (5, True)])
def test_ours_costs_where_nobody_copies_and_gains_where_most_do(copies: int, is_ahead: bool) -> None:
    """Its Brier score is worse than naive fusion's where all are independent, and better among copies."""
    of = worlds(copies, 1.0)
    found, naively = (
        of.likely @ scores(one, of.so)[:, 0] for one in (ours.of_copies(of), probabilities(naive(of)))
    )
    assert bool(found < naively) is is_ahead
