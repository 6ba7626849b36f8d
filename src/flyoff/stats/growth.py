"""Reliability growth: the power-law process of Crow (AMSAA) for failures of a system under test.

The expected number of failures by time T is lambda T^beta; beta below 1 is growth. Two estimates of
beta are in use, the maximum likelihood and the bias-corrected one. Mean times computed from either
are both called "MTBF" and differ by a tenth in the NIST example (279 and 310), so their names here
say which. Pool several vehicles by adding their operating times. Ask `trend` first.

References
----------
Crow (1974), AMSAA TR-138. Crow (1982), AMSAA TR-197. MIL-HDBK-189C. NIST/SEMATECH e-Handbook
8.4.5.2. Bain & Engelhardt (1991), ch. 9.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.distributions import chi2_quantile, chi2_tail, normal_quantile, root
from flyoff.stats.estimate import Estimate, require_count, require_positive, tails
from flyoff.stats.growth_coefficients import (
    Coefficients,
    failure_truncated_coefficients,
    time_truncated_coefficients,
)
from flyoff.stats.mtbf import Truncation
from flyoff.units import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class PowerLaw:
    """A fitted power-law process.

    Attributes
    ----------
    times : float64, shape (n,) [operating time]
        Failure times, ascending; ties are kept.
    end : float
        Time at which observation ended; the last failure if failure truncated.
    truncation : {"time", "failure"}
    shape, scale : float
        Maximum-likelihood beta and lambda.
    """

    times: FloatArray
    end: float
    truncation: Truncation
    shape: float
    scale: float

    @property
    def failures(self) -> int:
        """Number of failures."""
        return int(self.times.size)

    @property
    def unbiased_shape(self) -> float:
        """Bias-corrected beta: (n - 1) / n of `shape` if time, (n - 2) / n if failure truncated."""
        lost = 1 if self.truncation == "time" else 2
        if self.failures <= lost:
            raise StatsError(f"{self.failures} failures are too few for an unbiased shape")
        return self.shape * (self.failures - lost) / self.failures

    @property
    def growth_rate(self) -> float:
        """Slope of the cumulative mean time on logarithmic axes: 1 - beta."""
        return 1.0 - self.shape

    @property
    def mtbf_cumulative(self) -> float:
        """Operating time over failures, from start to end."""
        return self.end / self.failures

    @property
    def mtbf_now(self) -> float:
        """Mean time between failures at the end, from the maximum-likelihood shape."""
        return self.end / (self.failures * self.shape)

    @property
    def mtbf_now_unbiased(self) -> float:
        """Mean time between failures at the end, from the bias-corrected shape (NIST)."""
        return self.end / (self.failures * self.unbiased_shape)

    @property
    def intensity_now(self) -> float:
        """Failures per unit of time at the end."""
        return 1.0 / self.mtbf_now

    @property
    def cramer_von_mises(self) -> float:
        """Distance of the data from the power law, with the unbiased shape.

        Examples
        --------
        >>> fit = power_law([5, 40, 43, 175, 389, 712, 747, 795, 1299, 1478], end=1500)
        >>> round(fit.cramer_von_mises, 4)
        0.0538
        """
        used = self.times if self.truncation == "time" else self.times[:-1]
        return _distance((used / self.end) ** self.unbiased_shape)

    def time_to_cumulative(self, target: float) -> float:
        """Operating time at which the *cumulative* mean time reaches a target.

        Infinite if there is no growth towards it.
        """
        require_positive("target", target)
        if self.shape >= 1.0:
            return 0.0 if target <= self.mtbf_cumulative else math.inf
        return math.exp(math.log(self.scale * target) / (1.0 - self.shape))

    def time_to_instantaneous(self, target: float) -> float:
        """Operating time at which the mean time between failures *then* reaches a target."""
        return self.time_to_cumulative(target * self.shape)

    def shape_estimate(self, *, level: float = 0.90) -> Estimate:
        """Beta with its exact interval: 2 n beta / estimate follows a χ² distribution."""
        tail = tails(level, "two-sided")
        dof = 2 * self.failures if self.truncation == "time" else 2 * (self.failures - 1)
        factor = self.shape / (2.0 * self.failures)
        return Estimate(
            self.shape,
            factor * chi2_quantile(tail, dof),
            factor * chi2_quantile(1.0 - tail, dof),
            level,
            "two-sided",
            f"Crow exact, {self.truncation} truncated",
            self.failures,
        )

    def shape_estimate_fisher(self, *, level: float = 0.90) -> Estimate:
        """Beta with the large-sample interval that other programs print (normal on the log)."""
        z = -normal_quantile(tails(level, "two-sided"))
        spread = math.exp(z / math.sqrt(self.failures))
        return Estimate(
            self.shape,
            self.shape / spread,
            self.shape * spread,
            level,
            "two-sided",
            "Fisher information",
            self.failures,
        )

    def coefficients(self, *, level: float = 0.90) -> Coefficients:
        """Crow's factors on `mtbf_now` for the bounds of the mean time at the end."""
        if self.truncation == "time":
            return time_truncated_coefficients(self.failures, level=level)
        return failure_truncated_coefficients(self.failures, level=level)

    def mtbf_now_estimate(self, *, level: float = 0.90) -> Estimate:
        """Mean time between failures at the end, with Crow's exact bounds.

        Examples
        --------
        >>> fit = power_law([5, 40, 43, 175, 389, 712, 747, 795, 1299, 1478], end=1500)
        >>> shown = fit.mtbf_now_estimate(level=0.80)
        >>> round(shown.value, 1), round(shown.low, 1), round(shown.high, 1)
        (279.2, 153.3, 596.3)
        """
        factors = self.coefficients(level=level)
        return Estimate(
            self.mtbf_now,
            self.mtbf_now * factors.low,
            self.mtbf_now * factors.high,
            level,
            "two-sided",
            f"Crow, {self.truncation} truncated",
            self.failures,
        )

    def mtbf_now_nist(self, *, level: float = 0.90) -> Estimate:
        """Bias-corrected mean time at the end with NIST's approximate interval.

        For comparison with reports that follow the e-Handbook; `mtbf_now_estimate` is exact.
        """
        if self.truncation != "time":
            raise StatsError("NIST's interval is for tests that end at a time")
        r, z = self.failures, -normal_quantile(tails(level, "two-sided"))
        value = self.mtbf_now_unbiased
        under = r + z * z / 4.0 + math.sqrt(r * z * z / 2.0 + z**4 / 16.0)
        over = r - z * math.sqrt(r / 2.0)
        high = value * r * (r - 1) / (over * over) if over > 0.0 else math.inf
        low = value * r * (r - 1) / (under * under)
        return Estimate(value, low, high, level, "two-sided", "NIST approximation", r)

    def fit_p_value(self, *, draws: int = 2_000, seed: int = 0) -> float:
        """Chance of a larger `cramer_von_mises` if the power law is true (simulated).

        Examples
        --------
        >>> fit = power_law([5, 40, 43, 175, 389, 712, 747, 795, 1299, 1478], end=1500)
        >>> fit.fit_p_value() > 0.2
        True
        """
        require_count("draws", draws, least=1)
        # given the end, powers of the times are ordered uniforms, whatever shape and scale
        m = self.failures if self.truncation == "time" else self.failures - 1
        u = np.sort(np.random.default_rng(seed).random((draws, m)), axis=1)
        shapes = (m - 1.0) / -np.log(u).sum(axis=1)
        simulated = np.array([_distance(row**b) for row, b in zip(u, shapes, strict=True)])
        return (1.0 + float(np.sum(simulated >= self.cramer_von_mises))) / (1.0 + draws)


