"""Quantiles and tolerance bounds that assume no distribution.

Each bound is one of the observed values, so it exists only if there are enough of them: the largest
of 59 values lies above 95 % of all with 95 % confidence, the largest of 58 does not.

References
----------
Wilks (1941), Ann. Math. Statist. 12:91. David & Nagaraja (2003), Order Statistics. Hyndman & Fan
(1996), Am. Statist. 50:361 (quantile types).
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.distributions import binomial_cdf
from flyoff.stats.estimate import (
    Estimate,
    Sides,
    require_count,
    require_level,
    require_open_probability,
    require_probability,
    tails,
)
from flyoff.units import FloatArray

MOST = 100_000_000


def quantile(data: Sequence[float], p: float) -> float:
    """Sample quantile of type 7: linear between order statistics, as numpy and R by default.

    Examples
    --------
    >>> quantile([1, 2, 4, 8], 0.5)
    3.0
    """
    require_probability("share", p)
    return float(np.quantile(_sorted(data), p))


def quantile_interval(
    data: Sequence[float], p: float, *, level: float = 0.90, sides: Sides = "two-sided"
) -> Estimate:
    """Estimate a quantile with the order statistics that enclose it; infinite where none does.

    Examples
    --------
    >>> shown = quantile_interval(range(1, 21), 0.5, level=0.95)
    >>> shown.low, shown.high
    (6.0, 15.0)
    """
    require_open_probability("share", p)
    ordered = _sorted(data)
    n = int(ordered.size)
    tail = tails(level, sides)
    low, high = -math.inf, math.inf
    if sides != "upper":
        rank = _largest_rank(n, p, tail)
        low = float(ordered[rank - 1]) if rank >= 1 else -math.inf
    if sides != "lower":
        rank = _smallest_rank(n, p, 1.0 - tail)
        high = float(ordered[rank - 1]) if rank <= n else math.inf
    return Estimate(float(np.quantile(ordered, p)), low, high, level, sides, "order statistics", n)


def _largest_rank(n: int, p: float, tail: float) -> int:
    """Largest rank whose order statistic exceeds the quantile with at most `tail`; 0 if none."""
    low, high = 0, n + 1
    while high - low > 1:
        middle = (low + high) // 2
        if binomial_cdf(middle - 1, n, p) <= tail:
            low = middle
        else:
            high = middle
    return low


def _smallest_rank(n: int, p: float, chance: float) -> int:
    """Smallest rank whose order statistic reaches the quantile with `chance`; n + 1 if none."""
    low, high = 0, n + 1
    while high - low > 1:
        middle = (low + high) // 2
        if binomial_cdf(middle - 1, n, p) >= chance:
            high = middle
        else:
            low = middle
    return high


def interval_coverage(n: int, lower_rank: int, upper_rank: int, *, p: float = 0.5) -> float:
    """Chance that two order statistics enclose the quantile; ranks count from 1.

    Examples
    --------
    >>> round(interval_coverage(20, 6, 15), 4)
    0.9586
    """
    require_open_probability("share", p)
    require_count("values", n, least=1)
    if not 1 <= lower_rank < upper_rank <= n:
        raise StatsError(f"ranks {lower_rank} and {upper_rank} do not rise within 1 to {n}")
    return binomial_cdf(upper_rank - 1, n, p) - binomial_cdf(lower_rank - 1, n, p)


def tolerance_trials(share: float, *, level: float = 0.95) -> int:
    """Values whose largest lies above a share of all with the given confidence.

    Examples
    --------
    >>> tolerance_trials(0.95, level=0.95)
    59
    """
    require_open_probability("share", share)
    require_level(level)
    return _smallest(lambda n: -math.expm1(n * math.log(share)) >= level, 1)


def tolerance_trials_two_sided(share: float, *, level: float = 0.95) -> int:
    """Values whose smallest and largest enclose a share of all with the given confidence.

    Examples
    --------
    >>> tolerance_trials_two_sided(0.95, level=0.95)
    93
    """
    require_open_probability("share", share)
    require_level(level)

    def enough(n: int) -> bool:
        outside = (n - (n - 1) * share) * math.exp((n - 1) * math.log(share))
        return 1.0 - outside >= level

    return _smallest(enough, 2)


def tolerance_bound(
    data: Sequence[float], share: float, *, level: float = 0.90, sides: Sides = "upper"
) -> Estimate:
    """Bound a share of all values by an order statistic.

    "upper": at least `share` of all values lie below `high`. "lower": at least `share` of all lie
    above `low`. Infinite where the values are too few.

    Examples
    --------
    >>> tolerance_bound(range(1, 60), 0.95, level=0.95).high
    59.0
    """
    if sides == "two-sided":
        raise StatsError("a tolerance bound is one-sided; take the quantile interval of both ends")
    return quantile_interval(
        data, share if sides == "upper" else 1.0 - share, level=level, sides=sides
    )


def _smallest(enough: Callable[[int], bool], least: int) -> int:
    """Smallest count from `least` on that is enough, where more is always enough."""
    low, high = least - 1, least
    while not enough(high):
        low, high = high, 2 * high
        if high > MOST:
            raise StatsError(f"more than {MOST} values would be needed")
    while high - low > 1:
        middle = (low + high) // 2
        if enough(middle):
            high = middle
        else:
            low = middle
    return high


def _sorted(data: Sequence[float]) -> FloatArray:
    values = np.asarray(data, dtype=np.float64)
    if values.ndim != 1 or values.size == 0:
        raise StatsError(f"{values.size} values do not have a quantile")
    if np.any(np.isnan(values)):
        raise StatsError("values contain NaN; leave out what was not measured, and say so")
    is_sorted = bool(np.all(values[1:] >= values[:-1]))  # as a caller with several questions has it
    return values if is_sorted else np.sort(values)
