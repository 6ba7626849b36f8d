"""Repeated events of repairable vehicles: the mean cumulative function (MCF).

How many events a vehicle has had on average by a given age, without assuming a constant rate. The
variance must treat the vehicle as the unit: events of one vehicle belong together. Some programs
add up variances event by event instead, which overstates the standard error (0.847 instead of 0.381
in the example of METHODS); `naive_variance` reproduces their figure, for comparison only.

References
----------
Nelson (1988), J. Qual. Technol. 20:24. Nelson (1995), Technometrics 37:147. Lawless & Nadeau
(1995), Technometrics 37:158.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.distributions import normal_quantile
from flyoff.stats.estimate import Estimate, tails
from flyoff.units import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class History:
    """One vehicle: the ages at its events, and the age up to which it was watched."""

    events: tuple[float, ...]
    end: float

    def __post_init__(self) -> None:
        ages = (*self.events, self.end)
        if not all(math.isfinite(age) and age >= 0.0 for age in ages):
            raise StatsError(f"ages {ages} are not all finite and at least 0")
        if self.events and max(self.events) > self.end:
            raise StatsError(f"event at {max(self.events):g} lies after the end {self.end:g}")


@dataclass(frozen=True, slots=True, eq=False)
class MeanCumulative:
    """Mean number of events by age; a step at every event age, constant between.

    Attributes
    ----------
    times : float64, shape (m,)
    at_risk, events : int64, shape (m,)
    mean : float64, shape (m,)
    se : float64, shape (m,)
        Robust: vehicles, not events, are independent.
    naive_variance : float64, shape (m,)
        Sum of the variances of single events; ignores that events share vehicles.
    vehicles : int
    """

    times: FloatArray
    at_risk: IntArray
    events: IntArray
    mean: FloatArray
    se: FloatArray
    naive_variance: FloatArray
    vehicles: int

    def at(self, age: float, *, level: float = 0.90) -> Estimate:
        """Mean number of events by `age`, interval normal on the logarithm.

        Examples
        --------
        >>> curve = mean_cumulative([History((5, 10), 17), History((6,), 19)])
        >>> round(curve.at(10).value, 2)
        1.5
        """
        z = -normal_quantile(tails(level, "two-sided"))
        step = int(np.searchsorted(self.times, age, side="right")) - 1
        method = "mean cumulative function, robust"
        if step < 0:
            return Estimate(0.0, 0.0, math.inf, level, "two-sided", method, self.vehicles)
        value, se = float(self.mean[step]), float(self.se[step])
        spread = math.exp(z * se / value)
        return Estimate(
            value, value / spread, value * spread, level, "two-sided", method, self.vehicles
        )

    def step_at(self, age: float) -> int:
        """Index of the step that holds at `age`; -1 before the first event."""
        return int(np.searchsorted(self.times, age, side="right")) - 1


def mean_cumulative(histories: Sequence[History]) -> MeanCumulative:
    """Estimate the mean cumulative function of a fleet.

    A vehicle is at risk up to and including the age at which its history ends.

    Examples
    --------
    >>> curve = mean_cumulative([History((5, 10), 17), History((6,), 19), History((), 8)])
    >>> curve.times.tolist(), curve.mean.round(3).tolist()
    ([5.0, 6.0, 10.0], [0.333, 0.667, 1.167])
    """
    if not histories:
        raise StatsError("no vehicle has a history")
    everything = [age for history in histories for age in history.events]
    times, counts = np.unique(np.asarray(everything, dtype=np.float64), return_counts=True)
    ends = np.array([history.end for history in histories])
    watched = ends[:, None] >= times  # shape (vehicles, m)
    risk = watched.sum(axis=0)
    own = np.array([[history.events.count(age) for age in times] for history in histories])
    own = own.reshape(len(histories), times.size)
    rate = counts / risk
    # influence of each vehicle on the mean up to each age
    influence = np.cumsum(watched * (own - rate) / risk, axis=1)
    single = counts * (1.0 - 1.0 / risk) / risk**2
    return MeanCumulative(
        times,
        risk.astype(np.int64),
        counts.astype(np.int64),
        np.cumsum(rate),
        np.sqrt(np.sum(influence**2, axis=0)),
        np.cumsum(single),
        len(histories),
    )
