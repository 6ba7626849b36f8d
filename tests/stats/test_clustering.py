"""Clusters: what they cost, and that the cost is charged."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flyoff.errors import StatsError
from flyoff.stats import beta_binomial, clustering
from flyoff.stats.clustered_bounds import clustered_bounds
from flyoff.stats.proportions import clopper_pearson
from tests.stats.strategies import clusters


def test_clusters_that_are_all_or_nothing_correlate_fully():
    assert clustering.anova_icc([5, 0, 5, 0], [5, 5, 5, 5]) == pytest.approx(1.0)


def test_sixty_sorties_on_six_vehicles():
    assert clustering.kish(10, 0.25, 60).effective_n == pytest.approx(18.46, abs=0.01)


@given(clusters())
def test_clustered_interval_is_never_narrower(group):
    successes, trials = group
    plain = clopper_pearson(sum(successes), sum(trials))
    shown = clustering.clustered_proportion(successes, trials)
    assert shown.estimate.low <= plain.low + 1e-9
    assert shown.estimate.high >= plain.high - 1e-9
    assert shown.design_effect >= 1.0
    assert shown.estimate.n <= sum(trials) + 1e-9


@given(clusters(), st.floats(0.0, 0.8), st.floats(0.01, 0.2))
def test_more_assumed_correlation_is_wider(group, icc, more):
    narrow = clustering.clustered_proportion(*group, icc=icc).estimate
    wide = clustering.clustered_proportion(*group, icc=icc + more).estimate
    assert wide.low <= narrow.low + 1e-9
    assert wide.high >= narrow.high - 1e-9


def test_what_cannot_be_measured_is_said():
    assert "one cluster" in clustering.clustered_proportion([9], [10]).note
    assert "alike" in clustering.clustered_proportion([10, 10], [10, 10]).note
    assert "2 clusters" in clustering.clustered_proportion([10, 9], [10, 10]).note
    assert "assumed" in clustering.clustered_proportion([10, 9], [10, 10], icc=0.2).note
    assert clustering.clustered_proportion([9, 8, 9, 8, 7], [10] * 5).note == ""
    assert math.isnan(clustering.clustered_proportion([10, 10], [10, 10]).icc)


def test_single_trials_are_not_clusters():
    outcomes = [1, 0, 1, 1, 1]
    shown = clustering.clustered_proportion(outcomes, [1] * 5)
    assert shown.estimate.low == pytest.approx(clopper_pearson(4, 5).low)


def test_vehicles_that_never_flew_do_not_count():
    with_empty = clustering.clustered_proportion([9, 0, 7], [10, 0, 10])
    assert with_empty == clustering.clustered_proportion([9, 7], [10, 10])


@given(clusters())
@settings(max_examples=15)
def test_shrunk_shares_lie_between_own_and_common(group):
    successes, trials = group
    fit = beta_binomial.beta_binomial_fit(successes, trials)
    assert 0 <= fit.correlation < 1
    for x, n, shown in zip(successes, trials, fit.shrunk(), strict=True):
        low, high = sorted((x / n, fit.mean))
        assert low - 1e-6 <= shown.value <= high + 1e-6


@given(clusters())
@settings(max_examples=15)
def test_beta_binomial_never_fits_worse_than_the_binomial(group):
    successes, trials = (np.array(column) for column in group)
    p = successes.sum() / trials.sum()
    alone = sum(
        math.log(math.comb(int(n), int(x)) * p**x * (1 - p) ** (n - x))
        for x, n in zip(successes, trials, strict=True)
    )
    assert beta_binomial.beta_binomial_fit(*group).log_likelihood >= alone - 1e-9


def test_beta_binomial_recovers_what_made_the_data():
    rng = np.random.default_rng(5)
    a, b = 8.0, 2.0
    trials = np.full(4000, 12)
    successes = rng.binomial(trials, rng.beta(a, b, trials.size))
    fit = beta_binomial.beta_binomial_fit(successes.tolist(), trials.tolist())
    assert fit.mean == pytest.approx(a / (a + b), abs=0.01)
    assert fit.correlation == pytest.approx(1 / (a + b + 1), abs=0.01)


def test_equal_clusters_show_no_correlation():
    fit = beta_binomial.beta_binomial_fit([8] * 6, [10] * 6)
    assert fit.correlation == 0.0
    assert fit.shrunk()[0].value == pytest.approx(0.8)


@pytest.mark.parametrize("test", [clustering.rao_scott_test, clustering.donner_test])
def test_group_tests_ignore_names_and_order_of_clusters(test):
    one = test({"a": ([9, 10, 8], [10, 10, 10]), "b": ([4, 9, 1], [10, 10, 10])})
    other = test({"x": ([8, 9, 10], [10, 10, 10]), "y": ([1, 4, 9], [10, 10, 10])})
    assert one.test.p_value == pytest.approx(other.test.p_value)
    with pytest.raises(StatsError, match="cannot be compared"):
        test({"a": ([1, 2], [3, 3])})


def test_bad_counts_are_refused():
    with pytest.raises(StatsError, match="do not match"):
        clustering.anova_icc([1, 2], [3])
    with pytest.raises(StatsError, match="5 successes in 3 trials"):
        clustering.anova_icc([5, 2], [3, 3])
    with pytest.raises(StatsError, match="no cluster has any trial"):
        clustering.clustered_proportion([], [])
    with pytest.raises(StatsError, match="two or more"):
        beta_binomial.beta_binomial_fit([5], [9])


def test_robust_bound_holds_where_all_vehicles_do_well():
    """The design effect sees no correlation there; a tenth may be wrong, a quarter is."""
    rng = np.random.default_rng(9)
    icc, truth, level, repeats = 0.5, 0.9, 0.9, 400
    strength = 1 / icc - 1
    shares = rng.beta(truth * strength, (1 - truth) * strength, (repeats, 6))
    wrong = {clustering.clustered_proportion: 0, clustered_bounds: 0}
    seen: dict[tuple, bool] = {}
    for counts in np.sort(rng.binomial(10, shares), axis=1).tolist():
        for bound in wrong:
            key = (bound.__name__, *counts)
            if key not in seen:
                seen[key] = bound(counts, [10] * 6, level=level, sides="lower").estimate.low > truth
            wrong[bound] += seen[key]
    assert wrong[clustered_bounds] <= 0.1 * repeats
    assert wrong[clustering.clustered_proportion] > 0.2 * repeats


@given(clusters(5), st.floats(0.05, 0.4), st.floats(0.01, 0.3))
@settings(max_examples=8)
def test_robust_bounds_widen_with_the_correlation_thought_possible(group, most, more):
    narrow = clustered_bounds(*group, most_icc=most).estimate
    wide = clustered_bounds(*group, most_icc=most + more).estimate
    plain = clopper_pearson(sum(group[0]), sum(group[1]))
    assert wide.low <= narrow.low + 2e-3  # correlations are tried on a grid
    assert wide.high >= narrow.high - 2e-3
    assert narrow.low <= plain.low + 1e-9
    assert narrow.high >= plain.high - 1e-9


def test_robust_bounds_of_single_trials_are_binomial():
    shown = clustered_bounds([1] * 22, [1] * 22, level=0.9, sides="lower")
    # a tenth of the error is spent on excluding correlations
    assert shown.estimate.low == pytest.approx(0.09 ** (1 / 22))
    assert shown.design_effect == 1.0
    assert "as assumed" in clustered_bounds([10, 10], [10, 10]).note
