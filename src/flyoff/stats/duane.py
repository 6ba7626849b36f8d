"""Duane's growth plot: a straight line through log cumulative mean times.

Kept because reports use it. Least squares on correlated points has no valid interval; the line's
shape differs from Crow's maximum likelihood on the same failures (0.575 and 0.614 in one published
example).

References
----------
Duane (1964), IEEE Trans. Aerospace 2:563.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.estimate import require_positive


@dataclass(frozen=True, slots=True)
class DuaneFit:
    """Cumulative mean time = level * T^growth_rate.

    Attributes
    ----------
    level : float
        Cumulative mean time at unit operating time.
    growth_rate : float
    end : float
        Last failure time.
    """

    level: float
    growth_rate: float
    end: float

    @property
    def mtbf_cumulative(self) -> float:
        """Fitted cumulative mean time at the last failure."""
        return self.level * math.pow(self.end, self.growth_rate)

    @property
    def mtbf_now(self) -> float:
        """Fitted instantaneous mean time at the last failure."""
        if self.growth_rate >= 1.0:
            raise StatsError(f"growth rate {self.growth_rate:g} leaves no instantaneous mean time")
        return self.mtbf_cumulative / (1.0 - self.growth_rate)

    def time_to_cumulative(self, target: float) -> float:
        """Operating time at which the cumulative mean time reaches a target."""
        require_positive("target", target)
        if self.growth_rate <= 0.0:
            return math.inf
        return math.exp(math.log(target / self.level) / self.growth_rate)


def duane(times: Sequence[float]) -> DuaneFit:
    """Fit Duane's line to cumulative operating times at the failures.

    Examples
    --------
    >>> fit = duane([10, 25, 50, 90, 150])
    >>> round(fit.growth_rate, 3), round(fit.mtbf_now, 1)
    (0.408, 47.2)
    """
    t = np.sort(np.asarray(times, dtype=np.float64))
    if t.ndim != 1 or np.unique(t).size < 2:
        raise StatsError(
            f"{t.size} failure times do not make a line; two different ones are needed"
        )
    if not np.all(np.isfinite(t) & (t > 0.0)):
        raise StatsError("failure times are not all finite and above 0")
    x, y = np.log(t), np.log(t / np.arange(1.0, t.size + 1.0))
    centred = x - x.mean()
    slope = float(np.sum(centred * y) / np.sum(centred * centred))
    return DuaneFit(math.exp(float(y.mean()) - slope * float(x.mean())), slope, float(t[-1]))
