"""Logistic regression of yes-or-no outcomes, and its inverse: the range of a given chance.

Detection against range is the usual case: fit `detected ~ range`, then `inverse_prediction` gives
the range R50 at which half of the passes are detected, with its standard error. Binary outcomes
that one value of the predictor separates perfectly have no finite estimate; that raises.

References
----------
McCullagh & Nelder (1989), ch. 4. Venables & Ripley (2002), Modern Applied Statistics with S, 7.2
(dose for a given probability). Fieller (1954), JRSS B 16:175.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.distributions import normal_quantile
from flyoff.stats.estimate import Estimate, require_open_probability, tails
from flyoff.units import FloatArray

_MOST_STEPS = 100
_CONVERGED = 1e-12  # relative change of the deviance
_SEPARATED = 1e-7  # information left, relative to that of even odds


@dataclass(frozen=True, slots=True, eq=False)
class LogisticFit:
    """Coefficients of the log-odds with their covariance.

    Attributes
    ----------
    coefficients : float64, shape (p,)
    covariance : float64, shape (p, p)
    deviance : float
        Against the saturated model.
    n : int
        Rows that were fitted.
    """

    coefficients: FloatArray
    covariance: FloatArray
    deviance: float
    n: int

    @property
    def se(self) -> FloatArray:
        """Standard errors of the coefficients, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))

    def probability(self, row: Sequence[float], *, level: float = 0.90) -> Estimate:
        """Chance of success for one row of the design, interval normal on the log-odds."""
        x = np.asarray(row, dtype=np.float64)
        z = -normal_quantile(tails(level, "two-sided"))
        middle = float(x @ self.coefficients)
        spread = z * math.sqrt(float(x @ self.covariance @ x))
        return Estimate(
            _expit(middle),
            _expit(middle - spread),
            _expit(middle + spread),
            level,
            "two-sided",
            "logistic regression",
            self.n,
        )


def logistic_fit(
    design: Sequence[Sequence[float]],
    successes: Sequence[float],
    trials: Sequence[float] | None = None,
) -> LogisticFit:
    """Fit log-odds that are linear in the columns of a design, by maximum likelihood.

    Parameters
    ----------
    design : shape (n, p)
        Include a column of ones for an intercept.
    successes : shape (n,)
    trials : shape (n,), optional
        One each if left out.

    Examples
    --------
    >>> fit = logistic_fit([[1, 0], [1, 1]], [1, 3], [4, 4])
    >>> fit.coefficients.round(4).tolist()
    [-1.0986, 2.1972]
    """
    x, y, n = _checked(design, successes, trials)
    beta = _maximise(x, y, n)
    information = _information(x, n, beta)
    flat = _information(x, n, np.zeros_like(beta))
    # where the predictors separate the outcomes the likelihood flattens out without a maximum
    kept = np.linalg.eigvals(np.linalg.solve(flat, information)).real.min()
    if kept < _SEPARATED:
        raise StatsError("the predictors separate successes from failures; no finite estimate")
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    return LogisticFit(beta, covariance, _deviance(y, n, _expits(x @ beta)), int(y.size))


def _maximise(x: FloatArray, y: FloatArray, n: FloatArray) -> FloatArray:
    """Newton's method, halving a step that does not improve the fit."""
    beta = np.zeros(x.shape[1])
    deviance = _deviance(y, n, _expits(x @ beta))
    for _ in range(_MOST_STEPS):
        score = x.T @ (y - n * _expits(x @ beta))
        try:
            step = np.linalg.solve(_information(x, n, beta), score)
        except np.linalg.LinAlgError:
            raise StatsError("the columns of the design are not independent") from None
        after = _deviance(y, n, _expits(x @ (beta + step)))
        while not after <= deviance * (1.0 + _CONVERGED) + _CONVERGED:
            step = step / 2.0
            after = _deviance(y, n, _expits(x @ (beta + step)))
        beta, gain, deviance = beta + step, deviance - after, after
        if abs(gain) <= _CONVERGED * (abs(deviance) + 0.1):
            break
    return np.asarray(beta, dtype=np.float64)


def _information(x: FloatArray, n: FloatArray, beta: FloatArray) -> FloatArray:
    p = _expits(x @ beta)
    return np.asarray(x.T @ ((n * p * (1.0 - p))[:, None] * x), dtype=np.float64)


