"""Life of items that wear out: the two-parameter Weibull distribution by maximum likelihood.

Right-censored lives count with the time they survived. The maximum-likelihood shape is biased high
with few failures, and differs from rank regression. Below a shape of 1 the failure rate falls with
age, above it rises.

References
----------
Cohen (1965), Technometrics 7:579. Meeker & Escobar (1998), ch. 8. NIST/SEMATECH e-Handbook 8.4.1.2.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.distributions import normal_quantile, root
from flyoff.stats.estimate import Estimate, require_open_probability, tails
from flyoff.units import BoolArray, FloatArray


@dataclass(frozen=True, slots=True)
class WeibullFit:
    """Shape and scale with their large-sample covariance.

    Attributes
    ----------
    shape, scale : float
        Scale in the unit of the times: the life that 63.2 % do not reach.
    log_likelihood : float
    failures, censored : int
    covariance : ((float, float), (float, float))
        Of the logarithms of shape and scale, from the observed information.
    """

    shape: float
    scale: float
    log_likelihood: float
    failures: int
    censored: int
    covariance: tuple[tuple[float, float], tuple[float, float]]

    def shape_estimate(self, *, level: float = 0.90) -> Estimate:
        """Shape with its interval, normal on the logarithm."""
        return self._estimate(math.log(self.shape), self.covariance[0][0], level)

    def scale_estimate(self, *, level: float = 0.90) -> Estimate:
        """Scale with its interval, normal on the logarithm."""
        return self._estimate(math.log(self.scale), self.covariance[1][1], level)

    def life(self, p: float, *, level: float = 0.90) -> Estimate:
        """Life that a share `p` does not reach (B10 for p = 0.1), by the delta method.

        Examples
        --------
        >>> fit = weibull_fit([17.9, 28.9, 33.0, 41.5, 42.1, 45.6], [True] * 6)
        >>> round(fit.life(0.1).value, 1)
        23.4
        """
        require_open_probability("share", p)
        height = math.log(-math.log1p(-p))
        slope = -height / self.shape  # of the log life by the log shape
        (a, c), (_, b) = self.covariance
        variance = slope * slope * a + 2.0 * slope * c + b
        return self._estimate(math.log(self.scale) + height / self.shape, variance, level)

    def _estimate(self, log_value: float, variance: float, level: float) -> Estimate:
        z = -normal_quantile(tails(level, "two-sided"))
        spread = math.exp(z * math.sqrt(max(variance, 0.0)))
        value = math.exp(log_value)
        return Estimate(
            value,
            value / spread,
            value * spread,
            level,
            "two-sided",
            "Weibull maximum likelihood",
            self.failures,
        )


def weibull_fit(times: Sequence[float], observed: Sequence[bool]) -> WeibullFit:
    """Fit shape and scale to failures and censored lives.

    Parameters
    ----------
    times : sequence of float
        Lives, above 0.
    observed : sequence of bool
        True for a failure, False for a life that had not ended.

    Examples
    --------
    >>> fit = weibull_fit([10, 20, 30, 40, 40], [True, True, True, True, False])
    >>> round(fit.shape, 3), round(fit.scale, 2)
    (2.181, 33.98)
    """
    t, seen = _checked(times, observed)
    unit = float(np.max(t))  # keeps powers in range
    log_t = np.log(t / unit)
    failures = int(seen.sum())
    mean_log = float(np.mean(log_t[seen]))

    def score(log_shape: float) -> float:
        k = math.exp(log_shape)
        weights = np.exp(k * log_t)
        return 1.0 / k + mean_log - float(np.sum(weights * log_t) / np.sum(weights))

    shape = math.exp(root(score, math.log(1e-4), math.log(1e5), "Weibull shape"))
    log_scale = math.log(float(np.sum(np.exp(shape * log_t))) / failures) / shape
    w = log_t - log_scale
    power = np.exp(shape * w)
    log_likelihood = float(
        np.sum(math.log(shape) + shape * w[seen] - np.log(t[seen])) - np.sum(power)
    )
    return WeibullFit(
        shape,
        unit * math.exp(log_scale),
        log_likelihood,
        failures,
        int(t.size) - failures,
        _covariance(shape, w, power, seen),
    )


def _covariance(
    shape: float, w: FloatArray, power: FloatArray, seen: BoolArray
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Inverse of the observed information in (log shape, log scale)."""
    kw = shape * w
    by_shape = -(np.sum(kw[seen]) - np.sum(kw * power) - np.sum(kw * kw * power))
    by_scale = shape * shape * np.sum(power)
    mixed = -(-shape * seen.sum() + shape * np.sum(power) + shape * np.sum(kw * power))
    inverse = np.linalg.inv(np.array([[by_shape, mixed], [mixed, by_scale]]))
    return (
        (float(inverse[0, 0]), float(inverse[0, 1])),
        (float(inverse[1, 0]), float(inverse[1, 1])),
    )


def _checked(times: Sequence[float], observed: Sequence[bool]) -> tuple[FloatArray, BoolArray]:
    t = np.asarray(times, dtype=np.float64)
    seen = np.asarray(observed).astype(np.bool_)
    if t.ndim != 1 or t.shape != seen.shape:
        raise StatsError(f"{t.size} lives do not match {seen.size} observations")
    if not np.all(np.isfinite(t) & (t > 0.0)):
        raise StatsError("lives are not all finite and above 0")
    if not seen.any():
        raise StatsError("no failure was observed; use mtbf_without_failure for a bound")
    if np.all(t == t[seen][0]) or (seen.sum() == 1 and t[seen][0] == t.max()):
        raise StatsError(
            "one single life does not determine a shape; two different ones are needed"
        )
    return t, seen
