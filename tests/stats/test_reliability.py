"""Mean times, survival, Weibull, recurrence and growth."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flyoff.errors import StatsError
from flyoff.stats import duane, growth, mtbf, rates, recurrence, survival, trend, weibull
from flyoff.stats.growth_coefficients import (
    failure_truncated_coefficients,
    time_truncated_coefficients,
)

RELIAWIKI = (
    *(2.7, 10.3, 12.5, 30.6, 57.0, 61.3, 80.0, 109.5, 125.0, 128.6, 143.8, 167.9, 229.2, 296.7),
    *(320.6, 328.2, 366.2, 396.7, 421.1, 438.2, 501.2, 620.0),
)
NIST = (5, 40, 43, 175, 389, 712, 747, 795, 1299, 1478)
SYSTEMS = (
    (5, 10, 15, 17),
    (6, 13, 17, 19),
    (12, 20, 25, 26),
    (13, 15, 24),
    (16, 22, 25, 28),
)

times = st.lists(st.floats(0.01, 1000.0), min_size=3, max_size=30, unique=True)


@given(st.floats(1, 1e6), st.integers(1, 40), st.floats(0.5, 0.99))
def test_ending_with_a_failure_only_raises_the_lower_bound(total, failures, level):
    by_time = mtbf.mtbf(total, failures, level=level)
    by_failure = mtbf.mtbf(total, failures, level=level, truncation="failure")
    assert by_failure.low > by_time.low
    assert by_failure.high == by_time.high
    assert by_time.low < by_time.value < by_time.high


def test_mtbf_as_published():
    assert mtbf.mtbf(10_000, 6, level=0.8, sides="lower").low == pytest.approx(1101.88, abs=0.01)
    assert mtbf.mtbf(19_520, 7, level=0.8).low == pytest.approx(1658.32, abs=0.01)


def test_no_failure_leaves_the_mean_time_open_above():
    shown = mtbf.mtbf(100, 0, level=0.9)
    assert (shown.value, shown.high) == (math.inf, math.inf)
    assert mtbf.mtbf_without_failure(100, level=0.9).low == pytest.approx(100 / -math.log(0.1))
    with pytest.raises(StatsError, match="cannot have ended with one"):
        mtbf.mtbf(100, 0, truncation="failure")
    with pytest.raises(StatsError, match="total time"):
        mtbf.mtbf(0, 1)


@given(st.integers(0, 60), st.floats(0.1, 1e4), st.floats(0.5, 0.99))
def test_rate_and_mean_time_say_the_same(count, exposure, level):
    rate, mean = (
        rates.garwood(count, exposure, level=level),
        mtbf.mtbf(exposure, count, level=level),
    )
    assert rate.high == pytest.approx(1 / mean.low)
    assert rate.low == pytest.approx(1 / mean.high)


@given(st.integers(0, 30), st.integers(0, 30), st.floats(1, 100), st.floats(1, 100))
def test_rate_ratio_inverts_with_the_order(a, b, s, t):
    one, other = rates.rate_ratio(a, s, b, t), rates.rate_ratio(b, t, a, s)
    assert one.p_value == pytest.approx(other.p_value, rel=1e-6)
    if one.estimate.low > 0:
        assert one.estimate.low == pytest.approx(1 / other.estimate.high)


@given(times)
def test_survival_without_censoring_is_the_share_left(lives):
    curve = survival.kaplan_meier(lives, [True] * len(lives))
    left = [np.mean(np.array(lives) > t) for t in curve.table.times]
    assert curve.survival == pytest.approx(left)


@given(times, st.data())
@pytest.mark.parametrize("transform", ["plain", "log", "log-log"])
def test_survival_falls_within_its_limits(transform, lives, data):
    seen = data.draw(st.lists(st.booleans(), min_size=len(lives), max_size=len(lives)))
    curve = survival.kaplan_meier(lives, seen, transform=transform)
    assert np.all(np.diff(curve.survival) < 0)
    for t in (0.0, *curve.table.times, 2000.0):
        shown = curve.at(float(t))
        assert 0 <= shown.low <= shown.value <= shown.high <= 1
        assert transform in shown.method


def test_the_three_transforms_differ():
    lives, seen = [5, 6, 7, 8, 9, 10], [True, False, True, True, False, True]
    ends = {
        survival.kaplan_meier(lives, seen, transform=t).at(7.5).low
        for t in ("plain", "log", "log-log")
    }
    assert len(ends) == 3


def test_events_precede_censorings_at_the_same_time():
    table = survival.risk_table([5, 5, 6], [True, False, True])
    assert table.at_risk.tolist() == [3, 1]


def test_median_of_a_curve_that_stays_high_is_unknown():
    curve = survival.kaplan_meier([1, 2, 3, 4], [True, False, False, False])
    assert curve.quantile(0.5).value == math.inf


@given(times)
def test_groups_that_are_alike_do_not_differ(lives):
    shown = survival.logrank([lives, lives], [[True] * len(lives)] * 2)
    assert shown.statistic == pytest.approx(0.0, abs=1e-9)


def test_logrank_of_two_groups_does_not_depend_on_their_order():
    t, e = [[1, 3, 5, 9], [4, 6, 8]], [[True, True, False, True], [True, True, True]]
    one, other = survival.logrank(t, e), survival.logrank(t[::-1], e[::-1])
    assert one.p_value == pytest.approx(other.p_value)
    three = survival.logrank([*t, [2, 7]], [*e, [True, True]])
    assert three.dof == 2


def test_nothing_observed_is_refused():
    with pytest.raises(StatsError, match="no event"):
        survival.logrank([[1, 2], [3]], [[False, False], [False]])
    with pytest.raises(StatsError, match="do not match"):
        survival.kaplan_meier([1, 2], [True])
    assert survival.kaplan_meier([1, 2], [False, False]).at(5).value == 1.0


@given(times, st.floats(0.1, 100))
@settings(max_examples=20)
def test_weibull_follows_the_unit_of_time(lives, factor):
    one = weibull.weibull_fit(lives, [True] * len(lives))
    other = weibull.weibull_fit([factor * t for t in lives], [True] * len(lives))
    assert other.shape == pytest.approx(one.shape, rel=1e-6)
    assert other.scale == pytest.approx(factor * one.scale, rel=1e-6)


@given(times, st.floats(0.9, 1.1), st.floats(0.9, 1.1))
@settings(max_examples=20)
def test_weibull_fit_is_the_maximum(lives, a, b):
    fit = weibull.weibull_fit(lives, [True] * len(lives))
    k, scale = fit.shape * a, fit.scale * b
    t = np.array(lives)
    with np.errstate(over="ignore"):
        other = np.sum(np.log(k / scale) + (k - 1) * np.log(t / scale) - (t / scale) ** k)
    assert other <= fit.log_likelihood + 1e-7


def test_weibull_covariance_is_the_inverse_curvature():
    """By finite differences of the likelihood in the logarithms of shape and scale."""
    t = np.array([10.0, 20, 30, 40, 55, 60, 60])
    seen = np.array([True, True, True, True, True, False, False])
    fit = weibull.weibull_fit(t.tolist(), seen.tolist())

    def log_likelihood(at):
        k, scale = np.exp(at)
        z = (t / scale) ** k
        return np.sum((np.log(k / scale) + (k - 1) * np.log(t / scale))[seen]) - np.sum(z)

    at, h = np.log([fit.shape, fit.scale]), 1e-4
    hessian = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            di, dj = h * np.eye(2)[i], h * np.eye(2)[j]
            hessian[i, j] = (
                log_likelihood(at + di + dj)
                - log_likelihood(at + di - dj)
                - log_likelihood(at - di + dj)
                + log_likelihood(at - di - dj)
            ) / (4 * h * h)
    assert np.array(fit.covariance) == pytest.approx(np.linalg.inv(-hessian), rel=1e-4)


def test_life_by_the_delta_method_agrees_with_the_scale():
    fit = weibull.weibull_fit([10, 20, 30, 40, 55], [True] * 5)
    at_scale = fit.life(1 - math.exp(-1))
    scale = fit.scale_estimate()
    assert (at_scale.value, at_scale.low) == pytest.approx((scale.value, scale.low))


def test_weibull_needs_two_lives():
    for lives, seen in (([5, 5], [True, True]), ([5, 3], [True, False])):
        with pytest.raises(StatsError, match="one single life"):
            weibull.weibull_fit(lives, seen)
    with pytest.raises(StatsError, match="no failure"):
        weibull.weibull_fit([5, 6], [False, False])
    with pytest.raises(StatsError, match="above 0"):
        weibull.weibull_fit([0, 6], [True, True])


def _fleet():
    return [recurrence.History(tuple(ages[:-1]), ages[-1]) for ages in SYSTEMS]


def test_recurrence_uses_the_robust_error():
    """The published example: 0.381, where summing single events gives 0.847."""
    curve = recurrence.mean_cumulative(_fleet())
    step = curve.step_at(25)
    assert curve.se[step] == pytest.approx(0.381, abs=5e-4)
    assert math.sqrt(curve.naive_variance[step]) == pytest.approx(0.847, abs=5e-4)


def test_robust_error_is_the_jackknife_of_vehicles():
    """To first order: leaving out each vehicle in turn, in a large fleet."""
    rng = np.random.default_rng(3)
    fleet = [
        recurrence.History(tuple(np.sort(rng.uniform(0, 10, rng.poisson(g)))), 10.0)
        for g in rng.gamma(2.0, 1.5, 80)
    ]
    whole = recurrence.mean_cumulative(fleet).at(10)
    left = [
        recurrence.mean_cumulative(fleet[:i] + fleet[i + 1 :]).at(10).value
        for i in range(len(fleet))
    ]
    n = len(fleet)
    jackknife = math.sqrt((n - 1) / n * np.sum((np.array(left) - np.mean(left)) ** 2))
    curve = recurrence.mean_cumulative(fleet)
    assert curve.se[-1] == pytest.approx(jackknife, rel=0.02)
    assert whole.value == pytest.approx(sum(len(h.events) for h in fleet) / n)


def test_histories_that_contradict_themselves_are_refused():
    with pytest.raises(StatsError, match="after the end"):
        recurrence.History((5.0,), 4.0)
    with pytest.raises(StatsError, match="no vehicle"):
        recurrence.mean_cumulative([])
    assert recurrence.mean_cumulative([recurrence.History((), 9.0)]).at(5).value == 0.0


def test_growth_as_published():
    fit = growth.power_law(RELIAWIKI)
    assert (fit.shape, fit.scale) == pytest.approx((0.61421, 0.42394), abs=5e-6)
    assert (fit.mtbf_cumulative, fit.mtbf_now) == pytest.approx((28.18, 45.88), abs=5e-3)
    assert duane.duane(RELIAWIKI).growth_rate == pytest.approx(1 - 0.575, abs=5e-4)


def test_both_mean_times_of_the_nist_example():
    """The trap: 11 % apart, both called MTBF."""
    fit = growth.power_law(NIST, end=1500)
    assert fit.mtbf_now == pytest.approx(279.2, abs=0.05)
    assert fit.mtbf_now_unbiased == pytest.approx(310.23, abs=0.005)


def test_trend_tests_disagree_in_strength():
    handbook, laplace = trend.military_handbook(NIST, end=1500), trend.laplace(NIST, end=1500)
    assert handbook.improving == pytest.approx(0.011, abs=5e-4)
    assert laplace.statistic == pytest.approx(-1.327, abs=5e-4)
    assert laplace.improving > 5 * handbook.improving
    for test in (handbook, laplace):
        assert test.improving + test.worsening == pytest.approx(1.0)


@given(times, st.floats(0.01, 100))
def test_growth_follows_the_unit_of_time(failures, factor):
    one = growth.power_law(failures, end=1001.0)
    other = growth.power_law([factor * t for t in failures], end=factor * 1001.0)
    assert other.shape == pytest.approx(one.shape, rel=1e-9)
    assert other.mtbf_now == pytest.approx(factor * one.mtbf_now, rel=1e-9)
    assert one.scale * one.end**one.shape == pytest.approx(len(failures))


@pytest.mark.parametrize("truncation", ["time", "failure"])
def test_growth_bounds_cover_as_often_as_they_say(truncation):
    """2000 simulated tests: shape 0.6, some twenty failures, 80 % bounds of mean time and shape."""
    rng = np.random.default_rng(11)
    shape, scale, end = 0.6, 0.3, 1000.0
    hits = shapes = total = 0
    factors = {}
    for _ in range(2000):
        if truncation == "time":
            n = rng.poisson(scale * end**shape)
            if n < 2:
                continue
            failures = np.sort(end * rng.random(n) ** (1 / shape))
            fit = growth.power_law(failures, end=end)
        else:
            arrivals = np.cumsum(rng.exponential(size=15))
            fit = growth.power_law((arrivals / scale) ** (1 / shape))
        n = fit.failures
        if n not in factors:
            factors[n] = fit.coefficients(level=0.8)
        truth = 1 / (scale * shape * fit.end ** (shape - 1))
        hits += factors[n].low * fit.mtbf_now <= truth <= factors[n].high * fit.mtbf_now
        shown = fit.shape_estimate(level=0.8)
        shapes += shown.low <= shape <= shown.high
        total += 1
    assert hits / total >= 0.78  # the time-truncated bounds are conservative
    assert shapes / total == pytest.approx(0.8, abs=0.03)
    if truncation == "failure":
        assert hits / total == pytest.approx(0.8, abs=0.03)


@given(st.integers(2, 200), st.floats(0.5, 0.99))
@settings(max_examples=15)
def test_growth_factors_narrow_with_more_failures(failures, level):
    for factors in (time_truncated_coefficients, failure_truncated_coefficients):
        few, many = factors(failures, level=level), factors(2 * failures, level=level)
        assert few.low < few.high
        assert many.high / many.low < few.high / few.low
        wider = factors(failures, level=(1 + level) / 2)
        assert wider.low < few.low < few.high < wider.high


def test_one_failure_leaves_growth_open_above():
    assert time_truncated_coefficients(1).high == math.inf


def test_grouped_growth_agrees_with_exact_times_in_fine_groups():
    fit = growth.power_law(NIST, end=1500)
    ends = np.linspace(1, 1500, 1500)
    counts = np.histogram(NIST, bins=np.concatenate([[0], ends]), density=False)[0]
    grouped = growth.power_law_grouped(ends.tolist(), counts.tolist())
    assert grouped.shape == pytest.approx(fit.shape, rel=0.01)
    assert grouped.failures == 10


def test_growth_test_finds_what_is_no_power_law():
    """Failures only in the middle of the test."""
    assert growth.power_law(np.linspace(400, 600, 25), end=1000).fit_p_value() < 0.01


@pytest.mark.parametrize(
    ("failures", "end", "message"),
    [
        ([], 10.0, "too few"),
        ([5.0], None, "too few"),
        ([5.0, 12.0], 10.0, "after the end"),
        ([0.0, 3.0], 10.0, "above 0"),
        ([5.0, 5.0], None, "at the end"),
    ],
)
def test_growth_without_sense_is_refused(failures, end, message):
    with pytest.raises(StatsError, match=message):
        growth.power_law(failures, end=end)


def test_grouped_growth_without_sense_is_refused():
    with pytest.raises(StatsError, match="do not rise"):
        growth.power_law_grouped([20, 10], [1, 2])
    with pytest.raises(StatsError, match="first interval only"):
        growth.power_law_grouped([10, 20], [3, 0])
    with pytest.raises(StatsError, match="whole number"):
        growth.power_law_grouped([10, 20], [3, 1.5])
