"""Bounds on a rate that stay valid at every look, and bounds that allow for clusters.

The gamma-Poisson mixture does for counts in time what `confidence_sequence` does for shares: the
likelihood averaged over rates on the other side of the limit, divided by that at the limit, is a
martingale in continuous time.

References
----------
Ville (1939). Howard, Ramdas, McAuliffe & Sekhon (2021), Ann. Statist. 49:1055. McCullagh & Nelder
(1989), Generalized Linear Models, 6.2 (over-dispersed counts).
"""

import math
from collections.abc import Sequence

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.distributions import chi2_quantile, root
from flyoff.stats.estimate import (
    Estimate,
    Sides,
    interval,
    require_count,
    require_level,
    require_positive,
    tails,
)

METHOD = "gamma-Poisson confidence sequence"
CLUSTERED = "Garwood on counts divided by their dispersion"
_SHAPE = 0.5


def rate_sequence(
    count: int, exposure: float, *, scale: float, level: float = 0.90, sides: Sides = "two-sided"
) -> Estimate:
    """Estimate a rate with an interval that holds at every look.

    Parameters
    ----------
    count : int
    exposure : float
    scale : float
        A rate fixed before the first look, such as the requirement's limit. Any choice is valid;
        it only shifts where the sequence is narrow.
    level, sides
        Two-sided intervals join both one-sided ones at half the error each.

    Examples
    --------
    >>> shown = rate_sequence(0, 100.0, scale=0.05, level=0.90, sides="upper")
    >>> round(shown.high, 4)
    0.0293
    """
    require_count("count", count)
    require_positive("exposure", exposure)
    require_positive("scale", scale)
    error = tails(level, sides)
    value = count / exposure
    low, high = 0.0, math.inf
    if sides != "lower":
        high = _end(count, exposure, scale, error, below=True)
    if sides != "upper" and count:
        low = _end(count, exposure, scale, error, below=False)
    return interval(value, low, high, level=level, sides=sides, method=METHOD, n=count, floor=0.0)


def clustered_rate(
    counts: Sequence[int],
    exposures: Sequence[float],
    *,
    level: float = 0.90,
    sides: Sides = "two-sided",
) -> tuple[Estimate, float]:
    """Estimate a rate from several vehicles, widened if they differ more than by chance.

    Returns
    -------
    estimate : Estimate
        Its `n` is the effective count.
    dispersion : float
        Pearson's χ² over its degrees of freedom, at least 1; NaN where it cannot be measured.

    Examples
    --------
    >>> shown, dispersion = clustered_rate([0, 8, 1], [10.0, 10.0, 10.0])
    >>> round(dispersion, 2), round(shown.high, 2)
    (6.33, 1.14)
    """
    require_level(level)
    k, t = np.asarray(counts, dtype=np.float64), np.asarray(exposures, dtype=np.float64)
    if k.shape != t.shape or not np.all(t >= 0.0) or float(t.sum()) <= 0.0:
        raise StatsError(f"{k.size} counts and {t.size} exposures do not make a rate")
    flown = t > 0.0
    total, exposure = float(k.sum()), float(t.sum())
    rate = total / exposure
    dispersion = math.nan
    if flown.sum() > 1 and rate > 0.0:
        expected = rate * t[flown]
        pearson = float(np.sum((k[flown] - expected) ** 2 / expected))
        dispersion = pearson / (float(flown.sum()) - 1.0)
    factor = 1.0 if math.isnan(dispersion) else max(dispersion, 1.0)
    tail, x, time = tails(level, sides), total / factor, exposure / factor
    low = chi2_quantile(tail, 2.0 * x) / (2.0 * time) if x else 0.0
    high = chi2_quantile(1.0 - tail, 2.0 * x + 2.0) / (2.0 * time)
    shown = interval(rate, low, high, level=level, sides=sides, method=CLUSTERED, n=x, floor=0.0)
    return shown, dispersion if math.isnan(dispersion) else factor


def _end(count: int, exposure: float, scale: float, error: float, *, below: bool) -> float:
    """Limit at which the evidence against it reaches 1 / error."""
    threshold = -math.log(error)

    def excess(log_rate: float) -> float:
        return _log_evidence(math.exp(log_rate), count, exposure, scale, below=below) - threshold

    here = math.log(max(count, 1e-9) / exposure)
    if below:
        start = here if count else math.log(1e-9 / exposure)
        return math.exp(root(excess, start, math.log((count + 50.0) / exposure) + 5.0, METHOD))
    start = here
    while start > here - 600.0 and excess(start) <= 0.0:
        start -= 2.0
    return math.exp(root(excess, start, here, METHOD)) if excess(start) > 0.0 else 0.0


def _log_evidence(limit: float, count: int, exposure: float, scale: float, *, below: bool) -> float:
    """Logarithm of the mixture over rates below (or above) the limit over the limit itself."""
    from scipy import special

    prior_rate = _SHAPE / scale
    a, b = _SHAPE + count, prior_rate + exposure
    mass = special.gammainc if below else special.gammaincc
    posterior, belief = float(mass(a, b * limit)), float(mass(_SHAPE, prior_rate * limit))
    if posterior <= 0.0 or belief <= 0.0:
        return -math.inf
    mixed = (
        _SHAPE * math.log(prior_rate)
        - math.lgamma(_SHAPE)
        + math.lgamma(a)
        - a * math.log(b)
        + math.log(posterior)
        - math.log(belief)
    )
    return mixed - (count * math.log(limit) - limit * exposure)