def power_law(times: Sequence[float], *, end: float | None = None) -> PowerLaw:
    """Fit a power-law process to failure times by maximum likelihood.

    Parameters
    ----------
    times : sequence of float
        Cumulative operating time at each failure; ties are accepted.
    end : float, optional
        Time at which observation ended. Without it the test ended with its last failure.

    Examples
    --------
    >>> fit = power_law([5, 40, 43, 175, 389, 712, 747, 795, 1299, 1478], end=1500)
    >>> round(fit.shape, 5), round(fit.mtbf_now, 1), round(fit.mtbf_now_unbiased, 1)
    (0.53723, 279.2, 310.2)
    """
    t = np.sort(np.asarray(times, dtype=np.float64))
    truncation: Truncation = "failure" if end is None else "time"
    least = 2 if end is None else 1
    if t.ndim != 1 or t.size < least:
        raise StatsError(f"{t.size} failures are too few; {least} or more are needed")
    if not np.all(np.isfinite(t) & (t > 0.0)):
        raise StatsError("failure times are not all finite and above 0")
    stop = float(t[-1]) if end is None else float(end)
    require_positive("end", stop)
    if t[-1] > stop:
        raise StatsError(f"failure at {t[-1]:g} lies after the end {stop:g}")
    logs = float(np.sum(np.log(stop / t)))
    if logs <= 0.0:
        raise StatsError("all failures lie at the end; no shape can be determined")
    shape = t.size / logs
    return PowerLaw(t, stop, truncation, shape, t.size / stop**shape)


