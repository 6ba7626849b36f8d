"""Mean time between failures of repairable vehicles with a constant rate.

Total time is operating time summed over all vehicles of one configuration; say which clock (armed,
airborne, powered). A mean time between failures is not a mission reliability, and not the life of
an item that wears out: look at `growth` and `recurrence` for a trend first.

A test that ends at a fixed time takes 2r + 2 degrees of freedom for the lower bound, one that ends
with a failure 2r.

References
----------
Epstein & Sobel (1953), JASA 48:486. NIST/SEMATECH e-Handbook 8.4.5.1.
"""

import math
from typing import Literal

from flyoff.errors import StatsError
from flyoff.stats.distributions import chi2_quantile
from flyoff.stats.estimate import (
    Estimate,
    Sides,
    interval,
    require_count,
    require_level,
    require_positive,
    tails,
)

Truncation = Literal["time", "failure"]


def mtbf(
    total_time: float,
    failures: int,
    *,
    level: float = 0.90,
    sides: Sides = "two-sided",
    truncation: Truncation = "time",
) -> Estimate:
    """Estimate a mean time between failures with its χ² interval.

    Parameters
    ----------
    total_time : float [any unit of time]
        Operating time of all vehicles together.
    failures : int
        With none, value and upper end are infinite.
    truncation : {"time", "failure"}
        Whether the test ended at a time, or with its last failure.

    Examples
    --------
    >>> print(mtbf(800, 2, level=0.90))
    400 (127.1 to 2251; 90 % two-sided, χ², time truncated, n = 2)
    """
    require_positive("total time", total_time)
    require_count("failures", failures)
    if truncation not in ("time", "failure"):
        raise StatsError(f"truncation {truncation!r} is neither 'time' nor 'failure'")
    if truncation == "failure" and failures == 0:
        raise StatsError("a test without failures cannot have ended with one")
    tail = tails(level, sides)
    dof = 2 * failures + (2 if truncation == "time" else 0)
    low = 2.0 * total_time / chi2_quantile(1.0 - tail, dof)
    high = 2.0 * total_time / chi2_quantile(tail, 2 * failures) if failures else math.inf
    return interval(
        total_time / failures if failures else math.inf,
        low,
        high,
        level=level,
        sides=sides,
        method=f"χ², {truncation} truncated",
        n=failures,
        floor=0.0,
    )


def mtbf_without_failure(total_time: float, *, level: float = 0.90) -> Estimate:
    """Bound a mean time between failures from below after time without any: T / -ln(1 - C).

    Examples
    --------
    >>> round(mtbf_without_failure(100, level=0.95).low, 2)
    33.38
    """
    return mtbf(total_time, 0, level=level, sides="lower")


def time_without_failure(rate: float, *, level: float = 0.95) -> float:
    """Time without failure that demonstrates a failure rate: -ln(1 - C) / rate.

    Parameters
    ----------
    rate : float [failures per unit of time]

    Examples
    --------
    >>> round(time_without_failure(1e-4), 0)
    29957.0
    """
    require_positive("rate", rate)
    require_level(level)
    return -math.log1p(-level) / rate


def length_factor(allowed_failures: int, *, level: float = 0.90) -> float:
    """Test length, in units of the mean time to demonstrate, if so many failures are allowed.

    Examples
    --------
    >>> [round(length_factor(k, level=0.90), 3) for k in range(3)]
    [2.303, 3.89, 5.322]
    """
    require_count("allowed failures", allowed_failures)
    require_level(level)
    return chi2_quantile(level, 2 * allowed_failures + 2) / 2.0
