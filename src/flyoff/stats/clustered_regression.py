"""Regression of observations that come in clusters: passes of a target, sorties of a vehicle.

Observations of one pass resemble each other, so that the textbook errors are too small. Here each
cluster is left out in turn (the jackknife, CR3): exact for lines, one Newton step for log-odds. The
intervals use Student's t with one degree of freedom fewer than there are clusters.

References
----------
Bell & McCaffrey (2002), Survey Methodology 28:169. MacKinnon, Nielsen & Webb (2023), J. Applied
Econometrics 38:671 (CR3 as a jackknife). Fieller (1954), JRSS B 16:175. Barlow et al. (1972),
Statistical Inference under Order Restrictions (pooling adjacent violators).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.distributions import student_quantile
from flyoff.stats.estimate import Estimate, require_open_probability, tails
from flyoff.stats.logistic import logistic_fit
from flyoff.units import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class ClusteredFit:
    """Coefficients with the covariance that clusters leave.

    Attributes
    ----------
    coefficients : float64, shape (p,)
    covariance : float64, shape (p, p)
    clusters, n : int
    """

    coefficients: FloatArray
    covariance: FloatArray
    clusters: int
    n: int

    def combination(self, row: Sequence[float], *, level: float = 0.90) -> Estimate:
        """Estimate a linear combination of the coefficients."""
        x = np.asarray(row, dtype=np.float64)
        middle = float(x @ self.coefficients)
        half = self._quantile(level) * math.sqrt(max(float(x @ self.covariance @ x), 0.0))
        return self._estimate(middle, middle - half, middle + half, level)

    def probability(self, row: Sequence[float], *, level: float = 0.90) -> Estimate:
        """Chance of success at one row of the design, for a fit of log-odds."""
        odds = self.combination(row, level=level)
        value, low, high = (_expit(v) for v in (odds.value, odds.low, odds.high))
        return self._estimate(value, low, high, level)

    def inverse(self, p: float, *, level: float = 0.90) -> Estimate:
        """Predictor at which the chance is `p`, for log-odds on a line; Fieller's interval.

        Infinite on both sides where the slope may be zero.
        """
        require_open_probability("chance", p)
        a, b = (float(c) for c in self.coefficients[:2])
        if b == 0.0:
            raise StatsError("the chance does not depend on the predictor; slope 0")
        wanted, t = math.log(p / (1.0 - p)) - a, self._quantile(level)
        (va, vab), (_, vb) = self.covariance[:2, :2]
        square = b * b - t * t * vb
        linear = -2.0 * (wanted * b + t * t * vab)
        inside = linear * linear - 4.0 * square * (wanted * wanted - t * t * va)
        if square <= 0.0 or inside < 0.0:
            return self._estimate(wanted / b, -math.inf, math.inf, level)
        middle, half = -linear / (2.0 * square), math.sqrt(inside) / (2.0 * square)
        return self._estimate(wanted / b, middle - half, middle + half, level)

    def _quantile(self, level: float) -> float:
        return -student_quantile(tails(level, "two-sided"), self.clusters - 1)

    def _estimate(self, value: float, low: float, high: float, level: float) -> Estimate:
        method = "jackknife over clusters, Student's t"
        return Estimate(value, low, high, level, "two-sided", method, self.clusters)


def clustered_line(
    design: FloatArray, values: FloatArray, clusters: Sequence[object] | IntArray
) -> ClusteredFit:
    """Fit values by least squares.

    Parameters
    ----------
    design : float64, shape (n, p)
    values : float64, shape (n,)
    clusters : shape (n,)
        Which cluster each row belongs to.

    Examples
    --------
    >>> fit = clustered_line(np.ones((4, 1)), np.array([1.0, 3.0, 5.0, 7.0]), [0, 0, 1, 1])
    >>> fit.combination([1.0]).value, round(float(fit.covariance[0, 0]), 6)
    (4.0, 4.0)
    """
    x, y = np.asarray(design, dtype=np.float64), np.asarray(values, dtype=np.float64)
    groups, count = _groups(clusters, x, y)
    information = x.T @ x
    beta = _solved(information, x.T @ y)
    weights = np.ones_like(y)
    return _jackknifed(x, weights, y - x @ beta, groups, count, beta, information)


def clustered_logistic(
    design: FloatArray, successes: FloatArray, clusters: Sequence[object] | IntArray
) -> ClusteredFit:
    """Fit log-odds of yes or no.

    Examples
    --------
    >>> x = np.column_stack([np.ones(8), np.arange(8.0)])
    >>> fit = clustered_logistic(x, np.array([1, 1, 1, 0, 1, 0, 0, 0.0]), [0, 1, 2, 3] * 2)
    >>> round(fit.inverse(0.5).value, 3)
    3.5
    """
    x, y = np.asarray(design, dtype=np.float64), np.asarray(successes, dtype=np.float64)
    groups, count = _groups(clusters, x, y)
    # columns of like size: metres beside ones would look dependent
    scale = np.maximum(np.abs(x).max(axis=0), 1e-12)
    beta = logistic_fit((x / scale).tolist(), y.tolist()).coefficients / scale
    p = 0.5 * (1.0 + np.tanh(0.5 * (x @ beta)))
    weights = p * (1.0 - p)
    information = x.T @ (weights[:, None] * x)
    return _jackknifed(x, weights, y - p, groups, count, beta, information)


def isotonic(
    x: FloatArray, y: FloatArray, *, falling: bool = True
) -> tuple[FloatArray, FloatArray]:
    """Fit values that only fall (or rise) with the predictor; no shape is assumed beyond that.

    Returns
    -------
    (float64, float64), shape (m,)
        Distinct predictors in ascending order, and the fitted values there.

    Examples
    --------
    >>> at, fitted = isotonic(np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 1.0]))
    >>> fitted.tolist()
    [1.0, 0.5, 0.5]
    """
    if x.shape != y.shape or x.size == 0:
        raise StatsError(f"{x.size} predictors and {y.size} values, expected as many and not none")
    at, inverse = np.unique(x, return_inverse=True)
    weight = np.bincount(inverse).astype(np.float64)
    mean = np.bincount(inverse, weights=-y if falling else y) / weight
    sums: list[float] = []
    sizes: list[float] = []
    widths: list[int] = []
    for value, size in zip((mean * weight).tolist(), weight.tolist(), strict=True):
        sums.append(value)
        sizes.append(size)
        widths.append(1)
        while len(sums) > 1 and sums[-2] * sizes[-1] >= sums[-1] * sizes[-2]:
            last = sums.pop(), sizes.pop(), widths.pop()
            sums[-1], sizes[-1], widths[-1] = (
                sums[-1] + last[0],
                sizes[-1] + last[1],
                widths[-1] + last[2],
            )
    fitted = np.repeat(np.array(sums) / np.array(sizes), widths)
    return at, np.asarray(-fitted + 0.0 if falling else fitted)


def _jackknifed(
    x: FloatArray,
    weights: FloatArray,
    residuals: FloatArray,
    groups: IntArray,
    count: int,
    beta: FloatArray,
    information: FloatArray,
) -> ClusteredFit:
    """Covariance from how the coefficients move when each cluster is left out."""
    scores = _summed(x * residuals[:, None], groups, count)
    pairs = (x[:, :, None] * x[:, None, :]) * weights[:, None, None]
    inside = _summed(pairs.reshape(x.shape[0], -1), groups, count)
    left = information[None] - inside.reshape(count, *information.shape)
    try:
        moved = -np.linalg.solve(left, scores[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:
        raise StatsError("one cluster alone carries a coefficient; fly more passes") from None
    if not np.isfinite(moved).all():
        raise StatsError("one cluster alone carries a coefficient; fly more passes")
    spread = moved - moved.mean(axis=0)
    covariance = (count - 1) / count * spread.T @ spread
    return ClusteredFit(
        np.asarray(beta, dtype=np.float64), np.asarray(covariance), count, int(x.shape[0])
    )


def _summed(rows: FloatArray, groups: IntArray, count: int) -> FloatArray:
    out = np.empty((count, rows.shape[1]))
    for column in range(rows.shape[1]):
        out[:, column] = np.bincount(groups, weights=rows[:, column], minlength=count)
    return out


def _groups(
    clusters: Sequence[object] | IntArray, x: FloatArray, y: FloatArray
) -> tuple[IntArray, int]:
    if x.ndim != 2 or y.shape != (x.shape[0],) or len(clusters) != y.size:
        raise StatsError(f"{x.shape[0]} rows, {y.size} values, {len(clusters)} clusters: no match")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise StatsError("the design and the values must be finite")
    names, inverse = np.unique(np.asarray(clusters), return_inverse=True)
    if names.size < 2:
        raise StatsError(f"{names.size} cluster tells nothing of how clusters differ")
    return inverse.astype(np.int64), int(names.size)


def _solved(a: FloatArray, b: FloatArray) -> FloatArray:
    try:
        return np.asarray(np.linalg.solve(a, b), dtype=np.float64)
    except np.linalg.LinAlgError:
        raise StatsError("the columns of the design are not independent") from None


def _expit(x: float) -> float:
    return 0.5 * (1.0 + math.tanh(0.5 * x))
