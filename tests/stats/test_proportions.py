"""Intervals for one probability: nested, symmetric, monotone, and honest about their coverage."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyoff.errors import StatsError
from flyoff.stats import proportions, sizing
from flyoff.stats.distributions import binomial_pmf
from flyoff.stats.estimate import Estimate

INTERVALS = (
    proportions.clopper_pearson,
    proportions.wilson,
    proportions.wilson_continuity,
    proportions.jeffreys,
)
each_interval = pytest.mark.parametrize("interval", INTERVALS, ids=lambda f: f.__name__)


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int]:
    trials = draw(st.integers(1, 400))
    return draw(st.integers(0, trials)), trials


@each_interval
@given(counts(), st.floats(0.5, 0.98), st.floats(0.001, 0.019))
def test_more_confidence_is_wider(interval, count, level, more):
    narrow, wide = interval(*count, level=level), interval(*count, level=level + more)
    assert wide.low <= narrow.low <= narrow.high <= wide.high


@each_interval
@given(counts(), st.floats(0.5, 0.999))
def test_failures_mirror_successes(interval, count, level):
    successes, trials = count
    seen = interval(successes, trials, level=level)
    mirrored = interval(trials - successes, trials, level=level)
    assert seen.low == pytest.approx(1 - mirrored.high, abs=1e-9)
    assert seen.high == pytest.approx(1 - mirrored.low, abs=1e-9)


@each_interval
@given(counts(), st.floats(0.5, 0.999))
def test_one_more_success_raises_both_ends(interval, count, level):
    successes, trials = count
    if successes < trials:
        fewer, more = (interval(x, trials, level=level) for x in (successes, successes + 1))
        assert more.low >= fewer.low
        assert more.high >= fewer.high


@each_interval
@given(counts(), st.floats(0.5, 0.99))
def test_one_sided_bound_is_the_end_of_the_wider_two_sided(interval, count, level):
    """The trap: a one-sided 90 % bound is the end of the two-sided 80 % interval."""
    lower = interval(*count, level=(1 + level) / 2, sides="lower")
    upper = interval(*count, level=(1 + level) / 2, sides="upper")
    both = interval(*count, level=level)
    assert lower.low == pytest.approx(both.low, abs=1e-9)
    assert upper.high == pytest.approx(both.high, abs=1e-9)
    assert (lower.high, upper.low) == (1.0, 0.0)


@each_interval
def test_edges_reach_the_end_of_the_range(interval):
    assert interval(0, 20).low == 0.0
    assert interval(20, 20).high == 1.0
    assert 0.0 < interval(0, 20).high < 1.0
    assert 0.0 < interval(1, 1).low < 1.0


@pytest.mark.parametrize("trials", [1, 5, 20, 47])
@pytest.mark.parametrize("p", [0.01, 0.1, 0.5, 0.83, 0.97])
def test_clopper_pearson_never_covers_too_rarely(trials, p):
    pmf = binomial_pmf(trials, p)
    shown = [proportions.clopper_pearson(x, trials, level=0.9) for x in range(trials + 1)]
    covered = sum(w for w, e in zip(pmf, shown, strict=True) if e.low <= p <= e.high)
    assert covered >= 0.9


def test_wilson_does_cover_too_rarely_somewhere():
    """Otherwise the advice to claim with Clopper-Pearson would have no reason."""
    shown = [proportions.wilson(x, 20, level=0.9) for x in range(21)]
    covered = [
        sum(w for w, e in zip(binomial_pmf(20, p), shown, strict=True) if e.low <= p <= e.high)
        for p in np.linspace(0.01, 0.99, 99)
    ]
    assert min(covered) < 0.88


@given(counts(), st.floats(0.5, 0.99))
def test_highest_density_is_the_shortest_credible_interval(count, level):
    successes, trials = count
    shortest = proportions.jeffreys_highest_density(successes, trials, level=level)
    if 0 < successes < trials:
        equal_tailed = proportions.jeffreys(successes, trials, level=level)
        assert shortest.width <= equal_tailed.width + 1e-9


@given(counts(), st.floats(0.01, 0.99), st.floats(0.6, 0.99))
def test_exact_test_agrees_with_the_interval_where_both_are_clear(count, p0, level):
    """A hypothesis rejected by the interval's tail cannot be well supported by the test."""
    shown = proportions.clopper_pearson(*count, level=level)
    if not shown.low <= p0 <= shown.high:
        assert proportions.exact_test(*count, p0) <= 2 * (1 - level)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 20))
def test_undetermined_outcomes_only_widen(successes, failures, unknown):
    if successes + failures + unknown == 0:
        return
    shown = proportions.bounded(successes, failures, unknown)
    assert shown.worst.low <= shown.best.low
    assert shown.worst.high <= shown.best.high
    assert shown.worst.n == shown.best.n == successes + failures + unknown


@pytest.mark.parametrize(
    ("successes", "trials"), [(3, 2), (-1, 5), (0, 0), (1.5, 4), (math.nan, 4), (1, math.inf)]
)
@each_interval
def test_impossible_counts_are_refused(interval, successes, trials):
    with pytest.raises(StatsError, match="is impossible"):
        interval(successes, trials)


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1, 95, math.nan])
def test_impossible_level_is_refused(level):
    with pytest.raises(StatsError, match="level"):
        proportions.wilson(1, 2, level=level)


def test_unknown_sides_are_refused():
    with pytest.raises(StatsError, match="sides 'both'"):
        proportions.wilson(1, 2, sides="both")


def test_an_interval_upside_down_is_refused():
    with pytest.raises(StatsError, match="not below"):
        Estimate(0.5, 0.6, 0.4, 0.9, "two-sided", "wrong", 1)


@given(st.floats(0.5, 0.995), st.floats(0.5, 0.99), st.integers(0, 6))
def test_demonstration_is_the_smallest_plan(reliability, level, allowed):
    plan = sizing.demonstration_plan(reliability, level=level, allowed_failures=allowed)
    passed = proportions.clopper_pearson(
        plan.trials - allowed, plan.trials, level=level, sides="lower"
    )
    assert passed.low >= reliability - 1e-9
    assert plan.pass_probability(reliability) <= 1 - level + 1e-12
    if plan.trials > allowed + 1:
        smaller = sizing.DemonstrationPlan(plan.trials - 1, allowed, reliability, level)
        assert smaller.pass_probability(reliability) > 1 - level


@pytest.mark.parametrize(
    ("reliability", "level", "trials"),
    [
        (0.95, 0.90, (45, 77, 105, 132, 158)),
        (0.99, 0.90, (230, 388, 531, 667, 798)),
        (0.99, 0.95, (299, 473, 628, 773, 913)),
    ],
)
def test_published_demonstration_sizes(reliability, level, trials):
    got = [
        sizing.demonstration_trials(reliability, level=level, allowed_failures=k) for k in range(5)
    ]
    assert tuple(got) == trials


def test_two_risk_plan_keeps_both_risks():
    plan = sizing.two_risk_plan(0.85, 0.97, level=0.9, producer_risk=0.1)
    assert plan.pass_probability(0.85) <= 0.1
    assert plan.producer_risk(0.97) <= 0.1
    with pytest.raises(StatsError, match="not above the required"):
        sizing.two_risk_plan(0.9, 0.9)


def test_success_run_formulas_differ_by_one_trial():
    classical = sizing.success_run_lower(11, level=0.9).low
    assert sizing.success_run_lower(10, level=0.9, formula="uniform prior").low == classical
    assert proportions.clopper_pearson(11, 11, level=0.9, sides="lower").low == pytest.approx(
        classical
    )
