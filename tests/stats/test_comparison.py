"""Comparing candidates: validity of the tests, antisymmetry of the intervals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flyoff.errors import StatsError
from flyoff.stats import comparison, multiplicity, ranking
from flyoff.stats.distributions import binomial_pmf
from tests.stats.strategies import two_groups


@given(two_groups(40))
@settings(max_examples=20)
def test_boschloo_is_never_weaker_than_fisher(groups):
    boschloo, fisher = comparison.boschloo(*groups), comparison.fisher(*groups)
    # tables whose p-values differ by less than the allowance for ties count as equal
    assert boschloo.greater <= fisher.greater * (1 + comparison.TIE) + 1e-9
    assert boschloo.less <= fisher.less * (1 + comparison.TIE) + 1e-9


@given(two_groups(25))
@settings(max_examples=20)
def test_exchanging_the_candidates_exchanges_the_tails(groups):
    a, m, b, n = groups
    for test in (comparison.fisher, comparison.boschloo):
        one, other = test(a, m, b, n), test(b, n, a, m)
        assert one.greater == pytest.approx(other.less, abs=1e-9)
        assert one.two_sided == pytest.approx(other.two_sided, abs=1e-9)


def test_boschloo_keeps_its_size():
    """With equal probabilities the p-value is below 0.1 in at most a tenth of all trials."""
    m, n = 6, 7
    low = np.array(
        [
            [comparison.boschloo(a, m, b, n).two_sided <= 0.1 for b in range(n + 1)]
            for a in range(m + 1)
        ]
    )
    for p in (0.05, 0.3, 0.5, 0.77, 0.9):
        assert np.outer(binomial_pmf(m, p), binomial_pmf(n, p))[low].sum() <= 0.1 + 1e-9


@given(two_groups(200), st.floats(0.5, 0.99))
def test_difference_changes_sign_with_the_order(groups, level):
    a, m, b, n = groups
    for interval in (comparison.newcombe, comparison.agresti_caffo):
        one, other = interval(a, m, b, n, level=level), interval(b, n, a, m, level=level)
        assert one.low == pytest.approx(-other.high, abs=1e-9)
        assert one.value == -other.value
        assert -1 <= one.low <= one.high <= 1


def test_newcombe_as_published():
    shown = comparison.newcombe(7, 34, 1, 34, level=0.95)
    assert (shown.low, shown.high) == pytest.approx((0.0189, 0.3404), abs=5e-5)


def test_mcnemar_without_discordant_passes_says_nothing():
    shown = comparison.mcnemar(0, 0)
    assert shown.exact_p == shown.corrected.p_value == 1.0


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_a_binomial_test(first, second):
    p = comparison.mcnemar_exact(first, second)
    assert p == comparison.mcnemar_exact(second, first)
    assert 0 < p <= 1


def test_homogeneity_of_equal_shares_is_certain():
    assert comparison.homogeneity([5, 10], [10, 20]).p_value == 1.0
    assert comparison.homogeneity([10, 10], [10, 10]).p_value == 1.0
    assert comparison.homogeneity_exact([10, 10], [10, 10], draws=100).p_value == 1.0
    with pytest.raises(StatsError, match="two or more groups"):
        comparison.homogeneity([1], [2])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_adjusted_p_values_rise_and_keep_order(p):
    raw = np.array(p)
    holm, bh = multiplicity.holm(p), multiplicity.benjamini_hochberg(p)
    assert np.all(holm >= bh - 1e-12)
    assert np.all(bh >= raw - 1e-12)
    assert np.all(holm <= np.minimum(raw * raw.size, 1) + 1e-12)
    assert np.all(np.diff(holm[np.argsort(raw, kind="stable")]) >= 0)


def test_adjusting_nothing_gives_nothing_and_nonsense_is_refused():
    assert multiplicity.holm([]).size == 0
    with pytest.raises(StatsError, match="not all between 0 and 1"):
        multiplicity.holm([0.1, 1.2])


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), min_size=1, max_size=5))
def test_somebody_is_best(groups):
    successes, trials = [min(x, n) for x, n in groups], [n for _, n in groups]
    for prior in ((1.0, 1.0), (0.5, 0.5)):
        shares = ranking.probability_best(successes, trials, prior=prior)
        assert shares.sum() == pytest.approx(1.0, abs=1e-9)
        assert np.all(shares >= 0)


def test_better_agrees_with_the_closed_sum():
    """Integer parameters have a finite sum: over the first candidate's successes."""
    from scipy.special import betaln

    a, b, c, d = 20, 2, 15, 7  # posteriors after 19 and 14 of 20
    i = np.arange(a)
    closed = np.exp(betaln(c + i, b + d) - np.log(b + i) - betaln(1 + i, b) - betaln(c, d)).sum()
    assert ranking.probability_better(19, 20, 14, 20) == pytest.approx(closed, abs=1e-10)


def test_large_samples_still_integrate():
    assert ranking.probability_best([99_000, 98_900], [100_000, 100_000]).sum() == pytest.approx(1)
