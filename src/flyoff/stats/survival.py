"""Time to an event where some units leave before it: Kaplan-Meier, Nelson-Aalen, log-rank.

Three transformations for the interval are in use and give different limits; programs do not agree
on the default (R: log, lifelines: log-log), so the one used is part of the result. Where events and
censorings share a time, the events come first.

References
----------
Kaplan & Meier (1958), JASA 53:457. Greenwood (1926). Nelson (1972), Technometrics 14:945. Mantel
(1966), Cancer Chemother. Rep. 50:163. Borgan & Liestol (1990), Scand. J. Statist. 17:35.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.comparison import ChiSquareTest
from flyoff.stats.distributions import chi2_tail, normal_quantile
from flyoff.stats.estimate import Estimate, require_probability, tails
from flyoff.units import BoolArray, FloatArray, IntArray

Transform = Literal["plain", "log", "log-log"]


@dataclass(frozen=True, slots=True, eq=False)
class RiskTable:
    """Distinct event times with the units at risk and the events at each.

    Attributes
    ----------
    times : float64, shape (m,)
    at_risk, events : int64, shape (m,)
    n : int
        Units.
    """

    times: FloatArray
    at_risk: IntArray
    events: IntArray
    n: int


def risk_table(times: Sequence[float], observed: Sequence[bool]) -> RiskTable:
    """Count events and units at risk.

    Parameters
    ----------
    times : sequence of float
        Time of the event, or of leaving without it; not negative.
    observed : sequence of bool
        Whether the event was seen.
    """
    t, seen = _checked(times, observed)
    at, events = np.unique(t[seen], return_counts=True)
    at_risk = t.size - np.searchsorted(np.sort(t), at, side="left")
    return RiskTable(at, at_risk.astype(np.int64), events.astype(np.int64), int(t.size))


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalCurve:
    """Kaplan-Meier estimate; a step at every event time, constant between.

    Attributes
    ----------
    table : RiskTable
    survival, se, low, high : float64, shape (m,)
        After each event time. Standard error by Greenwood; NaN with both limits where none survive.
    level : float
    transform : {"plain", "log", "log-log"}
    """

    table: RiskTable
    survival: FloatArray
    se: FloatArray
    low: FloatArray
    high: FloatArray
    level: float
    transform: Transform

    def at(self, time: float) -> Estimate:
        """Survival just after `time`; before the first event it is 1, without an interval.

        Examples
        --------
        >>> curve = kaplan_meier([5, 6, 6, 8], [True, True, False, True], transform="log-log")
        >>> round(curve.at(7).value, 2)
        0.5
        """
        step = int(np.searchsorted(self.table.times, time, side="right")) - 1
        value = float(self.survival[step]) if step >= 0 else 1.0
        low, high = self._limits(step)
        return Estimate(value, low, high, self.level, "two-sided", self.method, self.table.n)

    def _limits(self, step: int) -> tuple[float, float]:
        if step < 0:
            return 1.0, 1.0
        if np.isnan(self.low[step]):  # none survive: what held before still bounds from above
            return 0.0, self._limits(step - 1)[1]
        return float(self.low[step]), float(self.high[step])

    @property
    def method(self) -> str:
        """Name with the transformation."""
        return f"Kaplan-Meier, Greenwood, {self.transform}"

    def quantile(self, p: float) -> Estimate:
        """Time by which a share `p` has met the event, and the interval from the curve's limits.

        Infinite where the curve, or its limit, does not fall that far.
        """
        require_probability("share", p)
        value, low, high = (
            self._first_at_most(curve, 1.0 - p) for curve in (self.survival, self.low, self.high)
        )
        return Estimate(
            value, min(low, value), high, self.level, "two-sided", self.method, self.table.n
        )

    def _first_at_most(self, curve: FloatArray, share: float) -> float:
        below = np.flatnonzero(curve <= share + 1e-12)
        return float(self.table.times[below[0]]) if below.size else math.inf


def kaplan_meier(
    times: Sequence[float],
    observed: Sequence[bool],
    *,
    level: float = 0.90,
    transform: Transform = "log-log",
) -> SurvivalCurve:
    """Estimate the share that has not yet met the event.

    Parameters
    ----------
    times, observed
        As for `risk_table`.
    level : float
        Pointwise two-sided confidence.
    transform : {"plain", "log", "log-log"}
        Scale on which the interval is symmetric.

    Examples
    --------
    >>> kaplan_meier([5, 6, 6, 8], [True, True, False, True]).survival.round(3).tolist()
    [0.75, 0.5, 0.0]
    """
    if transform not in ("plain", "log", "log-log"):
        raise StatsError(f"transform {transform!r} is not one of plain, log, log-log")
    table = risk_table(times, observed)
    z = -normal_quantile(tails(level, "two-sided"))
    survival: FloatArray = np.cumprod(1.0 - table.events / table.at_risk).astype(np.float64)
    left = table.at_risk - table.events
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = table.events / (table.at_risk * left)
        relative: FloatArray = np.sqrt(np.cumsum(terms)).astype(np.float64)  # of log S
        se = survival * relative
        low, high = _limits(survival, relative, z, transform)
    gone = survival <= 0.0
    for column in (se, low, high):
        column[gone] = np.nan
    return SurvivalCurve(table, survival, se, low, high, level, transform)


def _limits(
    survival: FloatArray, relative: FloatArray, z: float, transform: Transform
) -> tuple[FloatArray, FloatArray]:
    if transform == "plain":
        low, high = survival - z * survival * relative, survival + z * survival * relative
    elif transform == "log":
        low, high = survival * np.exp(-z * relative), survival * np.exp(z * relative)
    else:
        spread = z * relative / -np.log(survival)
        low, high = survival ** np.exp(spread), survival ** np.exp(-spread)
    return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeHazard:
    """Nelson-Aalen estimate of the accumulated rate of events.

    Attributes
    ----------
    table : RiskTable
    hazard, se : float64, shape (m,)
    """

    table: RiskTable
    hazard: FloatArray
    se: FloatArray

    def at(self, time: float) -> float:
        """Accumulated hazard up to and including `time`."""
        step = int(np.searchsorted(self.table.times, time, side="right")) - 1
        return float(self.hazard[step]) if step >= 0 else 0.0


def nelson_aalen(times: Sequence[float], observed: Sequence[bool]) -> CumulativeHazard:
    """Estimate the cumulative hazard: sum of events over units at risk.

    Examples
    --------
    >>> round(nelson_aalen([5, 6, 6, 8], [True, True, False, True]).at(6), 4)
    0.5833
    """
    table = risk_table(times, observed)
    hazard = np.cumsum(table.events / table.at_risk)
    return CumulativeHazard(table, hazard, np.sqrt(np.cumsum(table.events / table.at_risk**2)))


def logrank(times: Sequence[Sequence[float]], observed: Sequence[Sequence[bool]]) -> ChiSquareTest:
    """Test whether several groups have the same survival.

    Parameters
    ----------
    times, observed : one sequence for each group

    Examples
    --------
    >>> shown = logrank([[1, 3, 5], [4, 6, 8]], [[True] * 3, [True, True, False]])
    >>> shown.dof, round(shown.p_value, 3)
    (1, 0.11)
    """
    if len(times) != len(observed) or len(times) < 2:
        raise StatsError(
            f"{len(times)} groups of times and {len(observed)} of events cannot be compared"
        )
    groups = [_checked(t, e) for t, e in zip(times, observed, strict=True)]
    at = np.unique(np.concatenate([t[seen] for t, seen in groups]))
    if at.size == 0:
        raise StatsError("no event was observed in any group")
    risk = np.array([t.size - np.searchsorted(np.sort(t), at, side="left") for t, _ in groups])
    events = np.array([_count_at(t[seen], at) for t, seen in groups])
    all_risk, all_events = risk.sum(axis=0), events.sum(axis=0)
    share = risk / all_risk
    gap = (events - all_events * share).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(all_risk > 1, all_events * (all_risk - all_events) / (all_risk - 1.0), 0.0)
    covariance = np.diag((scale * share).sum(axis=1)) - (scale * share) @ share.T
    dof = len(groups) - 1
    statistic = float(gap[:-1] @ np.linalg.pinv(covariance[:-1, :-1]) @ gap[:-1])
    return ChiSquareTest(statistic, dof, chi2_tail(statistic, dof), "log-rank")


def _count_at(events: FloatArray, at: FloatArray) -> IntArray:
    ordered = np.sort(events)
    counts = np.searchsorted(ordered, at, side="right") - np.searchsorted(ordered, at, side="left")
    return counts.astype(np.int64)


def _checked(times: Sequence[float], observed: Sequence[bool]) -> tuple[FloatArray, BoolArray]:
    t = np.asarray(times, dtype=np.float64)
    seen = np.asarray(observed).astype(np.bool_)
    if t.ndim != 1 or t.shape != seen.shape or t.size == 0:
        raise StatsError(f"{t.size} times do not match {seen.size} observations, or there are none")
    if not np.all(np.isfinite(t) & (t >= 0.0)):
        raise StatsError("times are not all finite and at least 0")
    return t, seen
