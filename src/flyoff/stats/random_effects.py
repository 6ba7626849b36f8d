"""One share from several origins that may differ: random effects over origins.

Each origin's share is taken as a log-odds with its variance (half a case added to each cell, as is
usual where a cell is empty); DerSimonian and Laird's moment estimate says how much origins differ,
and Hartung and Knapp's interval with Student's t allows for how badly few origins tell that. Their
variance is never taken smaller than the classical one.

References
----------
DerSimonian & Laird (1986), Controlled Clinical Trials 7:177. Hartung & Knapp (2001), Statistics in
Medicine 20:3875. Higgins, Thompson & Spiegelhalter (2009), JRSS A 172:137 (prediction interval).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, stdtrit

from flyoff.errors import StatsError
from flyoff.stats.estimate import Estimate, Sides, interval, require_trials, tails
from flyoff.units import FloatArray


@dataclass(frozen=True, slots=True)
class RandomEffects:
    """A mean over origins and how much they differ.

    Attributes
    ----------
    mean, error : float
        On the scale of the effects; `error` is DerSimonian and Laird's standard error.
    robust_error : float
        Hartung and Knapp's, not below `error`.
    tau2 : float
        Variance between origins.
    q : float
        Cochran's heterogeneity.
    i2 : float
        Share of the variation that is between origins, 0 to 1.
    origins : int
    """

    mean: float
    error: float
    robust_error: float
    tau2: float
    q: float
    i2: float
    origins: int


@dataclass(frozen=True, slots=True)
class PooledShare:
    """A share pooled over origins.

    Attributes
    ----------
    estimate : Estimate
        Of the mean share of origins.
    next_low, next_high : float
        Where the share of a further origin is expected; 0 and 1 for fewer than three origins.
    effects : RandomEffects
        On the scale of log-odds.
    """

    estimate: Estimate
    next_low: float
    next_high: float
    effects: RandomEffects


def random_effects(effects: Sequence[float], variances: Sequence[float]) -> RandomEffects:
    """Pool effects by DerSimonian and Laird.

    Parameters
    ----------
    effects : sequence of float
        One of each origin, at least two.
    variances : sequence of float
        Of each, above 0.
    """
    y: FloatArray = np.asarray(effects, dtype=np.float64)
    v: FloatArray = np.asarray(variances, dtype=np.float64)
    if y.size < 2 or y.shape != v.shape or not (np.isfinite(y).all() and (v > 0.0).all()):
        raise StatsError("random effects need two or more effects with variances above 0")
    w = 1.0 / v
    fixed = float(np.sum(w * y) / np.sum(w))
    q = float(np.sum(w * (y - fixed) ** 2))
    spare = y.size - 1
    scale = float(np.sum(w) - np.sum(w**2) / np.sum(w))
    tau2 = max(0.0, (q - spare) / scale)
    u = 1.0 / (v + tau2)
    mean = float(np.sum(u * y) / np.sum(u))
    error = float(1.0 / math.sqrt(np.sum(u)))
    spread = float(np.sum(u * (y - mean) ** 2)) / spare
    robust = error * math.sqrt(max(1.0, spread))
    i2 = max(0.0, (q - spare) / q) if q > 0.0 else 0.0
    return RandomEffects(mean, error, robust, tau2, q, i2, int(y.size))


def pooled_share(
    successes: Sequence[int],
    trials: Sequence[int],
    *,
    level: float = 0.90,
    sides: Sides = "two-sided",
) -> PooledShare:
    """Pool the shares of several origins, each of which may have a truth of its own.

    Parameters
    ----------
    successes, trials : sequence of int
        Of each origin; at least two origins, each with a trial.

    Examples
    --------
    >>> pooled = pooled_share([45, 30, 58], [50, 40, 60])
    >>> round(pooled.estimate.value, 3), pooled.effects.i2 > 0.5
    (0.882, True)
    """
    for x, n in zip(successes, trials, strict=True):
        require_trials(x, n)
    won = np.asarray(successes, dtype=np.float64) + 0.5
    lost = np.asarray(trials, dtype=np.float64) - np.asarray(successes, dtype=np.float64) + 0.5
    found = random_effects(np.log(won / lost).tolist(), (1.0 / won + 1.0 / lost).tolist())
    tail = tails(level, sides)
    reach = float(stdtrit(found.origins - 1, 1.0 - tail)) * found.robust_error
    estimate = interval(
        float(expit(found.mean)),
        float(expit(found.mean - reach)),
        float(expit(found.mean + reach)),
        level=level,
        sides=sides,
        method="DerSimonian-Laird, Hartung-Knapp",
        n=float(np.sum(trials)),
        floor=0.0,
        ceiling=1.0,
    )
    if found.origins < 3:
        return PooledShare(estimate, 0.0, 1.0, found)
    apart = math.sqrt(found.tau2 + found.robust_error**2)
    apart *= float(stdtrit(found.origins - 2, 1.0 - tail))
    ends = float(expit(found.mean - apart)), float(expit(found.mean + apart))
    return PooledShare(estimate, *ends, found)
