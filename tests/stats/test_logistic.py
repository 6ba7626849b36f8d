"""Detection against range, agreement of classes, consistency of errors."""

import math

import numpy as np
import pytest

from flyoff.errors import StatsError
from flyoff.stats import classification, consistency, logistic


def test_logistic_recovers_what_made_the_data():
    rng = np.random.default_rng(8)
    x = rng.uniform(0, 10, 5000)
    y = rng.random(5000) < 1 / (1 + np.exp(x - 6))
    fit = logistic.logistic_line(x.tolist(), y.tolist())
    assert fit.coefficients == pytest.approx([6.0, -1.0], rel=0.08)
    found = logistic.inverse_prediction(fit, 0.5)
    assert found.value == pytest.approx(6.0, abs=0.15)
    assert found.fieller.low < 6.0 < found.fieller.high
    assert fit.probability([1.0, 6.0]).value == pytest.approx(0.5, abs=0.04)


def test_grouped_and_single_outcomes_give_the_same_fit():
    single = logistic.logistic_line([1, 1, 2, 2, 3, 3], [0, 1, 0, 1, 1, 1])
    grouped = logistic.logistic_line([1, 2, 3], [1, 1, 2], [2, 2, 2])
    assert single.coefficients == pytest.approx(grouped.coefficients, abs=1e-8)
    assert single.se == pytest.approx(grouped.se, rel=1e-6)


def test_fieller_and_delta_agree_in_large_samples():
    x = np.linspace(0, 4, 9)
    n = np.full(9, 1_000_000)
    y = np.round(n / (1 + np.exp(2 - x)))
    found = logistic.inverse_prediction(logistic.logistic_line(x, y, n), 0.5)
    assert found.fieller.low == pytest.approx(found.estimate.low, abs=1e-5)
    assert found.fieller.high == pytest.approx(found.estimate.high, abs=1e-5)


def test_slope_that_may_be_zero_leaves_the_range_open():
    fit = logistic.logistic_line([1, 2, 3, 4, 5, 6], [1, 0, 1, 0, 1, 1])
    assert logistic.inverse_prediction(fit, 0.5).fieller.high == math.inf


def test_steep_data_far_from_the_middle_are_not_mistaken_for_separation():
    x = [-60.0, -1.0, -0.5, 0.0, 0.5, 1.0, 60.0]
    fit = logistic.logistic_line(x, [0, 0, 1, 0, 1, 1, 1])
    assert np.all(np.isfinite(fit.se))


@pytest.mark.parametrize(
    ("x", "y"), [([1, 2, 3, 4], [0, 0, 1, 1]), ([1, 2, 2, 3], [0, 0, 1, 1]), ([1, 2, 3], [1, 1, 1])]
)
def test_separated_outcomes_are_refused(x, y):
    with pytest.raises(StatsError, match="separate"):
        logistic.logistic_line(x, y)


def test_design_without_sense_is_refused():
    with pytest.raises(StatsError, match="not independent"):
        logistic.logistic_fit([[1, 2], [1, 2], [1, 2]], [0, 1, 1])
    with pytest.raises(StatsError, match="do not match"):
        logistic.logistic_line([1, 2], [1])
    with pytest.raises(StatsError, match="between 0 and the trials"):
        logistic.logistic_line([1, 2, 3], [1, 2, 0])


def test_perfect_and_useless_classification():
    perfect = classification.confusion([[5, 0], [0, 7]])
    assert (perfect.accuracy, perfect.kappa, perfect.mcc) == pytest.approx((1.0, 1.0, 1.0))
    useless = classification.confusion([[5, 5], [5, 5]])
    assert (useless.kappa, useless.mcc) == pytest.approx((0.0, 0.0))


def test_class_never_declared_has_no_precision():
    shown = classification.confusion([[5, 0], [3, 0]])
    assert math.isnan(shown.precision[1])
    assert shown.recall[1] == 0.0
    with pytest.raises(StatsError, match="square"):
        classification.confusion([[1, 2, 3], [4, 5, 6]])
    with pytest.raises(StatsError, match="not all of them 0"):
        classification.confusion([[0, 0], [0, 0]])


def test_consistency_bounds_hold_for_consistent_errors():
    rng = np.random.default_rng(6)
    bounds = consistency.nees_bounds(20, 3, level=0.9)
    averages = rng.chisquare(3, (4000, 20)).mean(axis=1)
    inside = np.mean((averages >= bounds.low) & (averages <= bounds.high))
    assert inside == pytest.approx(0.9, abs=0.02)
    assert np.mean(
        rng.chisquare(2, 40_000) <= consistency.gate_threshold(0.99, 2)
    ) == pytest.approx(0.99, abs=0.003)
