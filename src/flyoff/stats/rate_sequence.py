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
from flyoff.stats.distributions import chi2_quantile, normal_quantile, root, student_quantile
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

    Counts and exposure are divided by the dispersion, itself widened by (t / z)²: it was measured
    on so few vehicles that Student's t and not the normal distribution describes the rate.

    Returns
    -------
    estimate : Estimate
        Its `n` is the effective count.
    factor : float
        What counts and exposures were divided by, at least 1; NaN where nothing can be measured.

    Examples
    --------
    >>> shown, factor = clustered_rate([0, 8, 1], [10.0, 10.0, 10.0])
    >>> round(factor, 2), round(shown.high, 2)
    (19.96, 2.54)
    """
    require_level(level)
    dispersion = rate_dispersion(counts, exposures)
    total, exposure = float(np.sum(counts)), float(np.sum(exposures))
    tail, factor = tails(level, sides), 1.0
    if not math.isnan(dispersion):
        vehicles = int(np.count_nonzero(exposures))
        p = max(1.0 - tail, 0.501)  # both quantiles vanish at one half, their ratio does not
        widened = student_quantile(p, vehicles - 1.0) / normal_quantile(p)
        factor = max(dispersion * widened**2, 1.0)
    x, time = total / factor, exposure / factor
    low = chi2_quantile(tail, 2.0 * x) / (2.0 * time) if x else 0.0
    high = chi2_quantile(1.0 - tail, 2.0 * x + 2.0) / (2.0 * time)
    rate = total / exposure
    shown = interval(rate, low, high, level=level, sides=sides, method=CLUSTERED, n=x, floor=0.0)
    return shown, dispersion if math.isnan(dispersion) else factor


def rate_dispersion(counts: Sequence[int], exposures: Sequence[float]) -> float:
    """Pearson's χ² of the vehicles' counts over its degrees of freedom; 1 if they differ by chance.

    NaN with fewer than two vehicles, or without any event.

    Examples
    --------
    >>> round(rate_dispersion([0, 8, 1], [10.0, 10.0, 10.0]), 2)
    6.33
    """
    k, t = np.asarray(counts, dtype=np.float64), np.asarray(exposures, dtype=np.float64)
    if k.shape != t.shape or not np.all(t >= 0.0) or float(t.sum()) <= 0.0:
        raise StatsError(f"{k.size} counts and {t.size} exposures do not make a rate")
    flown = t > 0.0
    rate = float(k.sum()) / float(t.sum())
    if flown.sum() < 2 or rate <= 0.0:
        return math.nan
    expected = rate * t[flown]
    pearson = float(np.sum((k[flown] - expected) ** 2 / expected))
    return pearson / (float(flown.sum()) - 1.0)


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
