"""Intervals for one success probability, from x successes in n independent trials.

Which to use: Clopper-Pearson for the claim that a requirement is met (its coverage never falls
below the nominal level); Wilson for tables and plots (its mean coverage is close to nominal);
Jeffreys where a posterior is wanted. All assume independent trials: see `clustering` for sorties
that share a vehicle.

References
----------
Clopper & Pearson (1934), Biometrika 26:404. Wilson (1927), JASA 22:209. Newcombe (1998), Statist.
Med. 17:857. Brown, Cai & DasGupta (2001), Statist. Sci. 16:101. NIST/SEMATECH e-Handbook 7.2.4.1.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.distributions import (
    beta_cdf,
    beta_quantile,
    binomial_pmf,
    normal_quantile,
    root,
)
from flyoff.stats.estimate import (
    Estimate,
    Sides,
    interval,
    require_count,
    require_probability,
    require_trials,
    tails,
)


def clopper_pearson(
    successes: int, trials: int, *, level: float = 0.90, sides: Sides = "two-sided"
) -> Estimate:
    """Estimate a success probability with its exact interval, which never covers too rarely.

    Parameters
    ----------
    successes, trials : int
    level : float
        Confidence; shared by both tails if two-sided.
    sides : {"two-sided", "lower", "upper"}

    Examples
    --------
    >>> shown = clopper_pearson(18, 20, level=0.95)
    >>> round(shown.low, 3), round(shown.high, 3)
    (0.683, 0.988)
    >>> round(clopper_pearson(22, 22, level=0.90, sides="lower").low, 4)
    0.9006
    """
    require_trials(successes, trials)
    tail = tails(level, sides)
    low = beta_quantile(tail, successes, trials - successes + 1) if successes else 0.0
    high = (
        beta_quantile(1.0 - tail, successes + 1, trials - successes) if successes < trials else 1.0
    )
    return _shown(successes, trials, low, high, level, sides, "Clopper-Pearson")


def wilson(
    successes: int, trials: int, *, level: float = 0.90, sides: Sides = "two-sided"
) -> Estimate:
    """Estimate a success probability with Wilson's score interval, without continuity correction.

    Examples
    --------
    >>> shown = wilson(4, 20, level=0.90)
    >>> round(shown.low, 4), round(shown.high, 4)
    (0.0931, 0.3784)
    >>> wilson(0, 20).low, wilson(20, 20).high
    (0.0, 1.0)
    """
    require_trials(successes, trials)
    z = -normal_quantile(tails(level, sides))
    low, high = wilson_ends(successes, trials, z)
    return _shown(successes, trials, low, high, level, sides, "Wilson")


def wilson_ends(successes: float, trials: float, z: float) -> tuple[float, float]:
    """Both ends of the score interval for a normal quantile `z`; counts may be fractions."""
    share = successes / trials
    z2 = z * z
    centre = (share + z2 / (2.0 * trials)) / (1.0 + z2 / trials)
    spread = math.sqrt(share * (1.0 - share) / trials + z2 / (4.0 * trials * trials))
    half = z * spread / (1.0 + z2 / trials)
    # rounding leaves 1e-17 where the formula is exactly 0 or 1
    low = 0.0 if successes <= 0 else max(centre - half, 0.0)
    high = 1.0 if successes >= trials else min(centre + half, 1.0)
    return low, high


def wilson_continuity(
    successes: int, trials: int, *, level: float = 0.90, sides: Sides = "two-sided"
) -> Estimate:
    """Estimate a success probability with Wilson's interval, corrected for continuity.

    Newcombe's method 4; wider than the exact interval on average.

    Examples
    --------
    >>> shown = wilson_continuity(81, 263, level=0.95)
    >>> round(shown.low, 4), round(shown.high, 4)
    (0.2535, 0.3682)
    """
    require_trials(successes, trials)
    z = -normal_quantile(tails(level, sides))
    n, p, q = trials, successes / trials, 1.0 - successes / trials
    z2 = z * z
    scale = 2.0 * (n + z2)
    middle = 2.0 * n * p + z2
    under = z2 - 2.0 - 1.0 / n + 4.0 * p * (n * q + 1.0)
    over = z2 + 2.0 - 1.0 / n + 4.0 * p * (n * q - 1.0)
    low = 0.0 if successes == 0 else (middle - 1.0 - z * math.sqrt(max(under, 0.0))) / scale
    high = 1.0 if successes == n else (middle + 1.0 + z * math.sqrt(max(over, 0.0))) / scale
    return _shown(successes, trials, low, high, level, sides, "Wilson with continuity correction")


def jeffreys(
    successes: int,
    trials: int,
    *,
    level: float = 0.90,
    sides: Sides = "two-sided",
    edges: Literal["closed", "quantiles"] = "closed",
) -> Estimate:
    """Estimate a success probability with equal tails of its Beta(x + ½, n - x + ½) posterior.

    Parameters
    ----------
    successes, trials : int
    level : float
    sides : {"two-sided", "lower", "upper"}
    edges : {"closed", "quantiles"}
        ``closed``: with no success the lower end is 0, with no failure the upper end is 1 (Brown,
        Cai & DasGupta 2001). ``quantiles``: the posterior's quantiles there too, as statsmodels.

    Examples
    --------
    >>> shown = jeffreys(9, 10, level=0.95)
    >>> round(shown.low, 4), round(shown.high, 4)
    (0.6187, 0.989)
    >>> jeffreys(0, 20).low, round(jeffreys(0, 20, edges="quantiles").low, 6)
    (0.0, 9.7e-05)
    """
    require_trials(successes, trials)
    tail = tails(level, sides)
    a, b = successes + 0.5, trials - successes + 0.5
    whole = edges == "quantiles"
    low = beta_quantile(tail, a, b) if successes or whole else 0.0
    high = beta_quantile(1.0 - tail, a, b) if successes < trials or whole else 1.0
    return _shown(successes, trials, low, high, level, sides, "Jeffreys equal-tailed")


def jeffreys_highest_density(successes: int, trials: int, *, level: float = 0.90) -> Estimate:
    """Estimate a success probability with the shortest interval of its Jeffreys posterior.

    Not the same as `jeffreys`: for 9 of 10 the lower ends are 0.669 and 0.619.

    Examples
    --------
    >>> shown = jeffreys_highest_density(9, 10, level=0.95)
    >>> round(shown.low, 4), round(shown.high, 4)
    (0.6692, 0.9996)
    """
    require_trials(successes, trials)
    tails(level, "two-sided")
    a, b = successes + 0.5, trials - successes + 0.5
    if successes == 0:  # the density falls from infinity at 0
        low, high = 0.0, beta_quantile(level, a, b)
    elif successes == trials:
        low, high = beta_quantile(1.0 - level, a, b), 1.0
    else:

        def slope(tail: float) -> float:
            start = beta_quantile(tail, a, b)
            end = beta_quantile(min(tail + level, 1.0), a, b)
            return _log_density(start, a, b) - _log_density(end, a, b)

        tail = root(slope, 1e-12, (1.0 - level) * (1.0 - 1e-12), "highest-density interval")
        low, high = beta_quantile(tail, a, b), beta_quantile(tail + level, a, b)
    return _shown(successes, trials, low, high, level, "two-sided", "Jeffreys highest density")


def _log_density(x: float, a: float, b: float) -> float:
    """Logarithm of the Beta(a, b) density, up to a constant; finite at the ends."""
    inside = min(max(x, 1e-300), 1.0 - 1e-16)
    return (a - 1.0) * math.log(inside) + (b - 1.0) * math.log1p(-inside)


def exact_test(successes: int, trials: int, p0: float) -> float:
    """Two-sided exact p-value of the hypothesis that the success probability is `p0`.

    Sums the probabilities of all counts that are no likelier than the one observed.

    Examples
    --------
    >>> round(exact_test(682, 925, 0.75), 4)
    0.3825
    """
    require_trials(successes, trials)
    require_probability("hypothetical probability", p0)
    pmf = binomial_pmf(trials, p0)
    # the same relative allowance for rounding that R's binom.test makes
    return float(min(1.0, np.sum(pmf[pmf <= pmf[successes] * (1.0 + 1e-7)])))


@dataclass(frozen=True, slots=True)
class Bounded:
    """What the undetermined outcomes leave open: the estimate if all failed, and if none did.

    Attributes
    ----------
    worst, best : Estimate
    undetermined : int
    """

    worst: Estimate
    best: Estimate
    undetermined: int


def bounded(
    successes: int,
    failures: int,
    undetermined: int,
    *,
    level: float = 0.90,
    sides: Sides = "two-sided",
) -> Bounded:
    """Bound a success probability when some outcomes are unknown, by counting them either way.

    Examples
    --------
    >>> shown = bounded(18, 1, 1)
    >>> shown.worst.value, shown.best.value
    (0.9, 0.95)
    """
    require_count("undetermined", undetermined)
    trials = successes + failures + undetermined
    return Bounded(
        clopper_pearson(successes, trials, level=level, sides=sides),
        clopper_pearson(successes + undetermined, trials, level=level, sides=sides),
        undetermined,
    )


def posterior_above(
    successes: int, trials: int, limit: float, *, prior: tuple[float, float] = (0.5, 0.5)
) -> float:
    """Posterior probability that the success probability is above `limit`.

    Parameters
    ----------
    prior : (float, float)
        Beta parameters; Jeffreys' by default.

    Examples
    --------
    >>> round(posterior_above(18, 20, 0.8), 3)
    0.873
    """
    require_trials(successes, trials)
    require_probability("limit", limit)
    if min(prior) <= 0.0:
        raise StatsError(f"prior {prior} has a Beta parameter that is not above 0")
    return 1.0 - beta_cdf(limit, successes + prior[0], trials - successes + prior[1])


def _shown(
    successes: int,
    trials: int,
    low: float,
    high: float,
    level: float,
    sides: Sides,
    method: str,
) -> Estimate:
    return interval(
        successes / trials,
        low,
        high,
        level=level,
        sides=sides,
        method=method,
        n=trials,
        floor=0.0,
        ceiling=1.0,
    )
