"""Radii and quantiles: against closed forms, sums by hand and scipy's distributions."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flyoff.errors import StatsError
from flyoff.stats import accuracy, order_statistics
from flyoff.stats.accuracy import MissDistribution

shares = st.floats(0.01, 0.99)
spreads = st.floats(0.05, 5.0)


def _misses(bias, small, large, angle):
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    c = turn @ np.diag([small**2, large**2]) @ turn.T
    c = (c + c.T) / 2
    return MissDistribution(tuple(turn @ bias), tuple(map(tuple, c)))


@given(shares, spreads)
def test_equal_spreads_without_bias_are_rayleigh(p, sigma):
    misses = MissDistribution((0.0, 0.0), ((sigma**2, 0.0), (0.0, sigma**2)))
    assert misses.radius(p) == pytest.approx(sigma * accuracy.rayleigh_factor(p), rel=1e-9)


@given(shares, spreads, st.floats(0, 10))
@settings(max_examples=25)
def test_bias_follows_the_noncentral_distribution(p, sigma, bias):
    from scipy.stats import ncx2

    misses = MissDistribution((bias, 0.0), ((sigma**2, 0.0), (0.0, sigma**2)))
    oracle = sigma * math.sqrt(ncx2.ppf(p, 2, (bias / sigma) ** 2))
    assert misses.radius(p) == pytest.approx(oracle, rel=1e-6)


@given(shares, spreads, spreads, st.floats(-3, 3), st.floats(-3, 3), st.floats(0, math.pi))
@settings(max_examples=25)
def test_turning_the_axes_changes_nothing(p, small, large, bx, by, angle):
    bias = np.array([bx, by])
    straight, turned = (_misses(bias, small, large, a) for a in (0.0, angle))
    assert turned.radius(p) == pytest.approx(straight.radius(p), rel=1e-7)


@given(spreads, spreads, st.floats(-3, 3), st.floats(-3, 3))
@settings(max_examples=25)
def test_share_and_radius_invert_each_other(small, large, bx, by):
    misses = _misses(np.array([bx, by]), small, large, 0.3)
    radii = [misses.radius(p) for p in (0.1, 0.5, 0.9)]
    assert radii == sorted(radii)
    for r, p in zip(radii, (0.1, 0.5, 0.9), strict=True):
        assert misses.share_within(r) == pytest.approx(p, abs=1e-9)


def test_hoyt_against_numbers_drawn():
    rng = np.random.default_rng(2)
    c = np.array([[4.0, 1.2], [1.2, 1.0]])
    drawn = rng.multivariate_normal([1.5, -0.5], c, 400_000)
    misses = MissDistribution((1.5, -0.5), ((4.0, 1.2), (1.2, 1.0)))
    inside = np.mean(np.hypot(*drawn.T) <= misses.radius(0.7))
    assert inside == pytest.approx(0.7, abs=0.003)


def test_misses_on_a_line_and_in_a_point():
    line = MissDistribution((0.0, 0.0), ((1.0, 0.0), (0.0, 0.0)))
    assert line.share_within(2.0) == pytest.approx(0.9545, abs=5e-5)
    assert line.radius(0.5) == pytest.approx(0.67449, abs=1e-5)
    point = MissDistribution((3.0, 4.0), ((0.0, 0.0), (0.0, 0.0)))
    assert (point.share_within(4.9), point.share_within(5.0)) == (0.0, 1.0)


def test_impossible_covariance_is_refused():
    with pytest.raises(StatsError, match="negative variance"):
        MissDistribution((0.0, 0.0), ((1.0, 2.0), (2.0, 1.0)))
    with pytest.raises(StatsError, match="not a symmetric"):
        MissDistribution((0.0, 0.0), ((1.0, 0.5), (0.0, 1.0)))


def test_published_factors():
    assert accuracy.rayleigh_share(2 * math.sqrt(2)) == pytest.approx(0.982, abs=5e-4)  # 2DRMS
    assert accuracy.maxwell_factor(0.9) == pytest.approx(2.5003, abs=5e-5)
    assert accuracy.maxwell_share(accuracy.maxwell_factor(0.3)) == pytest.approx(0.3)


def test_precision_hides_bias():
    """The trap: misses in a tight group far from the aim point."""
    x, y = [10.0, 10.2, 9.8, 10.1], [0.1, -0.1, 0.0, 0.05]
    accurate = accuracy.circular_error(x, y)
    precise = accuracy.circular_error(x, y, about="mean")
    assert precise.value < 0.3 < 5 < accurate.value
    assert "about the mean" in precise.method
    assert accuracy.fitted_misses(x, y).radius(0.5) == pytest.approx(10.0, abs=0.1)


def test_spread_covers_as_often_as_it_says():
    rng = np.random.default_rng(4)
    for about, bias in (("aim", 0.0), ("mean", 3.0)):
        hits = 0
        for _ in range(1500):
            x, y = rng.normal(bias, 1.0, (2, 6))
            shown = accuracy.radial_spread(x, y, level=0.9, about=about)
            hits += shown.low <= 1.0 <= shown.high
        assert hits / 1500 == pytest.approx(0.9, abs=0.03)


def _coverage(n, lower, upper, p):
    """By the definition: between `lower` and `upper - 1` of n values lie below the quantile."""
    return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(lower, upper))


@given(st.integers(2, 60), shares, st.data())
def test_coverage_of_order_statistics_by_hand(n, p, data):
    lower = data.draw(st.integers(1, n - 1))
    upper = data.draw(st.integers(lower + 1, n))
    got = order_statistics.interval_coverage(n, lower, upper, p=p)
    assert got == pytest.approx(_coverage(n, lower, upper, p), abs=1e-12)


@given(st.integers(3, 200), shares, st.floats(0.5, 0.99))
def test_quantile_interval_covers_and_no_narrower_one_does(n, p, level):
    data = list(range(1, n + 1))
    shown = order_statistics.quantile_interval(data, p, level=level)
    low = 0 if math.isinf(shown.low) else int(shown.low)
    high = n + 1 if math.isinf(shown.high) else int(shown.high)
    tail = (1 - level) / 2
    below = _coverage(n, 0, low, p)  # the lower end lies above the quantile
    above = _coverage(n, high, n + 1, p) if high <= n else 0.0
    assert below <= tail + 1e-12
    assert above <= tail + 1e-12
    if low < n:
        assert _coverage(n, 0, low + 1, p) > tail


def test_too_few_values_leave_the_bound_open():
    assert order_statistics.quantile_interval([1, 2, 3], 0.5, level=0.95).low == -math.inf
    assert order_statistics.tolerance_bound(range(58), 0.95, level=0.95).high == math.inf
    assert order_statistics.tolerance_bound(range(59), 0.95, level=0.95).high == 58
    with pytest.raises(StatsError, match="one-sided"):
        order_statistics.tolerance_bound([1, 2], 0.5, sides="two-sided")


def test_lower_tolerance_bound_mirrors_the_upper():
    data = np.random.default_rng(1).normal(size=80)
    low = order_statistics.tolerance_bound(data, 0.9, sides="lower").low
    high = order_statistics.tolerance_bound(-data, 0.9, sides="upper").high
    assert low == -high


@given(shares, st.floats(0.5, 0.995))
def test_tolerance_trials_are_the_fewest(share, level):
    n = order_statistics.tolerance_trials(share, level=level)
    assert 1 - share**n >= level - 1e-12
    assert n == 1 or 1 - share ** (n - 1) < level
    m = order_statistics.tolerance_trials_two_sided(share, level=level)
    assert 1 - m * share ** (m - 1) + (m - 1) * share**m >= level - 1e-12
    assert m > n


def test_published_tolerance_trials():
    asked = list(itertools.product((0.9, 0.95), (0.9, 0.95)))
    one = [order_statistics.tolerance_trials(p, level=c) for p, c in asked]
    two = [order_statistics.tolerance_trials_two_sided(p, level=c) for p, c in asked]
    assert one == [22, 29, 45, 59]
    assert two == [38, 46, 77, 93]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), shares)
def test_quantile_is_numpys(data, p):
    assert order_statistics.quantile(data, p) == np.quantile(data, p)


def test_nan_is_refused_not_sorted_away():
    with pytest.raises(StatsError, match="NaN"):
        order_statistics.quantile([1.0, math.nan], 0.5)
    with pytest.raises(StatsError, match="not all finite"):
        accuracy.radial_spread([1.0, math.nan], [0.0, 0.0])


def test_bootstrapped_radius_is_repeatable_and_encloses_the_truth():
    rng = np.random.default_rng(7)
    x, y = rng.multivariate_normal([1.5, -0.5], [[4.0, 1.2], [1.2, 1.0]], 60).T
    one, again = (accuracy.fitted_radius(x, y, p=0.9, draws=60) for _ in range(2))
    assert one == again
    assert one.low < one.value < one.high
    truth = MissDistribution((1.5, -0.5), ((4.0, 1.2), (1.2, 1.0))).radius(0.9)
    assert one.low < truth < one.high
    assert accuracy.fitted_radius([1, 1, 1], [2, 2, 2], draws=20).value == pytest.approx(5**0.5)
