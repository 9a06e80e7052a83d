"""Simulated reporters, some of whom copy."""

from dataclasses import replace
from math import comb, log, sqrt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from validation import copying
from validation.copying import FALSE_POSITIVE, PRIOR, REPORTERS, TRUE_POSITIVE, Cases, simulate

seeds = st.integers(0, 2**32)
counts = st.integers(1, REPORTERS)


def drawn(seed: int, copies: int, declared: float, cases: int = 50) -> Cases:
    """Cases of a seed."""
    return simulate(np.random.default_rng(seed), cases, copies, declared)


@given(seeds, counts)
def test_declared_copies_count_once(seed: int, copies: int) -> None:
    """By provenance, reporters who all declare one origin weigh as much as the first of them alone."""
    cases = drawn(seed, copies, 1.0)
    once = replace(cases, said=np.delete(cases.said, range(1, copies), axis=1))
    assert np.allclose(copying.by_provenance(cases), copying.naive(once))


@given(seeds, counts)
def test_copies_that_nobody_declares_count_each(seed: int, copies: int) -> None:
    """Provenance can do nothing against a copy that does not say so."""
    cases = drawn(seed, copies, 0.0)
    assert np.allclose(copying.by_provenance(cases), copying.naive(cases))


@given(seeds, counts)
def test_n_eff_lies_between_all_and_one(seed: int, copies: int) -> None:
    """Without correlation n reporters count as n, with full correlation as one: their mean."""
    cases = drawn(seed, copies, 1.0)
    prior = log(PRIOR / (1 - PRIOR))
    assert np.allclose(copying.by_n_eff(cases, 0.0), copying.naive(cases))
    assert np.allclose(copying.by_n_eff(cases, 1.0) - prior, (copying.naive(cases) - prior) / REPORTERS)


@given(seeds, counts)
def test_copies_say_the_same(seed: int, copies: int) -> None:
    """Who copies says in each case what the first says."""
    said = drawn(seed, copies, 0.5).said
    assert (said[:, :copies] == said[:, :1]).all()


def test_errors_of_copies_correlate_fully_and_others_hardly() -> None:
    """The correlation is 1 of copies alone, and close to 0 where nobody copies."""
    assert np.isclose(copying.error_correlation(drawn(0, REPORTERS, 1.0, 500)), 1)
    assert abs(copying.error_correlation(drawn(0, 1, 1.0, 20_000))) < 0.03


def test_scores_of_one_who_knows_nothing_and_of_one_who_is_wrong() -> None:
    """Even odds cost a quarter and ln 2; what is false and held for 95 % likely is falsely certain."""
    odds = np.array([0.0, log(19), log(19)])
    found = copying.scores(odds, np.array([True, False, True]))
    assert np.allclose(found, [[0.25, log(2), 0], [0.95**2, log(20), 1], [0.05**2, -log(0.95), 0]])


def test_a_simulation_comes_near_what_enumeration_says() -> None:
    """With independent reporters the mean Brier score is within four standard errors of the exact one."""
    cases = drawn(0, 1, 1.0, 20_000)
    each = copying.scores(copying.naive(cases), cases.so)[:, 0]
    exact = 0.0
    for count in range(REPORTERS + 1):
        so, not_so = (
            share * comb(REPORTERS, count) * rate**count * (1 - rate) ** (REPORTERS - count)
            for share, rate in ((PRIOR, TRUE_POSITIVE), (1 - PRIOR, FALSE_POSITIVE))
        )
        exact += so * not_so / (so + not_so)
    assert abs(each.mean() - exact) < 4 * each.std() / sqrt(len(each))
