"""The jackknife is what leaving out says; curves that only fall do."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyoff.errors import StatsError
from flyoff.stats.cluster_bootstrap import cluster_bootstrap
from flyoff.stats.clustered_regression import clustered_line, clustered_logistic, isotonic

RNG = np.random.default_rng(8)
GROUPS = np.repeat(np.arange(9), 12)
X = np.column_stack([np.ones(108), RNG.normal(size=108), RNG.uniform(0, 900, 108)])
Y = X @ [2.0, -1.0, 0.01] + RNG.normal(size=9)[GROUPS] + RNG.normal(size=108)


def test_the_covariance_is_that_of_leaving_each_cluster_out() -> None:
    fit = clustered_line(X, Y, GROUPS)
    left = np.array(
        [np.linalg.lstsq(X[g != GROUPS], Y[g != GROUPS], rcond=None)[0] for g in range(9)]
    )
    spread = left - left.mean(axis=0)
    np.testing.assert_allclose(fit.covariance, 8 / 9 * spread.T @ spread, rtol=1e-8)
    np.testing.assert_allclose(fit.coefficients, np.linalg.lstsq(X, Y, rcond=None)[0])


def test_log_odds_are_near_what_refitting_says() -> None:
    chance = 1 / (1 + np.exp((X[:, 2] - 450) / 120))
    y = (np.random.default_rng(3).random(108) < chance).astype(np.float64)
    x = X[:, [0, 2]]
    fit = clustered_logistic(x, y, GROUPS)
    left = np.array(
        [
            clustered_logistic(x[g != GROUPS], y[g != GROUPS], GROUPS[g != GROUPS]).coefficients
            for g in range(9)
        ]
    )
    spread = left - left.mean(axis=0)
    np.testing.assert_allclose(fit.covariance, 8 / 9 * spread.T @ spread, rtol=0.35)
    told = fit.inverse(0.5)
    assert told.low < told.value < told.high
    assert fit.probability([1.0, told.value]).value == pytest.approx(0.5)


def test_a_slope_that_may_be_zero_has_no_end() -> None:
    y = np.tile([0.0, 1.0], 54)
    told = clustered_logistic(X[:, [0, 2]], y, GROUPS).inverse(0.5)
    assert (told.low, told.high) == (-math.inf, math.inf)


def test_one_cluster_is_refused() -> None:
    with pytest.raises(StatsError, match="tells nothing of how clusters differ"):
        clustered_line(X, Y, np.zeros(108, dtype=np.int64))
    with pytest.raises(StatsError, match="no match"):
        clustered_line(X, Y[:-1], GROUPS)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 1)), min_size=1, max_size=60))
def test_isotonic_falls_keeps_the_mean_and_is_the_nearest(rows: list[tuple[int, int]]) -> None:
    x, y = (np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))
    at, fitted = isotonic(x, y)
    assert (np.diff(fitted) <= 1e-12).all()
    each = fitted[np.searchsorted(at, x)]
    assert each.mean() == pytest.approx(y.mean())
    # least squares among all that fall: no straight fall, and no flat line, is nearer
    for other in (np.full(x.size, y.mean()), 1.0 - x / 20.0):
        assert ((y - each) ** 2).sum() <= ((y - other) ** 2).sum() + 1e-9


def test_the_bootstrap_says_the_same_twice_and_holds_the_figure() -> None:
    values = RNG.normal(size=30)

    def middle(rows: np.ndarray) -> float:
        return float(np.median(values[rows]))

    first, second = (cluster_bootstrap(middle, 30) for _ in range(2))
    assert first == second
    assert first.low < first.value < first.high
