"""Whether failures come more seldom, or more often, as time goes on.

Ask this before any model. The two tests weigh early and late failures differently and disagree in
strength: show both.

References
----------
MIL-HDBK-189C. Cox & Lewis (1966), ch. 3. Ascher & Feingold (1984), Repairable Systems Reliability.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.distributions import chi2_cdf, chi2_tail, normal_cdf
from flyoff.stats.estimate import require_positive
from flyoff.units import FloatArray


@dataclass(frozen=True, slots=True)
class TrendTest:
    """Evidence for and against a constant rate of failures.

    Attributes
    ----------
    statistic : float
    dof : int
        Degrees of freedom; 0 for a normal statistic.
    improving, worsening : float
        One-sided p-values: small if failures become rarer, or more frequent.
    method : str
    """

    statistic: float
    dof: int
    improving: float
    worsening: float
    method: str


def military_handbook(times: Sequence[float], *, end: float | None = None) -> TrendTest:
    """Test for a power-law trend: twice the sum of ln(T / t) is χ² if the rate is constant.

    Parameters
    ----------
    times : sequence of float
        Cumulative operating time at each failure.
    end : float, optional
        End of observation; without it the last failure, which then does not count.

    Examples
    --------
    >>> shown = military_handbook([5, 40, 43, 175, 389, 712, 747, 795, 1299, 1478], end=1500)
    >>> round(shown.statistic, 3), shown.dof, round(shown.improving, 3)
    (37.228, 20, 0.011)
    """
    used, stop = _used(times, end)
    statistic = 2.0 * float(np.sum(np.log(stop / used)))
    dof = 2 * used.size
    return TrendTest(
        statistic, dof, chi2_tail(statistic, dof), chi2_cdf(statistic, dof), "MIL-HDBK-189"
    )


def laplace(times: Sequence[float], *, end: float | None = None) -> TrendTest:
    """Test for a trend by the mean failure time: below the middle of the test if improving.

    Parameters are those of `military_handbook`.

    Examples
    --------
    >>> shown = laplace([5, 40, 43, 175, 389, 712, 747, 795, 1299, 1478], end=1500)
    >>> round(shown.statistic, 3), round(shown.improving, 3)
    (-1.327, 0.092)
    """
    used, stop = _used(times, end)
    u = (float(used.mean()) - stop / 2.0) / (stop * math.sqrt(1.0 / (12.0 * used.size)))
    return TrendTest(u, 0, normal_cdf(u), normal_cdf(-u), "Laplace")


def _used(times: Sequence[float], end: float | None) -> tuple[FloatArray, float]:
    t = np.sort(np.asarray(times, dtype=np.float64))
    if t.ndim != 1 or not np.all(np.isfinite(t) & (t > 0.0)):
        raise StatsError("failure times are not all finite and above 0")
    used = t[:-1] if end is None else t
    if used.size < 1:
        raise StatsError(f"{t.size} failures are too few for a trend")
    stop = float(t[-1]) if end is None else float(end)
    require_positive("end", stop)
    if t[-1] > stop:
        raise StatsError(f"failure at {t[-1]:g} lies after the end {stop:g}")
    return used, stop