def _distance(u: FloatArray) -> float:
    """Cramer-von Mises statistic of values that should be uniform."""
    m = u.size
    expected = (2.0 * np.arange(1, m + 1) - 1.0) / (2.0 * m)
    return 1.0 / (12.0 * m) + float(np.sum((np.sort(u) - expected) ** 2))


@dataclass(frozen=True, slots=True)
class GroupedPowerLaw:
    """Power law fitted to counts of failures in intervals.

    Attributes
    ----------
    shape, scale : float
    end : float
    failures : int
    chi2, dof, p_value : float, int, float
        Observed against expected counts; p-value NaN without degrees of freedom.
    """

    shape: float
    scale: float
    end: float
    failures: int
    chi2: float
    dof: int
    p_value: float

    @property
    def intensity_now(self) -> float:
        """Failures per unit of time at the end."""
        return self.scale * self.shape * math.pow(self.end, self.shape - 1.0)

    @property
    def mtbf_now(self) -> float:
        """Mean time between failures at the end."""
        return 1.0 / self.intensity_now


def power_law_grouped(interval_ends: Sequence[float], counts: Sequence[int]) -> GroupedPowerLaw:
    """Fit a power-law process to failures counted in successive intervals from time 0.

    Examples
    --------
    >>> fit = power_law_grouped([20, 40, 60, 80, 100], [13, 16, 5, 8, 7])
    >>> round(fit.shape, 5), round(fit.mtbf_now, 4)
    (0.75285, 2.7108)
    """
    ends, k = np.asarray(interval_ends, dtype=np.float64), np.asarray(counts, dtype=np.float64)
    _require_intervals(ends, k)
    last, total = float(ends[-1]), float(k.sum())
    upper = ends / last
    lower = np.concatenate([[0.0], upper[:-1]])

    def score(log_shape: float) -> float:
        b = math.exp(log_shape)
        high, low = upper**b, lower**b
        rise = high * np.log(upper) - low * np.log(np.maximum(lower, 1e-300))
        return float(np.sum(np.where(k > 0, k * rise / np.maximum(high - low, 1e-300), 0.0)))

    shape = math.exp(root(score, math.log(1e-3), math.log(50.0), "shape of the grouped power law"))
    expected = total * (upper**shape - lower**shape)
    chi2 = float(np.sum((k - expected) ** 2 / expected))
    dof = max(k.size - 2, 0)
    p = chi2_tail(chi2, dof) if dof else math.nan
    return GroupedPowerLaw(shape, total / last**shape, last, int(total), chi2, dof, p)


def _require_intervals(ends: FloatArray, k: FloatArray) -> None:
    if ends.ndim != 1 or ends.shape != k.shape or ends.size < 2:
        raise StatsError(f"{ends.size} interval ends and {k.size} counts; need two or more of each")
    if not (np.all(np.isfinite(ends)) and ends[0] > 0.0 and np.all(np.diff(ends) > 0.0)):
        raise StatsError("interval ends do not rise from above 0")
    for count in k:
        require_count("failures in an interval", float(count))
    if np.count_nonzero(k) == 0 or k[0] == k.sum():
        raise StatsError("failures in the first interval only, or none: no shape can be determined")
