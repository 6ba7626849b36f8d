"""Events per exposure: false tracks per hour, losses per flight hour.

Exposure is the time in which an event could have been counted; for false alarms only the time
without a target. Counts are taken as Poisson: clustered events need wider intervals.

References
----------
Garwood (1936), Biometrika 28:437. Przyborowski & Wilenski (1940), Biometrika 31:313.
"""

import math
from dataclasses import dataclass

from flyoff.stats.distributions import chi2_quantile
from flyoff.stats.estimate import (
    Estimate,
    Sides,
    interval,
    require_count,
    require_positive,
    tails,
)
from flyoff.stats.proportions import clopper_pearson, exact_test


def garwood(
    count: int, exposure: float, *, level: float = 0.90, sides: Sides = "two-sided"
) -> Estimate:
    """Estimate a rate with Garwood's exact Poisson interval.

    Examples
    --------
    >>> shown = garwood(3, 8, level=0.95)
    >>> round(shown.value, 3), round(shown.low, 4), round(shown.high, 4)
    (0.375, 0.0773, 1.0959)
    >>> round(garwood(0, 10, level=0.95, sides="upper").high, 4)
    0.2996
    """
    require_count("count", count)
    require_positive("exposure", exposure)
    tail = tails(level, sides)
    low = chi2_quantile(tail, 2 * count) / (2.0 * exposure) if count else 0.0
    high = chi2_quantile(1.0 - tail, 2 * count + 2) / (2.0 * exposure)
    return interval(
        count / exposure,
        low,
        high,
        level=level,
        sides=sides,
        method="Garwood",
        n=count,
        floor=0.0,
    )


@dataclass(frozen=True, slots=True)
class RateRatio:
    """Ratio of two rates, and the exact p-value of their being equal.

    Attributes
    ----------
    estimate : Estimate
    p_value : float
        Two-sided, conditional on the total count.
    """

    estimate: Estimate
    p_value: float


def rate_ratio(
    count: int, exposure: float, other_count: int, other_exposure: float, *, level: float = 0.90
) -> RateRatio:
    """Compare two rates, conditional on the total count (exact).

    Examples
    --------
    >>> shown = rate_ratio(11, 800, 3, 600, level=0.95)
    >>> round(shown.estimate.value, 2), round(shown.p_value, 2)
    (2.75, 0.17)
    """
    for k in (count, other_count):
        require_count("count", k)
    for t in (exposure, other_exposure):
        require_positive("exposure", t)
    total, relative = count + other_count, other_exposure / exposure
    if total == 0:
        nothing = Estimate(
            math.nan, 0.0, math.inf, level, "two-sided", "conditional exact rate ratio", 0
        )
        return RateRatio(nothing, 1.0)
    share = clopper_pearson(count, total, level=level)
    estimate = interval(
        _odds(count / total) * relative,
        _odds(share.low) * relative,
        _odds(share.high) * relative,
        level=level,
        sides="two-sided",
        method="conditional exact rate ratio",
        n=total,
        floor=0.0,
    )
    return RateRatio(estimate, exact_test(count, total, exposure / (exposure + other_exposure)))


def _odds(p: float) -> float:
    return p / (1.0 - p) if p < 1.0 else math.inf
