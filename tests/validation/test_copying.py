"""Reporters, some of whom copy: all that can happen."""

from dataclasses import replace
from itertools import product
from math import log, sqrt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from validation import copying
from validation.copying import FALSE_POSITIVE, PRIOR, REPORTERS, TRUE_POSITIVE, worlds

counts = st.integers(1, REPORTERS)
shares = st.floats(0, 1)


@given(counts, shares)
def test_worlds_are_all_that_can_happen(copies: int, declared: float) -> None:
    """They have a probability of 1 together; copies say the same, and declare it, as often as they should."""
    of = worlds(copies, declared)
    assert np.isclose(of.likely.sum(), 1)
    assert (of.said[:, :copies] == of.said[:, :1]).all()
    assert np.isclose(of.likely @ of.so, PRIOR)
    for reporter in range(REPORTERS):
        said = of.said[:, reporter]
        assert np.isclose(of.likely @ (said & of.so), PRIOR * TRUE_POSITIVE)
        assert np.isclose(of.likely @ (said & ~of.so), (1 - PRIOR) * FALSE_POSITIVE)
        declares = of.origins[:, reporter] == REPORTERS
        assert np.isclose(of.likely @ declares, declared if reporter < copies else 0)


def test_errors_of_who_does_not_copy_are_independent() -> None:
    """That two independent reporters are both wrong is as likely as the product of both."""
    of = worlds(1, 1.0)
    for one, other in product(range(REPORTERS), repeat=2):
        both = of.likely @ ((of.said[:, one] & of.said[:, other]) & ~of.so)
        rates = FALSE_POSITIVE if one == other else FALSE_POSITIVE**2
        assert np.isclose(both, (1 - PRIOR) * rates)


@given(counts)
def test_declared_copies_count_once(copies: int) -> None:
    """By provenance, reporters who all declare one origin weigh as much as the first of them alone."""
    of = worlds(copies, 1.0)
    once = replace(of, said=np.delete(of.said, range(1, copies), axis=1))
    possible = of.likely > 0
    assert np.allclose(copying.by_provenance(of)[possible], copying.naive(once)[possible])


@given(counts)
def test_copies_that_nobody_declares_count_each(copies: int) -> None:
    """Provenance can do nothing against a copy that does not say so."""
    of = worlds(copies, 0.0)
    possible = of.likely > 0
    assert np.allclose(copying.by_provenance(of)[possible], copying.naive(of)[possible])


def test_naive_fusion_is_exact_where_nobody_copies() -> None:
    """Of independent reporters it gives what Bayes' rule does."""
    of = worlds(1, 1.0)
    found = copying.probabilities(copying.naive(of))
    for said in product((True, False), repeat=REPORTERS):
        same = (of.said == said).all(axis=1)
        assert np.allclose(found[same], of.likely @ (same & of.so) / (of.likely @ same))


@given(counts)
def test_n_eff_lies_between_all_and_one(copies: int) -> None:
    """Without correlation n reporters count as n, with full correlation as one: their mean."""
    of = worlds(copies, 1.0)
    prior = log(PRIOR / (1 - PRIOR))
    assert np.allclose(copying.by_n_eff(of, 0.0), copying.naive(of))
    assert np.allclose(copying.by_n_eff(of, 1.0) - prior, (copying.naive(of) - prior) / REPORTERS)


def test_errors_of_copies_correlate_fully_and_others_hardly() -> None:
    """The correlation is 1 of copies alone, and close to 0 where nobody copies."""
    assert np.isclose(copying.error_correlation(worlds(REPORTERS, 1.0)), 1)
    assert 0 < copying.error_correlation(worlds(1, 1.0)) < 0.02


def test_scores_of_one_who_knows_nothing_and_of_one_who_is_wrong() -> None:
    """Even odds cost a quarter and ln 2; what is false and held for 95 % likely is falsely certain."""
    found = copying.scores(np.array([0.5, 0.95, 0.95]), np.array([True, False, True]))
    assert np.allclose(found, [[0.25, log(2), 0], [0.95**2, log(20), 1], [0.05**2, -log(0.95), 0]])


def test_the_targets_are_reproduced() -> None:
    """Each is as near to what is expected as chance lets the mean of 20,000 cases come."""
    assert [row.id for row in copying.rows() if row.verdict != "reproduced"] == []


def test_the_tolerance_is_what_chance_does_to_a_mean() -> None:
    """Of a share that is three standard errors of the share of 20,000 cases."""
    (row,) = (row for row in copying.rows() if row.id == "C8.5.naive")
    assert row.result is not None
    share = row.result[2]
    assert np.isclose(row.tolerance[2], 3 * sqrt(share * (1 - share) / 20_000))