def logistic_line(
    x: Sequence[float], successes: Sequence[float], trials: Sequence[float] | None = None
) -> LogisticFit:
    """Fit log-odds that are linear in one predictor: intercept, then slope.

    Examples
    --------
    >>> fit = logistic_line([1, 2, 3, 4, 5, 6], [0, 0, 1, 0, 1, 1])
    >>> inverse_prediction(fit, 0.5).value > 3
    True
    """
    return logistic_fit([[1.0, float(value)] for value in x], successes, trials)


def inverse_prediction(
    fit: LogisticFit,
    p: float,
    *,
    level: float = 0.90,
    intercept: int = 0,
    slope: int = 1,
) -> "InversePrediction":
    """Find the predictor at which the chance of success is `p`, by the delta method.

    Parameters
    ----------
    p : float
        0.5 for R50.
    intercept, slope : int
        Positions of the two coefficients; a group has its own intercept.
    """
    require_open_probability("chance", p)
    a, b = float(fit.coefficients[intercept]), float(fit.coefficients[slope])
    if b == 0.0:
        raise StatsError("the chance does not depend on the predictor; slope 0")
    value = (math.log(p / (1.0 - p)) - a) / b
    gradient = np.array([-1.0 / b, -value / b])
    pick = np.ix_([intercept, slope], [intercept, slope])
    variance = float(gradient @ fit.covariance[pick] @ gradient)
    se = math.sqrt(variance)
    z = -normal_quantile(tails(level, "two-sided"))
    estimate = Estimate(
        value, value - z * se, value + z * se, level, "two-sided", "delta method", fit.n
    )
    return InversePrediction(value, se, estimate, _fieller(fit, a, b, p, z, pick, level))


@dataclass(frozen=True, slots=True)
class InversePrediction:
    """A predictor value for a wanted chance.

    Attributes
    ----------
    value, se : float
    estimate : Estimate
        Interval by the delta method, symmetric.
    fieller : Estimate
        Interval by Fieller's theorem; infinite where the slope may be zero. Prefer it.
    """

    value: float
    se: float
    estimate: Estimate
    fieller: Estimate


def _fieller(
    fit: LogisticFit,
    a: float,
    b: float,
    p: float,
    z: float,
    pick: tuple["np.ndarray[tuple[int, ...], np.dtype[np.int64]]", ...],
    level: float,
) -> Estimate:
    """Predictor values at which the fitted log-odds do not differ from the wanted ones."""
    wanted = math.log(p / (1.0 - p)) - a
    (va, vab), (_, vb) = fit.covariance[pick]
    # (wanted - b x)² <= z² (va + 2 vab x + vb x²)
    square = b * b - z * z * vb
    linear = -2.0 * (wanted * b + z * z * vab)
    constant = wanted * wanted - z * z * va
    value = wanted / b
    inside = linear * linear - 4.0 * square * constant
    if square <= 0.0 or inside < 0.0:
        low, high = -math.inf, math.inf
    else:
        middle, half = -linear / (2.0 * square), math.sqrt(inside) / (2.0 * square)
        low, high = float(middle - half), float(middle + half)
    return Estimate(value, low, high, level, "two-sided", "Fieller", fit.n)


def _deviance(y: FloatArray, n: FloatArray, p: FloatArray) -> float:
    misses = n - y
    with np.errstate(divide="ignore", invalid="ignore"):
        hit = np.where(y > 0, y * np.log(y / (n * p)), 0.0)
        miss = np.where(misses > 0, misses * np.log(misses / (n * (1.0 - p))), 0.0)
    return 2.0 * float(np.sum(hit + miss))


def _expit(x: float) -> float:
    return float(_expits(np.array([x]))[0])


def _expits(x: FloatArray) -> FloatArray:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)), dtype=np.float64)


def _checked(
    design: Sequence[Sequence[float]],
    successes: Sequence[float],
    trials: Sequence[float] | None,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    x, y = np.asarray(design, dtype=np.float64), np.asarray(successes, dtype=np.float64)
    n = np.ones_like(y) if trials is None else np.asarray(trials, dtype=np.float64)
    if x.ndim != 2 or y.shape != (x.shape[0],) or n.shape != y.shape:
        raise StatsError(f"{x.shape[0]} rows, {y.size} successes and {n.size} trials do not match")
    if x.shape[0] < x.shape[1]:
        raise StatsError(f"{x.shape[0]} rows are too few for {x.shape[1]} coefficients")
    if not (np.all(np.isfinite(x)) and np.all((y >= 0) & (y <= n) & (n >= 1))):
        raise StatsError("the design is not finite, or successes are not between 0 and the trials")
    return x, y, n
